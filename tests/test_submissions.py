"""Hand-ins as students really make them, and as nobody should: read in full, or turned away with a code and a place."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import warnings
import zipfile
from datetime import datetime
from datetime import time as time_of_day
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from effort import processor_limit
from hostile_cases import minimal_workbook
from hypothesis import given, settings
from hypothesis import strategies as st
from inboxes import files as files_of

from exercises.errors import InputError
from grader.messages import REJECTED
from grader.submissions import ENDINGS, Rejected, Submission, read_class_table, read_submission
from grader.submissions.archive import LARGEST_FILE
from grader.submissions.class_table import row_answers


def pairs(name: str, data: bytes | str) -> list[tuple[str, str]]:
    submission = read_submission(name, data.encode() if isinstance(data, str) else data)
    return [(answer.id_text, answer.text) for answer in submission.answers]


def turned_away(name: str, data: bytes) -> str:
    """The complaint about a hand-in, or "" where it is read."""
    try:
        read_submission(name, data)
    except Rejected as trouble:
        return str(trouble)
    return ""


def rejection(name: str, data: bytes | str) -> Rejected:
    with pytest.raises(Rejected) as caught:
        read_submission(name, data.encode() if isinstance(data, str) else data)
    assert "\n" not in str(caught.value)
    return caught.value


EXPECTED = [("W1[1,2]", "0.350"), ("dJ/dW1[1,1]", "-0.20"), ("J", "")]

# ---------------------------------------------------------------------------------------------------------------- CSV


@pytest.mark.parametrize(
    "text",
    [
        "id,value\nW1[1,2],0.350\ndJ/dW1[1,1],-0.20\nJ,\n",
        "W1[1,2],0.350\ndJ/dW1[1,1],-0.20\nJ,",
        'id,value\n"W1[1,2]",0.350\n"dJ/dW1[1,1]","-0.20"\n"J",""\n',
        "id;value\r\nW1[1,2];0.350\r\ndJ/dW1[1,1];-0.20\r\nJ;\r\n",
        "Cell\tYour answer\nW1[1,2]\t0.350\ndJ/dW1[1,1]\t-0.20\nJ\t\n",
        "sep=;\nid;value\n\n# the easy ones\nW1[1,2] ; 0.350\n;;\ndJ/dW1[1,1];-0.20;;\nJ\n",
        "id,symbol,answer\nW1[1,2],w₁₂,0.350\ndJ/dW1[1,1],∂J/∂w₁₁,-0.20\nJ,J,\n",
        'answer,id\n0.350,W1[1,2]\n-0.20,"dJ/dW1[1,1]"\n,J\n',
        '"W1[1,2],0.350"\n"dJ/dW1[1,1],-0.20"\n"J,"\n',
        "id,value\rW1[1,2],0.350\rdJ/dW1[1,1],-0.20\rJ,\r",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_csv_dialects(text: str, encoding: str) -> None:
    assert pairs("ann.csv", text.encode(encoding)) == EXPECTED


def test_csv_decimal_commas() -> None:
    assert pairs("a.csv", "id;value\nW1[1,2];0,35\nJ;1,5") == [("W1[1,2]", "0,35"), ("J", "1,5")]
    assert pairs("a.csv", "id,value\nW1[1,2],0,35\nJ,1,5") == [("W1[1,2]", "0,35"), ("J", "1,5")]
    assert pairs("a.csv", "id;symbol;value\nW1[1,2];w;0,35\n") == [("W1[1,2]", "0,35")]
    assert pairs("a.csv", 'id,symbol,value\nW1[1,2],w,"0,35"\n') == [("W1[1,2]", "0,35")]


def test_csv_of_an_old_spreadsheet() -> None:
    assert pairs("a.csv", "id;value\nJ;0,5\nz1;–0,5 µ".encode("cp1252")) == [("J", "0,5"), ("z1", "–0,5 µ")]


def test_ids_stay_as_written_and_places_are_lines() -> None:
    submission = read_submission("a.csv", "id,value\n\n ∂J/∂w5 , 0.1\nW1[ 1, 2 ],x".encode())
    assert [(answer.id_text, answer.place) for answer in submission.answers] == [
        ("∂J/∂w5", "line 3"),
        ("W1[ 1, 2 ]", "line 4"),
    ]


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"", "empty", "a.csv"),
        (b" \n\n", "empty", "a.csv"),
        (b"\xef\xbb\xbf", "empty", "a.csv"),
        (b"id,value\n", "no-answers", "a.csv"),
        (b"id,value\nJ,0.1\nz1\0,2", "nul-byte", "a.csv, line 3"),
        (b"J,\x81\x8d\xff\xfe", "not-text", "a.csv"),
        (b"\xff\xfeJ", "not-text", "a.csv"),
        (b'id,value\n"J,0.1\n', "row", "a.csv, line 2"),
        (b'id,value\nJ,"0.1\n', "row", "a.csv, line 2"),
        (b"id,value\nJ 0.1\n", "row", "a.csv, line 2"),
        (b"id,value\n\nW1[1,0.1\n", "row", "a.csv, line 3"),
        (b"id,value\n,0.1\n", "row", "a.csv, line 2"),
        (b"id,symbol,value\nJ,J,0,5\n", "columns", "a.csv, line 2"),
        (b"id,symbol,value\nJ,0.5\n", "columns", "a.csv, line 2"),
        (b'id,symbol,value\nJ,"J,0.5\n', "row", "a.csv, line 2"),
        (b"value,id\n0.5,\n", "no-id", "a.csv, line 2"),
        (b"J,1\nW1[1,2],2\nJ,3\n", "duplicate-id", "a.csv, line 1 and line 3"),
        (b"W1[1,2],1\nW1[1, 2],2\n", "duplicate-id", "a.csv, line 1 and line 2"),
        (b"J,1\n" * 300_000, "too-large", "a.csv"),
        (b"".join(b"z%d,\n" % n for n in range(100_001)), "too-many-answers", "a.csv"),
    ],
)
def test_csv_turned_away(data: bytes, code: str, place: str) -> None:
    caught = rejection("a.csv", data)
    assert caught.code == code
    assert caught.where == place
    assert str(caught).startswith(place + ": ")


def test_repeats_that_say_the_same_and_blanks_are_merged() -> None:
    assert pairs("a.csv", "J,1\nJ,1\nz1,\nz1,2\na1,3\na1,-\n") == [("J", "1"), ("z1", "2"), ("a1", "3")]


def test_a_rejection_is_for_the_user_to_mend() -> None:
    caught = rejection("ann.csv", "J,1\nJ,2")
    assert isinstance(caught, InputError)
    assert str(caught) == 'ann.csv, line 1 and line 2: two different answers for "J"; keep one of the two'
    assert str(caught.at("class.zip")).startswith("class.zip, ann.csv, line 1")


# --------------------------------------------------------------------------------------------------------------- JSON


def test_json_keeps_numbers_as_they_were_written() -> None:
    text = """{"student": "ann", "answers": {"W1[1,2]": 0.350, "J": 1e-3, "n": 10, "a": "1/5", "b": null, "c": true,
               "d": NaN, "e": -Infinity, "f": 12345678901234567890}}"""
    assert pairs("a.json", text) == [
        ("W1[1,2]", "0.350"), ("J", "1e-3"), ("n", "10"), ("a", "1/5"), ("b", ""), ("c", "true"), ("d", "NaN"),
        ("e", "-Infinity"), ("f", "12345678901234567890"),
    ]  # fmt: skip


def test_json_lists_are_whole_quantities() -> None:
    text = '{"answers": {"dJ/dW1": [[0.10, 2], [-3, "4"]], "2:z1@2": [1, 2], "t": [[[7]]]}}'
    assert pairs("a.json", text) == [
        ("dJ/dW1[1,1]", "0.10"), ("dJ/dW1[1,2]", "2"), ("dJ/dW1[2,1]", "-3"), ("dJ/dW1[2,2]", "4"),
        ("2:z1@2[1]", "1"), ("2:z1@2[2]", "2"), ("t[1,1,1]", "7"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("{", "not-json", "a.json, line 1, column 2"),
        ('{"answers": {\n"J": 01}}', "not-json", "a.json, line 2, column 7"),
        ('{"answers": {"J": 1, "J": 1}}', "duplicate-id", 'a.json, key "J"'),
        ('{"answers": {}, "answers": {}}', "duplicate-id", 'a.json, key "answers"'),
        ('{"answers": {"W1[1]": 1, "W1[ 1 ]": 2}}', "duplicate-id", 'a.json, key "W1[1]" and key "W1[ 1 ]"'),
        ('{"answers": {"W1": [1, 2], "W1[2]": 3}}', "duplicate-id", 'a.json, key "W1" and key "W1[2]"'),
        ('{"J": 1}', "not-a-mapping", "a.json"),
        ('{"answers": [1]}', "not-a-mapping", "a.json"),
        ("[]", "not-a-mapping", "a.json"),
        ("7", "not-a-mapping", "a.json"),
        ('{"answers": {}}', "no-answers", "a.json"),
        ('{"answers": {"J": {"value": 1}}}', "not-a-value", 'a.json, key "J"'),
        ('{"answers": {"W1": [[1, 2], [3]]}}', "uneven-list", 'a.json, key "W1"'),
        ('{"answers": {"W1": [[1], 3]}}', "uneven-list", 'a.json, key "W1"'),
        ('{"answers": {"W1": [[[[1]]]]}}', "too-deep", 'a.json, key "W1"'),
        ("[" * 100_000, "too-deep", "a.json, line 1"),
        ('{"a":' * 100_000, "too-deep", "a.json, line 1"),
        ('{"answers": {"": 1}}', "no-id", 'a.json, key ""'),
    ],
)
def test_json_turned_away(text: str, code: str, place: str) -> None:
    caught = rejection("a.json", text)
    assert (caught.code, caught.where) == (code, place)


def test_brackets_in_texts_are_not_depth() -> None:
    assert pairs("a.json", json.dumps({"answers": {"J": '["' * 100}})) == [("J", '["' * 100)]


def test_what_could_rewrite_a_terminal_is_replaced() -> None:
    text = r'{"answers": {"J": "\u001b[2J\ud800 1\u0000", "z\n1": "\u202e2"}}'
    assert pairs("a.json", text) == [("J", "\ufffd[2J\ufffd 1\ufffd"), ("z 1", "\ufffd2")]


# --------------------------------------------------------------------------------------------------------------- TOML


@pytest.mark.parametrize("heading", ["", "[answers]\n"])
def test_toml(heading: str) -> None:
    text = heading + 'J = 0.10\n"W1[1,2]" = "1/5"\nn = 10\nz1 = [0.1, 2e-3]\nw = true\nv = nan\nq = ""\n'
    assert pairs("a.toml", text) == [
        ("J", "0.10"), ("W1[1,2]", "1/5"), ("n", "10"), ("z1[1]", "0.1"), ("z1[2]", "2e-3"), ("w", "true"),
        ("v", "nan"), ("q", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("J = 0.1\nz1[1] = 2", "not-toml", "a.toml, line 2, column 3"),
        ("J = 1\nJ = 1\n[", "not-toml", "a.toml, "),
        ("J = ", "not-toml", "a.toml, end of document"),
        ("J = " + "9" * 5000, "not-toml", "a.toml"),
        ("J = " + "[" * 50_000, "too-deep", "a.toml"),
        ("answers = 3", "not-a-mapping", 'a.toml, key "answers"'),
        ("dJ.dx = 3", "not-a-value", 'a.toml, key "dJ"'),
        ("# nothing", "no-answers", "a.toml"),
    ],
)
def test_toml_turned_away(text: str, code: str, place: str) -> None:
    caught = rejection("a.toml", text)
    assert caught.code == code
    assert caught.where.startswith(place)


# ----------------------------------------------------------------------------------------------------------- Markdown


def test_markdown_sheet() -> None:
    text = r"""# Sheet

