"""One answer sheet in every format reads the same; and whatever stands in a file, it is read or turned away.

The tests marked ``fuzz`` try 100 inputs for each reader, and 10,000 with ``make fuzz``.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import zipfile
from collections.abc import Callable

import numpy as np
import openpyxl
import pytest
from hostile_cases import minimal_workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.messages import REJECTED
from grader.numbers import Unreadable, is_blank, read_number
from grader.submissions import ENDINGS, ClassTable, Rejected, Submission, read_class_table, read_submission
from grader.submissions.answers import LONGEST_TEXT, MOST_ANSWERS, cleaned

EXAMPLES = max(100, settings().max_examples)

Sheet = dict[str, str]

# ------------------------------------------------------------------------------------------------------------ writers

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TOML_FLOAT = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)")
_PYTHON_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)?\.[0-9]+(?:e-?[0-9]+)?|[1-9][0-9]*|0x[0-9a-f]+")
_YAML_PLAIN = re.compile(r"[\w.+/][\w.+/,-]*")


def as_csv(separator: str, encoding: str, heading: bool) -> Callable[[Sheet], bytes]:
    def write(sheet: Sheet) -> bytes:
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_MINIMAL if heading else csv.QUOTE_ALL)
        writer.writerows([["id", "symbol", "answer"]] if heading else [])
        writer.writerows([name, "w", text] if heading else [name, text] for name, text in sheet.items())
        return stream.getvalue().encode(encoding)

    return write


def as_json(sheet: Sheet) -> bytes:
    lines = (f"{json.dumps(name)}: {_bare(_JSON_NUMBER, text)}" for name, text in sheet.items())
    return ('{"answers": {' + ", ".join(lines) + "}}").encode()


def as_toml(sheet: Sheet) -> bytes:
    return "".join(f"{json.dumps(name)} = {_bare(_TOML_FLOAT, text)}\n" for name, text in sheet.items()).encode()


def as_yaml(sheet: Sheet) -> bytes:
    lines = (f"  {json.dumps(name)}: {_bare(_YAML_PLAIN, text)}\n" for name, text in sheet.items())
    return ("student: ann\nanswers:\n" + "".join(lines)).encode()


def _bare(form: re.Pattern[str], text: str) -> str:
    """Without quotation marks where the format has such numbers."""
    return text if form.fullmatch(text) and text.lower() != "null" else json.dumps(text, ensure_ascii=False)


def as_markdown(sheet: Sheet) -> bytes:
    rows = (f"| {_escaped(name)} | w | {_escaped(text)} |\n" for name, text in sheet.items())
    return ("# Sheet\n\n| id | symbol | answer |\n|----|----|----|\n" + "".join(rows)).encode()


def _escaped(text: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", text)


def as_notebook(sheet: Sheet) -> bytes:
    written = (f"{name!r}: {text if _PYTHON_NUMBER.fullmatch(text) else repr(text)}" for name, text in sheet.items())
    source = "# answers\nanswers = {\n    " + ",\n    ".join(written) + "\n}\n"
    cell = {"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True), "outputs": []}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def as_arrays(sheet: Sheet) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in sheet.items():
            array = io.BytesIO()
            np.save(array, np.array(text, dtype=f"U{max(1, len(text))}"), allow_pickle=False)
            archive.writestr(name + ".npy", array.getvalue())
    return stream.getvalue()


def as_workbook(sheet: Sheet) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["id", "symbol", "answer"])
    for row, (name, text) in enumerate(sheet.items(), start=2):
        book.active.cell(row, 1, name)
        cell = book.active.cell(row, 3)
        if _JSON_NUMBER.fullmatch(text) and f"{float(text):.15g}" == text:
            cell.value = float(text)
        elif text:
            cell.value = text
            cell.data_type = "s"  # also where it looks like a formula
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WRITERS: dict[str, Callable[[Sheet], bytes]] = {
    "comma.csv": as_csv(",", "utf-8", False),
    "semicolon.csv": as_csv(";", "utf-8-sig", True),
    "tab.tsv": as_csv("\t", "utf-16", True),
    "comma and heading.csv": as_csv(",", "utf-16-le", True),
    "a.json": as_json,
    "a.toml": as_toml,
    "a.yaml": as_yaml,
    "a.yml": as_yaml,
    "a.md": as_markdown,
    "a.markdown": as_markdown,
    "a.ipynb": as_notebook,
    "a.npz": as_arrays,
    "a.xlsx": as_workbook,
}

# ---------------------------------------------------------------------------------------------------------- strategies

CELLS = st.builds(
    lambda exercise, name, number, index: f"{exercise}{name}{number}{index}",
    st.sampled_from(["", "2:"]),
    st.sampled_from(["z", "a", "W", "dJ/dW", "da1/dz", "f|x"]),
    st.integers(1, 3),
    st.sampled_from(["", "[1]", "[2]", "[1,2]", "[2,1]", "@2[1]"]),
)
NUMBERS = st.one_of(
    st.floats(-1e6, 1e6).map(repr),
    st.floats(-10, 10).map("{:.3f}".format),
    st.floats(-10, 10).map(lambda value: f"{value:.2f}".replace(".", ",")),
    st.sampled_from(
        ["", "-", "0.10", "1e-3", "2E+05", "0x10", "1_000", "010", "yes", "no", "null", "~", "nan", "-inf"]
    ),
    st.sampled_from(["1/5", "−0,2", "2·10^-1", "1:30", "2026-05-01", "=1+1", "+7", ".5", "5.", "1,234.5", "½", "20%"]),
)
TEXTS = st.text(
    # UTF-16 without a mark is told by where its zero bytes are, so a sign such as U+0100 needs the mark.
    st.characters(min_codepoint=32, max_codepoint=0x21FF, exclude_categories=["C", "Z"]).filter(lambda c: ord(c) % 256)
    | st.just(" ")
)
SHEETS = st.dictionaries(CELLS, NUMBERS | TEXTS.map(cleaned), min_size=1, max_size=8)


@settings(max_examples=60)
@given(SHEETS)
def test_the_same_answers_are_the_same_cells_in_every_format(sheet: Sheet) -> None:
    expected = list(sheet.items())
    for name, write in WRITERS.items():
        found = read_submission(name, write(sheet))
        assert [(answer.id_text, answer.text) for answer in found.answers] == expected, name


def test_every_format_is_written() -> None:
    assert {"." + name.rpartition(".")[2] for name in WRITERS} == set(ENDINGS)


# ------------------------------------------------------------------------------------------------------------- fuzzing


def read_or_turned_away(name: str, data: bytes) -> None:
    """What must hold for any bytes: answers within their bounds, or one line that begins with the name."""
    found: Submission | Rejected
    try:
        found = read_submission(name, data)
    except Rejected as trouble:
        found = trouble
    if isinstance(found, Rejected):
        assert found.code in REJECTED
        assert str(found).startswith(name) and str(found) == cleaned(str(found))
        return
    assert 0 < len(found.answers) <= MOST_ANSWERS
    for answer in found.answers:
        assert answer.id_text and answer.place
        assert len(answer.text) <= LONGEST_TEXT and answer.text == cleaned(answer.text)
        if not is_blank(answer.text):
            assert isinstance(read_number(answer.text), float | Unreadable)


def pieces(*words: str) -> st.SearchStrategy[str]:
    """Texts of a format's own words and of anything else."""
    return st.lists(st.sampled_from(words) | st.text(max_size=3), max_size=30).map("".join)


