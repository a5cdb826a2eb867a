"""Room: grader. Zip archives read with suspicion: nothing is extracted by name, nothing unpacked beyond a bound."""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO

from grader.submissions.answers import Rejected

_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError, ValueError)
_ENCRYPTED = 0x1
_KNOWN_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def opened(file: IO[bytes]) -> zipfile.ZipFile:
    """The archive, its list of members read. Raises Rejected."""
    try:
        return zipfile.ZipFile(file)
    except _DAMAGE as trouble:
        raise Rejected("not-an-archive", detail=_reason(trouble)) from None


def trouble_with(member: zipfile.ZipInfo, limit: int) -> str | None:
    """The code of what forbids reading a member, as far as its entry in the list tells; None where nothing does."""
    if member.flag_bits & _ENCRYPTED:
        return "encrypted"
    if member.file_size > limit:
        return "too-large"
    return None if member.compress_type in _KNOWN_PACKING else "not-an-archive"


def content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The bytes of a member, of which ``trouble_with`` found nothing bad; at most ``limit``. Raises Rejected."""
    try:
        with archive.open(member) as stream:
            data = stream.read(limit + 1)
    except _DAMAGE as trouble:
        raise Rejected("not-an-archive", detail=_reason(trouble)) from None
    if len(data) > limit:
        raise Rejected("too-large", detail=megabytes(limit))
    return data


def megabytes(size: int) -> str:
    """A size for a message; whole megabytes."""
    return f"{size // 1_000_000} MB"


def _reason(trouble: Exception) -> str:
    return "its list of files is damaged" if isinstance(trouble, struct.error | ValueError) else "it is damaged"
