"""The gradebook as a workbook: read back by another library, and by our own reader."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
from front_door import Terminal, as_csv, flawless, made_set
from hypothesis import given
from hypothesis import strategies as st

from grader.gradebook import HARMFUL, harmless
from grader.gradebook_workbook import Workbook, workbook_of

HEADING = ["id", "name", "status", "score", "remark", "z1[1]"]


def table(*rows: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADING, *rows])
    return text.getvalue()


def cells(book: bytes) -> list[list[tuple[object, str]]]:
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    return [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows()]


def test_numbers_are_numbers_and_text_is_text() -> None:
    book = workbook_of(
        table(["00123", 'Zoë <b> & "Ü"', "graded", "17.5", "", "-0.25"], ["7", "", "missing", "0", "x", ""])
    )
    first, second = cells(book)[1:]
    assert first == [("00123", "s"), ('Zoë <b> & "Ü"', "s"), ("graded", "s"), (17.5, "n"), (None, "n"), (-0.25, "n")]
    assert second == [("7", "s"), (None, "n"), ("missing", "s"), (0, "n"), ("x", "s"), (None, "n")]


@given(st.text(max_size=30), st.sampled_from(["", *HARMFUL]))
def test_whatever_a_name_is_it_works_nothing_out(name: str, begin: str) -> None:
    name = (begin + name).replace("\r", " ").replace("\n", " ")  # a roster's names are on one line
    book = workbook_of(table(["a", harmless(name), "graded", "1", "", "=1+1"]))
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_name_that_looks_like_a_formula_is_the_name_and_stays_text() -> None:
    book = workbook_of(table(["a", harmless("=cmd|x"), "graded", "1", "", ""]))
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    assert sheet["B2"].value == "=cmd|x" and sheet["B2"].data_type == "s" and sheet["B2"].style_id
    assert sheet["B2"].quotePrefix


def test_parts_give_the_bytes_of_the_whole_again_and_again() -> None:
    rows = [[f"s{k}", f"Name {k}", "graded", str(k), "", "1"] for k in range(50)]
    whole = table(*rows)
    heading, _, lines = whole.partition("\n")
    book = Workbook(heading)
    for line in lines.splitlines(keepends=True):
        book.add(line)
    assert book.finished() == workbook_of(whole) == workbook_of(whole)
    assert openpyxl.load_workbook(io.BytesIO(workbook_of(whole))).active.auto_filter.ref == "A1:F51"


def test_columns_beyond_z_have_their_letters() -> None:
    names = [f"c{k}" for k in range(800)]
    found = cells(workbook_of(",".join(names) + "\n" + ",".join(map(str, range(800))) + "\n"))
    assert [value for value, _ in found[0]] == names and [value for value, _ in found[1]] == list(range(800))


def test_grade_writes_it_beside_the_csv(terminal: Terminal, tmp_path: Path) -> None:
    specification = '[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "f = q * x"]\n'
    folder = made_set(tmp_path, specification, "id,name\n001,=1+1\n002,Ben\n")
    terminal.capsys.readouterr()
    hand_ins = tmp_path / "hand-ins"
    hand_ins.mkdir()
    (hand_ins / "001.csv").write_text(as_csv(flawless(folder / "teacher" / "sheets" / "001.toml")))
    assert terminal("grade", folder, hand_ins).code == 0
    with (folder / "results" / "gradebook.csv").open(encoding="utf-8", newline="") as lines:
        heading, *rows = csv.reader(lines)
    first, *others = cells((folder / "results" / "gradebook.xlsx").read_bytes())
    assert [value for value, _ in first] == heading
    assert [[str(value) for value, _ in row[3:6]] for row in others] == [row[3:6] for row in rows]
    assert [row[0] for row in others] == [("001", "s"), ("002", "s")] and others[0][1] == ("=1+1", "s")
