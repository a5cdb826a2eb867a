"""The quick reader of students.jsonl: the same arrays as the ordinary one's, and nothing that isn't as it should be."""

from __future__ import annotations

import json

import numpy as np
import pytest
from every_family import SOME, Example, sheet_of

from exercises.given import read_array
from gradsheet.course_set import numbers_line
from gradsheet.drawn_numbers import NumberLines
from gradsheet.roster import Student


@pytest.mark.parametrize("example", SOME, ids=str)
def test_the_same_numbers_as_the_ordinary_reader(example: Example) -> None:
    exercise = sheet_of(example)
    line = numbers_line(Student("ann", "Ann"), [exercise]).encode()
    reader = NumberLines([exercise])
    rows = reader.rows([line, line])
    assert rows is not None and (rows[0].id, rows[0].name) == ("ann", "Ann")
    arrays = reader.arrays(rows)
    told = json.loads(line)["given"][str(exercise.number)]
    for given in exercise.program.givens:
        expected = read_array(given, told[given.name])
        np.testing.assert_array_equal(arrays[exercise.number, given.name], np.repeat(expected, 2, axis=-1))


@pytest.mark.parametrize("value", ["null", "true", '"1"', "[1]", "[[1, 2]]", "[1, 2, 3]", "1e999", "{}"])
def test_whatever_else_is_left_to_the_ordinary_reader(value: str) -> None:
    exercise = sheet_of(Example("mlp", 1, (("layers", [2, 2, 1]),)))
    told = json.loads(numbers_line(Student("ann", ""), [exercise]))
    told["given"]["1"]["x"] = "?"
    line = json.dumps(told).replace('"?"', value).encode()
    assert NumberLines([exercise]).rows([line]) is None
