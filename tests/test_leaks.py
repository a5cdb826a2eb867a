"""The leak scan at the end of every `generate`: planted leaks stop it, and no sheet of ours does."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from front_door import NETWORK, SECRET, SEVERAL, Terminal, names, with_secret

from exercises.specification import Specification, parse_specification, published_names
from gradsheet import generation, shards
from gradsheet.generation import Order, generate
from gradsheet.leaks import LeakFound, spellings
from gradsheet.orders import seeds_of
from gradsheet.roster import numbered_students
from gradsheet.shown_text import plain, shown_text, tokens
from gradsheet.sources import source_of

KEY = bytes.fromhex(SECRET)


@cache
def specification_of(text: str) -> Specification:
    """Read once: what is worked out for an exercise before its numbers are drawn then serves all orders of it."""
    return parse_specification(text, "leak.toml")


def order_of(text: str, count: int = 2, **wishes: Any) -> Order:
    return replace(Order(specification_of(text), text, numbered_students(count), KEY), **wishes)


def with_note(text: str, note: str) -> str:
    return f'note = "{note}"\n{text}'


# --- what must not be seen, planted ---


SPELLED = [KEY.hex(), KEY.hex().upper(), base64.b64encode(KEY).decode(), SECRET + "0"]
OFTEN = [(form, spelled) for form in ("md", "html") for spelled in SPELLED]


@pytest.mark.parametrize(("form", "spelled"), [*OFTEN, ("pdf", KEY.hex())])  # compiling takes its time
def test_the_course_secret_is_found_in_every_format(tmp_path: Path, spelled: str, form: str) -> None:
    order = order_of(with_note(NETWORK, f"Call {spelled} for help"), 1, formats=(form,))
    with pytest.raises(LeakFound, match=rf"students/001\.{form} holds the course secret"):
        generate(order, tmp_path / "set")
    assert names(tmp_path) == []


@pytest.mark.parametrize("whose", [0, 1])
def test_a_seed_is_found_ones_own_and_anothers(tmp_path: Path, whose: int) -> None:
    plain_order = order_of(NETWORK)
    (seed,) = seeds_of(plain_order, plain_order.students[whose])
    order = order_of(with_note(NETWORK, f"see {seed.hex()}"))
    assert seeds_of(order, order.students[whose]) == (seed,)
    with pytest.raises(LeakFound, match="holds a seed"):
        generate(order, tmp_path / "set")


def test_every_spelling_is_found_wherever_it_begins() -> None:
    for before in range(7):
        encoded = base64.b64encode(b"x" * before + KEY + b"yz")
        assert any(word in encoded for word in spellings(KEY)), before
        assert any(word in base64.urlsafe_b64encode(b"x" * before + KEY) for word in spellings(KEY)), before
    assert not any(word in base64.b64encode(bytes(99)) for word in spellings(KEY))


def own_template(folder: Path, name: str, text: str) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("text", [NETWORK, SEVERAL])
@pytest.mark.parametrize("places", ["{{ row.value }}", "roughly **{{ row.value }}**", "<!-- {{ row.value }} -->"])
def test_a_template_that_tells_one_answer(tmp_path: Path, text: str, places: str) -> None:
    tell = f"{{% for row in exercises[-1].answers[:1] %}}{places}{{% endfor %}}"
    folder = own_template(tmp_path / "own", "markdown/sheet.md.j2", f"{{{{ exercises[0].given | join }}}} {tell}\n")
    with pytest.raises(LeakFound, match=r"students/00.\.md tells the answer \S+"):
        generate(order_of(text, 6, templates=folder), tmp_path / "set")
    assert names(tmp_path) == ["own"]


@pytest.mark.parametrize("place", ["<p>{}</p>", "<p hidden data-key='{}'></p>", "<!-- {} -->", '<img alt="{}">'])
def test_an_answer_in_a_web_page_whether_it_is_seen_or_not(tmp_path: Path, place: str) -> None:
    told = place.format("{{ exercises[0].answers[-1][-1].value }}")
    folder = own_template(tmp_path / "own", "html/sheet.html.j2", f"<!doctype html><html lang='en'>{told}</html>")
    with pytest.raises(LeakFound, match=r"students/001\.html tells the answer"):
        generate(order_of(NETWORK, formats=("html",), templates=folder), tmp_path / "set")


def planted(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, str], str], dict[str, str]]) -> None:
    render = shards.sheet_files

    def changed(header: Any, exercises: Any, name: str, templates: Any) -> dict[str, str]:
        return change(render(header, exercises, name, templates), name)

    monkeypatch.setattr(shards, "sheet_files", changed)


CIRCUIT = '[[exercise]]\nfamily = "circuit"\nlines = ["q = x + y", "f = q * z"]\n'


def test_the_keys_drawing_in_place_of_the_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def key_files(header: Any, exercises: Any, name: str, templates: Any) -> dict[str, str]:
        drawing = shards.key_files(header, exercises, name, templates)[f"{name}.svg"]
        return {**sheet_files(header, exercises, name, templates), f"{name}.svg": drawing}

    sheet_files = shards.sheet_files
    monkeypatch.setattr(shards, "sheet_files", key_files)
    with pytest.raises(LeakFound, match=r"students/00.\.svg tells the answer"):
        generate(order_of(CIRCUIT, 6), tmp_path / "set")


def test_a_key_among_the_students_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "sheet_files", shards.key_files)
    with pytest.raises(LeakFound, match=r"students/001\.md tells the answer .*students must not see that"):
        generate(order_of(NETWORK), tmp_path / "set")


def test_a_file_that_was_not_made_for_students(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = generation._write_teachers

    def careless(order: Any, job: Any, journal: Any, shelter: Any) -> None:
        write(order, job, journal, shelter)
        (shelter.built / "students" / "copy.jsonl").write_text("{}")

    monkeypatch.setattr(generation, "_write_teachers", careless)
    with pytest.raises(LeakFound, match="students holds files that were not made for students"):
        generate(order_of(NETWORK), tmp_path / "set")


def test_an_answer_form_that_is_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "render_answer_form", lambda exercises: 'id,value\n"z1[1]",7\n')
    with pytest.raises(LeakFound, match=r"students/001\.csv has its answers filled in"):
        generate(order_of(NETWORK), tmp_path / "set")


def test_the_command_says_so_in_a_line_and_leaves_what_was_there(
    tmp_path: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sheet.toml").write_text(NETWORK, encoding="utf-8")
    monkeypatch.setattr(shards, "sheet_files", shards.key_files)
    command = ["generate", tmp_path / "sheet.toml", "--count", 5, "--secret", with_secret(tmp_path), "--out"]
    outcome = terminal(*command, tmp_path / "set")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert outcome.err.startswith("gradsheet: students/001.md tells the answer ") and "(and 2 more)" in outcome.err
    assert names(tmp_path) == ["gradsheet.secret", "sheet.toml"]


# --- what may be seen ---


SPECIFICATIONS = {
    "several": SEVERAL,
    "faded": NETWORK + "fade = 0.5\n",
    "faded-backward": CIRCUIT + 'fade = "backward"\n',
    "find": NETWORK + 'mode = "find-the-mistake"\n',
    "whole-numbers": CIRCUIT + "decimals = 0\ngiven = { x = -2, y = 5, z = -4 }\n",
    "by-head": NETWORK.replace('activations = "sigmoid"', 'activations = "relu"\ndifficulty = "no-calculator"'),
}


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_no_sheet_of_ours_is_taken_for_a_leak(tmp_path: Path, name: str) -> None:
    generate(order_of(SPECIFICATIONS[name], 12, formats=("md", "html")), tmp_path / "set")
    assert (tmp_path / "set" / "students").is_dir()


@pytest.mark.parametrize("name", published_names())
def test_published_examples_can_be_handed_out(tmp_path: Path, name: str) -> None:
    specification, text = source_of(name)
    generate(Order(specification, text, numbered_students(2), KEY), tmp_path / "set")


def test_a_large_course_is_no_leak_by_chance(tmp_path: Path) -> None:
    generate(order_of(CIRCUIT, 150), tmp_path / "set")


def test_ids_and_names_that_look_like_secrets_or_answers(tmp_path: Path) -> None:
    generate(order_of(NETWORK), tmp_path / "first")
    answer = next(iter(tokens((tmp_path / "first/teacher/keys/001.md").read_text())))
    students = tuple(
        replace(student, id=f"{student.id}-{answer}", name=f"{'ab' * 40} {answer}") for student in numbered_students(3)
    )
    generate(order_of(NETWORK, students=students), tmp_path / "set")
    assert len(names(tmp_path / "set" / "students")) == 9


def test_what_a_reader_is_told() -> None:
    assert tokens(shown_text("x.svg", b'<svg aria-labelledby="gd12e5-t" aria-label="is 4"><g id="n7"/></svg>')) == {"4"}
    page = '<p class="n1">a <b>0.5</b><!-- 0.25 --><img alt="is 0.75" src="9.png"><path d="M 3 4"/>'
    assert tokens(shown_text("x.html", page.encode())) == {"0.5", "0.25", "0.75"}
    assert [plain(text) for text in ("0.50", "007", "120", "0", "0.0", "1.10")] == [".5", "7", "120", "0", "0", "1.1"]


def test_a_pdf_is_read_as_its_readers_do(tmp_path: Path) -> None:
    generate(order_of(NETWORK, 1, formats=("pdf",)), tmp_path / "set")
    sheet = shown_text("001.pdf", (tmp_path / "set/students/001.pdf").read_bytes())
    key = shown_text("001.pdf", (tmp_path / "set/teacher/keys/001.pdf").read_bytes())
    assert "sheet week-1-1-001" in sheet
    rows = (tmp_path / "set/teacher/sheets/001.toml").read_text()
    assert {plain(one) for one in tokens(rows.split("given")[1])} <= {plain(one) for one in tokens(sheet)}
    assert len(tokens(key) - tokens(sheet)) > 10
