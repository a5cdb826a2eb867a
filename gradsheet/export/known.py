"""Room: gradsheet. Known mistakes of one cell as further answers: rivals joined, all kept apart from the right one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from exercises.misconceptions import SLIPS
from templates.export.decimals import FIGURES, accepted
from templates.export.item import Accepted, Known, Words

MOST_RIVALS = 3
"""Readings of one number that are told; more would be no help to anybody."""

_BIT = Decimal("0.99")
"""Of the room between two answers, the part that is used, so that they never touch."""

SIGN_SLIP = next(slip for slip in SLIPS if slip.code == "sign-slip")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that one mistake leads to, give or take rounding; ``carried`` where it follows from an earlier one."""

    value: float
    half_width: float
    code: str
    sentence: Words
    carried: bool


def known_of(
    right: Accepted, unit: Decimal, candidates: Sequence[Candidate], slip: Words
) -> tuple[tuple[Known, ...], tuple[str, ...]]:
    """The further answers in order of size, and the codes of mistakes that hide within the right one's width.

    ``slip`` is what is said of the right number with the wrong sign.
    """
    near = [one for one in candidates if abs(Decimal(one.value) - right.value) <= right.half_width]
    seen = [one for one in candidates if one not in near]
    hidden = [one.code for one in near if not one.carried]  # what follows from an earlier mistake is right to take
    joined = [_joined(rivals) for rivals in _rivals(seen, float(unit) / 2)]
    opposite = Known(replace(right, value=-right.value), (SIGN_SLIP.code,), (slip,), carried=False)
    # Slips are tried last: another rule may well give the same number with the other sign.
    if all(opposite.accepted.apart(other) for other in (right, *(one.accepted for one in joined))):
        joined.append(opposite)
    return tuple(_kept_apart(right, sorted(joined, key=_value))), tuple(dict.fromkeys(hidden))


def _rivals(seen: Iterable[Candidate], near: float) -> Iterator[list[Candidate]]:
    """Candidates that would be written alike, together."""
    group: list[Candidate] = []
    for one in sorted(seen, key=lambda one: one.value):
        if group and one.value - group[0].value > near:
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def _joined(rivals: Sequence[Candidate]) -> Known:
    low = min(one.value - one.half_width for one in rivals)
    high = max(one.value + one.half_width for one in rivals)
    # A rule broken in this very cell is likelier than one broken long before.
    told = sorted(rivals, key=lambda one: one.carried)
    if not all(one.carried for one in told):
        told = [one for one in told if not one.carried]
    codes = tuple(dict.fromkeys(one.code for one in told))
    sentences = {one.code: one.sentence for one in reversed(told)}
    said = tuple(sentences[code] for code in codes[:MOST_RIVALS])
    return Known(accepted((low + high) / 2, (high - low) / 2), codes, said, carried=told[0].carried)


def _value(known: Known) -> Decimal:
    return known.accepted.value


def _kept_apart(right: Accepted, ordered: Sequence[Known]) -> Iterator[Known]:
    """Each answer made narrow enough to touch neither its neighbours nor the right one."""
    for place, one in enumerate(ordered):
        value = one.accepted.value
        beside = (*ordered[max(place - 1, 0) : place], *ordered[place + 1 : place + 2])
        room = [abs(value - right.value) - right.half_width]
        room += [abs(value - _value(other)) / 2 for other in beside]
        width = min(one.accepted.half_width, _narrower(min(room)))
        if width > 0:
            yield replace(one, accepted=Accepted(value, width))


def _narrower(room: Decimal) -> Decimal:
    if room <= 0:
        return Decimal(0)
    quantum = Decimal(1).scaleb(room.adjusted() - FIGURES + 1)
    return (room * _BIT).quantize(quantum, rounding=ROUND_FLOOR)
