"""Room: gradsheet. The class: a roster read from CSV, or students that are only numbered.

A student's id names files and seeds the numbers on the sheet, so it is taken as it stands (``007`` stays ``007``) and
refused where it can't name a file on every system.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exercises.errors import InputError
from grader.submissions.answers import shortened

LONGEST_ID = 100  # bytes in UTF-8; file systems take 255, and our endings and a platform's need room
MOST_STUDENTS = 1_000_000
FEWEST_DIGITS = 3
SEPARATORS = ",;\t"
UNSAFE = '<>:"|?*/\\'
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"]
)
INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})  # control, format (bidi too), no character, breaks
# Bidirectional classes of the characters that turn the direction of what follows, on past the end of a name.
TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
SHOWN_COLUMNS = 8
SHOWN_LETTERS = 40

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Student:
    """One student: an ``id`` that is safe as a file name (in Unicode's composed form), and a name or ``""``."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: tuple[str, ...]


def read_roster(path: Path | str, id_column: str | None = None, name_column: str | None = None) -> tuple[Student, ...]:
    """The students of a CSV file with a header, in its order.

    Cells may be parted by comma, semicolon or tab; the text may be UTF-8, UTF-16 or Windows-1252. The columns are
    called ``id`` and ``name`` (in any case; ``name`` may be absent) unless others are named. Raises InputError, with
    the line, for a missing column, an empty roster, an id that can't name a file, and two ids that could be confused.
    """
    place = str(path)
    rows = list(_rows(_decode(Path(path).read_bytes(), place), place))
    if not rows:
        raise InputError("the roster is empty; its first line names the columns: id,name", where=place)
    header, *entries = rows
    id_at, name_at = _columns(header, id_column, name_column, place)
    if not entries:
        raise InputError("the roster has no students; put one on each line below the header", where=place)
    students = tuple(_student(row, header, id_at, name_at, place) for row in entries)
    _refuse_doubles(students, entries, place)
    return students


def read_columns(path: Path | str, names: Sequence[str], id_column: str | None = None) -> dict[str, dict[str, str]]:
    """What stands in some columns of a roster, by ``same_student`` of the id and by the column's name as asked for.

    InputError for a column that isn't there.
    """
    place = str(path)
    rows = list(_rows(_decode(Path(path).read_bytes(), place), place))
    if not rows:
        raise InputError("the roster is empty; its first line names the columns: id,name", where=place)
    header, *entries = rows
    id_at, _ = _columns(header, id_column, None, place)
    titles = [title.strip() for title in header.cells]
    where = f"{place}, line {header.line}"
    found = {name: _column(titles, name, where) for name in names}
    for name, at in found.items():
        if at is None:
            raise _no_column(titles, name, "--match", where)
    columns = {name: at for name, at in found.items() if at is not None}
    return {
        same_student(unicodedata.normalize("NFC", _cell(row, id_at))): {
            name: _cell(row, at).strip() for name, at in columns.items()
        }
        for row in entries
    }


def _cell(row: _Row, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def numbered_students(count: int) -> tuple[Student, ...]:
    """``count`` students without names, called 001, 002, …; all ids have as many digits as the last needs."""
    if not 1 <= count <= MOST_STUDENTS:
        raise InputError(f"expected from 1 to {MOST_STUDENTS} students, came {count}", where="--count")
    digits = max(FEWEST_DIGITS, len(str(count)))
    return tuple(Student(f"{number:0{digits}}", "") for number in range(1, count + 1))


def same_student(identity: str) -> str:
    """A key that two ids share when a file system, or a hurried reader, may take one for the other: Ann, ann."""
    if identity.isascii():
        return identity.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", identity).casefold())


def unsafe_because(identity: str) -> str | None:
    """Why the id can't name a file on every system, as the end of a sentence, or None where it can."""
    if not identity:
        return "is empty"
    if len(identity.encode("utf-8", "surrogatepass")) > LONGEST_ID:
        return f"is longer than {LONGEST_ID} bytes"
    for char in identity:
        if unicodedata.category(char) in INVISIBLE:
            return f"holds the invisible character U+{ord(char):04X}"
        if char in UNSAFE:
            return f"holds {char}"
    if identity[0].isspace() or identity[-1].isspace():
        return "begins or ends with a space"
    if identity[0] == "." or identity[-1] == ".":
        return "begins or ends with a dot"
    if identity.split(".")[0].rstrip().casefold() in RESERVED:
        return "is a name that Windows keeps for a device"
    return None


def _decode(content: bytes, place: str) -> str:
    if content.startswith(b"PK\x03\x04"):
        raise InputError("this is a spreadsheet or an archive; save the class as CSV (UTF-8) first", where=place)
    encodings = [name for mark, name in _MARKS if content.startswith(mark)] or _unmarked(content)
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("this is not text in UTF-8, UTF-16 or Windows-1252; save it as CSV (UTF-8)", where=place)


def _unmarked(content: bytes) -> list[str]:
    # In UTF-16 the header's first letter has a zero byte beside it, and no other text has zero bytes at all.
    if content[1:2] == b"\0":
        return ["utf-16-le"]
    if content[:1] == b"\0":
        return ["utf-16-be"]
    return ["utf-8", "cp1252"]


def _rows(text: str, place: str) -> Iterator[_Row]:
    """Rows that hold anything, with the line each begins on; empty cells at a row's end are dropped."""
    separator, skipped = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            while cells and not cells[-1].strip():
                cells.pop()
            if cells and line > skipped:
                yield _Row(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"this line is not CSV ({error}); check its quotation marks", where=f"{place}, line {line}"
        ) from error


def _separator(text: str) -> tuple[str, int]:
    """What parts the cells of the header, and how many lines come before it on purpose (Excel's ``sep=;``)."""
    lines = text.lstrip("\r\n").splitlines() or [""]
    if lines[0].lower().startswith("sep=") and len(lines[0]) == len("sep=") + 1:
        return lines[0][-1], 1
    unquoted = "".join(lines[0].split('"')[::2])
    return max(SEPARATORS, key=unquoted.count), 0


def _columns(header: _Row, id_column: str | None, name_column: str | None, place: str) -> tuple[int, int | None]:
    titles = [title.strip() for title in header.cells]
    where = f"{place}, line {header.line}"
    id_at = _column(titles, id_column or "id", where)
    if id_at is None:
        raise _no_column(titles, id_column or "id", "--id-column", where)
    name_at = _column(titles, name_column or "name", where)
    if name_at is None and name_column is not None:
        raise _no_column(titles, name_column, "--name-column", where)
    return id_at, name_at


def _column(titles: Sequence[str], wanted: str, where: str) -> int | None:
    exact = [at for at, title in enumerate(titles) if title == wanted.strip()]
    alike = [at for at, title in enumerate(titles) if title.casefold() == wanted.strip().casefold()]
    found = exact or alike
    if len(found) > 1:
        raise InputError(f'{len(found)} columns are called "{wanted}"; rename all but one', where=where)
    return found[0] if found else None


def _no_column(titles: Sequence[str], wanted: str, option: str, where: str) -> InputError:
    shown = ", ".join(shortened(title) for title in titles[:SHOWN_COLUMNS])
    more = ", …" if len(titles) > SHOWN_COLUMNS else ""
    return InputError(f'no column "{wanted}" (found {shown}{more}); name it with {option}', where=where)


def _student(row: _Row, header: _Row, id_at: int, name_at: int | None, place: str) -> Student:
    where = f"{place}, line {row.line}"
    if len(row.cells) > len(header.cells):
        raise InputError(
            f"{len(row.cells)} cells where the header has {len(header.cells)}; "
            "put quotation marks around a cell that holds a separator",
            where=where,
        )
    identity = unicodedata.normalize("NFC", row.cells[id_at] if id_at < len(row.cells) else "")
    reason = unsafe_because(identity)
    if reason is not None:
        shown = f' "{_shown(identity)}"' if identity else ""
        raise InputError(f"the id{shown} {reason}, so it can't name a file; give the student another id", where=where)
    raw = row.cells[name_at] if name_at is not None and name_at < len(row.cells) else ""
    return Student(identity, _name(raw, where))


def _shown(identity: str) -> str:
    legible = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in identity[:SHOWN_LETTERS])
    return legible if len(identity) <= SHOWN_LETTERS else f"{legible}…"


def _name(raw: str, where: str) -> str:
    """The name with its spaces made single; a control character would garble the sheet it is printed on."""
    name = unicodedata.normalize("NFC", " ".join(raw.split()))
    for char in name:
        if unicodedata.category(char) in ("Cc", "Cs") or unicodedata.bidirectional(char) in TURNING:
            raise InputError(f"the name holds the control character U+{ord(char):04X}; type it anew", where=where)
    return name


def _refuse_doubles(students: Sequence[Student], rows: Sequence[_Row], place: str) -> None:
    seen: dict[str, tuple[str, int]] = {}
    for student, row in zip(students, rows, strict=True):
        key = same_student(student.id)
        if key in seen:
            other, line = seen[key]
            why = (
                f"is on line {line} already" if other == student.id else f'can\'t be told from "{other}" on line {line}'
            )
            raise InputError(
                f'the id "{student.id}" {why}; give one of them another', where=f"{place}, line {row.line}"
            )
        seen[key] = (student.id, row.line)
