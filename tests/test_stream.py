"""Room: tests. The numbers of a sheet are the same for ever, exactly as likely as they should be, and on their grid.

Run as a program, this file prints the table of digests that pins the scheme; ``data/stream_digests.txt`` holds it. It
may be written anew only together with a new scheme number.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.errors import InputError
from exercises.stream import CHUNK, LARGEST_GRID, Grid, Slot, Squeeze, candidates, integers, seed, shake

DIGESTS = Path(__file__).parent / "data" / "stream_digests.txt"
STUDENTS = 1000

WEIGHTS = Grid("0.1", "0.9", decimals=2, signed=True)
TENTHS = Grid("0.1", "0.9")
SLOTS = (
    Slot("W1", (2, 3), WEIGHTS, distinct_magnitudes=True),
    Slot("W2", (1, 2), Grid(-2, 3, decimals=3)),
    Slot("x", (3,), Grid("0.5", "4", step=5)),
    Slot("y", (), Grid(0, 1, decimals=0, excluded=()), distinct=False),
    Slot("b1", (2,), Grid("0.0001", "9.9999", decimals=4), distinct=False),
)
SEED = bytes(range(32))


def test_the_same_student_gets_the_same_numbers_for_ever() -> None:
    expected = DIGESTS.read_text(encoding="ascii").splitlines()
    for came, pinned in zip(digest_lines(), expected, strict=True):
        assert came == pinned


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Pacific/Auckland"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "America/St_Johns"},
    ],
)
def test_surroundings_change_nothing(surroundings: dict[str, str], tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    came = subprocess.run(
        [sys.executable, __file__],
        env={**os.environ, "PYTHONPATH": str(root), **surroundings},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert came.stdout.decode("ascii").split() == DIGESTS.read_text(encoding="ascii").split()


def test_students_have_different_numbers() -> None:
    lines = DIGESTS.read_text(encoding="ascii").splitlines()[1:]
    assert len({line.split()[1] for line in lines}) == STUDENTS


def test_the_digests_pin_the_documented_stream() -> None:
    """The vectorised draw is the one that the module describes, spelled out here number by number."""
    for candidate in (0, 1, CHUNK - 1, CHUNK, 3000):
        drawn = candidates(SEED, SLOTS, candidate, 1)
        for slot in SLOTS:
            assert drawn[slot.name].ravel().tolist() == spelled_out(SEED, slot, candidate, shake)


# --- the seed


def test_every_field_of_the_seed_counts() -> None:
    seeds = [
        seed(b"secret", set_name="week 3", exercise=1, student="s1"),
        seed(b"another", set_name="week 3", exercise=1, student="s1"),
        seed(b"secret", set_name="week 4", exercise=1, student="s1"),
        seed(b"secret", set_name="week 3", exercise=2, student="s1"),
        seed(b"secret", set_name="week 3", exercise=1, student="s2"),
        seed(b"secret", set_name="week 3", exercise=1, student="s1", attempt=2),
    ]
    assert len(set(seeds)) == len(seeds)
    assert {len(one) for one in seeds} == {32}


FIELDS = st.tuples(
    st.text("a1\u00e9e\u0301", max_size=3), st.integers(1, 12), st.text("a1", max_size=3), st.integers(1, 12)
)


@given(FIELDS, FIELDS)
def test_fields_never_run_together(one: tuple[str, int, str, int], other: tuple[str, int, str, int]) -> None:
    def of(fields: tuple[str, int, str, int]) -> bytes:
        set_name, exercise, student, attempt = fields
        return seed(b"k", set_name=set_name, exercise=exercise, student=student, attempt=attempt)

    def composed(fields: tuple[str, int, str, int]) -> tuple[str, int, str, int]:
        return (unicodedata.normalize("NFC", fields[0]), *fields[1:])

    assert (of(one) == of(other)) == (composed(one) == composed(other))


def test_a_letter_moved_to_the_next_field_is_another_seed() -> None:
    assert seed(b"k", set_name="ab", exercise=1, student="c") != seed(b"k", set_name="a", exercise=1, student="bc")
    assert seed(b"k", set_name="a", exercise=11, student="b") != seed(b"k", set_name="a1", exercise=1, student="b")
    assert seed(b"k", set_name="a", exercise=1, student="1b") != seed(b"k", set_name="a", exercise=11, student="b")


def test_a_name_is_the_same_composed_or_not() -> None:
    composed, decomposed = "Zo\u00eb", "Zoe\u0308"
    assert seed(b"k", set_name="s", exercise=1, student=composed) == seed(
        b"k", set_name="s", exercise=1, student=decomposed
    )


def test_seeds_that_can_not_be_made_say_why() -> None:
    with pytest.raises(InputError, match="gradsheet init"):
        seed(b"", set_name="s", exercise=1, student="a")
    with pytest.raises(InputError, match="came scheme 2"):
        seed(b"k", set_name="s", exercise=1, student="a", scheme=2)
    with pytest.raises(InputError, match="UTF-8"):
        seed(b"k", set_name="s", exercise=1, student="\udcff")


# --- the grid


def test_values_are_the_doubles_nearest_to_their_decimals() -> None:
    for grid in (WEIGHTS, TENTHS, Grid("0.0001", "3", decimals=4), Grid("-1.5", "2.5", decimals=3)):
        written = [f"{value:.{grid.decimals}f}" for value in grid.values()]
        assert grid.values().tolist() == [float(text) for text in written]
        assert all(Fraction(text) % Fraction(grid.step, 10**grid.decimals) == 0 for text in written)


@pytest.mark.parametrize(
    ("grid", "values"),
    [
        (Grid("0.7", "1.2"), [0.7, 0.8, 0.9, 1.1, 1.2]),
        (Grid("0.8", "1.1", signed=True), [-1.1, -0.9, -0.8, 0.8, 0.9, 1.1]),
        (Grid(-2, 2, decimals=0), [-2, 2]),
        (Grid(0, 1, decimals=0, excluded=()), [0, 1]),
        (Grid(0, 1, decimals=0, signed=True, excluded=()), [-1, 0, 1]),
        (Grid("0.1", "0.5", step=2), [0.1, 0.3, 0.5]),
        (Grid(Decimal("0.05"), "0.2", decimals=2, step=5, excluded=("0.10", "0.123")), [0.05, 0.15, 0.2]),
    ],
)
def test_a_grid_holds_exactly_its_values(grid: Grid, values: list[float]) -> None:
    assert grid.values().tolist() == values
    assert grid.size == len(values)


def test_values_can_not_be_changed_for_everybody_else() -> None:
    with pytest.raises(ValueError, match="read-only"):
        WEIGHTS.values()[0] = 7


def test_a_callers_decimal_context_changes_nothing() -> None:
    with localcontext() as context:
        context.prec = 2
        assert Grid("1.2345", "1.2347", decimals=4).values().tolist() == [1.2345, 1.2346, 1.2347]


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Grid("0.9", "0.1"), "no number to draw in the grid 0.9 to 0.1 in steps of 0.1"),
        (lambda: Grid(0, 1, decimals=0), "no number to draw"),
        (lambda: Grid("0.15", "0.9"), "bounds of at most 1 decimals, came 0.15"),
        (lambda: Grid("a tenth", 1), "decimal number, came 'a tenth'"),
        (lambda: Grid("nan", 1), "came 'nan'"),
        (lambda: Grid(0, "1e999999999"), "came '1e999999999'"),
        (lambda: Grid(0, 10**15, decimals=2), "came 1000000000000000 with 2 decimals"),
        (lambda: Grid(0, 10, decimals=16), "0 to 15 decimals, came 16"),
        (lambda: Grid(0, 1, step=0), "step of at least one unit"),
        (lambda: Grid(0, LARGEST_GRID, decimals=0), "fewer decimals or a narrower range"),
    ],
)
def test_an_impossible_grid_says_why(make: Callable[[], Grid], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        make()


def test_too_few_values_for_a_distinct_slot_are_refused_by_name() -> None:
    Slot("W1", (3, 3), TENTHS)
    with pytest.raises(InputError, match=r"W1: expected at least 10 different values, the grid 0.1 to 0.9 .* has 9"):
        Slot("W1", (2, 5), TENTHS)
    signed = Grid("0.1", "0.9", signed=True)
    Slot("W1", (2, 5), signed)
    with pytest.raises(InputError, match=r"different magnitudes, the grid ±0.1 to ±0.9 .* has 9"):
        Slot("W1", (2, 5), signed, distinct_magnitudes=True)
    Slot("W1", (2, 5), TENTHS, distinct=False)


# --- drawing


@given(st.lists(st.integers(1, 2 * CHUNK), min_size=1, max_size=5), st.integers(0, 3 * CHUNK))
@settings(max_examples=30, deadline=None)
def test_blocks_change_nothing(counts: list[int], first: int) -> None:
    at_once = candidates(SEED, SLOTS, first, sum(counts))
    starts = [first + sum(counts[:index]) for index in range(len(counts))]
    pieces = [candidates(SEED, SLOTS, start, count) for start, count in zip(starts, counts, strict=True)]
    for slot in SLOTS:
        assert at_once[slot.name].shape == (*slot.shape, sum(counts))
        np.testing.assert_array_equal(at_once[slot.name], np.concatenate([p[slot.name] for p in pieces], axis=-1))


def test_other_slots_change_nothing() -> None:
    together = candidates(SEED, SLOTS, 0, 50)
    for slot in reversed(SLOTS):
        np.testing.assert_array_equal(candidates(SEED, [slot], 0, 50)[slot.name], together[slot.name])


def test_equal_slots_of_different_names_get_different_numbers() -> None:
    drawn = candidates(SEED, [Slot("a", (4,), WEIGHTS), Slot("b", (4,), WEIGHTS)], 0, 100)
    assert np.mean(drawn["a"] == drawn["b"]) < 0.05
    with pytest.raises(ValueError, match="same name"):
        candidates(SEED, [Slot("a", (), WEIGHTS), Slot("a", (4,), WEIGHTS)], 0, 1)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 9), st.integers(0, 10**6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_distinct_is_distinct_and_on_the_grid(key: bytes, entries: int, first: int, magnitudes: bool) -> None:
    grid = Grid("-0.6", "0.9", excluded=(0, "0.3"))
    slot = Slot("W1", (entries,), grid, distinct_magnitudes=magnitudes)
    drawn = candidates(key, [slot], first, 20)["W1"]
    assert np.isin(drawn, grid.values()).all()
    compared = np.sort(np.abs(drawn) if magnitudes else drawn, axis=0)
    assert (np.diff(compared, axis=0) > 0).all()


def test_a_slot_may_use_up_its_grid() -> None:
    drawn = candidates(SEED, [Slot("W1", (3, 3), TENTHS)], 0, 500)["W1"].reshape(9, 500)
    np.testing.assert_array_equal(np.sort(drawn, axis=0), np.tile(TENTHS.values()[:, np.newaxis], 500))
    assert len({tuple(column) for column in drawn.T.tolist()}) > 490, "a few of 362,880 orders may come twice"


def test_repeats_come_where_they_are_allowed() -> None:
    drawn = candidates(SEED, [Slot("x", (2,), Grid(0, 1, decimals=0, excluded=()), distinct=False)], 0, 4000)["x"]
    assert_uniform(2 * drawn[0] + drawn[1], 4)


def test_every_arrangement_is_equally_likely() -> None:
    digits = Grid(2, 5, decimals=0)
    drawn = candidates(SEED, [Slot("x", (3,), digits)], 0, 24_000)["x"]
    assert_uniform(drawn[0] * 100 + drawn[1] * 10 + drawn[2], 24)


def test_every_magnitude_and_sign_is_equally_likely() -> None:
    grid = Grid(2, 4, decimals=0, signed=True)
    drawn = candidates(SEED, [Slot("x", (2,), grid, distinct_magnitudes=True)], 0, 24_000)["x"]
    assert_uniform(drawn[0] * 100 + drawn[1], 24)
    lopsided = Slot("x", (), Grid(-2, 4, decimals=0), distinct_magnitudes=True)
    drawn = candidates(SEED, [lopsided], 0, 12_000)["x"]
    assert set(drawn.tolist()) == {-2, 2, 3, 4}
    assert_uniform(np.abs(drawn), 3)


def test_every_value_of_a_grid_is_equally_likely() -> None:
    drawn = candidates(SEED, [Slot("x", (4,), WEIGHTS)], 0, 8_000)["x"]
    for entry in drawn:
        assert_uniform(entry, WEIGHTS.size)


# --- words that would favour some numbers are drawn again


def test_a_rejected_word_is_drawn_again_until_one_fits() -> None:
    """Every first word, and the first two replacements, are the largest word, which fits only powers of two."""
    asked: list[bytes] = []

    def grudging(message: bytes, length: int) -> bytes:
        asked.append(message)
        reluctant = b"again" not in message or message[-1:] in (b"1", b"2")
        return b"\xff" * length if reluctant else shake(message, length)

    slot = Slot("W1", (2, 2), WEIGHTS, distinct_magnitudes=True)
    drawn = candidates(SEED, [slot], 250, 12, squeeze=grudging)["W1"]
    for column in range(12):
        expected = spelled_out(SEED, slot, 250 + column, grudging)
        assert drawn[..., column].ravel().tolist() == expected
    assert any(message.endswith(b"3") for message in asked)
    assert len({drawn[0, 0, column] for column in range(12)}) > 1
    assert (drawn > 0).all(), "two signs are a power of two, so the largest word is the positive one"

    wheel = integers(SEED, "wheel", 10, 50, squeeze=grudging)
    assert set(wheel) == set(range(10))
    assert integers(SEED, "coin", 2, 50, squeeze=grudging) == [1] * 50


def test_the_last_fair_word_is_kept_and_the_first_unfair_one_is_not() -> None:
    def edge(word: int) -> Squeeze:
        return lambda message, length: (
            (b"\0" * 4 if b"again" in message else word.to_bytes(4, "little")) * (length // 4)
        )

    fair = 2**32 // 81 * 81
    slot = Slot("x", (), Grid("0.1", "0.9", decimals=2))
    assert candidates(SEED, [slot], 0, 3, squeeze=edge(fair - 1))["x"].tolist() == [0.9] * 3
    assert candidates(SEED, [slot], 0, 3, squeeze=edge(fair + 5))["x"].tolist() == [0.1] * 3
    assert integers(SEED, "t", 81, 2, squeeze=edge(fair - 1)) == [80, 80]
    assert integers(SEED, "t", 81, 2, squeeze=edge(fair + 5)) == [0, 0]


# --- choices of structure


def test_integers_are_uniform_and_a_longer_list_begins_with_the_shorter() -> None:
    rolls = integers(SEED, "dice", 6, 6000)
    assert_uniform(np.array(rolls), 6)
    assert integers(SEED, "dice", 6, 10) == rolls[:10]
    assert integers(SEED, "dice", 7, 10) != rolls[:10]
    assert integers(SEED, "other dice", 6, 20) != rolls[:20]
    assert integers(SEED, "one", 1, 3) == [0, 0, 0]


@pytest.mark.parametrize("n", [0, -1, 2**32 + 1])
def test_integers_refuse_a_range_that_words_can_not_fill(n: int) -> None:
    with pytest.raises(ValueError, match="from 1 to"):
        integers(SEED, "t", n, 1)


# --- what the tests above lean on


def digest_lines() -> Iterator[str]:
    """A digest over all students, then one for each."""
    lines = [f"s{number:04d} {variant_digest(f's{number:04d}')}" for number in range(1, STUDENTS + 1)]
    whole = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    yield f"scheme 1, {STUDENTS} students: {whole}"
    yield from lines


def variant_digest(student: str) -> str:
    """A digest of some candidates' numbers, across the border of two chunks, and of some choices of structure."""
    key = seed(b"the secret of the digests, known to all", set_name="pinned", exercise=1, student=student)
    drawn = candidates(key, SLOTS, CHUNK - 2, 4)
    whole = hashlib.sha256(repr(integers(key, "structure", 1000, 5)).encode())
    for slot in SLOTS:
        whole.update(drawn[slot.name].astype("<f8").tobytes())
    return whole.hexdigest()[:16]


