"""Students who get a rule wrong: mistakes of the catalogue planted in a program, worked on consistently and marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from exercises.components import componentwise
from exercises.ground import indistinct
from exercises.misconceptions import mistakes
from exercises.mistaken import Mistake
from exercises.names import cell_ids
from exercises.operations.row import Array, Mask
from exercises.precision import Precision
from exercises.program import Program, in_order_of_need
from exercises.specification import Exercise, parse_specification
from exercises.stream import seed
from exercises.variants import draw_many
from grader.diagnosis import Diagnosis, Examiner
from grader.fewer_places import coarser
from grader.gathering import gather, pile_of
from grader.marking import Entries, Judged, Verdict, mark, task_of
from grader.replays import zone
from tests.students import Habits, habits, work

Manner = Callable[[int, np.random.Generator], Habits]


def every_line_rounded(count: int, rng: np.random.Generator) -> Habits:
    return habits(count)


def exercise_of(keys: str, family: str = "mlp") -> Exercise:
    return parse_specification(f'[[exercise]]\nfamily = "{family}"\n{keys}', "sheet.toml").exercises[0]


def with_mistakes(program: Program, made: Sequence[Mistake]) -> Program | None:
    """The program with wrong steps, spelled out by cells; None where two mistakes need each other in a circle."""
    wrong = {name: expression for mistake in made for name, expression in mistake.replaced.items()}
    steps = [replace(step, expression=wrong.get(step.name, step.expression)) for step in program.steps]
    try:
        return componentwise(replace(program, steps=in_order_of_need(steps)))
    except ValueError:
        return None


@dataclass(frozen=True)
class Marked:
    """Hand-ins with what marking and diagnosis say of them."""

    entries: Entries
    judged: Mapping[str, Judged]
    told: Mapping[int, Diagnosis]

    @cached_property
    def wrong(self) -> Mask:
        """The scripts with a wrong cell."""
        return np.any([self.judged[cell].verdict == Verdict.WRONG for cell in self.entries.values], axis=0)

    def codes(self, script: int, *, sure: bool = False) -> set[str]:
        said = self.told[script].explanations if script in self.told else ()
        return {one.code for one in said if not (sure and one.tentative)}

    def accuses(self, script: int, codes: set[str]) -> bool:
        """Whether something is told for sure, and none of these codes is among the readings of the same cells."""
        said = self.told[script].explanations if script in self.told else ()
        fair = {one.alternative for one in said if one.code in codes}
        return any(not one.tentative and one.alternative not in fair for one in said)

    def rivals(self, script: int, code: str) -> int:
        """How many readings are told of what the code is told of."""
        said = self.told[script].explanations
        number = next(one.alternative for one in said if one.code == code)
        return len({one.code for one in said if one.alternative == number})


class Class:
    """Students on one exercise, each with numbers of their own, (V,) or (1,) by cell."""

    def __init__(
        self, program: Program, precision: Precision, given: Mapping[str, Array], asked: Sequence[str]
    ) -> None:
        self.program, self.precision, self.given, self.asked = program, precision, given, tuple(asked)
        self.task = task_of(program, precision)
        self.examiner = Examiner(program, self.task)
        self.mistakes = mistakes(program)
        self.places = {id(mistake): place for place, mistake in enumerate(self.mistakes)}
        self.listed: frozenset[str] = frozenset()
        self.noted: Sequence[frozenset[str]] = ()

    @classmethod
    def drawn(cls, exercise: Exercise, count: int, *, secret: bytes = b"the course secret") -> Class:
        """A class whose sheets the generator made; ``listed`` and ``noted`` are what the teacher's notes say."""
        seeds = [seed(secret, set_name="class", exercise=1, student=str(k), attempt=1) for k in range(count)]
        variants = draw_many(exercise, seeds)
        given = {
            cell: values
            for name, shape in ((one.name, one.shape) for one in exercise.program.givens)
            for cell, values in zip(
                cell_ids(name, shape),
                np.concatenate([one.given[name].reshape(-1, 1) for one in variants], axis=1),
                strict=True,
            )
        }
        made = cls(exercise.program, variants[0].precision, given, exercise.asked)
        made.listed = frozenset(indistinct(exercise).unseen)
        made.noted = [
            frozenset(place for note in one.notes if note.code == "alike" for place in note.places) for one in variants
        ]
        return made

    @property
    def count(self) -> int:
        return max(array.shape[0] for array in self.given.values())

    def in_notes(self, mistake: Mistake, script: int) -> bool:
        """Whether the teacher was told that the mistake can't be seen, on any sheet or on this one."""
        names = {mistake.row.code, f"{mistake.row.code} ({', '.join(mistake.sites)})"}
        return bool(names & self.listed) or bool(self.noted and names & self.noted[script])

    def numbers(self, some: slice) -> dict[str, Array]:
        return {name: array[some] if array.shape[0] > 1 else array for name, array in self.given.items()}

    def cells_with(self, made: Sequence[Mistake]) -> Program | None:
        """As ``with_mistakes`` of this program; made once for the class's own mistakes, which come again and again."""
        places = tuple(self.places.get(id(mistake), -1) for mistake in made)
        return with_mistakes(self.program, made) if -1 in places else _cells_with(self, places)

    def write(
        self, made: Sequence[Mistake], some: slice, rng: np.random.Generator, manner: Manner = every_line_rounded
    ) -> dict[str, Array]:
        """What students with these mistakes write for each asked cell."""
        cells = self.cells_with(made)
        assert cells is not None
        count = some.stop - some.start
        script = work(cells, self.precision, self.numbers(some), manner(count, rng), rng)
        return {cell: script.written[cell] for cell in self.asked}

    def written_by(
        self, groups: Sequence[Sequence[Mistake]], rng: np.random.Generator, manner: Manner = every_line_rounded
    ) -> tuple[dict[str, Array], NDArray[np.intp]]:
        """Everybody's answers, the mistakes shared out evenly; and the group of each script."""
        ends = np.linspace(0, self.count, len(groups) + 1).astype(int)
        parts = [
            self.write(made, slice(start, stop), rng, manner)
            for made, start, stop in zip(groups, ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]
        written = {cell: np.concatenate([part[cell] for part in parts]) for cell in self.asked}
        return written, np.repeat(np.arange(len(groups)), np.diff(ends))

    def examine(self, written: Mapping[str, Array], some: slice | None = None) -> Marked:
        """Mark and diagnose everybody, or some; a number that isn't finite is left blank."""
        entries = Entries({cell: np.where(np.isfinite(values), values, np.nan) for cell, values in written.items()})
        given = self.given if some is None else self.numbers(some)
        judged = mark(self.task, given, entries)
        return Marked(entries, judged, self.examiner.diagnose(given, entries, judged))


@lru_cache(maxsize=512)
def _cells_with(some: Class, places: tuple[int, ...]) -> Program | None:
    return with_mistakes(some.program, [some.mistakes[place] for place in places])


@dataclass
class Tally:
    """What came of a class with planted mistakes."""

    scripts: int = 0
    wrong: int = 0
    right_and_listed: int = 0
    right_unlisted: Counter[str] = field(default_factory=Counter)
    named: int = 0
    sure: int = 0
    readings: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    others: int = 0
    traceless: int = 0

    @property
    def share(self) -> float:
        return self.named / self.wrong if self.wrong else 1.0

    @property
    def rivals(self) -> float:
        return self.readings / self.named if self.named else 1.0


def one_mistake(some: Class, rng: np.random.Generator, manner: Manner = every_line_rounded) -> Tally:
    """Every misconception planted in turn, worked on consistently, all asked cells handed in."""
    groups = [[mistake] for mistake in some.mistakes]
    written, group = some.written_by(groups, rng, manner)
    marked, tally = some.examine(written), Tally(some.count)
    for script, number in enumerate(group.tolist()):
        (mistake,) = groups[number]
        code = mistake.row.code
        if not marked.wrong[script]:
            listed = some.in_notes(mistake, script)
            tally.right_and_listed += listed
            tally.right_unlisted.update([] if listed else [code])
            continue
        tally.wrong += 1
        if code in marked.codes(script):
            tally.named += 1
            tally.sure += code in marked.codes(script, sure=True)
            tally.readings += marked.rivals(script, code)
        else:
            tally.missed[code] += 1
    return tally


def two_mistakes(some: Class, rng: np.random.Generator, share: float = 1.0) -> Tally:
    """Pairs of misconceptions at different steps, everybody handing in each asked cell with the chance ``share``.

    Counted are scripts that bear witness of both: a wrong cell for each, worked out through its wrong lines. Of those
    missed, ``traceless`` counts where a single one of the two accounts for all wrong cells; they are in ``wrong`` too.
    """
    every = [
        pair
        for pair in combinations(some.mistakes, 2)
        if pair[0].row.code != pair[1].row.code and not pair[0].sites.keys() & pair[1].sites.keys()
    ]
    chosen = rng.permutation(len(every))[: some.count]
    groups = [every[k] for k in chosen.tolist() if some.cells_with(every[k]) is not None]
    written, group = some.written_by(groups, rng)
    written = {cell: np.where(rng.random(some.count) < share, values, np.nan) for cell, values in written.items()}
    marked, tally = some.examine(written), Tally(some.count)
    for script, number in enumerate(group.tolist()):
        if not marked.wrong[script] or not _both_show(some, marked, groups[number], script):
            continue
        codes = {mistake.row.code for mistake in groups[number]}
        both = codes <= marked.codes(script)
        tally.wrong += 1
        if not both and one_accounts_for_all(some, marked, groups[number], script):
            tally.traceless += 1
            continue
        tally.named += both
        tally.missed.update([] if both else [" + ".join(sorted(codes - marked.codes(script)))])
        tally.others += marked.accuses(script, codes)
    return tally


def _both_show(some: Class, marked: Marked, made: Sequence[Mistake], script: int) -> bool:
    lines, values = some.task.lines, marked.entries.values
    blank = {cell for cell in lines.root if cell not in values or np.isnan(values[cell][script])}
    zones = [
        {name.partition("[")[0] for name in zone(lines, cell, blank)}
        for cell in values
        if marked.judged[cell].verdict[script] == Verdict.WRONG
    ]
    return all(any(reached & mistake.sites.keys() for reached in zones) for mistake in made)


def one_accounts_for_all(some: Class, marked: Marked, made: Sequence[Mistake], script: int) -> bool:
    """Whether one of two mistakes reproduces every wrong number by itself, so that the other leaves no trace."""
    place = np.array([script])
    pile = pile_of(some.task, some.given, marked.entries, marked.judged, some=place)
    codes = {mistake.row.code for mistake in made}
    singles = [replay for replay in some.examiner.replays.singles if codes & set(replay.codes)]
    return bool(gather(pile, singles).explained.all(axis=1).any())


def random_numbers(some: Class, rng: np.random.Generator, *, carried: bool) -> Tally:
    """A random number in one cell, up to twice as large as the right one; carried on, or a mere slip of the pen.

    ``named`` counts scripts about which something is said, ``sure`` those about which it is said with confidence.
    """
    right = some.write((), slice(0, some.count), rng)
    rows = np.stack([right[cell] for cell in some.asked])
    target = rng.integers(0, len(some.asked), some.count)
    size = 2 * np.abs(rows[target, np.arange(some.count)])
    number = rng.uniform(-1, 1, some.count) * size
    slips = {cell: _at(target == row, _to_places(some, cell, number)) for row, cell in enumerate(some.asked)}
    if carried:
        cells = componentwise(some.program)
        script = work(cells, some.precision, some.given, habits(some.count), rng, slips)
        written = {cell: script.written[cell] for cell in some.asked}
    else:
        written = {cell: np.where(np.isnan(slips[cell](right[cell])), right[cell], number) for cell in some.asked}
        written = {cell: _to_places(some, cell, values) for cell, values in written.items()}
    marked = some.examine(written)
    tally = Tally(some.count, int(marked.wrong.sum()))
    for script, told in marked.told.items():
        tally.named += bool(told.explanations)
        tally.sure += bool(marked.codes(script, sure=True))
        tally.missed.update(marked.codes(script))
    return tally


def _to_places(some: Class, cell: str, values: Array) -> Array:
    unit = some.precision.of(cell).unit(values)
    return np.asarray(np.round(values / unit) * unit)


def _at(mask: Mask, number: Array) -> Callable[[Array], Array]:
    return lambda right: np.where(mask, number, np.nan)


def flawless(some: Class, rng: np.random.Generator, manner: Manner) -> Tally:
    """No mistake at all; ``named`` counts scripts that are accused of one."""
    marked = some.examine(some.write((), slice(0, some.count), rng, manner))
    return Tally(some.count, int(marked.wrong.sum()), named=sum(bool(one.explanations) for one in marked.told.values()))


def one_place_fewer(some: Class, rng: np.random.Generator, manner: Manner) -> Tally:
    """No mistake at all, but one place fewer than asked: every other student works so, the rest only writes so."""
    fewer = coarser(some.precision, 1)
    cells = componentwise(some.program)
    works = work(cells, fewer, some.given, manner(some.count, rng), rng).written
    exact = work(cells, some.precision, some.given, habits(some.count, full=1.0), rng).full
    written = {}
    for cell in some.asked:
        unit = fewer.of(cell).unit(exact[cell])
        rounds = np.round(exact[cell] / unit) * unit
        written[cell] = np.where(np.arange(some.count) % 2 == 0, works[cell], rounds)
    marked = some.examine(written)
    tally = Tally(some.count, int(marked.wrong.sum()))
    for script, told in marked.told.items():
        tally.named += bool(told.explanations)
        tally.sure += bool(marked.codes(script, sure=True))
    return tally
