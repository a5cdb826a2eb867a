"""What a class's sheets share is prepared once: what comes out is the same as for each sheet alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from every_family import FIRST, Example
from front_door import tree

from exercises.precision import Places
from exercises.specification import parse_specification
from gradsheet import orders, shards
from gradsheet.generation import Order, Workers, generate
from gradsheet.orders import job_of, shards_of
from gradsheet.roster import Student, numbered_students
from templates import render
from templates.casts import Casts

NAMED = [
    Student("a1", "Ann *B*"),
    Student("a2", ""),
    Student("a3", "100 % `x` gap000003x"),
    Student("a4", "O'Neil | Co"),
]
NETWORK = """
title = "A % sheet"
[[exercise]]
family = "mlp"
layers = [2, 2, 1]
optimizer = { name = "sgd", learning_rate = 0.3 }
"""
TEXTS = {str(each): each.text() for each in FIRST[1:3]} | {
    "components": NETWORK + 'notation = "numbered"\ndetail = "component"\n',
    "code": NETWORK + 'notation = "code"\n',
    "faded": NETWORK + "fade = 0.5\n",
    "to be found": NETWORK + 'mode = "find-the-mistake"\n',
    "copies": '[[exercise]]\nfamily = "circuit"\nlines = ["a = -x", "b = max(a, y)", "f = a * b + x"]\n',
    "two": NETWORK + FIRST[1].text(),
}


def made(text: str) -> dict[str, bytes]:
    order = Order(parse_specification(text, "sheet.toml"), text, NAMED, bytes(range(32)))
    (shard,) = shards_of(order)
    found = shards.made(job_of(order), shard)
    return dict(zip(found.entry.files, found.contents, strict=True))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_sheet_is_the_same_alone(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    together = made(text)
    monkeypatch.setattr(shards, "worked_ahead", lambda sheets: render.forget_ahead())
    monkeypatch.setattr(render, "page_text", lambda template, header, exercises, lay: lay(header, exercises))
    monkeypatch.setattr(Casts, "of_line", lambda casts, line, make: make(line))
    monkeypatch.setattr(Casts, "of_given", lambda casts, given, make: make(given))
    alone = made(text)
    assert together.keys() == alone.keys()
    assert [name for name in alone if together[name] != alone[name]] == []


@pytest.mark.parametrize("digits", [0, 3, 6])
def test_plain_rounding_is_used_only_where_it_is_exact(digits: int) -> None:
    """Ties and near ties, noughts and large numbers: by decimal arithmetic, which says what is right."""
    rng = np.random.default_rng(digits)
    ties = (rng.integers(-3000, 3000, 300) + 0.5) / 10.0**digits
    near = ties * (1 + rng.choice([-1, 1], 300) * 10.0 ** rng.uniform(-16, -4, 300))
    others = [*rng.normal(0, 1, 300), *rng.normal(0, 10.0**-digits, 300), *rng.normal(0, 1e7, 50), 0.0, -0.0]
    for value in [*ties.tolist(), *near.tolist(), *map(float, others)]:
        assert Places(digits).text(value) == _exactly(value, digits)


def _exactly(value: float, digits: int) -> str:
    from decimal import ROUND_HALF_UP, Decimal

    rounded = Decimal(f"{value:.14g}").quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{rounded or abs(rounded):f}"


def test_two_processes_print_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("typst")
    monkeypatch.setattr(orders, "SHARD", 2)
    text = Example("circuit", 1, (("lines", ["q = x + y", "f = q * z"]),)).text()
    specification = parse_specification(text, "sheet.toml")
    order = Order(
        specification, text, numbered_students(5), bytes(range(32)), formats=("md", "html", "pdf"), booklet=True
    )
    generate(order, tmp_path / "one")
    generate(order, tmp_path / "two", workers=Workers(2))
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []
    assert sum(name.startswith("teacher/print/") for name in one) == 3
