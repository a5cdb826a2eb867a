"""Room: exercises. The GRU cell: h = (1 − u) ⊙ n + u ⊙ h₋₁, with gates u (update) and r (reset) and a candidate n."""

from __future__ import annotations

from exercises.expression import Expression, Symbol
from exercises.families.gated import (
    GatedOptions,
    cell,
    check_sizes,
    finished,
    gate,
    inputs,
    letters,
    parameters,
    size_of,
)
from exercises.families.recurrent import TIME_STEPS
from exercises.program import Part, Program, Role, Step
from exercises.telling import Telling

GATES = ("u", "r", "n")


class GruOptions(GatedOptions, kw_only=True, frozen=True):
    pass


def build(options: GruOptions) -> Program:
    """The cell unrolled in time; the reset gate weighs the state before it goes into the candidate."""
    check_sizes(options)
    m = options.hidden
    steps: list[Step] = []
    for t in range(1, options.time_steps + 1):
        before = Symbol(f"h{t - 1}", (m,))
        u, r, n, k = (Symbol(f"{name}{t}", (m,)) for name in (*GATES, "k"))
        steps += [*gate(options, "u", t, before, "sigmoid"), *gate(options, "r", t, before, "sigmoid")]
        steps.append(Step(k.name, r * before, Part.FORWARD, Role.LINE))
        steps += gate(options, "n", t, k, "tanh")
        h: Expression = (1 - u) * n + u * before
        steps.append(Step(f"h{t}", h, Part.FORWARD, Role.LINE))
    givens = (*inputs(options, ("h",)), *parameters(options, GATES))
    return finished(options, Program(givens, tuple(steps), "J", _telling(options)))


def _telling(options: GruOptions) -> Telling:
    return Telling(
        description=f"A GRU cell {size_of(options)}.",
        counts=TIME_STEPS,
        letters=letters(GATES),
        legend=(
            "{h0} is the state that the cell starts from.",
            "{u1} is the update gate, {r1} the reset gate; each is between 0 and 1.",
            "{n1} is the candidate: what might become the new state {h1}.",
            "{k1} is what the reset gate leaves of the old state, for the candidate.",
            "{Wxu} weighs the input for {u1}, {Whu} the old state; each of the others has its own.",
        ),
        reasons={
            "k": "The reset gate says how much of the old state the candidate sees.",
            "h": "A mean of the candidate and the old state, weighed by the update gate.",
        },
        places=_places(options),
    )


def _places(options: GruOptions) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {"h0": (0, 1)}
    for t in range(1, options.time_steps + 1):
        left = 4 * (t - 1) + 1
        found |= {f"x{t}": (left + 1.2, 4.2), f"r{t}": (left, 2.8), f"k{t}": (left + 0.6, 1.9)}
        found |= {f"n{t}": (left + 1.7, 1.9), f"u{t}": (left + 2.4, 2.8), f"h{t}": (left + 3, 1)}
    found |= {"J": (4 * options.time_steps + 1.2, 1)}
    return found


FAMILY = cell("gru", "GRU cell over one to three time steps, loss at the last or at every step", GruOptions, build)