| id | value |
|----|-------|
| `W1[1,1]` | 0.11 |

```
| id | answer |
|----|--------|
| no | 1 |
```

|  Cell     | Symbol | Your answer |
|:----------|:------:|------------:|
| `W1[1,2]` | $w_{12}\|$ | 0.350   |
| `f\|x`    | x      | **−0.2**    |
| dJ/dW1\[1,1\] | | `1/5` |
| W1\_new | | $0.3$ |
| J |
| 2:z1 | | &nbsp; |

Thank you | for reading.

id | answer
---|---
a1 | \-3
"""
    assert pairs("a.md", text) == [
        ("W1[1,2]", "0.350"), ("f|x", "−0.2"), ("dJ/dW1[1,1]", "1/5"), ("W1_new", "0.3"), ("J", ""), ("2:z1", ""),
        ("a1", "-3"),
    ]  # fmt: skip


def test_markdown_values_count_where_nothing_asks_for_answers() -> None:
    assert pairs("a.md", "| id | value |\n|--|--|\n| J | 1 |") == [("J", "1")]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("nothing here", "no-answers", "a.md"),
        ("| a | b |\n|---|---|\n| J | 1 |", "no-answers", "a.md"),
        ("| id | answer |\n|---|---|\n| f|x | 1 |", "ragged-table", "a.md, line 3"),
        ("| id | answer |\n|---|---|\n| J | 1 |\n| J | 2 |", "duplicate-id", "a.md, line 3 and line 4"),
        ("| id | answer |\n|---|---|\n|  | 2 |", "no-id", "a.md, line 3"),
    ],
)
def test_markdown_turned_away(text: str, code: str, place: str) -> None:
    caught = rejection("a.md", text)
    assert (caught.code, caught.where) == (code, place)


@pytest.mark.parametrize("piece", [" ", "|", "`", "*", "| - ", "\\", "$", "_", "&", "|a"])
def test_markdown_is_refused_before_long(piece: str) -> None:
    half = (piece * 1000)[:990]
    texts = ["| id | answer |\n|---|---|\n" + f"| {half} | {half} |\n" * 450, (half + half + "\n") * 450]
    with processor_limit():
        assert sum(turned_away("a.md", text.encode()) != "" for text in texts) >= 1


# ---------------------------------------------------------------------------------------------------------------- npz


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def npy(header: str, data: bytes = b"", magic: bytes = b"\x93NUMPY\x01\x00") -> bytes:
    return magic + len(header).to_bytes(2, "little") + header.encode() + data


def test_npz() -> None:
    data = npz(**{
        "dJ/dW1": np.asfortranarray([[0.1, -2.5], [3.0, 1e-20]]), "dJ_dz1": np.array([1, 2], ">i4"),
        "W1_new@2": np.array([0.1], np.float32), "2:J": np.float64(1 / 3), "z1": np.array([np.nan, np.inf]),
        "q": np.array(["1/5", ""]),
    })  # fmt: skip
    assert pairs("a.npz", data) == [
        ("dJ/dW1[1,1]", "0.1"), ("dJ/dW1[1,2]", "-2.5"), ("dJ/dW1[2,1]", "3.0"), ("dJ/dW1[2,2]", "1e-20"),
        ("dJ/dz1[1]", "1"), ("dJ/dz1[2]", "2"), ("W1_new@2[1]", "0.1"), ("2:J", repr(1 / 3)), ("z1[1]", "nan"),
        ("z1[2]", "inf"), ("q[1]", "1/5"), ("q[2]", ""),
    ]  # fmt: skip


HUGE = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 no zip", "not-an-archive"),
        (npz(J=np.float64(1))[:-30], "not-an-archive"),
        (npz(J=np.array([{}], dtype=object)), "not-an-array"),
        (npz(J=np.array([1j])), "not-an-array"),
        (npz(J=np.array([True])), "not-an-array"),
        (npz(J=np.zeros(2, [("a", "f8")])), "not-an-array"),
        (npz(J=np.zeros((1, 1, 1, 1))), "not-an-array"),
        (npz(J=np.zeros(100_001, "i1")), "not-an-array"),
        (npz(J=np.zeros(1_300_000)), "too-large"),
        (zipped({"J.npy": b""}), "not-an-array"),
        (zipped({"J.npy": b"\x93NUMPY"}), "not-an-array"),
        (zipped({"J.npy": npy(HUGE, b"\0" * 8)}), "not-an-array"),
        (zipped({"J.npy": npy(HUGE.replace("(1000000000000,)", "()"), b"\0" * 9)}), "not-an-array"),
        (zipped({"J.npy": npy(HUGE.replace("(1000000000000,)", "(-1, -1)"), b"\0" * 8)}), "not-an-array"),
        (zipped({"J.npy": npy(HUGE.replace("<f8", "|O"), b"\0" * 8)}), "not-an-array"),
        (zipped({"J.npy": npy(HUGE.replace("<f8", "<f1"), b"\0" * 8)}), "not-an-array"),
        (zipped({"J.npy": npy("__import__('os').getcwd()")}), "not-an-array"),
        (
            zipped({"J.npy": npy("{'descr': '<U1', 'fortran_order': False, 'shape': (), }", b"\xff" * 4)}),
            "not-an-array",
        ),
        (zipped({"J.npy": npy(HUGE, magic=b"\x93NUMPY\x09\x00")}), "not-an-array"),
        (zipped({"notes.txt": b"hello"}), "not-an-array"),
        (zipped({"J.npy": b"\0" * 20_000_000}), "too-large"),
        (zipped({}), "no-answers"),
        (npz(**{"W1": np.zeros(2), "W1[1]": np.float64(1)}), "duplicate-id"),
    ],
)
def test_npz_turned_away(data: bytes, code: str) -> None:
    assert rejection("a.npz", data).code == code


# --------------------------------------------------------------------------------------------------------------- YAML


@pytest.mark.parametrize("heading", ["", "student: ann\nanswers:\n", "---\nanswers:\n"])
def test_yaml_keeps_what_was_written(heading: str) -> None:
    text = (
        "W1[1,2]: 0.10\ndJ/dW1[1,1]: 1e-3\na: 0x10\nb: 1_000\nc: yes\nd: 0,35\ne:\nf: ~\ng: 'null'\nh: 12:30:45\n"
        '2:z1: [1.0, "a b", .inf]\nW2:\n- [010, 2026-05-01]\n- [1, null]\n∂J/∂w5: -0.2 # rounded\n'
    )
    indented = "".join(f"  {line}\n" for line in text.splitlines()) if heading else text
    assert pairs("a.yml", heading + indented) == [
        ("W1[1,2]", "0.10"), ("dJ/dW1[1,1]", "1e-3"), ("a", "0x10"), ("b", "1_000"), ("c", "yes"), ("d", "0,35"),
        ("e", ""), ("f", ""), ("g", "null"), ("h", "12:30:45"), ("2:z1[1]", "1.0"), ("2:z1[2]", "a b"),
        ("2:z1[3]", ".inf"), ("W2[1,1]", "010"), ("W2[1,2]", "2026-05-01"), ("W2[2,1]", "1"), ("W2[2,2]", ""),
        ("∂J/∂w5", "-0.2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("J: 1\nJ: 2", "duplicate-id", "a.yaml, line 2"),
        ("J: 1\n'J': 1", "duplicate-id", "a.yaml, line 2"),
        ("J: 1\n  z: 2", "not-yaml", "a.yaml, line 2"),
        ("J: 1\n\tz: 2", "not-yaml", "a.yaml, line 2"),
        ("J: [1, 2", "not-yaml", "a.yaml, line 2"),
        ("J: 'open", "not-yaml", "a.yaml, line 1"),
        ("J: 1\n---\nJ: 2", "not-yaml", "a.yaml, line 2"),
        ("J: 1\nz: \x1b[2J", "not-yaml", "a.yaml"),
        ("J: &a 1\nz: *a", "yaml-alias", "a.yaml, line 1"),
        ("a: [x]\n<<: *b", "yaml-alias", "a.yaml, line 2"),
        ("J: !!python/object/apply:os.system [ls]", "yaml-tag", "a.yaml, line 1"),
        ("J: 1\nz: !!float 1", "yaml-tag", "a.yaml, line 2"),
        ("!x\nJ: 1", "yaml-tag", "a.yaml, line 1"),
        ("J: " + "[" * 100_000, "too-deep", "a.yaml, line 1"),
        ("J: " + "{a: " * 100_000, "too-deep", "a.yaml, line 1"),
        ("\n".join(" " * n + "- " for n in range(100)), "too-deep", "a.yaml, line 9"),
        ("? [1, 2]\n: 3", "not-a-mapping", "a.yaml, line 1"),
        ("- 1\n- 2", "not-a-mapping", "a.yaml"),
        ("0.35", "not-a-mapping", "a.yaml"),
        ("# nothing", "not-a-mapping", "a.yaml"),
        ("{}", "no-answers", "a.yaml"),
        ("J: {a: 1}", "not-a-value", 'a.yaml, key "J"'),
        ("W1: [[1, 2], [3]]", "uneven-list", 'a.yaml, key "W1"'),
    ],
)
def test_yaml_turned_away(text: str, code: str, place: str) -> None:
    caught = rejection("a.yaml", text)
    assert (caught.code, caught.where) == (code, place)


# ------------------------------------------------------------------------------------------------------- spreadsheets


def workbook(*sheets: list[list[object]], formats: dict[str, str] | None = None) -> bytes:
    """A workbook as a well-known library writes it; ``formats`` by cell of the first sheet."""
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(row)
    for cell, form in (formats or {}).items():
        book.worksheets[0][cell].number_format = form
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


FORM: list[list[object]] = [
    ["id", "symbol", "answer"],
    ["W1[1,2]", "w₁₂", "0.350"],
    ["dJ/dW1[1,1]", "", "-0.20"],
    ["J"],
]


@pytest.mark.parametrize(
    "sheets",
    [
        [FORM],
        [[row[::2] for row in FORM]],
        [[["W1[1,2]", "0.350"], ["dJ/dW1[1,1]", "-0.20"], ["J"]]],
        [[["Backpropagation by hand"], [], [None, "Your Answer", None, "ID"], [], ["x", "0.350", "y", "W1[1,2]"],
          ["#", "-0.20", None, "dJ/dW1[1,1]"], [None, None, None, "# that's it"], [None, None, None, "J"]]],
        [[["nothing here"]], FORM[:2], [["id", "value"], ["z", 5]], [["answer", "id"], FORM[2][::-2]],
         [["id", "answer"], *FORM[3:]]],
    ],
)  # fmt: skip
def test_spreadsheet(sheets: list[list[list[object]]]) -> None:
    assert pairs("a.xlsx", workbook(*sheets)) == EXPECTED


def test_spreadsheet_numbers_are_what_the_sheet_shows() -> None:
    values = [0.35, 1.1, 0.1 + 0.2, 7, -2.5e-12, True, 1e300, 20000]
    days = [datetime(2026, 5, 1), datetime(2026, 5, 1, 12), time_of_day(1, 5), 0.2, 0.002, 0.2, 0.5, 46143]  # noqa: DTZ001
    formats = {"B13": "0%", "B14": "# ?/?", "B15": '0.0 "days"', "B16": "[$-409]d-mmm;@", "B12": "0.00%"}
    rows: list[list[object]] = [[f"z[{n}]", value] for n, value in enumerate([*values, *days], start=1)]
    found = dict(pairs("a.xlsx", workbook(rows, formats=formats)))
    assert list(found.values()) == [
        "0.35", "1.1", "0.3", "7", "-2.5e-12", "true", "1e+300", "20000",
        "2026-05-01", "2026-05-01 12:00:00", "1899-12-30 01:05:00", "20%", "0.2%", "0.2", "0.5", "2026-05-01",
    ]  # fmt: skip


def test_spreadsheet_formulas_are_not_worked_out() -> None:
    assert pairs("a.xlsx", workbook([["J", "=1+1"], ["z", '=WEBSERVICE("https://example.org/")']])) == [
        ("J", "=1+1"), ("z", '=WEBSERVICE("https://example.org/")'),
    ]  # fmt: skip
    saved = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>J</t></is></c><c r="B1"><f>1+1</f><v>2</v></c></row>')
    assert pairs("a.xlsx", saved) == [("J", "2")]


def test_spreadsheet_digits_that_a_program_adds_are_taken_away() -> None:
    rows = '<row><c t="str"><v>{}</v></c><c><v>{}</v></c></row>'
    stored = {"J": "1.1000000000000001", "z": "0.350", "a": "1E-3", "b": "0.30000000000000004", "c": "1E999999999"}
    shown = {"J": "1.1", "z": "0.350", "a": "1E-3", "b": "0.30000000000000004", "c": "1E999999999"}
    data = sheet_xml("".join(rows.format(*pair) for pair in stored.items()))
    assert pairs("a.xlsx", data) == list(shown.items())


def sheet_xml(rows: str, **parts: str) -> bytes:
    """The least that is a workbook, with these rows; ``parts`` replace others."""
    return zipped({name: text.encode() for name, text in minimal_workbook(rows, **parts).items()})


def test_spreadsheet_places_are_cells() -> None:
    submission = read_submission("a.xlsx", workbook(FORM))
    assert [answer.place for answer in submission.answers] == ["cell C2", "cell C3", "cell C4"]
    submission = read_submission("a.xlsx", workbook([["x"]], FORM))
    assert submission.answers[0].place == "sheet Sheet1, cell C2"
    assert rejection("a.xlsx", workbook([["J", 1], ["J", 2]])).where == "a.xlsx, cell B1 and cell B2"


def test_spreadsheet_hidden_sheets_are_not_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(FORM, [["id", "answer"], ["W1[1,2]", 9]])))
    book.worksheets[1].sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    assert pairs("a.xlsx", stream.getvalue()) == EXPECTED


# ----------------------------------------------------------------------------------------------------------- notebook


def notebook(*cells: tuple[str, str | list[str], list[str]]) -> str:
    listed = [{"cell_type": kind, "metadata": {"tags": tags}, "source": source} for kind, source, tags in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed})


ANSWERS = (
    '# Answers\nanswers = {\n    "J": 0.350,  # ½·0.7\n    "dJ/dW1": [[1, -2.0], (3, +4)],\n    "z1[1]": "0,2",\n}\n'
)
READ = [
    ("J", "0.350"), ("dJ/dW1[1,1]", "1"), ("dJ/dW1[1,2]", "-2.0"), ("dJ/dW1[2,1]", "3"), ("dJ/dW1[2,2]", "+4"),
    ("z1[1]", "0,2"),
]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        notebook(("code", "import os", []), ("code", ANSWERS, [])),
        notebook(("code", ANSWERS.splitlines(keepends=True), [])),
        notebook(("code", ANSWERS.replace("# Answers\n", ""), ["answers"]), ("code", "# answers\nx = 1", [])),
        notebook(("code", ANSWERS.replace("answers = ", ""), ["answers"])),
        notebook(("code", ANSWERS.replace("\n", "\r\n"), [])),
    ],
)
def test_notebook(text: str) -> None:
    assert pairs("a.ipynb", text) == READ


def test_notebook_with_a_table() -> None:
    table = "| id | answer |\n|--|--|\n| `J` | 0.1 |"
    submission = read_submission("a.ipynb", notebook(("markdown", "# Hi", []), ("markdown", table, [])).encode())
    assert [(answer.id_text, answer.text, answer.place) for answer in submission.answers] == [
        ("J", "0.1", "cell 2, line 3")
    ]


def test_notebook_expressions_stay_text_and_are_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = f'# answers\nanswers = {{"a": open({str(mark)!r}, "w"), "é": 1/5, "c": 1_000, "d": ½, "e": None}}'
    assert pairs("a.ipynb", notebook(("code", code.replace("½", "0x10"), []))) == [
        ("a", f'open({str(mark)!r}, "w")'), ("é", "1/5"), ("c", "1_000"), ("d", "0x10"), ("e", ""),
    ]  # fmt: skip
    assert not mark.exists()


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("{}", "not-a-mapping", "a.ipynb"),
        ("[1]", "not-a-mapping", "a.ipynb"),
        (notebook(("code", "x = 1", [])), "no-answers", "a.ipynb"),
        (notebook(("code", "# answers\nimport os", [])), "notebook-code", "a.ipynb, cell 1, line 2"),
        (notebook(("code", "# answers\nanswers = {1: 2}", [])), "notebook-code", "a.ipynb, cell 1, line 2"),
        (notebook(("code", "# answers\nanswers = {**x}", [])), "notebook-code", "a.ipynb, cell 1, line 2"),
        (notebook(("code", "# answers\nanswers = {", [])), "notebook-code", "a.ipynb, cell 1, line 2"),
        (notebook(("code", "# answers\nanswers = {'J': 1,\n'J': 2}", [])), "duplicate-id",
         "a.ipynb, cell 1, line 2 and cell 1, line 3"),
        (notebook(("code", "# answers\nanswers = {'J': {}}", [])), "not-a-value", "a.ipynb, cell 1, line 2"),
        (notebook(("code", "# answers\nanswers = {'J': 1" + "+1" * 50_000 + "}", [])), "notebook-code",
         "a.ipynb, cell 1"),
        (notebook(("code", "# answers\nanswers = {'J': " + "-" * 50_000 + "1}", [])), "notebook-code",
         "a.ipynb, cell 1"),
        (notebook(("code", "# answers\n" + "[" * 1000, [])), "notebook-code", "a.ipynb, cell 1, line 2"),
        (notebook(("code", "# answers" + " " * 300_000, [])), "too-large", "a.ipynb, cell 1"),
        (notebook(("code", "# answers\n\0", [])), "notebook-code", "a.ipynb, cell 1"),
    ],
)  # fmt: skip
def test_notebook_turned_away(text: str, code: str, place: str) -> None:
    caught = rejection("a.ipynb", text)
    assert caught.code == code
    assert caught.where.startswith(place)


# ---------------------------------------------------------------------------------------------------- every format


@pytest.mark.parametrize("name", ["a.docx", "a", "a.xls", "a.zip", "csv"])
def test_other_formats_are_named(name: str) -> None:
    caught = rejection(name, b"x")
    assert caught.code == "unknown-format"
    assert ".csv" in str(caught)


@pytest.mark.parametrize("name", ["a.pdf", "a.JPG", "a.heic"])
def test_what_is_for_the_eye_is_not_guessed_at(name: str) -> None:
    caught = rejection(name, b"%PDF-1.7")
    assert caught.code == "for-the-eye"
    assert "type the numbers into the answer form" in str(caught) and ".csv" in str(caught)


def test_endings_are_read_in_capitals() -> None:
    assert pairs("ANN.CSV", "J,1") == [("J", "1")]


VALID = {
    ".csv": b"id,value\nW1[1,2],0.350\nJ,1\n", ".tsv": b"id\tvalue\nJ\t1\n", ".json": b'{"answers": {"J": [1, "a"]}}',
    ".toml": b'[answers]\n"J" = 1.0\nz = [1]\n', ".md": b"| id | answer |\n|--|--|\n| `J` | 1 |\n",
    ".markdown": b"| id | answer |\n|--|--|\n| `J` | 1 |\n", ".npz": npz(J=np.ones((2, 1)), z=np.array(["a"])),
    ".ipynb": notebook(("code", ANSWERS, [])).encode(), ".xlsx": workbook([["id", "answer"], ["J", 1]]),
    ".yaml": b"answers:\n  W1[1,2]: 0.10\n  z: [1, 'a']\n", ".yml": b"W1[1,2]: 0.10\n",
}  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ENDINGS), st.one_of(st.binary(), st.text().map(str.encode)))
def test_any_bytes_are_read_or_turned_away(ending: str, data: bytes) -> None:
    assert "\n" not in turned_away("a" + ending, data)


def test_every_format_has_a_valid_example() -> None:
    assert set(VALID) == set(ENDINGS)
    for ending, data in VALID.items():
        assert read_submission("a" + ending, data).answers


# ----------------------------------------------------------------------------------------------------------- wide CSV


def read_wide(name: str, text: str) -> dict[str, Submission]:
    """A class in which nobody is turned away, by what stands in the first column."""
    table = read_class_table(name, text.encode())
    columns = list(enumerate(table.columns))[1:]
    return {row.texts[0]: row_answers(table.name, row, columns) for row in table.rows}


@pytest.mark.parametrize(
    "text",
    [
        "student,W1[1,2],J\nann,0.1,1\nbob,,2\n",
        'student,"W1[1,2]","J"\n"ann","0.1","1"\n"bob","","2"\n',
        "student;W1[1,2];J;\nann;0.1;1;\n\n;;;\nbob;;2;\n",
        "student\tW1[1,2]\tJ\r\nann\t0.1\t1\r\nbob\t\t2\r\n",
    ],
)
def test_wide(text: str) -> None:
    read = read_wide("class.csv", text)
    assert {name: [(a.id_text, a.text) for a in found.answers] for name, found in read.items()} == {
        "ann": [("W1[1,2]", "0.1"), ("J", "1")],
        "bob": [("W1[1,2]", ""), ("J", "2")],
    }
    assert list(read) == ["ann", "bob"]


def test_wide_places_are_lines_even_after_line_breaks_in_quotes() -> None:
    read = read_wide("class.csv", 'student,"J\n(loss)"\nann,"1\n"\nbob,2\n')
    assert [(a.id_text, a.text, a.place) for found in read.values() for a in found.answers] == [
        ("J (loss)", "1", "line 3"),
        ("J (loss)", "2", "line 5"),
    ]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty", "class.csv"),
        ("student\nann\n", "no-answers", "class.csv, line 1"),
        ("student,W1[1,2],J,W1[1, 2]\n", "duplicate-id", "class.csv, line 1"),
        ("student,,J\nann,1,2\n", "no-id", "class.csv, line 1"),
        ("student,J,student\nann,1,ann\n", "duplicate-id", "class.csv, line 1"),
        ('student,J\nann,1\nbob,"2\ncid,3\n', "row", "class.csv, line 3"),
        ("student,J\nann,1\0\n", "nul-byte", "class.csv, line 2"),
    ],
)
def test_wide_turned_away(text: str, code: str, place: str) -> None:
    with pytest.raises(Rejected) as caught:
        read_class_table("class.csv", text.encode())
    assert (caught.value.code, caught.value.where) == (code, place)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("student,J\nann,0,5\ncid,1\n", "columns", "class.csv, line 2"),
        ("student,J,z1\nann,1\ncid,1,2\n", "columns", "class.csv, line 2"),
        (f"student,J\nann,{'1' * 10_001}\ncid,1\n", "long-text", "class.csv, line 2"),
    ],
)
def test_a_bad_row_costs_its_student_only(text: str, code: str, place: str) -> None:
    table = read_class_table("class.csv", text.encode())
    columns = list(enumerate(table.columns))[1:]
    bad, good = table.rows
    with pytest.raises(Rejected) as caught:
        row_answers(table.name, bad, columns)
    assert (caught.value.code, caught.value.where) == (code, place)
    assert bad.texts[0] == "ann" and row_answers(table.name, good, columns).answers


def test_a_class_in_a_workbook() -> None:
    rows = [["Timestamp", "student", "z1[1]", "J"], ["now", "ann", "0.5", "1"], ["now", "bob", "", "2"]]
    table = read_class_table("class.xlsx", workbook(rows))
    assert table.columns == ("Timestamp", "student", "z1[1]", "J")
    assert [row.texts for row in table.rows] == [("now", "ann", "0.5", "1"), ("now", "bob", "", "2")]
    with pytest.raises(Rejected, match="200 columns or more"):
        read_class_table("class.xlsx", workbook([["student", *(f"z{n}" for n in range(1, 200))]]))


# ------------------------------------------------------------------------------------------------- folders, archives


def laid_out(folder: Path, files: dict[str, bytes], as_zip: bool) -> Path:
    if as_zip:
        (folder / "class.zip").write_bytes(zipped(files))
        return folder / "class.zip"
    for name, data in files.items():
        file = folder / "class" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder / "class"


@pytest.mark.parametrize("as_zip", [False, True])
def test_folder_and_archive(tmp_path: Path, as_zip: bool) -> None:
    files = {
        "bob.JSON": b"{}", "ann.csv": b"J,1", "late/cid.x.npz": b"", "__MACOSX/._ann.csv": b"x", ".hidden.csv": b"x",
        ".git/eve.csv": b"x", "ann.pdf": b"scan", "dan.pdf": b"scan", "zoe\u0308.md": b"-",
    }  # fmt: skip
    assert list(files_of(laid_out(tmp_path, files, as_zip))) == [
        ("ann", "ann.csv", b"J,1"),
        ("bob", "bob.JSON", b"{}"),
        ("cid.x", "late/cid.x.npz", b""),
        ("dan", "dan.pdf", b""),
        ("zoë", "zoë.md", b"-"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["class.zip" if as_zip else "class"]


def outcomes(path: Path) -> dict[str, bytes | str]:
    """What each student's hand-in is: bytes, or the sentence with which it is turned away."""
    return {student: str(found) if isinstance(found, Rejected) else found for student, _, found in files_of(path)}


