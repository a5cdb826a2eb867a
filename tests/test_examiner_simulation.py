"""The examiner on simulated classes, small ones; ``make campaign`` does the same with ten thousand scripts each."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from exercises.apart import Apart
from exercises.ground import indistinct, prepared
from exercises.specification import Exercise
from exercises.variants import draw_many, practice_seed
from tests.planted import (
    Class,
    exercise_of,
    flawless,
    one_mistake,
    one_place_fewer,
    random_numbers,
    two_mistakes,
)
from tests.students import any_habits

UPDATED = 'optimizer = { name = "sgd" }\n'

EXERCISES = {
    "2-2-1": exercise_of(UPDATED),
    "2-2-2": exercise_of(UPDATED + "layers = [2, 2, 2]"),
    "3-3-1": exercise_of(UPDATED + "layers = [3, 3, 1]"),
    "chain": exercise_of(UPDATED, "chain"),
    "circuit": exercise_of("", "circuit"),
    "relu": exercise_of('layers = [2, 3, 1]\nactivations = ["relu", "identity"]'),
    "softmax": exercise_of('layers = [2, 3, 3]\nactivations = ["tanh", "softmax"]'),
}
FEW = 120

PARTLY = ("2-2-1", "chain", "circuit")
"""Where pairs are tried with cells left blank too: each of hundreds of them takes a while for a small class."""


@cache
def drawn(name: str) -> Class:
    return Class.drawn(EXERCISES[name], FEW)


@pytest.fixture(params=list(EXERCISES))
def some(request: pytest.FixtureRequest) -> Class:
    return drawn(request.param)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_every_planted_misconception_is_named(some: Class, rng: np.random.Generator) -> None:
    """None is marked right that the notes don't list; hardly any rivals. Students round as they please."""
    tally = one_mistake(some, rng, any_habits)
    assert not tally.right_unlisted
    assert tally.wrong > FEW / 2
    assert tally.share >= 0.995, tally.missed
    assert tally.rivals <= 1.1 or "relu" in str(some.program)  # where two rules can't be told apart, both are told


@pytest.mark.parametrize("name, share", [*((name, 1.0) for name in EXERCISES), *((name, 0.6) for name in PARTLY)])
def test_two_mistakes_are_both_named(name: str, share: float, rng: np.random.Generator) -> None:
    tally = two_mistakes(drawn(name), rng, share)
    assert tally.wrong > FEW / 4
    seen = tally.wrong - tally.traceless  # where one of the two accounts for everything, nobody could tell
    assert tally.named >= 0.93 * seen, tally.missed  # the campaign counts all; a small sample strays
    assert tally.others <= 0.05 * tally.wrong


@pytest.mark.parametrize("carried", [True, False])
def test_a_random_number_is_never_explained_with_confidence(
    some: Class, rng: np.random.Generator, carried: bool
) -> None:
    tally = random_numbers(some, rng, carried=carried)
    assert tally.wrong > 0.7 * FEW  # what is 0 by rule gets no other number
    assert tally.sure <= 1  # a number in ten thousand falls on a right one elsewhere
    assert tally.named <= 0.05 * tally.wrong


def test_no_flawless_script_is_accused(some: Class, rng: np.random.Generator) -> None:
    tally = flawless(some, rng, any_habits)
    assert (tally.wrong, tally.named) == (0, 0)


def test_nobody_with_one_place_fewer_is_accused(some: Class, rng: np.random.Generator) -> None:
    tally = one_place_fewer(some, rng, any_habits)
    assert tally.wrong > 0.5 * FEW
    assert tally.sure == 0
    assert tally.named <= 0.05 * tally.wrong


# --- numbers that show what went wrong ------------------------------------------------------------------------------


def worked(exercise: Exercise, count: int = 12) -> tuple[Apart, np.ndarray, np.ndarray]:
    """What the drawn sheets show of each mistake and each pair, counted anew for sheets alone."""
    ground = prepared(exercise)
    apart, required = ground.frame.apart, ground.frame.required
    assert apart is not None and required is not None
    variants = draw_many(exercise, [practice_seed("shown", 1, attempt) for attempt in range(1, count + 1)])
    assert not any(note.code == "alike" for variant in variants for note in variant.notes)
    batch = ground.batch([{name: variant.given[name] for name in ground.names} for variant in variants])
    seen, told = apart.shown(batch)
    return apart, seen - required.seen[:, None], told - required.told[:, None]


@pytest.mark.parametrize("name", ["2-2-1", "2-2-2", "chain", "softmax"])
def test_drawn_numbers_show_every_mistake_and_tell_every_pair_apart(name: str) -> None:
    apart, seen, told = worked(EXERCISES[name])
    assert (seen >= 0).all()
    assert (told >= 0).all()
    assert len(apart.places) == len(seen) + len(told)


def test_what_no_numbers_show_is_listed() -> None:
    """In a network with one output there is one path back to a hidden unit; two lead on to the inputs, unasked."""
    assert indistinct(EXERCISES["2-2-1"]).unseen == ("untransposed-weights", "one-path-only", "average-paths")
    assert indistinct(EXERCISES["2-2-2"]).unseen == ()
    asked = exercise_of('ask = ["z", "a", "J", "dJ/dz", "dJ/dx"]')
    assert "one-path-only" not in indistinct(asked).unseen
    assert indistinct(EXERCISES["relu"]).alike == (("omit-activation-derivative", "relu-always-one"),)


def test_given_numbers_that_hide_a_mistake_are_noted_where_wished() -> None:
    """With w₂ = 1 nobody sees whether the weight was used on the way back."""
    exercise = exercise_of("""layers = [2, 1, 1]
decimals = 3
given = { x = [0.7, 1.3], y = [0.9], W1 = [[0.85, 0.55]], b1 = [0.25], W2 = [[1]], b2 = [0.35] }""")
    (quiet,), (thorough,) = draw_many(exercise, [b""]), draw_many(exercise, [b""], thorough=True)
    assert "alike" not in [note.code for note in quiet.notes]
    (note,) = [note for note in thorough.notes if note.code == "alike"]
    assert not note.drawn
    assert any("derivative" in place for place in note.places) or note.places


def test_too_few_decimals_come_with_a_note_and_the_most_that_can_be_shown() -> None:
    exercise = exercise_of(UPDATED + "decimals = 2")
    for variant in draw_many(exercise, [practice_seed("coarse", 1, attempt) for attempt in (1, 2)]):
        (note,) = [note for note in variant.notes if note.code == "alike"]
        assert note.drawn
        assert "updated-weights" in note.places
