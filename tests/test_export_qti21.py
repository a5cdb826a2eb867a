"""QTI 2.1: what a package is made of, and what its rules give, worked out as the specification says."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from gradsheet.export.flavours import FLAVOURS, exported
from gradsheet.export.sets import practice_items
from templates.export.decimals import written
from templates.export.item import ItemSet
from templates.export.qti21_reading import read_qti21
from templates.export.reading import lost
from tests.front_door import SEVERAL, Terminal

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
CONTENT = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> ItemSet:
    path = tmp_path_factory.mktemp("qti") / "sheet.toml"
    path.write_text(SEVERAL, encoding="utf-8")
    return practice_items(str(path), 2)


@cache
def mazur() -> ItemSet:
    return practice_items("mazur", 1)


def unpacked(items: ItemSet) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FLAVOURS["qti21"].write(items))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def items_in(items: ItemSet) -> list[Element]:
    roots = [ElementTree.fromstring(data) for name, data in unpacked(items).items() if name.endswith(".xml")]
    return [root for root in roots if root.tag == f"{QTI}assessmentItem"]


@dataclass(frozen=True)
class Rule:
    """Where the number typed for ``name`` lies within the bounds, that much is added and these feedbacks are shown."""

    name: str
    low: float
    high: float
    added: float
    shown: tuple[str, ...]


@cache
def rules_of(item: Element) -> list[list[Rule]]:
    """The item's conditions; of each the first rule that holds counts."""
    right = {each.get("identifier"): each.findtext(f".//{QTI}value") for each in item.iter(f"{QTI}responseDeclaration")}

    def read(rule: Element) -> Rule:
        equal = rule.find(f"{QTI}equal")
        assert equal is not None
        first, second = list(equal)
        key = float((right[first.get("identifier")] if first.tag == f"{QTI}correct" else first.text) or "")
        below, above = map(float, equal.get("tolerance", "").split())
        outcomes = [
            (outcome.get("identifier") == "SCORE", outcome.findtext(f".//{QTI}baseValue", ""))
            for outcome in rule.findall(f"{QTI}setOutcomeValue")
        ]
        added = sum(float(text) for is_score, text in outcomes if is_score)
        shown = tuple(text for is_score, text in outcomes if not is_score)
        return Rule(second.get("identifier", ""), key - below, key + above, added, shown)

    conditions = item.findall(f"{QTI}responseProcessing/{QTI}responseCondition")
    return [[read(rule) for rule in condition] for condition in conditions]


@cache
def feedbacks_of(item: Element) -> dict[str | None, str]:
    return {each.get("identifier"): "".join(each.itertext()) for each in item.iter(f"{QTI}modalFeedback")}


def scored(item: Element, typed: dict[str, str]) -> tuple[float, list[str]]:
    """SCORE and the feedback that is shown, by the rules of the item; doubles, as platforms have them."""
    score, shown = 0.0, []
    for rules in rules_of(item):
        for rule in rules:
            if rule.name in typed and rule.low <= float(typed[rule.name]) <= rule.high:
                score += rule.added
                shown += rule.shown
                break
    return score, [feedbacks_of(item)[name] for name in shown]


def test_the_manifest_names_every_file_and_no_other(several: ItemSet) -> None:
    files = unpacked(several)
    manifest = ElementTree.fromstring(files["imsmanifest.xml"])
    named = [str(each.get("href")) for each in manifest.iter(f"{CONTENT}file")]
    assert sorted(named) == sorted(set(files) - {"imsmanifest.xml"}) and len(named) == len(set(named))
    kinds = [each.get("type") for each in manifest.iter(f"{CONTENT}resource")]
    assert kinds == ["imsqti_test_xmlv2p1", *["imsqti_item_xmlv2p1"] * 4]
    assert manifest.findtext(f".//{CONTENT}schema") == "QTIv2.1 Package"
    assert all(NAME.fullmatch(each.get("identifier", "")) for each in manifest.iter(f"{CONTENT}resource"))


