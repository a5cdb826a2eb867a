"""Rosters as teachers have them, and the ones that must be refused."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exercises.errors import InputError
from gradsheet.roster import Student, numbered_students, read_roster, same_student, unsafe_because


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def roster(content: str | bytes, encoding: str = "utf-8") -> str:
    Path("roster.csv").write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return "roster.csv"


ANN_AND_JOSE = (Student("007", "Ann Lee"), Student("a-2", "José Ruíz"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_save(encoding: str, separator: str, newline: str) -> None:
    lines = ["id,name", "007,Ann Lee", "a-2,José Ruíz", ""]
    assert read_roster(roster(newline.join(lines).replace(",", separator), encoding)) == ANN_AND_JOSE


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nid;name\n007;Ann Lee\na-2;José Ruíz\n",
        'ID,"Name"\n"007","Ann  Lee"\n\n , \na-2, José\tRuíz \n',
        "Group,NAME,Id,Mail\nb,Ann Lee,007,\n,José Ruíz,a-2\n",
        "id,name,\n007,Ann Lee,\na-2,José Ruíz,,,\n",
        "id,name\n007,Ann Lee\na-2,Jose\u0301 Rui\u0301z\n",
    ],
)
def test_the_same_class_written_otherwise(text: str) -> None:
    assert read_roster(roster(text)) == ANN_AND_JOSE


def test_a_name_may_hold_a_separator_or_be_absent() -> None:
    assert read_roster(roster('id,name\n1,"Lee, Ann"\n2\n')) == (Student("1", "Lee, Ann"), Student("2", ""))
    assert read_roster(roster("id\n1\n2\n")) == (Student("1", ""), Student("2", ""))
    assert read_roster(roster('id;"name, first"\n1;x\n')) == (Student("1", ""),)


def test_columns_can_be_named() -> None:
    text = "Matrikel,Vor- und Nachname,id\n12,Ann,x\n"
    assert read_roster(roster(text), "matrikel", "Vor- und Nachname") == (Student("12", "Ann"),)
    assert read_roster(roster("ID,id\n1,2\n"), "id") == (Student("2", ""),)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "roster.csv: the roster is empty"),
        ("\n ,\n", "roster.csv: the roster is empty"),
        ("id,name\n\n", "roster.csv: the roster has no students"),
        (
            "\nID number,name\n1,a\n",
            'roster.csv, line 2: no column "id" (found "ID number", "name"); name it with --id-col',
        ),
        ("Id,ID\n1,2\n", 'roster.csv, line 1: 2 columns are called "id"'),
        ("id,name\n1,Lee, Ann\n", "roster.csv, line 2: 3 cells where the header has 2; put quotation marks"),
        ("id,name\n1,a\n,b\n", "roster.csv, line 3: the id is empty"),
        ('id,name\n1,"a\nb"\n../x,c\n', 'roster.csv, line 4: the id "../x" holds /'),
        ('id,name\n1,a\n2,"b\n3,c\n', "roster.csv, line 3: this line is not CSV"),
        ('id,name\n1,"a"b\n', "roster.csv, line 2: this line is not CSV"),
        ("id,name\n1,a\n2,b\n1,c\n", 'roster.csv, line 4: the id "1" is on line 2 already'),
        ("id\nAnn\nBo\nann\n", 'roster.csv, line 4: the id "ann" can\'t be told from "Ann" on line 2'),
        ("id\nStraße\nSTRASSE\n", 'roster.csv, line 3: the id "STRASSE" can\'t be told from'),
        ("id\nAnn\u00e9\nann\u0065\u0301\n", "roster.csv, line 3: the id"),
        ("id,name\n1,a\u202eb\n", "roster.csv, line 2: the name holds the control character U+202E"),
        ("id,name\n1,a\x1b[2Jb\n", "roster.csv, line 2: the name holds the control character U+001B"),
    ],
)
def test_a_roster_that_must_be_mended_says_where(text: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        read_roster(roster(text))
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


def test_a_missing_name_column_matters_only_when_asked_for() -> None:
    with pytest.raises(InputError, match=r'no column "Student".*--name-column'):
        read_roster(roster("id,name\n1,a\n"), name_column="Student")


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\x00", b"id\n\x81\x8d\n"])
def test_a_file_that_is_not_text(content: bytes) -> None:
    with pytest.raises(InputError, match=r"^roster\.csv: this is .*save .* CSV \(UTF-8\)"):
        read_roster(roster(content))


def test_a_missing_roster_is_an_error_about_that_file() -> None:
    with pytest.raises(FileNotFoundError) as raised:
        read_roster("absent.csv")
    assert str(raised.value.filename) == "absent.csv"


SAFE = ["007", "a", "ann.lee", "Ann Lee", "42-b_c", "éà", "学生", "console", "com", "com10", "a" * 100, "~x", "#1"]
UNSAFE = (
    ["", ".", "..", ".hidden", "a.", "a ", " a", "a\u00a0", "../x", "a/b", "a\\b", "C:x", "a" * 101, "é" * 51]
    + [f"a{char}b" for char in '<>:"|?*\0\n\x7f\u200b\u200e\u202e\u2066\u2028\ufeff']
    + ["CON", "con", "Con.txt", "NUL", "nul.tar.gz", "COM1", "lpt9.x", "COM¹", "aux .txt", "CONIN$", "PRN"]
)


@pytest.mark.parametrize("identity", SAFE)
def test_ids_that_can_name_a_file(identity: str) -> None:
    assert unsafe_because(identity) is None
    assert read_roster(roster(f"id\n{identity}\n")) == (Student(identity, ""),)


@pytest.mark.parametrize("identity", UNSAFE)
def test_ids_that_cannot_name_a_file(identity: str) -> None:
    assert unsafe_because(identity) is not None
    quoted = identity.replace('"', '""')
    with pytest.raises(InputError, match=r"^roster\.csv, line 2: the id ") as raised:
        read_roster(roster(f'id,name\n"{quoted}",somebody\n'))
    assert len(str(raised.value).splitlines()) == 1


@given(st.text(max_size=30))
def test_an_id_that_is_let_through_stays_in_its_folder(identity: str) -> None:
    if unsafe_because(identity) is None:
        path = Path("sheets") / f"{identity}.md"
        assert path.parent == Path("sheets")
        assert path.name == f"{identity}.md"
        assert all(char.isprintable() or char.isspace() for char in identity)


@given(st.text(max_size=12))
def test_the_key_for_likeness_ignores_case_and_composition(identity: str) -> None:
    key = same_student(identity)
    assert same_student(key) == key
    assert same_student(identity.upper()) == same_student(identity.upper().lower())
    for form in ("NFC", "NFD"):
        assert same_student(unicodedata.normalize(form, identity)) == key


def test_students_by_number() -> None:
    assert [student.id for student in numbered_students(11)][::10] == ["001", "011"]
    assert [student.id for student in numbered_students(1000)][::999] == ["0001", "1000"]
    assert {student.name for student in numbered_students(3)} == {""}
    for student in numbered_students(50):
        assert unsafe_because(student.id) is None


@pytest.mark.parametrize("count", [0, -1, 10**12])
def test_an_impossible_number_of_students(count: int) -> None:
    with pytest.raises(InputError, match=re.escape(f"--count: expected from 1 to 1000000 students, came {count}")):
        numbered_students(count)
