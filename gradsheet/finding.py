"""Room: gradsheet. What is told of a mistake that was to be found: its rule, the line, and how that should be."""

from __future__ import annotations

from exercises.planted import found_in, planted
from exercises.solution import Solution
from exercises.specification import Exercise
from gradsheet.examination import Reading, Write
from gradsheet.papers import places_of
from gradsheet.worked_step import worked_line
from templates.planted import revealed

MISTAKE = "The mistake:"


def planted_reading(exercise: Exercise, write: Write, words: Write = str, *, rule_only: bool = False) -> Reading:
    """The rule that went wrong, and (unless ``rule_only``) where and what should stand there.

    The exercise has all its numbers and the label of its mistake; ``write`` sets ids, ``words`` the words around them.
    """
    told = revealed(exercise, write, words)
    if rule_only:
        return Reading(MISTAKE, told.sentence, "")
    where = f"{words('The first wrong line is')} {told.symbol}{words(': it says')} {words(told.printed)}"
    where += f"{words(', and from the lines before it follows')} {words(told.right)}."
    return Reading(MISTAKE, told.sentence, where)


def line_put_right(exercise: Exercise) -> Solution | None:
    """The first wrong line as it should be, from the numbers that are printed before it."""
    one = planted(exercise)
    found = found_in(one, exercise.given, places_of(exercise))
    wrong = one.printed[found.line[0]]
    written = {cell: float(values[0]) for cell, values in found.printed.items() if cell not in wrong}
    return worked_line(exercise, exercise.given, written, wrong[0])
