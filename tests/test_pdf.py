"""Paper: what is on it, how it is tagged, that it is the same everywhere, and that no name can do anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import pytest
import typst
from front_door import Terminal, names, with_secret
from pdf_reading import Paper
from random_sheets import CIRCUITS, SLACK, random_network, widths
from styles import everything, written

from exercises.errors import InputError
from exercises.specification import parse_specification, read_specification, to_toml
from gradsheet.solving import settled_exercises
from templates.environment import templates_in
from templates.pdf import (
    FONTS,
    Kind,
    Layout,
    Script,
    _compile,
    check_layout,
    key_pdf,
    paper_source,
    sheet_pdf,
    solution_pdf,
    unprintable,
)
from templates.render import Header, solution_of
from templates.typst_symbols import TypstSymbols

A4 = Layout()
HEADER = Header("Backpropagation", "Networks 101", "2026-11-20", "Show your working.", "Ada Lovelace", "set-1-ada")

TWO = """[[exercise]]
family = "mlp"
layers = [2, 2, 2]
activations = "sigmoid"
optimizer = { name = "sgd", learning_rate = 0.1 }
decimals = 4
given = { x = [0.6, 0.7], y = [0.85, 0.15], W1 = [[-1.05, 1.25], [0.4, 1.3]], b1 = [-0.05, -0.15], \
W2 = [[-0.35, 0.95], [-0.7, 1.35]], b2 = [-0.1, 0.45] }
"""

SEVERAL = """
[[exercise]]
family = "mlp"
layers = [3, 3, 2]
activations = ["relu", "softmax"]
loss = "cross_entropy"
decimals = 3
given = { x = [0.6, 1.3, 1.2], y = [1, 0], W1 = [[-1.3, -0.6, 1.2], [-0.9, -0.45, 1.05], [0.8, -0.85, 1.1]], \
b1 = [-0.35, 0.1, 0.45], W2 = [[1.15, 0.85, -1.4], [-0.5, -0.45, -0.7]], b2 = [-0.15, 0.45] }

