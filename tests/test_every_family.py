"""What every family gets tested for by being listed, on the examples that it names: gradients, all readings, marking.

``make families`` tries the same on all examples, with many students on each.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from every_family import ALL, FIRST, SOME, Example, examples, random_instances, sheet_of
from introduced import every_function_and_sign_is_explained, every_symbol_is_introduced
from oracle import DIFFERENCED, forward_of, paths_disagree, slopes

from exercises.expression import Apply, walk
from exercises.fading import faded
from exercises.families import FAMILIES
from exercises.misconceptions import CATALOGUE, mistakes
from exercises.names import cell_ids
from exercises.notation import notation_for, serving
from exercises.plan import flatten
from exercises.program import Role
from exercises.specification import parse_specification, to_toml
from gradsheet.solving import as_data, as_source, as_text
from templates.html import key_html, sheet_html
from templates.pdf import Layout, Script, key_pdf, sheet_pdf
from templates.render import Header, render_key, render_sheet, solution_of
from tests.planted import Class, flawless, one_mistake
from tests.students import any_habits

INSTANCES = 200
HEADER = Header("Title", "Course", "2026-11-22", "", "Ada", "set-1-ada")
STEEP = ("relu", "leaky_relu", "maximum", "largest", "log", "divide", "sqrt")
"""Where finite differences may step over a kink, or near 0 over a bend; a few in a hundred random instances are that
near."""

FEW = 24

LEARNERS = [example for example in FIRST if example.family not in ("mlp", "neuron", "chain", "circuit")]
"""Families whose students no other test simulates."""


def ids(example: Example) -> str:
    return str(example)


@pytest.mark.parametrize("example", ALL, ids=ids)
def test_gradients_are_those_of_finite_differences(example: Example) -> None:
    """Every gradient and every local derivative of the first round, on 200 random instances."""
    exercise = example.exercise()
    program, given = exercise.program, random_instances(exercise, INSTANCES)
    forward, results = forward_of(program), flatten(program).run(given)
    steep = any(
        isinstance(node, Apply) and node.operation in STEEP for s in forward.steps for node in walk(s.expression)
    )
    for step in program.steps:
        if "@" in step.name or step.role is not Role.GRADIENT:
            continue
        slope = slopes(forward, given, of=program.output, by=step.name.split("/d", 1)[1])[0].reshape(*step.shape, -1)
        off = np.abs(results[step.name] - slope) / (1 + np.abs(slope))
        sound = (off <= DIFFERENCED).reshape(-1, INSTANCES).all(axis=0) | ~np.isfinite(results[program.output])
        assert sound.mean() >= (0.9 if steep else 1.0), (step.name, float(np.nanmax(off)))
    assert paths_disagree(program, results) == []


@pytest.mark.parametrize("example", FIRST, ids=ids)
def test_every_notation_introduces_what_it_shows(example: Example) -> None:
    exercise = sheet_of(example)
    for style in serving(exercise.program):
        for detail in ("component", "matrix", "both"):
            solution = solution_of(exercise, detail=detail, notation=style)
            every_symbol_is_introduced(solution)
            every_function_and_sign_is_explained(solution)
            assert "{" not in as_text([exercise], 80, detail=detail, notation=style).replace("{2}", "")


@pytest.mark.parametrize("example", SOME, ids=ids)
def test_python_source_and_data_give_the_values(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    exercise = sheet_of(example)
    values = flatten(exercise.program).run(exercise.given)
    flat = {
        c: v for n in values for c, v in zip(cell_ids(n, exercise.program.shapes[n]), values[n].ravel(), strict=True)
    }
    (data,) = json.loads(json.dumps(as_data([exercise])))["exercises"]
    for name, found in data["quantities"].items():
        if name in values:
            np.testing.assert_allclose(np.array(found), values[name][..., 0], rtol=1e-12)
    for style in serving(exercise.program):
        exec(compile(as_source([exercise], "", notation=style), str(example), "exec"), {"__name__": "sheet"})
        printed = [float(line.rpartition(" ")[2]) for line in capsys.readouterr().out.splitlines()]
        assert printed == pytest.approx([float(flat[cell]) for cell in exercise.asked], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("example", FIRST, ids=ids)
def test_sheet_and_key_on_the_web_and_as_text(example: Example) -> None:
    exercise = sheet_of(example)
    solution = solution_of(exercise)
    for page in (render_key(HEADER, [exercise]), key_html(HEADER, [exercise])):
        shown = page.replace("−", "-").replace("&#8722;", "-")
        assert all(solution.texts[cell] in shown for cell in exercise.asked)
    for page in (render_sheet(HEADER, [exercise]), sheet_html(HEADER, [exercise])):
        assert all(cell in page for cell in exercise.asked)
    assert to_toml(parse_specification(to_toml_of(example), "again")) == to_toml_of(example)


def to_toml_of(example: Example) -> str:
    exercise = sheet_of(example)
    specification = parse_specification(example.text(), "one")
    return to_toml(replace(specification, exercises=(exercise,)))


@pytest.mark.parametrize("family", FAMILIES)
def test_sheets_and_keys_on_paper(family: str) -> None:
    exercises = tuple(sheet_of(example) for example in examples(family)[:2])
    scripts = [Script(HEADER, (exercise,)) for exercise in exercises]
    assert sheet_pdf(scripts, Layout())[:4] == key_pdf(scripts, Layout())[:4] == b"%PDF"


@pytest.mark.parametrize("example", FIRST, ids=ids)
def test_it_can_be_faded_and_have_a_mistake_to_find(example: Example) -> None:
    half = sheet_of(example, "fade = 0.5")
    assert 0 < len(half.asked) < len(half.worked)
    assert faded(solution_of(half), half.asked).sections
    find = sheet_of(example, 'mode = "find-the-mistake"')
    assert find.finding and render_sheet(HEADER, [find]) and render_key(HEADER, [find])


@pytest.mark.parametrize("example", SOME, ids=ids)
def test_mistakes_can_be_made_and_told_in_every_notation(example: Example) -> None:
    program = example.exercise().program
    made = mistakes(program)
    assert made and len({(mistake.row.code, mistake.variant) for mistake in made}) == len(made)
    for style in serving(program):
        notation = notation_for(style, program)
        for mistake in made:
            for site, instead in mistake.sites.items():
                assert instead.expression.shape == program.shapes[site]
                said = mistake.row.sentence.format_map(
                    {name: notation.text(cell) for name, cell in instead.places.items()}
                )
                assert said.endswith(".")


@pytest.mark.parametrize("family", [name for name, family in FAMILIES.items() if family.misconceptions])
def test_a_familys_own_misconceptions_can_be_made_in_its_examples(family: str) -> None:
    made = {mistake.row.code for example in examples(family) for mistake in mistakes(example.exercise().program)}
    assert {row.code for row in FAMILIES[family].misconceptions} <= made
    assert set(FAMILIES[family].misconceptions) <= set(CATALOGUE)


@pytest.mark.parametrize("example", LEARNERS, ids=ids)
def test_students_are_marked_as_they_deserve(example: Example) -> None:
    """No flawless script is faulted; of those with a mistake none is all right that the notes don't list."""
    some, rng = Class.drawn(example.exercise(), FEW), np.random.default_rng(11)
    right = flawless(some, rng, any_habits)
    assert (right.wrong, right.named) == (0, 0)
    tally = one_mistake(some, rng, any_habits)
    assert not tally.right_unlisted
    assert tally.share >= 0.95, tally.missed
