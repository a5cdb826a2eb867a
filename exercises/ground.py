"""Room: exercises. An exercise made ready for drawing: whatever doesn't depend on a student's seed, worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import msgspec
import numpy as np

from exercises.anatomy import afterwards, gone_through, read, upstream
from exercises.apart import Apart, Indistinct
from exercises.batches import Batch, Condition, Frame, meeting_all, settle
from exercises.conditions import BY_HEAD, MOST_DECIMALS_BY_HEAD, NOUGHT, STANDARD, with_goals
from exercises.errors import InputError
from exercises.expression import Apply, Expression, Symbol, walk
from exercises.families.family import Drawn
from exercises.names import cell_ids, parse_cell
from exercises.operations.row import Array
from exercises.plan import Plan, flatten
from exercises.precision import Places, Precision
from exercises.program import Part, Program, Role, Step
from exercises.specification import Exercise
from exercises.stream import candidates, seed

BLOCK = 2_000
"""Candidates looked at before a condition is let go."""

USUAL_PLACES = (3, 4, 5, 6)
PLACES_BY_HEAD = (1, 2)
"""Decimals tried, in this order, where the teacher leaves them open."""

ENOUGH = 10
"""Of a block's candidates, how many have to meet every condition before a number of decimals is settled on for a class:
then 2,000 candidates of a single student hold none once in 20,000."""

SHAPE_CANDIDATES = 64
"""Random numbers by which answers that are always the same are told from those that happen to be."""

FEW = 32
"""Candidates, of those that meet all other conditions, of which a dear one is asked."""

COPIES = 0.2
"""Two answers that are the very same double for so many random numbers are so by rule, if only beyond a kink."""

PRACTICE_SECRET = b"gradsheet practice: public, so that anybody gets the same numbers"


def practice_seed(set_name: str, exercise: int, attempt: int = 1) -> bytes:
    """A public seed: what ``solve`` fills open numbers with, the same for everybody. No sheet of a class uses it."""
    return seed(PRACTICE_SECRET, set_name=set_name, exercise=exercise, student="practice", attempt=attempt)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """An exercise made ready for drawing: its plan, what is drawn, and what is judged.

    Of the practice candidates ``share`` meets every cheap condition; a guess at how far to look, and nothing else.
    """

    exercise: Exercise
    plan: Plan
    drawn: Drawn
    conditions: tuple[Condition, ...]
    frame: Frame
    share: float = 0.0

    @property
    def cheap(self) -> tuple[Condition, ...]:
        """The conditions that every candidate is held against."""
        return tuple(condition for condition in self.conditions if not condition.dear)

    @property
    def dear(self) -> tuple[Condition, ...]:
        return tuple(condition for condition in self.conditions if condition.dear)

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
def prepared(exercise: Exercise) -> Ground:
    """Whatever doesn't depend on the seed, worked out once an exercise."""
    program = exercise.program
    drawn = exercise.drawn
    kinks = dict(_kinks(program))
    plan = flatten(
        program.with_steps(Step(name, expression, Part.FORWARD, Role.LINE) for name, expression in kinks.items())
    )
    conditions = with_goals(BY_HEAD if exercise.difficulty == "no-calculator" else STANDARD, drawn.goals)
    names = {name: _kink_places(name, expression) for name, expression in kinks.items()}
    precision = exercise.precision or Precision(Places(USUAL_PLACES[-1]), exercise.own_places)
    frame = Frame(program, precision, tuple(_asked(exercise)), names, drawn.within, drawn.negative)
    frame = _with_descent(frame)
    ground = Ground(exercise, plan, drawn, conditions, _answers(exercise, plan, frame))
    practice = (
        ground.batch([ground.numbers(practice_seed("", exercise.number), BLOCK)]) if drawn.slots else ground.batch([{}])
    )
    frame = replace(ground.frame, noughts=_fewest_noughts(conditions, practice))
    practice = replace(practice, frame=frame)
    if drawn.slots:
        practice = with_mistakes(ground, practice)
        frame = practice.frame
    if exercise.precision is None:
        frame = replace(frame, precision=_settled_places(exercise, conditions, practice))
    if drawn.slots:
        _check_by_head(exercise, conditions, practice.rounded_to(frame.precision))
    ground = replace(ground, frame=frame)
    share = len(meeting_all(ground.cheap, practice.rounded_to(frame.precision))) / BLOCK if drawn.slots else 0.0
    return replace(ground, share=share)


