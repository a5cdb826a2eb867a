"""Room: grader. Zip archives read with suspicion: nothing is extracted by name, nothing unpacked beyond a bound."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from typing import IO

from grader.submissions.answers import Rejected

MOST_PARTS = 1_000
"""Members of an archive that is one hand-in: a workbook has some dozens, a set of arrays one a quantity."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError, ValueError)
_ENCRYPTED = 0x1
_KNOWN_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_LOCAL_HEADER = 30


def opened(file: IO[bytes]) -> zipfile.ZipFile:
    """The archive, its list of members read. Raises Rejected, also where members share bytes.

    Bytes that several members share are how a small archive unpacks to petabytes; no honest program writes them.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE as trouble:
        raise Rejected("not-an-archive", detail=_reason(trouble)) from None
    if _overlap(archive.infolist()):
        archive.close()
        raise Rejected("overlap")
    return archive


def opened_hand_in(data: bytes) -> zipfile.ZipFile:
    """The archive that is one hand-in; its members are counted before a list of them is made. Raises Rejected."""
    if data.count(_ENTRY) > MOST_PARTS:
        raise Rejected("too-many-members", detail=f"{MOST_PARTS:,}")
    return opened(io.BytesIO(data))


def trouble_with(member: zipfile.ZipInfo, limit: int) -> str | None:
    """The code of what forbids reading a member, as far as its entry in the list tells; None where nothing does."""
    if stat.S_ISLNK(member.external_attr >> 16):
        return "link"
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


def suspicious_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The bytes of a member of which nothing is known yet; at most ``limit``. Raises Rejected."""
    if code := trouble_with(member, limit):
        raise Rejected(code, detail=megabytes(limit) if code == "too-large" else "unknown packing")
    return content(archive, member, limit)


def megabytes(size: int) -> str:
    """A size for a message; whole megabytes."""
    return f"{size // 1_000_000} MB"


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
    return False


def _reason(trouble: Exception) -> str:
    return "its list of files is damaged" if isinstance(trouble, struct.error | ValueError) else "it is damaged"