TEXT_FORMATS = {
    "a.csv": pieces(*["id", "value", "answer", "W1[1,2]", "J", "0.5", "sep="], *',;\t\n\r"[]#'),
    "a.json": pieces('{"answers": {', '"J"', "1e5", "-0.0", "NaN", "true", "\\u0000", *'":,[]{}\\'),
    "a.toml": pieces("[answers]", "J", "1.0", "'''", "2026-05-01", "inf", "0x1", *'=[]{}\n".#'),
    "a.yaml": pieces("answers:", "  ", "- ", "J", ": ", "&a ", "*a", "!!x ", "|\n", "? ", "---", *"[]{}>'\"%#\n"),
    "a.md": pieces("| id | answer |\n|---|---|\n", "J", "**", "&#x1b;", "```", "a1", *"|\n`$\\-"),
}
CODE = pieces("# answers\n", "answers", '"J"', "1.5", "f'", "lambda", *"={}:[](,-\n'\\")
_TAGS = "<row> </row> <c> </c> <v> </v> <f> </f> <is> <t> </t> 0 1E99 &a; &#27; <![CDATA[ ]]> <!-- </sheetData>"
_MORE = ('<c r="B2" t="s" s="0">', "<c t='inlineStr'>", '<xf numFmtId="14"/>', "<cellXfs>", "<!DOCTYPE a>", "<si>")
XML = pieces(*_TAGS.split(), *_MORE)
_KEYS = ("{'descr': ", "'<f8'", "'|O'", "'<U2'", ", 'fortran_order': ", "True", ", 'shape': (", "9999999", "), }")
HEADERS = pieces(*_KEYS, *"1,- ")


