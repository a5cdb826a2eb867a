"""A teacher's own templates: written out, used where they are, and complained about by file, line and name."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import NETWORK, Terminal, with_secret

from exercises.errors import InputError
from templates.environment import KINDS, OURS, template_files, templates_in
from templates.render import Header, markdown_text


def exported(terminal: Terminal, tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    assert terminal("templates", "export", folder).code == 0
    return folder


def test_export_writes_every_template_out(terminal: Terminal, tmp_path: Path) -> None:
    folder = exported(terminal, tmp_path)
    written = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert written == {path.relative_to(OURS).as_posix(): path.read_bytes() for path in template_files()}
    assert {name.split("/")[0] for name in written} == set(KINDS)
    assert {"markdown/sheet.md.j2", "html/page.css", "typst/look.typ"} <= set(written)


def test_export_overwrites_nothing(terminal: Terminal, tmp_path: Path) -> None:
    folder = exported(terminal, tmp_path)
    (folder / "markdown/sheet.md.j2").write_text("mine", encoding="utf-8")
    assert "this folder" in terminal.refused("templates", "export", folder)
    assert (folder / "markdown/sheet.md.j2").read_text(encoding="utf-8") == "mine"


def test_templates_alone_says_what_there_is(terminal: Terminal) -> None:
    outcome = terminal("templates")
    assert outcome.code == 0 and "export" in outcome.out


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_exported_templates_change_nothing(terminal: Terminal, tmp_path: Path, form: str) -> None:
    folder = exported(terminal, tmp_path)
    plain = terminal("solve", "hmkcode", "--as", form)
    assert plain.code == 0 and plain.out == terminal("solve", "hmkcode", "--as", form, "--templates", folder).out


def test_one_template_of_ones_own_is_enough(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "mine/markdown").mkdir(parents=True)
    (tmp_path / "mine/markdown/sheet.md.j2").write_text(
        "{{ header.title | escaped }}: {{ exercises | length }} *{{ exercises[0].answers[0].id }}*", encoding="utf-8"
    )
    (tmp_path / "sheet.toml").write_text(NETWORK, encoding="utf-8")
    place = ["--out", tmp_path / "set", "--secret", with_secret(tmp_path), "--templates", tmp_path / "mine"]
    assert terminal("generate", tmp_path / "sheet.toml", "--count", 1, *place, "--format", "md,html").code == 0
    assert (tmp_path / "set/students/001.md").read_text(encoding="utf-8") == "Week 1: 1 *z1[1]*\n"
    assert "## Values" in (tmp_path / "set/teacher/keys/001.md").read_text(encoding="utf-8")
    assert "<h2>Given</h2>" in (tmp_path / "set/students/001.html").read_text(encoding="utf-8")


MISTAKES = [
    ("{{ header.titel }}", 'line 1: unknown name "titel"; did you mean "title"?'),
    ("\n\n{{ heading }}", 'line 3: unknown name "heading"'),
    ("x\n{% for one in exercises %}\n{{ one.gven }}{% endfor %}", 'line 3: unknown name "gven"; did you mean "given"?'),
    ("{% if %}", "line 1: Expected an expression"),
    ("\n{% for one in exercises %}", "line 2: Unexpected end of template"),
    ("{{ header.title | shouted }}", "line 1: No filter named 'shouted'"),
    ('\n{{ 1 + "a" }}', "line 2: unsupported operand"),
    ("{{ 1 / 0 }}", "line 1: division by zero"),
    ('{% include "absent.j2" %}', 'there is no template "absent.j2"'),
    ("{{ header.__class__ }}", 'line 1: the name "__class__" is none that templates may use'),
    ("{{ exercises[7].number }}", "line 1: unknown name"),
]


@pytest.mark.parametrize("text, complaint", MISTAKES)
def test_a_mistake_is_told_by_template_line_and_name(
    terminal: Terminal, tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "mine/markdown").mkdir(parents=True)
    (tmp_path / "mine/markdown/sheet.md.j2").write_text(text, encoding="utf-8")
    (tmp_path / "sheet.toml").write_text(NETWORK, encoding="utf-8")
    place = ["--out", tmp_path / "set", "--secret", with_secret(tmp_path), "--templates", tmp_path / "mine"]
    line = terminal.refused("generate", tmp_path / "sheet.toml", "--count", 1, *place)
    assert line.startswith("markdown/sheet.md.j2") and complaint in line
    assert not (tmp_path / "set").exists()


def test_a_mistake_in_what_a_template_takes_in_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html/page.css").write_text("body {\n  color: {{ colour }};\n}", encoding="utf-8")
    with pytest.raises(InputError, match=r'^html/page.css, line 2: unknown name "colour"$'):
        templates_in(tmp_path).filled("html", "base.html.j2", {"fonts": ""})


def test_a_web_template_of_ones_own_escapes_too(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    (tmp_path / "html/sheet.html.j2").write_text("{{ header.title }}", encoding="utf-8")
    filled = templates_in(tmp_path).filled("html", "sheet.html.j2", {"header": Header("<script>")})
    assert filled == "&lt;script&gt;"


def test_a_defect_of_ours_is_no_mistake_of_the_template(tmp_path: Path) -> None:
    class Broken:
        @property
        def title(self) -> str:
            raise ZeroDivisionError("ours")

    (tmp_path / "markdown").mkdir()
    (tmp_path / "markdown/notes.md.j2").write_text("{{ header.title }}", encoding="utf-8")
    with pytest.raises(ZeroDivisionError, match="ours"):
        markdown_text("notes.md.j2", templates_in(tmp_path), header=Broken())


@pytest.mark.parametrize("make", [False, True], ids=["absent", "empty"])
def test_a_folder_without_templates_is_refused(terminal: Terminal, tmp_path: Path, make: bool) -> None:
    if make:
        (tmp_path / "mine").mkdir()
    line = terminal.refused("solve", "mazur", "--as", "html", "--templates", tmp_path / "mine")
    assert "expected" in line and "gradsheet templates export" in line


def test_templates_are_for_what_is_laid_out(terminal: Terminal, tmp_path: Path) -> None:
    assert "--as markdown" in terminal.refused("solve", "mazur", "--templates", tmp_path)
