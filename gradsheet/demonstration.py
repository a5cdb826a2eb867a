"""Room: gradsheet. The demo from end to end, by the same ways that the commands go."""

from __future__ import annotations

from pathlib import Path

from exercises.specification import parse_specification
from gradsheet.class_marking import sitting
from gradsheet.class_summary import summary
from gradsheet.course_set import CourseSet, read_set
from gradsheet.demo_class import HAND_INS, SPECIFICATION, STUDENTS, roster_csv, sitting_of, student_named
from gradsheet.files import write_atomically
from gradsheet.generation import Order, generate
from gradsheet.papers import by_cell, places_of
from gradsheet.results_folder import grade_to_folder
from gradsheet.secret import DEMO_SECRET


def run_demo(folder: Path) -> str:
    """Make everything in ``folder`` and return what to tell the user."""
    specification = parse_specification(SPECIFICATION, "sheet.toml")
    order = Order(specification, SPECIFICATION, STUDENTS, DEMO_SECRET)
    generate(order, folder)
    write_atomically(folder / "sheet.toml", SPECIFICATION)
    write_atomically(folder / "roster.csv", roster_csv())
    course = read_set(folder)
    hand_ins = folder / "handins"
    hand_ins.mkdir(exist_ok=True)
    for student in HAND_INS:
        ending, text = _hand_in(course, student)
        write_atomically(hand_ins / f"{student}{ending}", text)
    graded = grade_to_folder(sitting(course, hand_ins))
    return "\n".join([summary(graded), "", *_paths(folder)])


def _hand_in(course: CourseSet, name: str) -> tuple[str, str]:
    (exercise,) = course.exercises
    place = student_named(course.students, name)
    numbers = {quantity: array[..., place : place + 1] for quantity, array in course.numbers[exercise.number].items()}
    given = by_cell(exercise.program.shapes, numbers)
    return HAND_INS[name](sitting_of(exercise.program, given, places_of(exercise), exercise.asked))


def _paths(folder: Path) -> list[str]:
    return [
        "To open:",
        f"  {folder / 'students' / 'ada.md'}            a sheet, as a student gets it",
        f"  {folder / 'teacher' / 'keys' / 'ada.md'}        its key, worked in full",
        f"  {folder / 'handins' / 'ben.csv'}            a hand-in with one slip, carried on",
        f"  {folder / 'results' / 'feedback' / 'ben.md'}    what its author reads",
        f"  {folder / 'results' / 'gradebook.csv'}      the class",
    ]
