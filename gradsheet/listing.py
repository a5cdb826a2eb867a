"""Room: gradsheet. What there is to choose from: families, notations, misconceptions, published examples."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from exercises.families import FAMILIES
from exercises.misconceptions import CATALOGUE, SLIPS
from exercises.notation import STYLES, serving
from exercises.specification import parse_specification, published_names, read_specification

Rows = list[dict[str, Any]]


def families() -> Rows:
    """Every family with the notations that can write it."""
    return [
        {"name": family.name, "summary": family.summary, "notations": list(_notations_of(family.name))}
        for family in FAMILIES.values()
    ]


def _notations_of(family: str) -> tuple[str, ...]:
    bare = parse_specification(f'[[exercise]]\nfamily = "{family}"\n', family).exercises[0]
    return serving(bare.program)


def notations() -> Rows:
    """Every notation with the families that it can write."""
    able = {family: _notations_of(family) for family in FAMILIES}
    return [
        {"name": style.name, "summary": style.summary, "families": [name for name in able if style.name in able[name]]}
        for style in STYLES.values()
    ]


def misconceptions() -> Rows:
    """The catalogue of wrong rules, and the slips of writing; a sentence has places such as ``{result}``."""
    rules: Rows = [
        {"code": row.code, "kind": row.kind.value, "sentence": row.sentence, "seen_at": row.seen_at}
        for row in CATALOGUE
    ]
    slips: Rows = [
        {"code": slip.code, "kind": "slip", "sentence": slip.sentence, "seen_at": slip.seen_at} for slip in SLIPS
    ]
    return rules + slips


def published() -> Rows:
    """Every worked example that comes along: what it is, where it is from, and what is wrong in print (or "")."""
    return [_published(name) for name in published_names()]


def _published(name: str) -> dict[str, Any]:
    specification = read_specification(name)
    about = specification.published
    assert about is not None, name
    return {
        "name": name,
        "title": specification.title,
        "description": about.description,
        "source": about.source,
        "erratum": about.erratum,
        "family": specification.exercises[0].family.name,
        "notation": specification.exercises[0].notation,
    }


GROUPS: Mapping[str, Callable[[], Rows]] = {
    "families": families,
    "notations": notations,
    "misconceptions": misconceptions,
    "published": published,
}

USES = {
    "families": 'family = "NAME" in a specification',
    "notations": 'notation = "NAME" in a specification; solve takes --notation NAME too',
    "misconceptions": "what check and grade look for; the places in ‹ › are filled with the sheet's symbols",
    "published": "worked examples that people know; NAME stands wherever a specification can",
}


def in_words(group: str, width: int) -> str:
    """One group, with all there is to say of each row."""
    lines: list[str] = []
    for row in GROUPS[group]():
        name = row.get("name") or row["code"]
        lines.append(click.style(name, bold=True))
        for text in _said(row):
            lines += textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join([_heading(group, width), *lines])


def _said(row: Mapping[str, Any]) -> Iterator[str]:
    if row.get("title"):
        yield row["title"]
    yield with_places(row.get("summary") or row.get("sentence") or row["description"])
    if row.get("kind") == "convention":
        yield "A convention, not a mistake everywhere: the teacher decides what it costs."
    for key, before in (
        ("families", "For: "),
        ("notations", "Notations: "),
        ("source", "Source: "),
        ("erratum", "In print: "),
        ("seen_at", "Seen: "),
    ):
        value = row.get(key)
        if value:
            yield before + (", ".join(value) if isinstance(value, list) else value)


def with_places(sentence: str) -> str:
    """A sentence of the catalogue with its places marked for the eye."""
    return re.sub(r"\{(\w+)\}", r"‹\1›", sentence)


def all_in_short(width: int) -> str:
    """All groups: a line a row, or only the codes where there are many."""
    return "\n\n".join(f"{_heading(group, width)}\n{_short(group, GROUPS[group](), width)}" for group in GROUPS)


def _heading(group: str, width: int) -> str:
    return "\n".join([click.style(group.upper(), bold=True), *textwrap.wrap(f"({USES[group]})", width)])


def _short(group: str, rows: Sequence[Mapping[str, Any]], width: int) -> str:
    if group == "misconceptions":
        codes = ", ".join(row["code"] for row in rows)
        return textwrap.fill(codes, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    column = max(len(row["name"]) for row in rows)
    lines: list[str] = []
    for row in rows:
        text = row.get("summary") or row["description"]
        head = f"  {row['name']:<{column}}  "
        lines += textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * len(head))
    return "\n".join(lines)
