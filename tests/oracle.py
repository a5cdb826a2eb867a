"""The oracle: what the kernel derives, held against finite differences and against an independent autodiff library.

Every check returns what disagrees, in words, so that the checker can be tested too: `test_oracle.py` hands it rules
that are wrong by 0.05 %. Arrays carry the variants axis last, as in the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import autograd
import numpy as np

from exercises.differentiation import pull_back
from exercises.expression import Expression, Parameters, Symbol, apply
from exercises.operations.row import Array
from exercises.plan import flatten
from exercises.program import Given, Part, Program, Role, Step

INSTANCES = 200

EXACT = 1e-10
"""Relative: two ways to work out one formula in doubles; 1e-16 an operation, and cancellation costs a few digits."""

STEP = 3e-4
DIFFERENCED = 2e-7
"""Relative: Richardson's central difference errs by STEP**4 / 480 = 2e-17 times a fifth derivative (up to 1e9 where
functions of functions are drawn) and by 1e-15 / STEP = 3e-12 of rounding. A rule wrong by 0.05 % is 2,500 times
further off."""

Draw = Callable[[np.random.Generator, int], tuple[Array, ...]]
Numbers = Mapping[str, Array]


@dataclass(frozen=True)
class Case:
    """An operation of the table on arguments of certain shapes.

    ``draw(rng, variants)`` makes the arguments; ``reference(*arguments)`` is the same function in autograd's NumPy.
    ``build`` makes the expression where it isn't simply the operation on symbols.
    """

    operation: str
    draw: Draw
    reference: Callable[..., Array]
    parameters: Parameters = ()
    build: Callable[..., Expression] | None = None
    note: str = ""

    def __str__(self) -> str:
        shapes = "-".join("x".join(map(str, array.shape[:-1])) or "scalar" for array in self.numbers(2))
        return f"{self.operation}-{shapes}{self.note and '-' + self.note}"

    def numbers(self, variants: int = INSTANCES, seed: int = 1) -> tuple[Array, ...]:
        return self.draw(np.random.default_rng(seed), variants)

    def expression(self, arguments: Iterable[Array]) -> Expression:
        symbols = [Symbol(f"x{place}", array.shape[:-1]) for place, array in enumerate(arguments)]
        return self.build(*symbols) if self.build else apply(self.operation, *symbols, parameters=self.parameters)


def program_of(expression: Expression, arguments: Iterable[Array], more: Iterable[Step] = ()) -> Program:
    """One step ``out`` on givens ``x0 x1 …``, and ``more``; ``g`` is a gradient of ``out`` to carry back."""
    givens = [Given(f"x{place}", array.shape[:-1], Role.VARIABLE) for place, array in enumerate(arguments)]
    givens.append(Given("g", expression.shape, Role.VARIABLE))
    return Program(tuple(givens), (Step("out", expression, Part.FORWARD, Role.LINE), *more), "out")


def disagreements(case: Case, variants: int = INSTANCES) -> list[str]:
    """Where value or derivative of a row are not what plain NumPy, autograd or finite differences find."""
    arguments = case.numbers(variants)
    expression = case.expression(arguments)
    g = np.random.default_rng(2).uniform(0.5, 1.5, (*expression.shape, variants))
    carried = pull_back(expression, Symbol("g", expression.shape), Symbol("out", expression.shape))
    steps = [Step(f"back {name}", flow, Part.BACKWARD, Role.GRADIENT) for name, flow in carried.items()]
    program = program_of(expression, arguments, steps)
    given = {f"x{place}": array for place, array in enumerate(arguments)} | {"g": g}
    results = flatten(program).run(given)

    def weighted(*numbers: Array) -> Array:
        return (g * case.reference(*numbers)).sum()

    found = compare("value", results["out"], case.reference(*arguments), EXACT)
    for place, array in enumerate(arguments):
        name = f"x{place}"
        derived = results.get(f"back {name}", np.zeros_like(array))
        if derived.shape != array.shape:
            found.append(f"shape of the gradient by {name}: {derived.shape} for {array.shape}")
            continue
        by_autograd = autograd.grad(weighted, place)(*arguments)
        found += compare(f"autograd by {name}", derived, by_autograd, EXACT)
        slope = slopes(forward_of(program), given, of="out", by=name)
        by_differences = np.einsum("ov,oiv->iv", g.reshape(-1, variants), slope).reshape(array.shape)
        found += compare(f"differences by {name}", derived, by_differences, DIFFERENCED)
    return found


def compare(what: str, derived: Array, expected: Array, tolerance: float) -> list[str]:
    """Nothing, or one line that says how far off ``derived`` is; shapes must agree but for V = 1."""
    if derived.shape[:-1] != expected.shape[:-1]:
        return [f"{what}: shape {derived.shape}, expected {expected.shape}"]
    off = np.abs(derived - expected) / (1 + np.abs(expected))
    worst = float(np.max(off, initial=0.0))
    return [] if worst <= tolerance else [f"{what}: off by {worst:.2g} of 1 + |value|"]


def forward_of(program: Program) -> Program:
    """The forward pass alone (of the first round)."""
    steps = [step for step in program.steps if step.part in (Part.FORWARD, Part.LOSS) and "@" not in step.name]
    return Program(program.givens, tuple(steps), program.output)


def slopes(forward: Program, given: Numbers, *, of: str, by: str, held: Iterable[str] = ()) -> Array:
    """∂of/∂by by Richardson's central differences, as an array (cells of ``of``, cells of ``by``, V).

    ``held`` steps keep their values while ``by`` moves: then the derivative is the local one. Steps move by pinning.
    """
    plan = flatten(forward)
    base = {**given, **plan.run(given)}
    shape, variants = base[by].shape[:-1], max(array.shape[-1] for array in base.values())
    size = int(np.prod(shape))
    moves = np.array([STEP, -STEP, STEP / 2, -STEP / 2])
    shifts = np.einsum("ij,k->ijk", np.eye(size), moves).reshape(*shape, size, 4, 1)
    start = np.broadcast_to(base[by], (*shape, variants))[..., None, None, :]
    moved = (start + shifts).reshape(*shape, -1)

    def repeated(array: Array) -> Array:
        wide = np.broadcast_to(array, (*array.shape[:-1], variants))
        return np.tile(wide, 4 * size)

    numbers = {name: repeated(array) for name, array in given.items()}
    pins = {name: repeated(base[name]) for name in held if name in forward.by_name}
    if by in forward.by_name:
        pins[by] = moved
    else:
        numbers[by] = moved
    values = plan.run(numbers, pinned=pins, wanted=[of])[of].reshape(-1, size, 4, variants)
    coarse = (values[:, :, 0] - values[:, :, 1]) / (2 * STEP)
    fine = (values[:, :, 2] - values[:, :, 3]) / STEP
    return np.asarray((4 * fine - coarse) / 3)


def backward_disagreements(program: Program, given: Numbers, by_autograd: Numbers) -> list[str]:
    """Where gradients or local derivatives of a whole program are not what autograd and finite differences find.

    ``by_autograd`` maps quantities to the gradients of the output by them; finite differences are taken for every
    gradient of the first round, whether listed there or not.
    """
    forward = forward_of(program)
    results = flatten(program).run(given)
    found: list[str] = []
    for name, expected in by_autograd.items():
        found += compare(f"autograd by {name}", results[f"d{program.output}/d{name}"], expected, EXACT)
    for step in program.steps:
        if "@" in step.name:
            continue
        if step.role is Role.GRADIENT:
            name = step.name.split("/d", 1)[1]
            slope = slopes(forward, given, of=program.output, by=name)[0]
            found += compare(
                f"differences by {name}", results[step.name], slope.reshape((*step.shape, -1)), DIFFERENCED
            )
        if step.role is Role.LOCAL:
            found += local_disagreements(program, step, forward, given, results[step.name])
    return found


def local_disagreements(program: Program, local: Step, forward: Program, given: Numbers, derived: Array) -> list[str]:
    """A local derivative place by place, or the table of all of them, with everything else held."""
    top, bottom = local.chain[0].top, local.chain[0].bottom
    held = [name for name in forward.by_name[top].reads if name != bottom]
    slope = slopes(forward, given, of=top, by=bottom, held=held)
    if local.shape == forward.shapes[top]:
        table = np.einsum("iv,ij->ijv", derived.reshape(slope.shape[0], -1), np.eye(slope.shape[0]))
    else:
        table = derived
    return compare(f"differences for {local.name}", table, slope, DIFFERENCED)


def paths_disagree(program: Program, results: Numbers) -> list[str]:
    """Where a gradient is not the sum of its paths, or a fork has not one path for each step that reads it."""
    forward, found = forward_of(program), []
    for step in program.steps:
        if step.role is not Role.GRADIENT or "@" in step.name:
            continue
        name = step.name.split("/d", 1)[1]
        paths = [
            one.name for one in program.steps if one.role is Role.PATH and one.name.rpartition(".")[0] == step.name
        ]
        readers = sum(name in one.reads for one in forward.steps)
        if len(paths) != (readers if readers > 1 else 0):
            found.append(f"{len(paths)} paths of {step.name}, which {readers} steps read")
        if paths:
            total = np.sum([results[path] for path in paths], axis=0)
            found += compare(f"sum of paths of {step.name}", results[step.name], total, EXACT)
    return found