@pytest.mark.parametrize("as_zip", [False, True])
def test_two_files_cost_one_student(tmp_path: Path, as_zip: bool) -> None:
    files = {"ann.csv": b"1", "ann.json": b"2", "bob.csv": b"3", "late/bob.csv": b"4", "cid.md": b"5"}
    assert outcomes(laid_out(tmp_path, files, as_zip)) == {
        "ann": '"ann.csv" and "ann.json"; keep one file for each student',
        "bob": '"bob.csv" and "late/bob.csv"; keep one file for each student',
        "cid": b"5",
    }


@pytest.mark.parametrize("as_zip", [False, True])
def test_too_large_a_file_costs_one_student(tmp_path: Path, as_zip: bool) -> None:
    found = outcomes(laid_out(tmp_path, {"ann.csv": b"J,1", "bob.csv": b"0" * (LARGEST_FILE + 1)}, as_zip))
    assert found["ann"] == b"J,1"
    assert str(found["bob"]).startswith("bob.csv: the file is larger than 10 MB")


def test_encrypted_and_damaged_archives(tmp_path: Path) -> None:
    path = laid_out(tmp_path, {"ann.csv": b"J,1" * 50}, True)
    whole = path.read_bytes()
    entry = whole.index(b"PK\x01\x02")
    path.write_bytes(whole[: entry + 8] + b"\x01" + whole[entry + 9 :])
    assert "locked with a password" in str(outcomes(path)["ann"])
    start = whole.index(b"ann.csv") + 7
    path.write_bytes(whole[:start] + b"\xff\xff" + whole[start + 2 :])
    assert re.match(r"ann\.csv: .*damaged", str(outcomes(path)["ann"]))


