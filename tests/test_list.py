"""`gradsheet list`: what there is, read off the tables it is in."""

from __future__ import annotations

import pytest
from front_door import Terminal

from exercises.families import FAMILIES
from exercises.misconceptions import CATALOGUE, SLIPS
from exercises.notation import STYLES, notation_for
from exercises.specification import parse_specification, published_names, read_specification

GROUPS = {
    "families": list(FAMILIES),
    "notations": list(STYLES),
    "misconceptions": [row.code for row in CATALOGUE] + [slip.code for slip in SLIPS],
    "published": list(published_names()),
}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_every_row(group: str, terminal: Terminal) -> None:
    data = terminal("list", group, "--json").data
    assert list(data) == [group]
    key = "code" if group == "misconceptions" else "name"
    assert [row[key] for row in data[group]] == GROUPS[group]
    lines = terminal("list", group).out.splitlines()
    assert [name for name in GROUPS[group] if name not in lines] == []


def test_without_an_argument_all_groups_in_short(terminal: Terminal) -> None:
    assert list(terminal("list", "--json").data) == list(GROUPS)
    out = terminal("list").out
    assert [name for names in GROUPS.values() for name in names if name not in out] == []
    assert len(out.splitlines()) < 120  # fifteen families, fifty rules, twenty-odd examples


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("group", ["", *GROUPS])
def test_lines_fit_the_terminal(columns: str, group: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = terminal("list", *([group] if group else [])).out.splitlines()
    assert max(map(len, lines)) <= min(int(columns), 100)


def test_each_notation_serves_the_families_it_says(terminal: Terminal) -> None:
    for row in terminal("list", "notations", "--json").data["notations"]:
        for family in row["families"]:
            (exercise,) = parse_specification(f'[[exercise]]\nfamily = "{family}"\n', "sheet.toml").exercises
            assert notation_for(row["name"], exercise.program).style.summary == row["summary"]
    served = {row["name"]: row["families"] for row in terminal("list", "notations", "--json").data["notations"]}
    assert "circuit" in served["layered"] and "circuit" not in served["numbered"]
    for row in terminal("list", "families", "--json").data["families"]:
        assert row["notations"] == [name for name in served if row["name"] in served[name]]


def test_a_published_example_says_where_it_is_from_and_what_is_wrong_in_print(terminal: Terminal) -> None:
    rows = {row["name"]: row for row in terminal("list", "published", "--json").data["published"]}
    for name, row in rows.items():
        about = read_specification(name).published
        assert about is not None
        assert (row["source"], row["description"], row["erratum"]) == (about.source, about.description, about.erratum)
        assert row["source"] and row["description"]
    assert "0.291027924" in rows["mazur"]["erratum"]
    words = " ".join(terminal("list", "published").out.split())
    assert "In print: The error printed after the first update, 0.291027924" in words


def test_sentences_show_their_places(terminal: Terminal) -> None:
    out = terminal("list", "misconceptions").out
    assert "‹result›" in out and "{" not in out


def test_an_unknown_group(terminal: Terminal) -> None:
    assert 'unknown group "notation"; did you mean "notations"?' in terminal.refused("list", "notation")
