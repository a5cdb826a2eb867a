"""What a sheet of a class says of handing in: the same in all formats, and whoever does as it says gets full marks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from front_door import NETWORK, SECRET, Terminal, flawless, with_secret
from pdf_reading import Paper
from web_pages import read_page

from gradsheet import cli

CIRCUIT = 'title = "Week 1"\n[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "f = q * z"]\n'
FIND = '[[exercise]]\nfamily = "mlp"\nlayers = [2, 2, 1]\nactivations = "sigmoid"\nmode = "find-the-mistake"\n'
OWN = "Enter your own numbers"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def made(folder: Path, text: str, formats: str = "md", students: str = "id\nada\n007\n") -> Path:
    (folder / "sheet.toml").write_text(text, encoding="utf-8")
    (folder / "roster.csv").write_text(students, encoding="utf-8")
    words = ["--students", folder / "roster.csv", "--out", folder / "set", "--format", formats]
    secret = ["--secret", with_secret(folder, SECRET)]
    assert cli.main([str(word) for word in ("generate", folder / "sheet.toml", *words, *secret)]) == 0
    return folder / "set"


def last_words(path: Path) -> str:
    """What stands under the last heading, without markup and line ends."""
    if path.suffix == ".md":
        text = path.read_text(encoding="utf-8").partition("## Handing in\n")[2].replace("`", "")
    elif path.suffix == ".html":
        sections = read_page(path.read_text(encoding="utf-8")).all("section", "handing-in")
        text = sections[0].all("p")[0].text if sections else ""
    else:
        text = Paper(path.read_bytes()).pages[-1].partition("Handing in.")[2].partition("page ")[0]
    return "".join(text.split())


def test_every_format_names_the_students_own_form_in_the_same_words(tmp_path: Path) -> None:
    place = made(tmp_path, CIRCUIT, "md,html,pdf")
    for student in ("ada", "007"):
        sheets = [last_words(place / f"students/{student}.{ending}") for ending in ("md", "html", "pdf")]
        assert (place / f"students/{student}.csv").is_file()
        assert all(f"into{student}.csv" in words and "".join(OWN.split()) in words for words in sheets)
        assert sheets[1] == sheets[2] == sheets[0].replace(",orintothetableinthisfile,", "")
        assert not any(last_words(place / f"teacher/keys/{student}.{ending}") for ending in ("md", "html"))
        assert "Handing in" not in Paper((place / f"teacher/keys/{student}.pdf").read_bytes()).text


@pytest.mark.parametrize("into", ["form", "table"])
def test_who_does_as_the_sheet_says_gets_full_marks(tmp_path: Path, run: Terminal, into: str) -> None:
    """Decimal commas, a digit more than is asked, and no quotation marks that nobody spoke of."""
    place = made(tmp_path, NETWORK)
    answers = {cell: text.replace(".", ",") + "0" for cell, text in flawless(place / "teacher/sheets/ada.toml").items()}
    if into == "form":
        source = place / "students/ada.csv"
        head, *rows = source.read_text(encoding="utf-8").splitlines()
        filled = [head, *(row + answers[row.rstrip(",").strip('"')] for row in rows)]
    else:
        source = place / "students/ada.md"
        lines = source.read_text(encoding="utf-8").splitlines()
        filled = [
            f"{line.rstrip(' |')} | {answers[line.split('`')[1]]} |" if line[:3] == "| `" else line for line in lines
        ]
    hand_in = tmp_path / source.name
    hand_in.write_text("\n".join(filled) + "\n", encoding="utf-8")
    outcome = run("check", place / "teacher/sheets/ada.toml", hand_in, "--json")
    told = json.loads(outcome.out[outcome.out.index("{") :])
    assert told["score"] == told["out_of"] and {cell["verdict"] for cell in told["cells"]} == {"correct"}


def test_nothing_is_carried_on_from_a_mistake_that_is_to_be_found(tmp_path: Path) -> None:
    sheet = (made(tmp_path, FIND) / "students/ada.md").read_text(encoding="utf-8")
    assert "into `ada.csv`" in sheet and OWN not in sheet


def test_where_there_is_nothing_to_hand_in_nothing_is_said_of_it(tmp_path: Path, run: Terminal) -> None:
    place = made(tmp_path, f"{CIRCUIT}fade = 0.0\n", "md,html")
    assert not any(last_words(place / f"students/ada.{ending}") for ending in ("md", "html"))
    assert "anding in" not in run("solve", place / "teacher/sheets/ada.toml").out