def _check_by_head(exercise: Exercise, conditions: Sequence[Condition], practice: Batch) -> None:
    """InputError where it was promised that no calculator is needed, and no numbers keep that."""
    short = next((one for one in conditions if one.code == "long-decimals"), None)
    if short is None or short.judge(practice).any() or not conditions[0].judge(practice).any():
        return
    most = Places(min(practice.frame.precision.default.digits, MOST_DECIMALS_BY_HEAD))
    raise InputError(
        f'"no-calculator" asks for numbers of at most {most}, and none of {BLOCK} draws has only such; take '
        "a smaller exercise, give rounder numbers, or leave it out",
        where=f"exercise {exercise.number}, difficulty",
    )


def _with_descent(frame: Frame) -> Frame:
    after = afterwards(frame.program)
    if after is None:
        return frame
    losses = [step.name for step in frame.program.steps if step.name.partition("@")[0] == frame.program.output]
    return replace(frame, descent=(*losses, after.output), after=flatten(after))


def with_mistakes(ground: Ground, batch: Batch) -> Batch:
    """The batch with a frame that knows the mistakes which can be made, and what some good candidates show at best."""
    apart = Apart(batch.frame.program, batch.frame.asked)
    some, _ = settle(ground.cheap, batch)
    return replace(batch, frame=replace(batch.frame, apart=apart, required=apart.learnt(batch.only(some[:FEW]))))


def indistinct(exercise: Exercise) -> Indistinct:
    """The mistakes that no numbers can show in what this exercise asks, and the pairs that none can tell apart."""
    ground = prepared(exercise)
    frame = ground.frame
    if frame.apart is None or frame.required is None:
        frame = with_mistakes(ground, ground.batch([{}])).frame
    return frame.apart.indistinct(frame.required) if frame.apart and frame.required else Indistinct((), ())


def places_chosen(exercise: Exercise) -> int:
    """The decimals that would be settled on if the teacher left them open."""
    return prepared(replace(exercise, precision=None)).frame.precision.default.digits


def _fewest_noughts(conditions: Sequence[Condition], practice: Batch) -> int:
    """Of the practice candidates that meet what is more important, the least number of answers that are exactly 0."""
    codes = [condition.code for condition in conditions]
    alive, _ = settle(conditions[: codes.index("zeros")], practice)
    return int((np.abs(practice.rows[:, alive]) < NOUGHT).sum(axis=0).min())


def _asked(exercise: Exercise) -> Iterator[tuple[str, str, int]]:
    for cell in exercise.worked:  # what a faded example shows is to be as good as what it asks
        quantity = parse_cell(cell).quantity
        yield cell, quantity, cell_ids(quantity, exercise.program.shapes[quantity]).index(cell)


def _inner(program: Program, values: Mapping[str, Array]) -> Iterator[tuple[str, str]]:
    """Gradients that go back through a line, each with the one that it is made from by a slope which varies: that of a
    sum is a mere number, and that of a maximum is 0 or 1.
    """
    for step in program.steps:
        g, slope = upstream(program, step), read(program, step, Role.LOCAL)
        if g and slope and gone_through(program, step, Role.LINE) and len(np.unique(values[slope.name])) > 2:
            yield step.name, g.name


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
    """The frame that knows which answers vary, which of them are equal by rule (∂J/∂b = ∂J/∂z, a = z of a ReLU), and
    which slopes are factors that vary.
    """
    everything_open = msgspec.structs.replace(exercise.options, given={})
    drawn = exercise.family.draws(everything_open, exercise.program)
    numbers = _numbers(drawn, practice_seed("shape", exercise.number), SHAPE_CANDIDATES)
    worked = _worked_out(plan, frame, {**exercise.given, **numbers})
    rows, inner = worked.rows, tuple(_inner(exercise.program, worked.values))
    varied = tuple(number for number, row in enumerate(rows) if len(np.unique(row)) > 2)
    some = rows[list(varied)]
    often = np.array([(some == row).mean(axis=1) >= COPIES for row in some]).reshape(len(varied), len(varied))
    return replace(frame, varied=varied, copies=often, inner=inner)


def _good(conditions: Sequence[Condition], batch: Batch) -> int:
    """How many candidates meet all conditions; where some are dear, of the few that these are asked of."""
    found = meeting_all([one for one in conditions if not one.dear], batch)
    dear = [one for one in conditions if one.dear]
    if not dear or not len(found):
        return len(found)
    return len(meeting_all(dear, batch.only(found[:FEW])))


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
        if _good(binding, batch) >= enough:
            return precision
    if not exercise.open_names:
        return wanted[-1]
    cheap = [one for one in conditions if not one.dear]
    let_go = [len(settle(cheap, batch)[1]) for batch in batches]
    return wanted[let_go.index(min(let_go))]
