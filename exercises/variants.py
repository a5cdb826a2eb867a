"""Room: exercises. From an exercise and a seed to a sheet's numbers: candidates in blocks, judged all at once.

The first candidate that meets every condition is taken. Where a block of 2,000 holds none, conditions are let go from
the last one on, with a note. Nothing here depends on how many sheets are drawn together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from exercises.conditions import BY_HEAD, NOUGHT, STANDARD, Batch, Condition, Frame
from exercises.errors import InputError
from exercises.expression import Apply, Expression, Symbol, walk
from exercises.families.family import Drawn
from exercises.names import cell_ids, parse_cell
from exercises.operations.row import Array
from exercises.plan import Plan, flatten
from exercises.precision import Places, Precision
from exercises.program import Part, Program, Role, Step
from exercises.specification import Exercise, Specification
from exercises.stream import CHUNK, candidates, seed

BLOCK = 2_000
"""Candidates looked at before a condition is let go."""

FIRST = CHUNK
"""Most sheets are found among these; they cost one hash a quantity."""

TOGETHER = 8
"""Sheets worked out in one go: eight times 256 candidates fit the block that stays in cache."""

USUAL_PLACES = (3, 4, 5, 6)
PLACES_BY_HEAD = (1, 2)
"""Decimals tried, in this order, where the teacher leaves them open."""

ENOUGH = 10
"""Of a block's candidates, how many have to meet every condition before a number of decimals is settled on for a class:
then 2,000 candidates of a single student hold none once in 20,000."""

SHAPE_CANDIDATES = 64
"""Random numbers by which answers that are always the same are told from those that happen to be."""

COPIES = 0.2
"""Two answers that are the very same double for so many random numbers are so by rule, if only beyond a kink."""

PRACTICE_SECRET = b"gradsheet practice: public, so that anybody gets the same numbers"


@dataclass(frozen=True, slots=True)
class Note:
    """A condition that a sheet's numbers don't meet: its code, what it means, and where (names of cells)."""

    code: str
    sentence: str
    places: tuple[str, ...]
    drawn: bool

    def __str__(self) -> str:
        shown = ", ".join(self.places[:6]) + (f" and {len(self.places) - 6} more" if len(self.places) > 6 else "")
        return f"{self.sentence} ({shown})"


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One student's numbers.

    ``exercise`` has them filled in, ``given`` are all of them (shape + (1,)), ``precision`` the places asked;
    ``attempts`` counts the candidates up to the one taken (0 where nothing was drawn).
    """

    exercise: Exercise
    given: Mapping[str, Array]
    precision: Precision
    notes: tuple[Note, ...]
    attempts: int


def practice_seed(set_name: str, exercise: int, attempt: int = 1) -> bytes:
    """A public seed: what ``solve`` fills open numbers with, the same for everybody. No sheet of a class uses it."""
    return seed(PRACTICE_SECRET, set_name=set_name, exercise=exercise, student="practice", attempt=attempt)


def filled(specification: Specification, variants: Sequence[Variant]) -> Specification:
    """The specification with all numbers and places written in; one variant an exercise."""
    return replace(specification, exercises=tuple(variant.exercise for variant in variants))


def draw(exercise: Exercise, seed: bytes) -> Variant:
    """The numbers that a seed gives an exercise; InputError where no numbers make it come out."""
    return draw_many(exercise, [seed])[0]


def draw_many(exercise: Exercise, seeds: Sequence[bytes]) -> list[Variant]:
    """One variant a seed, each the same as if drawn alone."""
    ground = _prepared(exercise)
    if not ground.drawn.slots:
        return [_as_given(ground)] * len(seeds)
    variants: list[Variant] = []
    for start in range(0, len(seeds), TOGETHER):
        some = seeds[start : start + TOGETHER]
        batch = ground.batch([ground.numbers(one, FIRST) for one in some])
        first = _first_of_each(_meeting_all(ground.conditions, batch), len(some))
        for place, one in enumerate(some):
            if place in first:
                variants.append(_taken(ground, batch.only(np.array([place * FIRST + first[place]])), first[place], ()))
            else:
                variants.append(_best(ground, one))
    return variants


def _meeting_all(conditions: Sequence[Condition], batch: Batch) -> NDArray[np.intp]:
    """The candidates that meet every condition, in order."""
    alive = np.arange(batch.rows.shape[1])
    for condition in conditions:
        if not len(alive):
            break
        met = condition.judge(batch)
        if not met.all():
            alive, batch = alive[met], batch.only(np.flatnonzero(met))
    return alive


