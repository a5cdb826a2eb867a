"""Random sheets, and how wide the formulas on them are; what the tests of paper and the long campaign share."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from itertools import pairwise

import typst

from templates.pdf import Kind, Layout, Script, paper_source

SLACK = 0.01
"""Points; a hundredth is nothing that a printer could print."""

MEASURED = """
#show math.equation.where(block: true): it => layout(room => {
  [#metadata((measure(it).width.pt(), room.width.pt()))<measured>]
  it
})
#show raw: it => layout(room => {
  [#metadata((measure(it, width: room.width).width.pt(), room.width.pt()))<measured>]
  it
})
"""


def widths(scripts: Sequence[Script], kind: Kind) -> list[tuple[float, float]]:
    """For every formula on lines of its own, how wide it is and how much room it has where it stands."""
    source, data = paper_source(scripts, Layout(), kind)
    start = source.index(b"#show: look.with")
    end = source.index(b"\n", start)
    measured = source[:end] + MEASURED.encode() + source[end:]
    compiler = typst.Compiler(measured, ignore_system_fonts=True, sys_inputs={"data": data})
    return [tuple(pair) for pair in json.loads(compiler.query("<measured>", field="value"))]  # type: ignore[misc]


def random_network(seed: int) -> str:
    rng = random.Random(seed)
    sizes = [rng.randint(1, 6) for _ in range(rng.choice((2, 3, 3, 4)))]
    digits = rng.choice((1, 2, 2, 3))

    def number() -> float:
        return round(rng.uniform(-1.9, 1.9), digits)

    given = {"x": [number() for _ in range(sizes[0])], "y": [rng.choice((0.1, 0.9)) for _ in range(sizes[-1])]}
    lines = []
    for layer, (before, after) in enumerate(pairwise(sizes), start=1):
        lines.append(f"W{layer} = {[[number() for _ in range(before)] for _ in range(after)]}")
        lines.append(f"b{layer} = {[number() for _ in range(after)]}")
    lines += [f"{name} = {numbers}" for name, numbers in given.items()]
    return f"""[[exercise]]
family = "mlp"
layers = {sizes}
activations = "{rng.choice(("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity"))}"
loss = "{rng.choice(("half_squared_error", "squared_error", "mean_squared_error"))}"
optimizer = {{ name = "sgd", learning_rate = 0.15 }}
notation = "{rng.choice(("layered", "delta", "adventures", "numbered", "code"))}"
detail = "{rng.choice(("both", "matrix", "component"))}"
decimals = {rng.randint(2, 9)}
given = {{ {", ".join(lines)} }}
"""


CIRCUITS = [
    f'[[exercise]]\nfamily = "circuit"\nexpression = "{formula}"\ngiven = {{ x = 1.37, y = 0.42 }}'
    for formula in (
        "log(2 + cos(x)) ^ 2 / sqrt(exp(y)) - reciprocal(3 + tanh(x))",
        "sigmoid(x * y + x ^ 3) * max(x, y) + relu(x) + leaky_relu(y) + softplus(x * y)",
        "1 / (1 + exp(-(x * y + x * x * 0.3333 + y)))",
    )
]