[[exercise]]
family = "circuit"
expression = "(x + y) * max(y, z)"
decimals = 2
given = { x = -2.4, y = -2.9, z = -1.7 }
"""

FADED = TWO.replace("decimals = 4", "decimals = 4\nfade = 0.5")

HOSTILE = [
    'Ørsted #read("key")',
    "<script>alert(1)</script>",
    "{{7*7}} {% raw %}",
    r"\input{x} $x$ *b* _c_ `d` @e <f> // g",
    "=1+1",
    '"); panic("',
    "Zoë 😀",
]


@cache
def exercises(text: str) -> tuple[object, ...]:
    return settled_exercises(parse_specification(text, "sheet.toml"))


def script(text: str, header: Header = HEADER) -> Script:
    return Script(header, exercises(text))  # type: ignore[arg-type]


@cache
def sheet(text: str, layout: Layout = A4) -> Paper:
    return Paper(sheet_pdf([script(text)], layout))


@cache
def key(text: str, layout: Layout = A4) -> Paper:
    return Paper(key_pdf([script(text)], layout))


def values(text: str) -> dict[str, str]:
    """Every asked id as a hand-in names it, and its value as the key prints it."""
    several = len(exercises(text)) > 1
    found = {}
    for exercise in exercises(text):
        solution = solution_of(exercise)  # type: ignore[arg-type]
        for cell in exercise.asked:  # type: ignore[attr-defined]
            name = f"{exercise.number}:{cell}" if several else cell  # type: ignore[attr-defined]
            found[name] = solution.texts[cell].replace("-", "−")
    return found


def unspaced(text: str) -> str:
    return re.sub(r"\s", "", text)


# What is on it


@pytest.mark.parametrize("text", [TWO, SEVERAL], ids=["one", "several"])
def test_the_answer_tables_hold_the_forms_ids_and_the_keys_their_values(text: str) -> None:
    on_sheet, on_key = unspaced(sheet(text).text), key(text).text
    for name, value in values(text).items():
        assert unspaced(name) in on_sheet
        assert unspaced(name) in unspaced(on_key)
        assert value in on_key


def test_a_sheet_tells_no_result() -> None:
    given = {"0.1500"}
    told = {value for value in values(TWO).values() if value in sheet(TWO).text}
    assert told <= given
    assert values(TWO)["J"] in key(TWO).text


@pytest.mark.parametrize(("space", "pages"), [("boxes", 2), ("lines", 2), ("none", 1)])
def test_a_2_2_2_sheet_takes_two_pages_and_its_key_four(space: str, pages: int) -> None:
    assert len(sheet(TWO, Layout(space=space)).pages) == pages
    assert 2 <= len(key(TWO).pages) <= 4


@pytest.mark.parametrize(("paper", "size"), [("a4", (595.28, 841.89)), ("us-letter", (612.0, 792.0))])
def test_pages_have_the_size_that_is_wished(paper: str, size: tuple[float, float]) -> None:
    made = sheet(TWO, Layout(paper=paper))
    for page in made.reader.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(size, abs=0.01)
    assert len(made.pages) == 2


def test_every_page_names_student_and_sheet_and_is_counted() -> None:
    made = key(TWO)
    assert made.reader.metadata is not None
    assert made.reader.metadata.title == "Backpropagation: key"
    for number, page in enumerate(made.pages, start=1):
        assert "Ada Lovelace" in page
        assert "set-1-ada" in page
        assert f"page {number} of {len(made.pages)}" in page
    assert "Networks 101" in made.pages[0]
    assert "2026-11-20" in made.pages[0]
    assert "Show your working." in made.pages[0]


def test_room_is_left_for_everything_that_is_asked() -> None:
    with_room, without = sheet(TWO).text, sheet(TWO, Layout(space="none")).text
    for heading in ("Forward pass", "Error", "Backward pass", "Update"):
        assert heading in with_room
        assert heading not in without
    assert with_room.count("=") - without.count("=") == len(values(TWO))


def test_a_faded_sheet_shows_half_of_the_working_and_asks_for_the_rest() -> None:
    shown, blank = sheet(FADED), values(FADED)
    assert 0 < len(blank) < len(values(TWO))
    assert all(unspaced(name) in unspaced(shown.text) for name in blank)
    later = [value for name, value in values(TWO).items() if name not in blank]
    assert all(value in shown.text for value in later)
    assert any("blank" in element["/Alt"] for element in shown.tagged("/Formula"))


def test_a_solution_has_the_working_without_a_table_to_fill_in() -> None:
    made = Paper(solution_pdf("Mazur", settled_exercises(read_specification("mazur")), Layout()))
    assert "0.298371109" in made.text
    assert "answers" not in made.text
    other = solution_pdf("Mazur", settled_exercises(read_specification("mazur")), Layout(), notation="code")
    assert "derror_dprediction" in unspaced(Paper(other).text)


# Published examples, on sheets and keys: tests/test_formats_agree.py


# A class in one file


def test_each_sheet_of_a_class_starts_on_an_odd_page_and_counts_its_own() -> None:
    one_page = 'family = "circuit"\nexpression = "x * y"\ngiven = { x = 2, y = 3 }\n'
    headers = [Header("Set", student=name, sheet=f"set-{name}") for name in ("Ada", "Ben", "Cyd")]
    texts = [f"[[exercise]]\n{one_page}", TWO, f"[[exercise]]\n{one_page}"]
    scripts = [script(text, header) for text, header in zip(texts, headers, strict=True)]
    pages = Paper(sheet_pdf(scripts, Layout())).pages
    starts = [number for number, page in enumerate(pages, start=1) if "sheet set-" in page]
    assert starts == [1, 3, 5]
    assert pages[1].strip() == ""
    assert "page 1 of 1" in pages[0]
    assert "page 2 of 2" in pages[3]
    assert "Ben" in pages[3]
    assert "page 1 of 1" in pages[4]


# For those who can't see it, and for readers of all kinds


@pytest.mark.parametrize("made", [sheet, key])
@pytest.mark.parametrize("text", [TWO, SEVERAL], ids=["one", "several"])
def test_every_formula_has_its_words(text: str, made: object) -> None:
    paper: Paper = made(text)  # type: ignore[operator]
    source, _ = paper_source([script(text)], Layout(), "key" if made is key else "sheet")
    formulas = paper.tagged("/Formula")
    assert len(formulas) == len(re.findall(rb'\b(?:m|eq)\("', source))
    assert all(element["/Alt"].strip() for element in formulas)


def test_drawings_are_told_in_words() -> None:
    network, circuit = (element["/Alt"] for element in key(SEVERAL).tagged("/Figure"))
    assert network.startswith("Network. Layered network from left to right with 3, 3 and 2 units.")
    assert circuit.startswith("Computation graph. Computation graph with 3 operations and the output f. x is given;")
    assert "value −2.4 and gradient −1.70" in circuit
    asked = sheet(SEVERAL).tagged("/Figure")[1]["/Alt"]
    assert "value −2.4" in asked
    assert "−1.70" not in asked


def test_a_class_has_one_drawing_of_its_network() -> None:
    scripts = [script(TWO, Header("Set", student=name)) for name in ("Ada", "Ben", "Cyd")]
    _, data = paper_source(scripts, A4, "sheet")
    assert len(json.loads(data)["figures"]) == 1


def test_matrices_are_read_out_by_rows() -> None:
    alternatives = [element["/Alt"] for element in key(TWO).tagged("/Formula")]
    assert any("the matrix with 2 rows and 2 columns, row 1: minus 1.05, 1.25; row 2:" in each for each in alternatives)


@pytest.mark.parametrize("made", [partial(sheet, TWO), partial(key, SEVERAL)], ids=["sheet", "key"])
def test_the_tags_are_those_of_pdf_ua(made: Callable[[], Paper]) -> None:
    paper = made()
    root = paper.root
    assert root["/MarkInfo"]["/Marked"] is not None
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/Lang"] == "en"
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    metadata = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part\W+1\b", metadata)
    assert "Backpropagation" in metadata
    kinds = [element["/S"] for element in paper.elements]
    headings = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H[1-6]", kind)]
    assert headings[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(headings))
    assert {"/Table", "/TR", "/TH", "/TD", "/L", "/LI", "/P"} <= set(kinds)


@pytest.mark.parametrize(
    "made", [partial(sheet, TWO), partial(key, SEVERAL), partial(sheet, FADED)], ids=["sheet", "key", "faded"]
)
def test_readers_find_nothing_to_complain_about_and_every_font_inside(made: Callable[[], Paper]) -> None:
    paper = made()
    assert paper.complaints() == []
    assert len(paper.fonts) >= 3
    for descriptor in paper.fonts:
        assert any(f"/FontFile{kind}" in descriptor for kind in ("", "2", "3"))


@pytest.fixture
def own_fonts(tmp_path: Path) -> Path:
    """A teacher's folder with a font for every script: the last resort under another name."""
    content = (FONTS / "last-resort.ttf").read_bytes()
    for ours, theirs in (
        ("Gradsheet Last Resort", "Of the Teacher's Own!"),
        ("GradsheetLastResort", "OfTheTeachersOwnOne"),
    ):
        for encoding in ("ascii", "utf-16-be"):
            content = content.replace(ours.encode(encoding), theirs.encode(encoding))
    (tmp_path / "own").mkdir()
    (tmp_path / "own/every.ttf").write_bytes(content)
    return tmp_path / "own"


