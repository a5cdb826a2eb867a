"""Room: templates. QTI 2.1 packages read again: what each rule accepts, what it gives, and what is said then."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from templates.export.body import printable, remark
from templates.export.item import Accepted, ItemSet
from templates.export.moodle import name_of
from templates.export.reading import Read

_CONTENT = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
_QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
_SLACK = 1 + Decimal("1e-9")
"""Tolerances are wider by this than the half-widths they stand for, since platforms compare in binary."""

_UNSAID = ("{http://www.w3.org/1998/Math/MathML}math", f"{_QTI}code")


def read_qti21(data: bytes) -> list[Read]:
    """All answers of a package, item by item in the manifest's order; every file that is named has to be there."""
    found: list[Read] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        for resource in manifest.iter(f"{_CONTENT}resource"):
            contents = [archive.read(file.get("href", "")) for file in resource.iter(f"{_CONTENT}file")]
            if resource.get("type") == "imsqti_item_xmlv2p1":
                found += _item(ElementTree.fromstring(contents[0]))
    return found


def _item(item: Element) -> Iterator[Read]:
    right = {
        declared.get("identifier", ""): declared.findtext(f"{_QTI}correctResponse/{_QTI}value", "")
        for declared in item.iter(f"{_QTI}responseDeclaration")
    }
    told = {each.get("identifier", ""): "".join(_words(each)) for each in item.iter(f"{_QTI}modalFeedback")}
    gaps = [gap.get("responseIdentifier", "") for gap in item.iter(f"{_QTI}textEntryInteraction")]
    conditions = item.findall(f"{_QTI}responseProcessing/{_QTI}responseCondition")
    for gap, condition in zip(gaps, conditions, strict=True):
        for rule in condition:
            yield _rule(item.get("title", ""), gap, rule, right, told)


def _rule(title: str, gap: str, rule: Element, right: dict[str, str], told: dict[str, str]) -> Read:
    equal = _one(rule, "equal")
    if equal.get("toleranceMode") != "absolute" or _one(equal, "variable").get("identifier") != gap:
        raise ValueError(f"{title}: a rule for {gap} that compares something else")
    below, above = map(Decimal, equal.get("tolerance", "").split())
    if below != above:
        raise ValueError(f"{title}: the distances {below} and {above} of {gap} differ")
    key = equal.find(f"{_QTI}correct")
    value = _one(equal, "baseValue").text or "" if key is None else right[key.get("identifier", "")]
    points, said = Decimal(0), ""
    for outcome in rule.findall(f"{_QTI}setOutcomeValue"):
        added = "".join(each.text or "" for each in outcome.iter(f"{_QTI}baseValue"))
        if outcome.get("identifier") == "SCORE":
            points = Decimal(added)
        else:
            said = told[added]
    return Read(title, int(100 * points), Accepted(Decimal(value), below / _SLACK), said)


def _one(parent: Element, name: str) -> Element:
    (child,) = parent.findall(f"{_QTI}{name}")
    return child


def _words(element: Element) -> Iterator[str]:
    """Words alone: formulas may be set in many ways."""
    yield element.text or ""
    for child in element:
        if child.tag not in _UNSAID:
            yield from _words(child)
        yield child.tail or ""


def in_qti21(items: ItemSet) -> list[Read]:
    """What a package of the items has to hold."""
    found = []
    for item in items.items:
        name = name_of(items, item)
        for cell in item.cells:
            found.append(Read(name, 100, cell.right))
            for known in cell.known:
                words = remark(known.sentences, known.carried)
                told = printable("".join(word for word in words if isinstance(word, str)))
                found.append(Read(name, 100 if known.carried else 0, known.accepted, told))
    return found
