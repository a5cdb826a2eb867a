"""Room: grader. NumPy hand-ins (.npz): an array for each quantity, its header believed only as far as its bytes go."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from exercises.names import LONGEST_ID, cell_ids
from grader.submissions.answers import MOST_ANSWERS, MOST_INDICES, Answer, Rejected, cleaned, shortened
from grader.submissions.archive import opened_hand_in, suspicious_content

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNPACKED_LIMIT = 10_000_000
"""Bytes of all arrays of one hand-in together: MOST_ANSWERS doubles take a tenth of it."""

_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    r"\{\s*'descr':\s*'(?P<descr>[^']{1,12})',\s*'fortran_order':\s*(?P<fortran>True|False),"
    r"\s*'shape':\s*\((?=[0-9, ]{0,40}\))(?P<shape>(?: *[0-9]+ *(?:, *[0-9]+ *)*,? *)?)\),?\s*\}\s*"
)
_NUMBERS = re.compile(r"[<>|=]?(?:[iuf](?:1|2|4|8|16)|U[1-9][0-9]{0,2})")
_GRADIENT = re.compile(r"\bd([^\W\d_]\w*?)_d([^\W\d_].*)")


def read_arrays(data: bytes) -> Iterator[Answer]:
    """The cells of all arrays in row-major order; numbers as Python prints them, arrays of text as they are.

    Arrays are named by quantity, ``dJ/dW1``, or ``dJ_dW1`` where it was a keyword of ``numpy.savez``.
    """
    archive = opened_hand_in(data)
    left = UNPACKED_LIMIT
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        place = f"array {shortened(name)}"
        try:
            payload = suspicious_content(archive, member, left)
            array = _array(payload)
        except Rejected as trouble:
            raise trouble.at(place) from None
        left -= len(payload)
        if len(name) > LONGEST_ID:  # before each number repeats it
            raise Rejected("long-id", place, str(LONGEST_ID))
        yield from _cells(cleaned(_GRADIENT.sub(r"d\1/d\2", name)), array, place)


def _cells(quantity: str, array: NDArray[np.generic], place: str) -> Iterator[Answer]:
    if not array.size:  # (0, 10¹²) is an empty array too, and its ids are counted before they are paired
        return
    for cell, value in zip(cell_ids(quantity, array.shape), array.flat, strict=True):
        yield Answer(cell, cleaned(str(value)), place)


def _array(payload: bytes) -> NDArray[np.generic]:
    import numpy as np  # late, so that other formats don't wait for it

    header, start = _header(payload)
    descr = header["descr"]
    if not _NUMBERS.fullmatch(descr):
        raise Rejected("not-an-array", detail=f"its type is {shortened(descr)}, expected numbers or text")
    try:
        kind = np.dtype(descr)
    except TypeError:
        raise Rejected("not-an-array", detail=f"its type {shortened(descr)} is not known here") from None
    shape = tuple(int(size) for size in header["shape"].split(",") if size.strip())
    count = math.prod(shape)
    if len(shape) > MOST_INDICES or count > MOST_ANSWERS or count * kind.itemsize != len(payload) - start:
        raise Rejected("not-an-array", detail=f"its shape ({header['shape'].strip()}) does not fit its bytes")
    flat: NDArray[np.generic] = np.frombuffer(payload, kind, count, start)
    points = np.dtype("u4").newbyteorder(kind.byteorder)
    if kind.kind == "U" and (np.frombuffer(payload, points, offset=start) > sys.maxunicode).any():
        raise Rejected("not-an-array", detail="its text is damaged")  # NumPy would stop with an internal error
    return flat.reshape(shape, order="F" if header["fortran"] == "True" else "C")


def _header(payload: bytes) -> tuple[re.Match[str], int]:
    """The header of the .npy format, versions 1 and 2, matched rather than evaluated; and where the data start."""
    width = {1: 2, 2: 4}.get(payload[6] if len(payload) > 8 and payload.startswith(_MAGIC) else 0)
    if width is None:
        raise Rejected("not-an-array", detail="it does not begin like one")
    start = 8 + width + int.from_bytes(payload[8 : 8 + width], "little")
    header = _HEADER.fullmatch(payload[8 + width : start].decode("latin-1")) if start <= len(payload) else None
    if header is None:
        raise Rejected("not-an-array", detail="its header has another form")
    return header, start
