"""Room: exercises. The LSTM cell: c = f ⊙ c₋₁ + i ⊙ g, h = o ⊙ tanh(c), with gates i, f, o and a candidate g."""

from __future__ import annotations

from exercises.expression import Symbol, apply
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
from exercises.telling import Letter, Telling

GATES = {"g": "tanh", "i": "sigmoid", "f": "sigmoid", "o": "sigmoid"}


class LstmOptions(GatedOptions, kw_only=True, frozen=True):
    pass


def build(options: LstmOptions) -> Program:
    """The cell unrolled in time; c and h go over from one time step to the next, each of them a path back."""
    check_sizes(options)
    m = options.hidden
    steps: list[Step] = []
    for t in range(1, options.time_steps + 1):
        before, c_before = Symbol(f"h{t - 1}", (m,)), Symbol(f"c{t - 1}", (m,))
        for name, function in GATES.items():
            steps += gate(options, name, t, before, function)
        g, i, f, o = (Symbol(f"{name}{t}", (m,)) for name in GATES)
        c, s = Symbol(f"c{t}", (m,)), Symbol(f"s{t}", (m,))
        steps += [
            Step(c.name, f * c_before + i * g, Part.FORWARD, Role.LINE),
            Step(s.name, apply("tanh", c), Part.FORWARD, Role.ACTIVATION),
            Step(f"h{t}", o * s, Part.FORWARD, Role.LINE),
        ]
    givens = (*inputs(options, ("h", "c")), *parameters(options, GATES))
    return finished(options, Program(givens, tuple(steps), "J", _telling(options)))


def _telling(options: LstmOptions) -> Telling:
    return Telling(
        description=f"An LSTM cell {size_of(options)}.",
        counts=TIME_STEPS,
        letters={**letters(GATES), "s": Letter("s")},
        legend=(
            "{h0} and {c0} are what the cell starts from: its output and its memory.",
            "{i1} is the input gate, {f1} the forget gate, {o1} the output gate; each is between 0 and 1.",
            "{g1} is the candidate: what might be written into the memory {c1}.",
            "{h1} is what the cell puts out; {s1} is its memory, squashed.",
            "{Wxi} weighs the input for {i1}, {Whi} what the cell put out before; each of the others has its own.",
        ),
        reasons={
            "c": "What is left of the old memory, and what is let in of the candidate.",
            "s": "The memory is squashed before it is let out.",
            "h": "The output gate says how much of it is let out.",
        },
        places=_places(options),
    )


def _places(options: LstmOptions) -> dict[str, tuple[float, float]]:
    """A time step is a block: gates below, the memory's line through the middle, the output above."""
    found: dict[str, tuple[float, float]] = {"c0": (0, 1), "h0": (0, 3)}
    for t in range(1, options.time_steps + 1):
        left = 5 * (t - 1) + 1
        found |= {f"x{t}": (left + 1.5, 4)}
        found |= {f"{name}{t}": (left + place, 2.6) for place, name in enumerate(("f", "i", "g", "o"))}
        found |= {f"c{t}": (left + 3, 1), f"h{t}": (left + 4, 2)}
    found |= {"J": (5 * options.time_steps + 1.2, 2)}
    return found


FAMILY = cell("lstm", "LSTM cell over one to three time steps, loss at the last or at every step", LstmOptions, build)
