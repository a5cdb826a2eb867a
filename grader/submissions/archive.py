"""Room: grader. Zip archives read with suspicion: nothing is extracted by name, nothing unpacked beyond a bound."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, NamedTuple

from grader.submissions.answers import Rejected

LARGEST_FILE = 10_000_000
"""Bytes of one hand-in: a notebook with some plots has two or three million; a film of the work is no hand-in."""

MOST_PARTS = 1_000
"""Members of an archive that is one hand-in: a workbook has some dozens, a set of arrays one a quantity."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError, ValueError)
_ENCRYPTED = 0x1
_UTF8 = 0x800
_KNOWN_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3I2H")
_CHUNK = 1_000_000


class Member(NamedTuple):
    """What an archive's list says of one member; all that is needed to read it, and small enough to have 100,000."""

    listed: str
    offset: int
    packed: int
    size: int
    checksum: int
    packing: int
    flags: int
    mode: int


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


def members(file: IO[bytes], most: int) -> list[tuple[str, Member]]:
    """The members of an archive by name, in its list's order; counted before a list of them is made.

    Folders are left out. Raises Rejected for more than ``most``, for a damaged list and for shared bytes.
    """
    if _entries(file) > most:
        raise Rejected("too-many-members", detail=f"{most:,}")
    with opened(file) as archive:
        # Some programs of Windows part folders by \; is_dir() would stop at a member without a name.
        named = ((member.filename.replace("\\", "/"), member) for member in archive.infolist())
        return [(name, _member(member)) for name, member in named if not name.endswith("/")]


def _entries(file: IO[bytes]) -> int:
    """How many times the mark of an entry stands in the file: at least the number of its members."""
    count, tail = 0, b""
    file.seek(0)
    while chunk := file.read(_CHUNK):
        count += (tail + chunk).count(_ENTRY)
        tail = chunk[1 - len(_ENTRY) :]
    file.seek(0)
    return count


def _member(info: zipfile.ZipInfo) -> Member:
    return Member(
        info.orig_filename,
        info.header_offset,
        info.compress_size,
        info.file_size,
        info.CRC,
        info.compress_type,
        info.flag_bits,
        info.external_attr >> 16,
    )


def unpacked(file: IO[bytes], member: Member, limit: int = LARGEST_FILE) -> bytes:
    """The bytes of a member of which nothing is known yet; at most ``limit``. Raises Rejected.

    Three times as fast as the standard library's way, which prepares for reading in parts; and stricter: name, sizes
    and checksum must be those of the archive's list, and packed bytes may not be more than packing can make of them.
    """
    if code := _forbidden(member, limit):
        raise Rejected(code, detail=megabytes(limit) if code == "too-large" else "unknown packing")
    file.seek(member.offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
        raise Rejected("not-an-archive", detail="it is damaged")
    *_, name_size, extra_size = _LOCAL.unpack(header)
    name = file.read(name_size + extra_size)[:name_size]
    packed = file.read(member.packed)
    data = _inflated(packed, member) if member.packing else packed
    same = _is_named(name, member) and len(packed) == member.packed and len(data) == member.size
    if not same or zlib.crc32(data) != member.checksum:
        raise Rejected("not-an-archive", detail="it is damaged")
    return data


def _forbidden(member: Member, limit: int) -> str | None:
    if stat.S_ISLNK(member.mode):
        return "link"
    if member.flags & _ENCRYPTED:
        return "encrypted"
    if member.size > limit:
        return "too-large"
    honest = member.packing in _KNOWN_PACKING and member.packed <= member.size + member.size // 1000 + 100
    return None if honest else "not-an-archive"


def _inflated(packed: bytes, member: Member) -> bytes:
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return unpacking.decompress(packed, member.size + 1)
    except zlib.error:
        raise Rejected("not-an-archive", detail="it is damaged") from None


def _is_named(name: bytes, member: Member) -> bool:
    try:
        return name.decode("utf-8" if member.flags & _UTF8 else "cp437") == member.listed
    except UnicodeDecodeError:
        return False


def suspicious_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> bytes:
    """The bytes of a member of an open archive of which nothing is known yet; at most ``limit``. Raises Rejected."""
    assert archive.fp is not None
    return unpacked(archive.fp, _member(member), limit)


def megabytes(size: int) -> str:
    """A size for a message; whole megabytes."""
    return f"{size // 1_000_000} MB"


def _overlap(listed: Iterable[zipfile.ZipInfo]) -> bool:
    end = 0
    for member in sorted(listed, key=lambda member: member.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + _LOCAL.size + member.compress_size
    return False


def _reason(trouble: Exception) -> str:
    return "its list of files is damaged" if isinstance(trouble, struct.error | ValueError) else "it is damaged"
