"""Room: templates. The practice page: one file that holds sheets, marking and help, and asks nothing of any server."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from exercises.names import cell_ids, parse_cell
from exercises.notation import Notation
from exercises.reasons import Sentence
from exercises.solution import Block, Line, Section, Solution
from exercises.specification import Exercise
from templates.diagram import Picture
from templates.drawing import sheet_picture, svg_of
from templates.environment import Templates, ours
from templates.html import font_faces
from templates.html_page import COLOURS, HtmlPage, WebLine
from templates.practice_formula import Packed, PracticePrinter
from templates.render import Header, description, solution_of

MODULES = Path(__file__).parent / "practice"

FIRST_MODULE = "page.js"
"""The module that the page begins with; it says which others it needs."""

_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"\./([a-z_]+\.js)";\n', re.MULTILINE)
_COMMENT = re.compile(r"/\*\*(?s:.*?)\*/ ?|^ *//.*\n|(?<=[;{]) // .*$", re.MULTILINE)

_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_LAID_OUT = re.compile(r"\n\s+")


@dataclass(frozen=True, slots=True)
class PracticeExercise:
    """What stands around the answers of one exercise.

    ``sheets`` are its pictures and given numbers, one a variant, of which the page begins with the first; a picture
    that is the same for all stands in ``picture``.
    """

    number: int
    words: str
    picture: Markup
    sheets: tuple[tuple[Markup, tuple[tuple[WebLine, ...], ...]], ...]
    outline: tuple[WebLine, ...]
    legend: tuple[Markup, ...]


def practice_html(
    header: Header,
    variants: Sequence[Sequence[Exercise]],
    marking: Sequence[Mapping[str, Any]],
    common: Mapping[str, Any],
    *,
    templates: Templates | None = None,
) -> str:
    """The page. ``variants`` are sets of exercises with all their numbers, the first of them shown first.

    ``marking`` is what marking needs, one an exercise, and ``common`` what all exercises share, both as plain data for
    the page's modules.
    """
    solutions = [[solution_of(each, detail="component") for each in exercises] for exercises in variants]
    pages = [_set([row[place] for row in solutions], numbered) for place, numbered in enumerate(variants[0])]
    several = len(pages) > 1
    filler = templates or ours()
    data = {
        **common,
        "exercises": [
            {
                **view_data(exercise, solution, one),
                "handedOut": _handed_out(page, several, filler),
                "marking": dict(one),
            }
            for exercise, solution, page, one in zip(variants[0], solutions[0], pages, marking, strict=True)
        ],
    }
    script = Markup(page_script())
    values = {
        "header": header,
        "exercises": pages,
        "several": several,
        "variants": len(variants),
        "data": packed(data),
        "script": script,
        "policy": f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'",
        "fonts": font_faces(),
    }
    page = filler.filled("html", "practice.html.j2", values)
    return _LAID_OUT.sub("\n", _STYLE.sub(lambda found: _tight(found[0]), page))


def _tight(style: str) -> str:
    """Rules of style without comments and without what only sets them out for who reads them."""
    return re.sub(r"\s*([{};])\s*", r"\1", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def packed(data: Mapping[str, Any]) -> str:
    """Data as the page carries it: JSON, deflated, in letters. Formulas repeat themselves, and shrink to a fifth."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _handed_out(page: PracticeExercise, several: bool, templates: Templates) -> list[str]:
    """What is given in each variant, as the page shows it; nothing where the one in the page is the only one."""
    if len(page.sheets) == 1:
        return []
    level = 3 if several else 2
    return [
        _LAID_OUT.sub("\n", templates.filled("html", "practice_given.html.j2", {"sheet": sheet, "level": level}))
        for sheet in page.sheets
    ]


def _set(solutions: Sequence[Solution], exercise: Exercise) -> PracticeExercise:
    page = HtmlPage(solutions[0].notation)
    drawn = [sheet_picture(solution) for solution in solutions]
    same = all(picture == drawn[0] for picture in drawn)
    sheets = tuple(
        (Markup("") if same else _svg(picture, f"{exercise.number}-{place}"), tuple(map(page.given, solution.given)))
        for place, (picture, solution) in enumerate(zip(drawn, solutions, strict=True))
    )
    first = solutions[0]
    return PracticeExercise(
        exercise.number,
        description(first.notation),
        _svg(drawn[0], str(exercise.number)) if same else Markup(""),
        sheets,
        page.outline(first),
        page.legend(first),
    )