def test_a_teachers_fonts_are_taken_for_what_ours_lack(own_fonts: Path) -> None:
    script = Script(Header("Names", student="Ada 李小龙"), parse_specification(TWO, "two.toml").exercises)
    plain, mended = sheet_pdf([script], Layout()), sheet_pdf([script], Layout(fonts=own_fonts))
    assert b"GradsheetLastResort" in plain and b"OfTheTeachersOwnOne" not in plain
    assert b"OfTheTeachersOwnOne" in mended and b"GradsheetLastResort" not in mended
    assert b"NewCM10" in mended  # ours still where they do


def test_letters_that_no_font_has_are_known(own_fonts: Path) -> None:
    names = ["José Żółć", "Владимир", "Ελένη", "محمد", "Ada 李小龙"]
    assert unprintable(names, None) == set("李小龙")
    assert unprintable(names[:-1], None) == unprintable(names, own_fonts) == frozenset()


def test_the_second_colour_is_dark_and_stands_behind_a_rule() -> None:
    look = (Path(__file__).parents[1] / "templates" / "typst" / "look.typ").read_text(encoding="utf-8")
    colour = re.search(r'accent = rgb\("#([0-9a-f]{6})"\)', look)
    assert colour is not None
    red, green, blue = (int(colour[1][k : k + 2], 16) / 255 for k in (0, 2, 4))
    linear = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    assert 1.05 / (luminance + 0.05) >= 7
    painted = f"{red:.3f}"[:4].encode()
    assert b"".join(page.get_contents().get_data() for page in key(TWO).reader.pages).count(painted) > 20  # type: ignore[union-attr]


# The same everywhere, and safe


def test_the_same_sheet_has_the_same_bytes_in_fresh_processes(tmp_path: Path) -> None:
    (tmp_path / "two.toml").write_text('title = "Mine"\n' + TWO, encoding="utf-8")
    made = []
    for number in (1, 2):
        out = tmp_path / f"{number}.pdf"
        command = [sys.executable, "-m", "gradsheet", "solve", "two.toml", "--as", "pdf", "--out", str(out)]
        subprocess.run(command, cwd=tmp_path, check=True)
        made.append(out.read_bytes())
    here = solution_pdf("Mine", exercises(TWO), Layout())  # type: ignore[arg-type]
    assert made == [here, here]
    assert b"/CreationDate" not in here


