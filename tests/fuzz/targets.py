"""What is fuzzed: every parser that reads what people write, with what it may do and inputs to begin from.

A parser gives a value or raises ``Rejected`` or ``InputError`` with one line for the user. Anything else is a defect:
another exception, an endless loop, memory beyond all measure, a value that breaks what its docstring promises.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from exercises.errors import InputError
from exercises.families.formula_language import parse_expression, parse_line
from exercises.names import parse_cell, split_id_and_value
from exercises.specification import parse_specification
from grader.collecting import People, Reader, collect
from grader.numbers import Unreadable, read_number
from grader.policy import parse_policy
from grader.submissions import Rejected, Submission, read_class_table, read_submission
from grader.submissions.answers import LONGEST_TEXT, MOST_ANSWERS
from grader.submissions.class_table import row_answers
from gradsheet.roster import read_roster, unsafe_because

Parser = Callable[[bytes], None]

SHEET = {"W1[1,2]": "0.350", "J": "-2e-3", "z1[1]": "0,2", "dJ/dW1@2[1,1]": "1/3"}


@dataclass(frozen=True, slots=True)
class Target:
    """One parser, inputs to begin from, and the longest input to try."""

    parse: Parser
    seeds: tuple[bytes, ...]
    longest: int = 2_000


def one_line(trouble: Exception) -> None:
    """A complaint is one line for a person."""
    text = str(trouble)
    assert text and "\n" not in text, text


def hand_in(ending: str) -> Parser:
    """The reader of one format of hand-ins, by the ending of a file's name."""

    def parse(data: bytes) -> None:
        try:
            submission = read_submission("a" + ending, data)
        except Rejected as trouble:
            one_line(trouble)
            return
        assert isinstance(submission, Submission)
        assert 0 < len(submission.answers) <= MOST_ANSWERS
        for answer in submission.answers:
            assert answer.id_text and len(answer.text) <= LONGEST_TEXT
            number(answer.text.encode("utf-8", "surrogatepass"))

    return parse


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def wrapped(parse: Parser, name: str, around: dict[str, bytes]) -> Parser:
    """Of an input that begins with an even byte all of it is the file; else it is a member of a sound archive, which
    random bytes would hardly ever be.
    """

    def run(data: bytes) -> None:
        parse(data[1:] if data[:1] < b"\x80" else zipped({**around, name: data[1:]}))

    return run


def text_parser(parse: Callable[[str], object]) -> Parser:
    """A parser of text that complains by InputError."""

    def run(data: bytes) -> None:
        try:
            parse(data.decode("utf-8", "replace"))
        except InputError as trouble:
            one_line(trouble)

    return run


