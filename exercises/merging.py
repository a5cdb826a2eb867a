"""Room: exercises. A program as notations read it that give a unit without activation function one symbol.

There a = z and ∂a/∂z = 1 are no lines of their own: what is said of a is said of z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from exercises.expression import Apply, Symbol
from exercises.program import Program, Role, Step, renamed


def twins(program: Program) -> dict[str, str]:
    """Quantities of units without activation function -> what stands for them: a2 -> z2, dJ/da2 -> dJ/dz2."""
    same = {step.name: copied for step in program.steps if (copied := _copied(step)) is not None}
    found = dict(same)
    gradients = {
        step.chain[-1].bottom: step.name for step in program.steps if step.role is Role.GRADIENT and step.chain
    }
    for after, before in same.items():
        if after in gradients and before in gradients:
            found[gradients[after]] = gradients[before]
    return found


def _copied(step: Step) -> str | None:
    expression = step.expression
    if step.role is not Role.ACTIVATION or not isinstance(expression, Apply) or expression.operation != "identity":
        return None
    argument = expression.arguments[0]
    return argument.name if isinstance(argument, Symbol) else None


def merged(program: Program) -> Program:
    """The program without the steps that only copy; gradients by a copy become gradients by the original.

    Values are unchanged, and every step that is left keeps its name.
    """
    names = twins(program)
    if not names:
        return program
    return replace(program, steps=tuple(_kept(program, names)))


def _kept(program: Program, names: Mapping[str, str]) -> list[Step]:
    copies = {step.name for step in program.steps if _copied(step) is not None}
    slopes = {step.name for step in program.steps if step.role is Role.LOCAL and step.through in copies}
    taken_over = {name for name in names if name not in copies}
    stand_ins = {names[name] for name in taken_over}
    return [
        renamed(step, names, program.shapes)
        for step in program.steps
        if step.name not in copies and step.name not in slopes and step.name not in stand_ins
    ]
