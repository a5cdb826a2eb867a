"""Web pages: the same signs and digits as in Markdown, nothing from elsewhere, and readable for everybody."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from front_door import NETWORK, SEVERAL, Terminal, as_csv, flawless, made_set, with_secret
from web_pages import Element, bare, bare_latex, read_page

from exercises.notation import STYLES
from exercises.specification import Exercise, parse_specification, published_names, read_specification
from exercises.variants import draw, practice_seed
from templates import html
from templates.html import key_html, sheet_html, solution_html
from templates.layout import Layout
from templates.render import Header, render_key, render_sheet, solution_of

HEADER = Header("Title", "Course", "2026-11-22", "Note", "Ada", "set-1-ada")
NAMES = [
    'Ørsted #read("key")', "<script>alert(1)</script>", "{{7*7}}", r"\input{x}", "=1+1", "آدا לאבלייס", "Ada 🧮 & Bob",
    "</title><b>x</b>", "${7*7}", "a\" onload=\"x", "&lt;i&gt;",
]  # fmt: skip
MATHML_CORE = frozenset(
    "math mrow mi mn mo mtext mfrac msqrt msup msub msubsup mover munder munderover mtable mtr mtd mspace".split()  # noqa: SIM905
)
ATTRIBUTES = {"displaystyle", "mathvariant", "form", "stretchy", "lspace", "rspace", "accent", "class"}
OPEN = """
[[exercise]]
family = "mlp"
layers = [3, 2, 2]
activations = ["relu", "softmax"]
loss = "cross_entropy"
optimizer = { learning_rate = 0.1 }
notation = "NOTATION"
"""


@cache
def settled(text: str) -> tuple[Exercise, ...]:
    return tuple(
        draw(each, practice_seed("", each.number)).exercise for each in parse_specification(text, "a.toml").exercises
    )


@cache
def exercises_of(name: str) -> tuple[Exercise, ...]:
    if name.startswith("in "):
        return settled(OPEN.replace("NOTATION", name[3:]))
    return tuple(draw(each, practice_seed("", each.number)).exercise for each in read_specification(name).exercises)


CASES = [*published_names(), *(f"in {style}" for style in STYLES)]


@cache
def key_of(name: str) -> Element:
    return read_page(key_html(HEADER, exercises_of(name)))


@cache
def sheet_of(name: str) -> Element:
    return read_page(sheet_html(HEADER, exercises_of(name)))


# --- the same as in Markdown --------------------------------------------------------------------------------------


def worked_lines(page: Element) -> list[str]:
    return [bare(line.text) for part in page.all("div", "step") for line in part.all("li", "line")]


def markdown_lines(text: str) -> list[str]:
    """The equations of a key: bullets that begin with a displayed formula, or code from one sign of equality on."""
    return [bare_latex(line[2:]) for line in text.splitlines() if line.startswith(r"- $\displaystyle")]


@pytest.mark.parametrize("name", CASES)
def test_every_line_has_the_signs_and_digits_of_the_markdown(name: str) -> None:
    text = render_key(HEADER, exercises_of(name))
    found = worked_lines(key_of(name))
    if all(exercise.notation == "code" for exercise in exercises_of(name)):
        blocks = re.findall(r"```python\n(.*?)```", text, re.S)
        assert "".join(found) == bare("".join(blocks))
    else:
        assert found == markdown_lines(text)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("worked", [False, True])
def test_the_answer_tables_are_those_of_the_markdown(name: str, worked: bool) -> None:
    text = (render_key if worked else render_sheet)(HEADER, exercises_of(name))
    page = (key_of if worked else sheet_of)(name)
    rows = [row for row in re.findall(r"(?m)^\| (.*) \|$", text) if row.startswith("`")]
    wanted = [[part.strip() for part in row.split(" | ")] for row in rows]
    found = [
        [cell.text.strip() for cell in row.children if isinstance(cell, Element)]
        for table in page.all("table")
        for row in table.all("tbody")[0].all("tr")
    ]
    assert [(row[0], bare(row[1]), bare(row[-1])) for row in found] == [
        (row[0].strip("`"), _shown(row[1]), bare(row[3]) if worked else "") for row in wanted
    ]


def _shown(symbol: str) -> str:
    return bare(symbol.strip("`")) if symbol.startswith("`") else bare_latex(symbol)


def test_a_sheet_gives_nothing_away() -> None:
    (network, circuit) = exercises = settled(SEVERAL)
    text = read_page(sheet_html(HEADER, exercises)).all("body")[0].text
    key = read_page(key_html(HEADER, exercises)).all("body")[0].text
    for exercise in (network, circuit):
        texts = solution_of(exercise).texts
        for value in (texts[cell].replace("-", "−") for cell in exercise.asked):
            if len(value.strip("−").replace(".", "").strip("0")) >= 3:
                assert value not in text and value in key


# --- drawings -----------------------------------------------------------------------------------------------------


def test_networks_and_circuits_are_drawn_with_words_that_say_the_same() -> None:
    network, circuit = read_page(sheet_html(HEADER, settled(SEVERAL))).all("svg")
    assert {text.text for text in network.all("text")} >= {"x1", "w1", "w4"}
    for picture in (network, circuit):
        ids = {each.attributes["id"] for each in picture.all() if "id" in each.attributes}
        assert {picture.attributes["aria-labelledby"], picture.attributes["aria-describedby"]} == ids
        assert picture.attributes["role"] == "img" and len(picture.all("desc")[0].text) > 50


def test_a_circuits_sheet_draws_what_is_given_and_its_key_everything() -> None:
    (circuit,) = exercises_of("cs231n-mul")
    texts = solution_of(circuit).texts
    drawn = {}
    for kind, page in (("sheet", sheet_of("cs231n-mul")), ("key", key_of("cs231n-mul"))):
        drawn[kind] = {bare(text.text) for text in page.all("svg")[0].all("text")}
    assert {bare(texts[name]) for name in circuit.given} <= drawn["sheet"]
    assert {bare(texts[cell]) for cell in circuit.asked} <= drawn["key"]
    hidden = {bare(texts[cell]) for cell in circuit.asked} - {bare(texts[name]) for name in circuit.given} - {"1"}
    assert hidden and not hidden & drawn["sheet"]


# --- one file, and sound ------------------------------------------------------------------------------------------


PAGES = {
    "sheet": partial(sheet_html, HEADER),
    "key": partial(key_html, HEADER),
    "solution": partial(solution_html, "Title"),
}


@cache
def page_with(kind: str) -> str:
    return PAGES[kind](settled(SEVERAL))


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_needs_nothing_and_runs_nothing(kind: str) -> None:
    text = page_with(kind)
    page = read_page(text)
    for element in page.all():
        assert element.name not in ("script", "iframe", "object", "embed", "link", "base", "form")
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("src", "href", "action", "srcset", "poster", "xlink:href"):
            assert element.attributes.get(name, "#").startswith(("#", "data:"))
    styles = "".join(style.text for style in page.all("style"))
    assert not re.search(r"@import|url\((?!data:)|https?:", styles)
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", text).replace("http-equiv", "")
    policy = next(meta for meta in page.all("meta") if "http-equiv" in meta.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'")


@pytest.mark.parametrize("name", CASES)
def test_formulas_are_mathml_core(name: str) -> None:
    for page in (key_of(name), sheet_of(name)):
        for formula in page.all("math"):
            for part in (formula, *formula.all()):
                assert part.name in MATHML_CORE
                assert set(part.attributes) <= ATTRIBUTES, part.attributes
    text = key_html(HEADER, exercises_of(name))
    for formula_text in re.findall(r"<math.*?</math>", text, re.S):
        ElementTree.fromstring(formula_text)


@pytest.mark.parametrize("text", NAMES)
def test_texts_of_users_are_literal(text: str) -> None:
    exercises = settled(NETWORK)
    header = Header(title=text, course=text, date=text, note=text, student=text, sheet=text)
    for page in (sheet_html(header, exercises), key_html(header, exercises)):
        head = read_page(page)
        assert head.all("title")[0].text.count(text) == 2
        top = head.all("header")[0]
        assert top.text.count(text) == 6
        assert {each.name for each in top.all()} == {"h1", "p", "bdi", "span", "code"}


@pytest.mark.parametrize("made", [sheet_html, key_html])
def test_a_logo_is_a_picture_that_runs_nothing(made: Callable[..., str]) -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>"\'</svg>'
    page = read_page(made(HEADER, settled(NETWORK), None, Layout(logo=logo)))
    (picture,) = page.all("img")
    kind, _, data = picture.attributes["src"].partition(",")
    assert (kind, base64.b64decode(data).decode()) == ("data:image/svg+xml;base64", logo)
    assert picture.attributes["alt"] == "Logo of Course" and not page.all("script")
    assert not read_page(made(HEADER, settled(NETWORK))).all("img")


@pytest.mark.parametrize("paper, size", [("a4", "A4"), ("us-letter", "letter")])
def test_a_page_is_printed_on_the_paper_of_the_set(paper: str, size: str) -> None:
    for text in (
        sheet_html(HEADER, settled(NETWORK), None, Layout(paper)),
        key_html(HEADER, settled(NETWORK), None, Layout(paper)),
    ):
        assert f"@page {{ size: {size}; }}" in read_page(text).all("style")[0].text


def test_line_ends_and_control_characters_of_users_are_spaces() -> None:
    page = read_page(sheet_html(Header("a\u202eb\nc\x00d"), settled(NETWORK)))
    assert page.all("h1")[0].text == "a b c d"


# --- for everybody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PAGES)
def test_landmarks_headings_and_tables_are_marked_up(kind: str) -> None:
    page = read_page(page_with(kind))
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text.strip()
    assert [len(page.all(name)) for name in ("main", "header", "h1", "nav")] == [1, 1, 1, 1]
    levels = [int(each.name[1]) for each in page.all() if re.fullmatch("h[1-6]", each.name)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    assert {link.attributes["href"][1:] for link in page.all("a")} <= set(ids)
    assert page.all("nav")[0].attributes["aria-label"]
    for table in page.all("table"):
        assert table.all("caption")[0].text.strip()
        assert {each.attributes.get("scope") for each in table.all("th")} == {"col", "row"}
        assert all(row.all("th") for row in table.all("tr"))


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_ink_stands_out_from_the_paper(scheme: int) -> None:
    rules = re.findall(r":root \{(.*?)\}", (Path(html.__file__).parent / "html" / "page.css").read_text(), re.S)
    colours = dict(re.findall(r"--(\w+): (#\w+);", rules[scheme]))
    paper = _luminance(colours["paper"])
    for ink in ("ink", "faint", "forward", "backward", "update"):
        light, dark = sorted((_luminance(colours[ink]), paper), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, ink


# --- fonts --------------------------------------------------------------------------------------------------------


def test_fonts_are_small_and_come_with_their_licence() -> None:
    files = [html.ASSETS / name for name in html.FONTS.values()]
    assert all(path.read_bytes()[:4] == b"wOF2" for path in files)
    assert sum(path.stat().st_size for path in files) < 120_000
    assert "SIL OPEN FONT LICENSE" in (html.ASSETS / "OFL.txt").read_text(encoding="utf-8")


def test_the_fonts_hold_every_sign_of_the_formulas() -> None:
    readme = (html.ASSETS / "README.md").read_text(encoding="utf-8")
    held: set[int] = set()
    for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", readme.split("stix-two-math.woff2 ssty")[1]):
        held |= set(range(int(first, 16), int(last or first, 16) + 1))
    shown = {
        char
        for name in CASES
        for page in (key_of(name), sheet_of(name))
        for formula in page.all("math")
        for char in formula.text
        if not char.isspace()
    }
    assert {char for char in shown if ord(char) not in held} == set()


# --- the commands -------------------------------------------------------------------------------------------------


def test_generate_writes_web_pages(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("id,name\nada,<b>Ada</b>\n", encoding="utf-8")
    (tmp_path / "sheet.toml").write_text(NETWORK, encoding="utf-8")
    place = ["--out", tmp_path / "set", "--secret", with_secret(tmp_path)]
    outcome = terminal(
        "generate", tmp_path / "sheet.toml", "--students", tmp_path / "roster.csv", *place, "--format", "html"
    )
    assert outcome.code == 0
    sheet = read_page((tmp_path / "set/students/ada.html").read_text(encoding="utf-8"))
    key = read_page((tmp_path / "set/teacher/keys/ada.html").read_text(encoding="utf-8"))
    assert sheet.all("bdi")[0].text == key.all("bdi")[0].text == "<b>Ada</b>"
    answers = flawless(tmp_path / "set/teacher/sheets/ada.toml")
    cells = {row.all("th")[0].text: bare(row.all("td")[-1].text) for row in key.all("tbody")[0].all("tr")}
    assert cells == {cell: bare(answers[cell]) for cell in cells} and len(cells) > 5
    assert not (tmp_path / "set/students/ada.md").exists()


def test_a_sets_logo_and_paper_are_those_of_its_pages(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "sheet.toml").write_text('paper = "us-letter"\nlogo = "own.svg"\n' + NETWORK, encoding="utf-8")
    (tmp_path / "own.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', encoding="utf-8")
    place = ["--count", 1, "--out", tmp_path / "set", "--secret", with_secret(tmp_path), "--format", "html"]
    assert terminal("generate", tmp_path / "sheet.toml", *place).code == 0
    for path in ("students/001.html", "teacher/keys/001.html"):
        page = read_page((tmp_path / "set" / path).read_text(encoding="utf-8"))
        assert page.all("img")[0].attributes["alt"] == "Logo"
        assert "@page { size: letter; }" in page.all("style")[0].text


def test_solve_writes_a_web_page(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "mazur.html"
    outcome = terminal("solve", "mazur", "--as", "html", "--out", out)
    assert (outcome.code, outcome.out) == (0, "")
    assert "0.298371109" in read_page(out.read_text(encoding="utf-8")).all("main")[0].text
    assert terminal("solve", "mazur", "--as", "html").out == out.read_text(encoding="utf-8")


def test_feedback_as_a_web_page(terminal: Terminal, tmp_path: Path) -> None:
    folder = made_set(tmp_path, NETWORK, "id,name\nada,<i>Ada</i>\n")
    answers = flawless(folder / "teacher/sheets/ada.toml")
    first = next(iter(answers))
    handins = tmp_path / "handins"
    handins.mkdir()
    (handins / "ada.csv").write_text(as_csv(answers | {first: "<b>7</b>"}), encoding="utf-8")
    assert terminal("grade", folder, handins, "--format", "html").code == 0
    page = read_page((folder / "results/feedback/ada.html").read_text(encoding="utf-8"))
    assert page.all("bdi")[0].text == "<i>Ada</i>"
    rows = {row.all("th")[0].text: row for row in page.all("tbody")[0].all("tr")}
    assert list(rows) == list(answers)
    assert "unreadable" in rows[first].text and "<b>7</b>" in rows[first].text
    assert sum("correct" in row.text for row in rows.values()) == len(answers) - 1
    assert not (folder / "results/feedback/ada.md").exists()