def test_the_test_picks_one_variant_of_each_exercise(several: ItemSet) -> None:
    files = unpacked(several)
    test = ElementTree.fromstring(files["test.xml"])
    sections = list(test.iter(f"{QTI}assessmentSection"))
    assert [each.get("title") for each in sections] == ["Exercise 1", "Exercise 2"]
    for section in sections:
        selection = section.find(f"{QTI}selection")
        assert selection is not None and selection.get("select") == "1"
        references = section.findall(f"{QTI}assessmentItemRef")
        assert len(references) == 2 and all(str(each.get("href")) in files for each in references)


def test_an_item_has_a_gap_for_each_number_and_each_name_is_declared(several: ItemSet) -> None:
    for root, item in zip(items_in(several), several.items, strict=True):
        gaps = [gap.get("responseIdentifier") for gap in root.iter(f"{QTI}textEntryInteraction")]
        declared = [each.get("identifier") for each in root.iter(f"{QTI}responseDeclaration")]
        assert gaps == declared and len(gaps) == len(item.cells)
        outcomes = {each.get("identifier") for each in root.iter(f"{QTI}outcomeDeclaration")}
        assert {each.get("identifier") for each in root.iter(f"{QTI}setOutcomeValue")} <= outcomes
        told = [each.get("identifier") for each in root.iter(f"{QTI}modalFeedback")]
        assert len(told) == len(set(told)) == sum(len(cell.known) for cell in item.cells)
        assert root.find(f".//{MATHML}math") is not None
        assert all("style" not in each.attrib for each in root.iter() if each.tag.startswith(QTI))
        assert list(root.iter(f"{QTI}img"))


def test_right_numbers_have_every_mark_and_blanks_none() -> None:
    (root,), (item,) = items_in(mazur()), mazur().items
    right = {f"C{at}": cell.shown for at, cell in enumerate(item.cells, start=1)}
    assert scored(root, right) == (len(item.cells), [])
    assert scored(root, {}) == (0, [])
    at, cell = next(pair for pair in enumerate(item.cells, start=1))
    off = {**right, f"C{at}": written(cell.right.high + cell.unit)}
    assert scored(root, off)[0] == len(item.cells) - 1


def test_both_bounds_are_within_in_binary_too_and_what_lies_beyond_is_not(several: ItemSet) -> None:
    for root, item in zip(items_in(several), several.items, strict=True):
        for at, cell in enumerate(item.cells, start=1):
            step = cell.unit / 1_000_000
            for value, points in ((cell.right.low, 1), (cell.right.high, 1), (cell.right.high + step, 0)):
                score, told = scored(root, {f"C{at}": written(value)})
                assert score == points or told, (cell.id, value)


def test_known_mistakes_are_told_and_what_follows_from_one_has_its_mark() -> None:
    (root,), (item,) = items_in(mazur()), mazur().items
    for at, cell in enumerate(item.cells, start=1):
        for known in cell.known:
            score, (told,) = scored(root, {f"C{at}": written(known.accepted.value)})
            assert score == known.carried
            assert all(word in told for sentence in known.sentences for word in sentence if isinstance(word, str))


def test_a_rule_that_changed_on_the_way_is_noticed(several: ItemSet) -> None:
    flavour = FLAVOURS["qti21"]
    data, _ = exported(several, flavour)
    cell = several.items[0].cells[0]
    width = written(cell.right.half_width * Decimal("1.000000001"))

    def changed(old: str, new: str) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as archive:
            for name in source.namelist():
                archive.writestr(name, source.read(name).decode().replace(old, new))
        return target.getvalue()

    wanted = flavour.wanted(several)
    assert not lost(wanted, read_qti21(data))
    assert lost(wanted, read_qti21(changed(f'"{width} {width}"', f'"{width}1 {width}1"')))
    assert lost(
        wanted,
        read_qti21(changed('<baseValue baseType="float">1</baseValue>', '<baseValue baseType="float">2</baseValue>')),
    )
    with pytest.raises(ValueError, match="differ"):
        read_qti21(changed(f'"{width} {width}"', f'"{width} {Decimal(width) * 2}"'))
    with pytest.raises(ValueError, match="compares something else"):
        read_qti21(changed('toleranceMode="absolute"', 'toleranceMode="relative"'))


def test_the_command_writes_a_package(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "set.zip"
    said = terminal("export", "mazur", "--to", "qti21", "--out", out)
    assert said.code == 0 and "38 cells" in said.out and "read back and found the same" in said.out
    assert out.read_bytes() == FLAVOURS["qti21"].write(mazur())