def number(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = read_number(text)
    if isinstance(found, Unreadable):
        assert found.code and 0 <= found.position <= len(text)
    else:
        assert np.isfinite(found)


def identifier(text: str) -> None:
    """An id that is read is written so that it reads the same again; a row is one line."""
    row = text.replace("\n", " ")
    try:
        split_id_and_value(row)
    except InputError as trouble:
        one_line(trouble)
    cell = parse_cell(row)
    assert parse_cell(str(cell)) == cell


def formula(text: str) -> None:
    """A formula is one line; what a specification says on several is brought onto one."""
    line = text.replace("\n", " ")
    try:
        parse_line(line, 1)
    except InputError as trouble:
        one_line(trouble)
    parse_expression(line, "expression")


def in_a_file(parse: Callable[[Path], object], name: str) -> Parser:
    """A parser that takes a file, which lies in memory where the system has such a place."""
    shelter = "/dev/shm" if os.path.isdir("/dev/shm") else None
    folder = tempfile.TemporaryDirectory(dir=shelter)
    path = Path(folder.name) / name
    KEPT.append(folder)

    def run(data: bytes) -> None:
        path.write_bytes(data)
        try:
            parse(path)
        except (InputError, Rejected) as trouble:
            one_line(trouble)

    return run


KEPT: list[tempfile.TemporaryDirectory[str]] = []
"""Folders that live as long as the program."""


def roster(path: Path) -> None:
    students = read_roster(path)
    assert students and not any(unsafe_because(student.id) for student in students)
    assert len({student.id for student in students}) == len(students)


PEOPLE = People(["ann", "ben", "cid"], ["Ann Lee", "Ben Ox", "Cid Fox"])


def download(path: Path) -> None:
    """Nobody is lost and nobody counted twice: hand-ins of students, contested ones, and what is set aside."""
    inbox = collect(path, PEOPLE)
    assert set(inbox.hand_ins) <= {0, 1, 2} and not set(inbox.hand_ins) & set(inbox.contested)
    claims = sum(map(len, inbox.contested.values()))
    assert len(inbox.hand_ins) + claims + len(inbox.quarantined) == inbox.found
    with Reader() as reader:
        for one in inbox.hand_ins.values():
            for attempt in one.attempts:
                try:
                    attempt.read(reader)
                except Rejected as trouble:
                    one_line(trouble)


def table(data: bytes) -> None:
    """A class in one table."""
    try:
        found = read_class_table("class.csv", data)
    except Rejected as trouble:
        one_line(trouble)
        return
    for row in found.rows:
        try:
            answers = row_answers(found.name, row, list(enumerate(found.columns)))
        except Rejected as trouble:
            one_line(trouble)
        else:
            assert len(answers.answers) == len(found.columns)


def npy(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def notebook(source: str) -> bytes:
    cell = {"cell_type": "code", "metadata": {"tags": ["answers"]}, "source": source, "outputs": []}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def workbook_parts() -> dict[str, bytes]:
    from hostile_cases import minimal_workbook

    row = '<row><c t="str"><v>J</v></c><c s="0"><v>1</v></c></row>'
    return {name: text.encode() for name, text in minimal_workbook(row).items()}


BOOK = workbook_parts()
CSV = b'id,value\n"W1[1,2]",0.35\nJ,"0,2"\n'
MARKDOWN = b"# Sheet\n\n| id | symbol | answer |\n|:--|:--|--:|\n| `J` | $J$ | 0.5 |\n| `W1[1,2]` | w | **1/3** |\n"
SPECIFICATION = (
    b'title = "T"\n[[exercise]]\nfamily = "mlp"\nlayers = [2, 2, 1]\nactivations = ["sigmoid", "identity"]\n'
    b'bias = false\noptimizer = { name = "sgd", learning_rate = 0.05 }\nask = ["z", "dJ/dW1[1,2]"]\ndecimals = 3\n'
)
CIRCUIT = b'[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "f = q * z"]\ngiven = { x = -2, y = 5 }\n'
POLICY = b'repeat = "each"\n[weights]\n"dJ/dW" = 2\n[late]\nper_day = "1/10"\n[total]\nround_to = "1/2"\n'

TARGETS: dict[str, Target] = {
    "csv": Target(hand_in(".csv"), (CSV, b"sep=;\nid;answer\nJ;0,2\n", CSV.decode().encode("utf-16"))),
    "class-table": Target(table, (b'id,z1[1],"W1[1,2]"\nann,0.1,0.2\nben,,0.3\n',)),
    "json": Target(hand_in(".json"), (json.dumps({"answers": SHEET}).encode(), b'{"J": 1e-3, "z1": [0.1, 0.2]}')),
    "toml": Target(hand_in(".toml"), (b'[answers]\nJ = 1.0\n"z1[1]" = "0,2"\n', b"J = 0x1f\nz1 = [0.1, 0.2]\n")),
    "yaml": Target(hand_in(".yaml"), (b'answers:\n  J: 1e-3\n  "z1[1]": 0.2\n', b"J: &a 1\nz1: [*a, .5]\n")),
    "markdown": Target(hand_in(".md"), (MARKDOWN,)),
    "ipynb": Target(
        hand_in(".ipynb"), (notebook('# answers\nanswers = {"J": 1.5, "z1": [-.5, 2e-3]}'), b'{"cells": []}')
    ),
    "npz": Target(
        wrapped(hand_in(".npz"), "J.npy", {"z1.npy": npy(np.array([0.1, 0.2]))}),
        (b"\x80" + npy(np.array(0.5)), b"\x80" + npy(np.eye(2)), b"\x00" + zipped({"J.npy": npy(np.array(1.0))})),
    ),
    "xlsx": Target(
        wrapped(hand_in(".xlsx"), "xl/sheet1.xml", BOOK),
        (b"\x80" + BOOK["xl/sheet1.xml"], b"\x00" + zipped(BOOK)),
        6_000,
    ),
    "numbers": Target(number, (b"0.350", b"-2,5e-3", b"1/3", "2·10^-1".encode(), "½".encode(), b"20 %"), 100),
    "specification": Target(text_parser(lambda text: parse_specification(text, "a.toml")), (SPECIFICATION, CIRCUIT)),
    "formula": Target(text_parser(formula), (b"q = x + y * -z", b"log(2 + cos(x))^2 / max(x, 0.5)"), 600),
    "ids": Target(text_parser(identifier), (b"2:dJ/dW1@2[1,2]", b"f|x", b'"W1[1,2]",0.5', "∂J/∂x.1".encode()), 250),
    "policy": Target(text_parser(lambda text: parse_policy(text, "p.toml")), (POLICY,)),
    "roster": Target(in_a_file(roster, "roster.csv"), (b"id,name\nann,Ann Lee\n007,Bond\n", b"id;name\n1;X\n")),
    "zip": Target(
        in_a_file(download, "class.zip"),
        (
            zipped({"ann.csv": CSV, "ben.json": b'{"J": 1}'}),
            zipped({"Ann Lee_123_assignsubmission_file_/a.csv": CSV, "Zed_9_assignsubmission_file_/z.md": MARKDOWN}),
            zipped({"annlee_1_2_a.csv": CSV, "benox_LATE_3_4_a.csv": CSV}),
            zipped({"more.zip": zipped({"cid.csv": CSV}), "__MACOSX/._ann.csv": b"?"}),
        ),
        4_000,
    ),
}

FOUND: dict[str, tuple[bytes, ...]] = {
    # target: inputs that a parser once stumbled over
    "roster": (b'"\x98id\na,\n;X\nd"',),
    "npz": (b"\x80" + npy(np.eye(2)).replace(b"(2, 2)", b"(2 2) "),),
}