@pytest.mark.parametrize("name", HOSTILE)
def test_names_print_as_they_are_written(name: str) -> None:
    header = Header(f"Title {name}", f"Course {name}", f"Day {name}", f"Note {name}", name, "id-1")
    paper = Paper(sheet_pdf([script(TWO, header)], Layout()))
    first = unspaced(paper.pages[0])
    for said in ("Title", "Course", "Day", "Note"):
        assert unspaced(f"{said} {name}") in first
    assert unspaced(name) in unspaced(paper.pages[1])
    assert paper.reader.metadata is not None
    assert paper.reader.metadata.title == f"Title {name}"


@pytest.mark.parametrize("name", ["مريم بنت أحمد", "שרה כהן", "王小明", "สมชาย", "👩‍💻 김민준"])
def test_names_in_other_scripts_print_and_can_be_copied(name: str) -> None:
    paper = Paper(sheet_pdf([script(TWO, Header("Set", student=name, sheet="id-1"))], Layout()))
    drawn = paper.reader.pages[0].get_contents().get_data()  # type: ignore[union-attr]
    spelled = {
        bytes.fromhex(found.decode()).decode("utf-16") for found in re.findall(rb"/ActualText *<([0-9A-F]+)>", drawn)
    }
    spelled |= {found.decode("utf-16-be") for found in re.findall(rb"/ActualText *\(\xfe\xff(.*?)\)", drawn, re.DOTALL)}
    copied = paper.pages[0] + "".join(spelled)
    assert all(letter in copied for letter in name if letter.isalpha())
    assert paper.complaints() == []


def test_no_text_of_a_user_is_in_the_source() -> None:
    plain, _ = paper_source([script(TWO, Header("T"))], Layout(), "key")
    hostile, data = paper_source([script(TWO, Header(*HOSTILE[:6]))], Layout(logo="<svg/>"), "key")
    assert plain == hostile
    assert json.loads(data)["sheets"][0]["student"] == HOSTILE[4]


@pytest.mark.parametrize("call", ['read("/etc/hostname")', 'read("../../etc/hostname")', 'image("/etc/hostname")'])
def test_nothing_of_the_machine_can_be_read(call: str) -> None:
    source = f'#set document(title: "x", date: none)\n#{call}'.encode()
    with pytest.raises(typst.TypstError, match=r"file not found|access denied|escape"):
        _compile(source, "{}", None)


def test_a_logo_is_printed_with_words_and_must_be_svg() -> None:
    logo = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
    check_layout(Layout(logo=logo), "logo.svg")
    assert sheet(TWO, Layout(logo=logo)).tagged("/Figure")[0]["/Alt"] == "Logo of Networks 101"
    with pytest.raises(InputError, match=r"^logo logo\.svg: expected a picture in SVG, but "):
        check_layout(Layout(logo="no picture"), "logo.svg")


def test_a_teachers_template_is_used_and_its_slips_are_told(tmp_path: Path) -> None:
    (tmp_path / "typst").mkdir()
    template = tmp_path / "typst" / "paper.typ.j2"
    template.write_text('#set document(title: "Own", date: none)\n#title()\nOwn {{ kind }}\n', encoding="utf-8")
    assert "Own sheet" in Paper(sheet_pdf([script(TWO)], Layout(templates=templates_in(tmp_path)))).text
    template.write_text("{{ kidn }}", encoding="utf-8")
    with pytest.raises(InputError, match=r'typst/paper\.typ\.j2, line 1: unknown name "kidn"'):
        sheet_pdf([script(TWO)], Layout(templates=templates_in(tmp_path)))
    template.write_text("#nothing()", encoding="utf-8")
    with pytest.raises(InputError, match=r"paper\.typ\.j2: unknown variable: nothing"):
        sheet_pdf([script(TWO)], Layout(templates=templates_in(tmp_path)))


# Nothing runs outside the text


@pytest.mark.parametrize("kind", ["sheet", "key"])
def test_no_formula_on_random_sheets_is_wider_than_its_room(kind: Kind) -> None:
    """A few; two hundred are in soak_pdf.py."""
    found = widths([script(text) for text in (*map(random_network, range(5)), *CIRCUITS)], kind)
    assert len(found) > 100
    assert [pair for pair in found if pair[0] > pair[1] + SLACK] == []


