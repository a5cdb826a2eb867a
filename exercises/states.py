"""Room: exercises. What an optimizer keeps of a parameter, told by how its steps are called and what they read."""

from __future__ import annotations

from exercises.names import Cell, parse_cell, stem
from exercises.notation.glyphs import Glyph, Kind
from exercises.program import Program, Role, Step

LETTERS = {
    "momentum": "μ", "decay": "ρ", "beta1": "β", "beta2": "β", "epsilon": "ε", "weight_decay": "λ",
}  # fmt: skip
"""Settings of optimizers as textbooks write them."""


def letter_of(name: str) -> str:
    """``mhat`` of ``mhat_W1@2``, ``v`` of ``v3``."""
    return stem(name.partition("@")[0]).partition("_")[0]


def sort_of(step: Step) -> str:
    """What is kept: ``decayed``, ``velocity``, ``mean``, ``squares`` or ``unbiased``; the names of sentences."""
    letter = letter_of(step.name)
    if letter == "v":
        return "velocity" if "momentum" in step.reads else "squares"
    return {"r": "decayed", "m": "mean"}.get(letter, "unbiased")


def share_of(program: Program, step: Step) -> str:
    """The setting that a step works with, or "" where it has none."""
    return next((name for name in step.reads if program.roles[name] is Role.COEFFICIENT), "")


def kept_of(program: Program, cell: Cell) -> Cell | None:
    """The parameter that something is kept of, where the id says so: ``m_W1[1,2]`` is kept of ``W1[1,2]``."""
    _, _, parameter = parse_cell(cell.quantity).quantity.partition("@")[0].partition("_")
    if program.roles.get(cell.quantity) is not Role.STATE or parameter not in program.shapes:
        return None
    return Cell(parameter, cell.index)


def coefficient_glyph(name: str) -> Glyph:
    """β₁ for ``beta1``."""
    return Glyph(LETTERS[name], subscript=name[len("beta") :] if name.startswith("beta") else "")


def state_glyph(name: str, parameter: Glyph) -> Glyph:
    """m with the parameter's own sign below it, and what is raised there raised here."""
    letter = letter_of(name)
    _, _, turn = name.partition("@")
    return Glyph(
        letter[0],
        Kind.SCALAR if parameter.kind in (Kind.SCALAR, Kind.WORD) else parameter.kind,
        subscript=parameter.base + parameter.subscript,
        layer=parameter.layer,
        hat=letter.endswith("hat"),
        round=int(turn or 1),
        index=parameter.index,
    )