def _first_of_each(found: NDArray[np.intp], sheets: int) -> dict[int, int]:
    """For each sheet that has one, the first candidate found."""
    first: dict[int, int] = {}
    for place in found.tolist():
        first.setdefault(place // FIRST, place % FIRST)
    return first


def _best(ground: _Ground, one: bytes) -> Variant:
    """The first of a block of 2,000 that meets every condition, or as many as can be in order of importance."""
    batch = ground.batch([ground.numbers(one, BLOCK)])
    alive, let_go = _settle(ground.conditions, batch)
    if let_go and let_go[0] is ground.conditions[0]:
        failing = let_go[0].failing(batch.only(np.array([0])))
        where = f"exercise {ground.exercise.number}"
        raise InputError(
            f"none of {BLOCK} draws gives every quantity a value; {failing[0]} has none, so change what is given",
            where=where,
        )
    return _taken(ground, batch.only(alive[:1]), int(alive[0]), let_go)


def _settle(conditions: Sequence[Condition], batch: Batch) -> tuple[NDArray[np.intp], tuple[Condition, ...]]:
    """The candidates left when each condition in turn keeps those that meet it, and the conditions that none met."""
    alive = np.arange(batch.rows.shape[1])
    let_go = []
    for condition in conditions:
        met = condition.judge(batch)
        if not met.any():
            let_go.append(condition)
        elif not met.all():
            alive, batch = alive[met], batch.only(np.flatnonzero(met))
    return alive, tuple(let_go)


def _taken(ground: _Ground, batch: Batch, candidate: int, let_go: Sequence[Condition]) -> Variant:
    given = {name: np.array(batch.values[name]) for name in ground.names}
    return _variant(ground, given, _notes(let_go, batch, drawn=True), candidate + 1)


def _notes(unmet: Sequence[Condition], batch: Batch, *, drawn: bool) -> tuple[Note, ...]:
    """What is the matter with the only candidate of a batch; of two degrees of the same thing, the stricter."""
    codes = {one.code for one in unmet}
    said = [one for one in unmet if one.stricter not in codes]
    return tuple(Note(one.code, one.sentence, one.failing(batch), drawn) for one in said)


def _variant(ground: _Ground, given: Mapping[str, Array], notes: tuple[Note, ...], attempts: int) -> Variant:
    precision = ground.frame.precision
    return Variant(ground.exercise.filled(given, precision), given, precision, notes, attempts)


def _as_given(ground: _Ground) -> Variant:
    """Nothing to draw: the notes say what is the matter with the numbers given."""
    batch = ground.batch([{}])
    undefined = ground.conditions[0].failing(batch)
    if undefined:
        where = f"exercise {ground.exercise.number}"
        raise InputError(f"{undefined[0]} has no value for these numbers; change what is given", where=where)
    unmet = [one for one in ground.conditions if not one.judge(batch).all()]
    notes = _notes(unmet, batch, drawn=False)
    return _variant(ground, ground.exercise.given, notes, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """An exercise made ready for drawing: its plan, what is drawn, and what is judged."""

    exercise: Exercise
    plan: Plan
    drawn: Drawn
    conditions: tuple[Condition, ...]
    frame: Frame

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(given.name for given in self.exercise.program.givens)

    def numbers(self, one: bytes, count: int) -> dict[str, Array]:
        """The first candidates of a seed."""
        return _numbers(self.drawn, one, count)

    def batch(self, sheets: Sequence[Mapping[str, Array]]) -> Batch:
        """The candidates of several sheets worked out in one go."""
        drawn = {name: np.concatenate([sheet[name] for sheet in sheets], axis=-1) for name in sheets[0]}
        return _worked_out(self.plan, self.frame, {**self.exercise.given, **drawn})


def _numbers(drawn: Drawn, one: bytes, count: int) -> dict[str, Array]:
    numbers = candidates(one, drawn.slots, 0, count)
    for name, classes in drawn.one_hot.items():
        choice = numbers[name]
        numbers[name] = (choice == np.arange(classes).reshape(-1, *[1] * choice.ndim)).astype(np.float64)
    return numbers


def _worked_out(plan: Plan, frame: Frame, given: Mapping[str, Array]) -> Batch:
    count = max((array.shape[-1] for array in given.values()), default=1)
    return Batch.of(frame, {**given, **plan.run(given)}, count)


@lru_cache(maxsize=32)
def _prepared(exercise: Exercise) -> _Ground:
    """Whatever doesn't depend on the seed, worked out once an exercise."""
    program = exercise.program
    drawn = exercise.drawn
    kinks = dict(_kinks(program))
    plan = flatten(
        program.with_steps(Step(name, expression, Part.FORWARD, Role.LINE) for name, expression in kinks.items())
    )
    conditions = BY_HEAD if exercise.difficulty == "no-calculator" else STANDARD
    names = {name: _kink_places(name, expression) for name, expression in kinks.items()}
    precision = exercise.precision or Precision(Places(USUAL_PLACES[-1]), exercise.own_places)
    frame = Frame(program, precision, tuple(_asked(exercise)), names, drawn.within, drawn.negative)
    ground = _Ground(exercise, plan, drawn, conditions, _answers(exercise, plan, frame))
    practice = (
        ground.batch([ground.numbers(practice_seed("", exercise.number), BLOCK)]) if drawn.slots else ground.batch([{}])
    )
    frame = replace(ground.frame, noughts=_fewest_noughts(conditions, practice))
    practice = replace(practice, frame=frame)
    if exercise.precision is None:
        frame = replace(frame, precision=_settled_places(exercise, conditions, practice))
    return replace(ground, frame=frame)


def _fewest_noughts(conditions: Sequence[Condition], practice: Batch) -> int:
    """Of the practice candidates that meet what is more important, the least number of answers that are exactly 0."""
    codes = [condition.code for condition in conditions]
    alive, _ = _settle(conditions[: codes.index("zeros")], practice)
    return int((np.abs(practice.rows[:, alive]) < NOUGHT).sum(axis=0).min())


def _asked(exercise: Exercise) -> Iterator[tuple[str, str, int]]:
    for cell in exercise.asked:
        quantity = parse_cell(cell).quantity
        yield cell, quantity, cell_ids(quantity, exercise.program.shapes[quantity]).index(cell)


def _kinks(program: Program) -> Iterator[tuple[str, Expression]]:
    """What decides, at 0, which branch a rectifier or a maximum takes."""
    for step in program.steps:
        if step.part not in (Part.FORWARD, Part.LOSS):
            continue
        for node in walk(step.expression):
            if isinstance(node, Apply) and node.operation in ("relu", "leaky_relu"):
                yield f"kink of {step.name}", node.arguments[0]
            elif isinstance(node, Apply) and node.operation == "maximum":
                yield f"kink of {step.name}", node.arguments[0] - node.arguments[1]


def _kink_places(name: str, expression: Expression) -> tuple[str, ...]:
    inner = expression.name if isinstance(expression, Symbol) else name.removeprefix("kink of ")
    return cell_ids(inner, expression.shape)


def _answers(exercise: Exercise, plan: Plan, frame: Frame) -> Frame:
    """The frame that knows which answers vary, and which of them are equal by rule (∂J/∂b = ∂J/∂z, a = z of a ReLU)."""
    everything_open = msgspec.structs.replace(exercise.options, given={})
    drawn = exercise.family.draws(everything_open, exercise.program)
    numbers = _numbers(drawn, practice_seed("shape", exercise.number), SHAPE_CANDIDATES)
    rows = _worked_out(plan, frame, {**exercise.given, **numbers}).rows
    varied = tuple(number for number, row in enumerate(rows) if len(np.unique(row)) > 2)
    some = rows[list(varied)]
    often = np.array([(some == row).mean(axis=1) >= COPIES for row in some]).reshape(len(varied), len(varied))
    return replace(frame, varied=varied, copies=often)


def _settled_places(exercise: Exercise, conditions: Sequence[Condition], practice: Batch) -> Precision:
    """The smallest number of decimals at which numbers are found, the same for the whole class.

    Where all numbers are given: the smallest at which every asked value can be seen.
    """
    choices = PLACES_BY_HEAD if exercise.difficulty == "no-calculator" else USUAL_PLACES
    wanted = [Precision(Places(digits), exercise.own_places) for digits in choices]
    binding = (
        conditions if exercise.open_names else [one for one in conditions if one.code in ("small", "long-decimals")]
    )
    enough = ENOUGH if exercise.open_names else 1
    batches = [practice.rounded_to(precision) for precision in wanted]
    for precision, batch in zip(wanted, batches, strict=True):
        if len(_meeting_all(binding, batch)) >= enough:
            return precision
    if not exercise.open_names:
        return wanted[-1]
    let_go = [len(_settle(conditions, batch)[1]) for batch in batches]
    return wanted[let_go.index(min(let_go))]