def _svg(picture: Picture | None, name: str) -> Markup:
    return Markup("" if picture is None else svg_of(picture, identity=f"picture-{name}"))


# --- the modules --------------------------------------------------------------------------------------------------


@cache
def page_script() -> str:
    """The page's modules as one: each after those it needs, without what ties files together, and without comments."""
    return "\n".join(_bare(name) for name in _in_order(FIRST_MODULE, {}))


def _in_order(name: str, seen: dict[str, None]) -> dict[str, None]:
    for needed in _IMPORT.findall((MODULES / name).read_text(encoding="utf-8")):
        if needed not in seen:
            _in_order(needed, seen)
    seen[name] = None
    return seen


def _bare(name: str) -> str:
    text = _IMPORT.sub("", (MODULES / name).read_text(encoding="utf-8"))
    text = re.sub(r"^export ", "", _COMMENT.sub("", text), flags=re.MULTILINE)
    return re.sub(r"\n\s+", "\n", text).strip()


# --- what the page shows ------------------------------------------------------------------------------------------


def view_data(exercise: Exercise, solution: Solution, marking: Mapping[str, Any]) -> dict[str, Any]:
    """One exercise as the page shows it: sections of steps, each with its cells, its reason and its formulas.

    ``marking`` is what marking needs, whose rules may name symbols.
    """
    view = _View(solution.notation, frozenset(exercise.asked))
    sections = [view.section(section, solution.rounds > 1) for section in solution.sections]
    packed = Packed(view.printer.slots.signs)
    return {
        "number": exercise.number,
        "code": view.printer.code,
        "byCell": solution.notation.style.by_component,
        "sections": packed.everywhere(sections),
        "symbols": packed.everywhere(view.symbols(_ids(exercise, solution, marking))),
        "signs": packed.table,
        "first": sorted({parse_cell(cell).quantity for cell in exercise.asked}) if exercise.fade is not None else [],
    }


def _ids(exercise: Exercise, solution: Solution, marking: Mapping[str, Any]) -> Iterable[str]:
    """Every quantity and every cell that a sentence may name: those told, and those of the rules that may go wrong."""
    told = {block.quantity for section in solution.sections for block in section.blocks}
    told |= {parse_cell(cell).quantity for line in _lines(solution) for cell in line.cells}
    told |= {given.name for given in exercise.program.givens}
    sites = [places for one in marking["plan"]["mistakes"] for places in one["sites"].values()]
    named = {name for places in sites for name in places.values()}
    for name, shape in exercise.program.shapes.items():
        cells = cell_ids(name, shape)
        yield from (each for each in dict.fromkeys((name, *cells)) if name in told or each in named)


def _lines(solution: Solution) -> Iterable[Line]:
    return (line for section in solution.sections for block in section.blocks for line in block.lines)


class _View:
    """The formulas of one notation for the page."""

    def __init__(self, notation: Notation, asked: frozenset[str]) -> None:
        self.notation, self.asked = notation, asked
        self.printer = PracticePrinter(notation)

    def symbols(self, names: Iterable[str]) -> dict[str, list[str]]:
        """By id: the symbol as the page sets it, and in plain letters for who listens."""
        page = HtmlPage(self.notation)
        return {name: [str(page.symbol(name)), self.notation.text(name)] for name in names}

    def section(self, section: Section, several_rounds: bool) -> dict[str, Any]:
        heading = f"{section.heading}, round {section.round}" if several_rounds else section.heading
        steps = [self.step(block) for block in section.blocks]
        return {"heading": heading, "colour": COLOURS[section.part], "steps": steps}

    def step(self, block: Block) -> dict[str, Any]:
        return {
            "quantity": block.quantity,
            "reason": self.said(block.reason),
            "lines": [self.line(line) for line in block.lines],
        }

    def line(self, line: Line) -> dict[str, Any]:
        cell = next((cell for cell in line.cells if cell in self.asked), line.cells[0])
        chains = [[factor.sign for factor in product] for product in line.chain]
        return {
            "cell": cell,
            "asked": int(not self.asked.isdisjoint(line.cells)),
            "sign": self.printer.sign(line.sign),
            "chain": self.printer.chain(chains) if chains else "",
            "formula": self.printer.expression(line.expression),
            "numbers": self.printer.with_room(line.expression),
        }

    def said(self, words: Sentence) -> list[Any]:
        """Texts, and formulas in lists of their own."""
        page = HtmlPage(self.notation)
        return [word if isinstance(word, str) else [str(page.said((word,)))] for word in words]