def test_widths_are_estimated_well() -> None:
    equations = []
    for name, style in written():
        if style == "code":
            continue
        solution = everything()[name].solved(style, detail="both", everything=True)
        symbols = TypstSymbols(solution.notation)
        lines = [line for section in solution.sections for block in section.blocks for line in block.lines]
        lines += [block.matrix for section in solution.sections for block in section.blocks if block.matrix]
        equations += [symbols.equation(line) for line in lines[::20]]
    look = (Path(__file__).parents[1] / "templates" / "typst" / "look.typ").read_text(encoding="utf-8")
    source = look + '#show: look.with("Widths", "a4")\n'
    source += "".join(f"#context [#metadata(measure({each.code}).width.pt())<w>]\n" for each in equations)
    compiler = typst.Compiler(source.encode(), ignore_system_fonts=True)
    real = json.loads(compiler.query("<w>", field="value"))
    ratios = [each.width / width for each, width in zip(equations, real, strict=True) if "size:" not in each.code]
    assert len(ratios) > 120
    assert min(ratios) > 0.92
    assert 1 < sum(ratios) / len(ratios) < 1.07


def test_all_text_starts_inside_the_margins() -> None:
    for paper in (sheet(TWO), key(TWO)):
        for page in paper.reader.pages:
            places: list[tuple[float, float]] = []
            page.extract_text(
                visitor_text=lambda text, cm, tm, font, size, places=places: (
                    places.append((tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5])) if text.strip() else None
                )
            )
            assert len(places) > 20
            width = float(page.mediabox.width)
            assert all(65 <= x <= width - 65 for x, _ in places)


# At the front door


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with_secret(tmp_path)
    (tmp_path / "set.toml").write_text('title = "Mine"\nlogo = "logo.svg"\n' + TWO, encoding="utf-8")
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>', encoding="utf-8")
    (tmp_path / "gone.toml").write_text('logo = "gone.svg"\n' + TWO, encoding="utf-8")
    (tmp_path / "long.toml").write_text('paper = "foolscap"\n' + TWO, encoding="utf-8")
    return tmp_path


def test_generate_prints_sheets_keys_and_a_class_in_chunks(
    course: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradsheet.printing.TOGETHER", 2)
    outcome = terminal("generate", "set.toml", "--count", 3, "--format", "pdf", "--booklet", "--out", "out")
    assert (outcome.code, outcome.err) == (0, "")
    ids = ("001", "002", "003")
    assert names(course / "out/students") == [f"{student}.{ending}" for student in ids for ending in ("csv", "pdf")]
    assert names(course / "out/teacher/keys") == [f"{student}.pdf" for student in ids]
    printed = [Paper((course / f"out/teacher/print/sheets-{k}.pdf").read_bytes()).pages for k in (1, 2)]
    assert [len(pages) for pages in printed] == [4, 2]
    assert "mine-1-001" in printed[0][0]
    assert "mine-1-002" in printed[0][2]
    assert Paper((course / "out/students/003.pdf").read_bytes()).pages == printed[1]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("solve mazur --as pdf", "a PDF can't be printed on the terminal; name its file: --out FILE.pdf"),
        ("generate set.toml --count 1 --fonts fonts", "--fonts are for PDF; add --format pdf"),
        ("generate set.toml --count 1 --format pdf --fonts no/where", "--fonts no/where: expected a folder of fonts"),
        ("generate gone.toml --count 1 --format pdf", "logo gone.svg: can't be read (No such file or directory)"),
        (
            "generate long.toml --count 1 --format pdf",
            'long.toml, paper: unknown choice "foolscap"; known: a4, us-letter',
        ),
    ],
)
def test_what_can_not_be_printed_is_told(course: Path, terminal: Terminal, command: str, said: str) -> None:
    assert said in terminal.refused(*command.split())
    assert not (course / "output").exists()


def test_a_specification_is_written_again_with_its_paper_but_not_its_logo() -> None:
    text = 'paper = "us-letter"\nspace = "lines"\nlogo = "logo.svg"\n' + TWO
    again = to_toml(parse_specification(text, "sheet.toml"))
    assert 'paper = "us-letter"\nspace = "lines"\n' in again
    assert "logo" not in again
    usual = to_toml(parse_specification(TWO, "sheet.toml"))
    assert "paper" not in usual
    assert "space" not in usual


def test_a_teacher_is_told_whose_name_is_printed_as_boxes(course: Path, terminal: Terminal) -> None:
    (course / "roster.csv").write_text("id,name\na,Ada\nb,李小龙\n", encoding="utf-8")
    said = terminal("generate", "set.toml", "--students", "roster.csv", "--format", "pdf", "--out", "boxes").out
    assert "all the letters of the name 李小龙" in said and "--fonts" in said
    assert "--fonts" not in terminal("generate", "set.toml", "--count", 1, "--format", "pdf", "--out", "none").out