@pytest.mark.fuzz
@pytest.mark.parametrize("name", TEXT_FORMATS)
def test_fuzz_text(name: str) -> None:
    @settings(max_examples=EXAMPLES)
    @given(TEXT_FORMATS[name], st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    def run(text: str, encoding: str) -> None:
        read_or_turned_away(name, text.encode(encoding, "surrogatepass"))

    run()


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(CODE | CODE.map(lambda code: f"answers = {{'J': {code}}}"))
def test_fuzz_notebooks(code: str) -> None:
    cell = {"cell_type": "code", "metadata": {"tags": ["answers"]}, "source": code}
    read_or_turned_away("a.ipynb", json.dumps({"cells": [cell]}).encode())


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(XML, st.sampled_from(["rows", "strings", "styles", "book", "related", "sheet"]))
def test_fuzz_workbooks(xml: str, part: str) -> None:
    rows = '<row><c t="str"><v>J</v></c><c s="0"><v>1</v></c></row>'
    parts = minimal_workbook(xml + rows) if part == "rows" else minimal_workbook(rows, **{part: xml})
    read_or_turned_away("a.xlsx", _zipped({name: text.encode("utf-8", "replace") for name, text in parts.items()}))


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(HEADERS, st.binary(max_size=20), st.text(max_size=5).filter(lambda name: not name.startswith("\0")))
def test_fuzz_arrays(header: str, data: bytes, name: str) -> None:
    written = header.encode("utf-8", "replace")
    array = b"\x93NUMPY\x01\x00" + len(written).to_bytes(2, "little") + written + data
    with contextlib.suppress(UnicodeEncodeError):  # what a zip can't name can't be handed in
        read_or_turned_away("a.npz", _zipped({name + ".npy": array}))


@pytest.mark.fuzz
@pytest.mark.parametrize("name", ["comma.csv", "a.json", "a.toml", "a.yaml", "a.md", "a.ipynb", "a.npz", "a.xlsx"])
def test_fuzz_damage(name: str) -> None:
    whole = WRITERS[name]({"W1[1,2]": "0.350", "J": "-2e-3", "z1[1]": "0,2"})

    @settings(max_examples=EXAMPLES)
    @given(st.lists(st.tuples(st.integers(0, len(whole)), st.binary(max_size=4), st.integers(0, 8)), max_size=4))
    def run(damages: list[tuple[int, bytes, int]]) -> None:
        data = whole
        for place, inserted, removed in damages:
            data = data[:place] + inserted + data[place + removed :]
        read_or_turned_away(name, data)

    run()


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(TEXT_FORMATS["a.csv"])
def test_fuzz_classes(text: str) -> None:
    said = "class.csv"
    try:
        table = read_class_table("class.csv", text.encode("utf-8", "surrogatepass"))
    except Rejected as trouble:
        table, said = ClassTable("class.csv", (), ()), str(trouble)
    assert said.startswith("class.csv")
    for row in table.rows:
        assert row.misfit is not None or len(row.texts) == len(table.columns)
        assert any(row.texts)


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(st.text(max_size=120) | pieces("10^", "0x", *"1.,e-−/· %_½²="))
def test_fuzz_numbers(text: str) -> None:
    found = read_number(text)
    assert found.code and 0 <= found.position <= len(text) if isinstance(found, Unreadable) else abs(found) < 1e309


def _zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()