def spelled_out(key: bytes, slot: Slot, candidate: int, squeeze: Squeeze) -> list[float]:
    """The slot's numbers for one candidate by the module's description, in plain integers."""

    def field(value: bytes | str | int) -> bytes:
        data = value if isinstance(value, bytes) else str(value).encode()
        return len(data).to_bytes(8, "big") + data

    def message(*values: bytes | str | int) -> bytes:
        return b"".join(map(field, values))

    rows = slot.entries * (2 if slot.distinct_magnitudes else 1)
    chunk = squeeze(message(key, "candidates", slot.name, candidate // CHUNK), 4 * rows * CHUNK)

    def draw(row: int, n: int) -> int:
        start = 4 * (row * CHUNK + candidate % CHUNK)
        word, attempt = int.from_bytes(chunk[start : start + 4], "little"), 0
        while word >= 2**32 - 2**32 % n:
            attempt += 1
            again = message(key, "candidates again", slot.name, row, candidate, attempt)
            word = int.from_bytes(squeeze(again, 4), "little")
        return word % n

    values = [round(value * 10**slot.grid.decimals) for value in slot.grid.values().tolist()]
    free = sorted({abs(value) for value in values}) if slot.distinct_magnitudes else list(values)
    result = []
    for row in range(slot.entries):
        chosen = free[draw(row, len(free))]
        if slot.distinct or slot.distinct_magnitudes:
            free.remove(chosen)
        if slot.distinct_magnitudes:
            signed = [-chosen if -chosen in values else chosen, chosen if chosen in values else -chosen]
            chosen = signed[draw(slot.entries + row, 2)]
        result.append(chosen / 10**slot.grid.decimals)
    return result


def assert_uniform(drawn: np.ndarray[tuple[int, ...], np.dtype[np.float64]], outcomes: int) -> None:
    """Chi-square within five standard deviations of its mean, on a fixed seed; every outcome seen."""
    counts = np.unique(drawn, return_counts=True)[1]
    assert len(counts) == outcomes
    expected = drawn.size / outcomes
    statistic = float(((counts - expected) ** 2 / expected).sum())
    freedom = outcomes - 1
    assert abs(statistic - freedom) < 5 * (2 * freedom) ** 0.5


if __name__ == "__main__":
    print("\n".join(digest_lines()))