def test_an_archive_that_lies_about_a_size_is_not_unpacked(tmp_path: Path) -> None:
    path = laid_out(tmp_path, {"ann.csv": b"0" * 30_000_000}, True)
    data = path.read_bytes()
    path.write_bytes(data.replace((30_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    ((_, _, found),) = files_of(path)
    assert isinstance(found, Rejected) and found.code in ("not-an-archive", "too-large")


def test_members_that_climb_out_are_only_names(tmp_path: Path) -> None:
    path = laid_out(tmp_path, {"a/b/../../../evil.csv": b"J,1"}, True)
    assert outcomes(path) == {
        "evil": "a/b/../../../evil.csv: its name in the archive leads out of the folder; "
        "pack the files by their names alone"
    }
    assert not (tmp_path.parent / "evil.csv").exists()


def test_no_such_place(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    for place in (tmp_path / "nowhere", tmp_path / "x.zip"):
        with pytest.raises(Rejected, match="neither a folder nor a zip"):
            list(files_of(place))


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "key.csv").write_text("J,42")
    path = laid_out(tmp_path, {"ann.csv": b"J,1"}, False)
    (path / "bob.csv").symlink_to(tmp_path / "key.csv")
    (path / "cid.csv").symlink_to(tmp_path / "nothing")
    found = outcomes(path)
    assert found.pop("ann") == b"J,1"
    assert found == {
        name: f"{name}.csv: this is a link to another file; hand in the file itself" for name in ("bob", "cid")
    }


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = laid_out(tmp_path, {"ann.csv": b"J,1"}, False)
    (path / "ann.csv").chmod(0)
    assert str(outcomes(path)["ann"]).startswith("ann.csv: cannot be read")


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are any bytes")
def test_a_name_that_is_no_text_can_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    (Path(os.fsdecode(bytes(tmp_path / "class") + b"/\xff\x1b.csv"))).write_bytes(b"J,1")
    ((student, name, data),) = files_of(tmp_path / "class")
    assert (student, name, data) == ("\ufffd\ufffd", "\ufffd\ufffd.csv", b"J,1")


def test_every_sentence_can_be_filled_in() -> None:
    for code, sentence in REJECTED.items():
        assert str(Rejected(code, "a.csv, line 1", "so {and} so")).startswith("a.csv, line 1: ")
        assert not sentence.endswith(".")


def test_style_warnings_of_a_students_code_are_not_ours() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pairs("a.ipynb", notebook(("code", '# answers\nanswers = {"J": "\\d", "z": 1 is 1}', []))) == [
            ("J", "\\d"), ("z", "1 is 1"),
        ]  # fmt: skip
