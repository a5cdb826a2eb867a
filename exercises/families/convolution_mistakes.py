"""Room: exercises. What learners get wrong in convolutional networks: the turned kernel, the window's one winner."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from exercises.anatomy import nodes, rewritten
from exercises.expression import Apply, Constant, Expression, Symbol, apply
from exercises.mistaken import Instead, Misconception
from exercises.program import Program, Step


def _unflipped_kernel(program: Program, step: Step) -> Iterator[Instead]:
    """On the way back the kernel laid on the gradients as it stands, which meets them in the wrong order."""

    def flipped(node: Apply) -> Expression | None:
        if node.operation != "spread_windows":
            return None
        g, kernel = node.arguments
        size = prod(kernel.shape)
        flat = apply("reshape", kernel, parameters=((size,),))
        turned = apply("gather", flat, parameters=(tuple(range(size))[::-1],))
        back = apply("reshape", turned, parameters=(kernel.shape,))
        return apply("spread_windows", g, back, parameters=node.parameters)

    for node in nodes(step.expression, "spread_windows"):
        kernel = node.arguments[1]
        if isinstance(kernel, Symbol):
            yield Instead(rewritten(step.expression, flipped), {"result": step.name, "kernel": kernel.name})
            return


UNFLIPPED_KERNEL = Misconception(
    code="unflipped-kernel",
    sentence="Going back to {result}, every gradient goes to the places of its own window; {kernel} laid on the "
    "gradients unturned gives it to others.",
    instead=_unflipped_kernel,
    seen_at="Posts call the way back a convolution with the kernel turned by 180 degrees, and programs use the forward "
    "routine for it; np.convolve turns its kernel and scipy.signal.correlate doesn't.",
)


def _pool_spread_evenly(program: Program, step: Step) -> Iterator[Instead]:
    """The gradient of max pooling shared out as that of a mean is."""
    for node in nodes(step.expression, "is_largest"):
        axes = node.parameters[0]
        assert isinstance(axes, tuple)
        share = Fraction(1, prod(node.size[axis] for axis in axes))
        through = step.through if step.through else step.reads[0]

        def evenly(each: Apply, share: Fraction = share) -> Expression | None:
            return Constant(share, each.size) if each.operation == "is_largest" else None

        yield Instead(rewritten(step.expression, evenly), {"result": step.name, "pooled": through})
        return


POOL_SPREAD_EVENLY = Misconception(
    code="pool-spread-evenly",
    sentence="Only the largest number of a window got into {pooled}, so all of the gradient goes back to it; {result} "
    "has it shared out evenly.",
    instead=_pool_spread_evenly,
    seen_at="Average pooling does share it out, and both are taught in the same lesson.",
)
