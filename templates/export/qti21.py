"""Room: templates. QTI 2.1 (OpenOLAT and others): a test that picks a variant of each exercise, an item a variant.

Each number has a gap of its own; a mark for what lies within the half-width, and for what follows rightly from a known
mistake. What a known mistake leads to has its sentence as feedback.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape
from xml.sax.saxutils import quoteattr

from templates.export.body import as_mathml, printable, remark, said, text_of
from templates.export.decimals import written
from templates.export.item import AskedCell, Item, ItemSet, Known
from templates.export.moodle import name_of
from templates.export.package import Resource, packaged

NOTES = (
    "QTI marks each number by itself, without the student's earlier ones: a half-width holds for everybody who rounds "
    "every line, so it is wider than on the sheet.",
    "Marks are carried on only after the mistakes that are listed as further answers; after any other slip they are "
    "not. Hand-ins marked by gradsheet check or grade are carried in full.",
    "The gaps take numbers with a decimal point; what a platform makes of a decimal comma is its own affair.",
)

ITEM, TEST, SCHEMA = "imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1", ("QTIv2.1 Package", "1.0.0")

_FEEDBACK = '<outcomeDeclaration identifier="FEEDBACK" cardinality="multiple" baseType="identifier"/>'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_NAMES = (
    f'xmlns="{_QTI}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{_QTI} http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd"'
)
_STYLE = re.compile(r'(<(?:img|span|p)\b[^<>]*?) style="[^"]*"')  # QTI's HTML has none, its MathML may
_WIDTH = 12  # characters that a gap shows
_SLACK = Decimal("1.000000001")  # of a tolerance: platforms compare in binary, where a bound itself may lie outside


def qti21_package(items: ItemSet) -> bytes:
    """The zip that platforms import as QTI 2.1."""
    files, resources = dict[str, str](), []
    for item in items.items:
        ident = _ident_of(items, item)
        drawings = [f"drawings/{ident}.svg"] if item.figure is not None else []
        files |= {name: item.figure.svg for name in drawings if item.figure is not None}
        files[f"{ident}.xml"] = _item(items, item, ident, "".join(drawings))
        resources.append(Resource(ident, ITEM, f"{ident}.xml", tuple(drawings)))
    test = Resource(_ident(items.name), TEST, "test.xml")
    return packaged(f"M{test.identifier}", {"test.xml": _test(items), **files}, [test, *resources], SCHEMA)


def _ident_of(items: ItemSet, item: Item) -> str:
    return _ident(items.name, str(item.exercise), item.label)


def _ident(*parts: str) -> str:
    return "g" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def _test(items: ItemSet) -> str:
    """One variant of each exercise, and the sum of their marks."""
    sections = "\n".join(
        f'<assessmentSection identifier="S{exercise}" title="Exercise {exercise}" visible="true">'
        f'<selection select="1"/>\n{references}\n</assessmentSection>'
        for exercise in dict.fromkeys(item.exercise for item in items.items)
        for references in (
            "\n".join(
                f'<assessmentItemRef identifier="{ident}" href="{ident}.xml" fixed="false"/>'
                for ident in (_ident_of(items, item) for item in items.items if item.exercise == exercise)
            ),
        )
    )
    return (
        f"{_HEAD}<assessmentTest {_NAMES} identifier={quoteattr(_ident(items.name))} "
        f"title={quoteattr(printable(items.title or items.name))}>\n{_outcome('SCORE', 'float')}\n"
        f'<testPart identifier="P1" navigationMode="nonlinear" submissionMode="individual">\n{sections}\n</testPart>\n'
        '<outcomeProcessing><setOutcomeValue identifier="SCORE"><sum><testVariables variableIdentifier="SCORE"/></sum>'
        "</setOutcomeValue></outcomeProcessing>\n</assessmentTest>\n"
    )


def _item(items: ItemSet, item: Item, ident: str, drawing: str) -> str:
    cells = tuple(enumerate(item.cells, start=1))
    asked = "".join(
        f'<responseDeclaration identifier="C{at}" cardinality="single" baseType="float"><correctResponse>'
        f"<value>{written(cell.right.value)}</value></correctResponse></responseDeclaration>\n"
        for at, cell in cells
    )
    rows = "\n".join(
        f"<tr><td>{as_mathml(cell.symbol)}</td><td><textEntryInteraction "
        f'responseIdentifier="C{at}" expectedLength="{_WIDTH}"/></td><td>to {escape(cell.places)}</td></tr>'
        for at, cell in cells
    )
    text = _STYLE.sub(r"\1", text_of(item, as_mathml, drawing))
    outcomes = _outcome("SCORE", "float", 0) + _outcome("MAXSCORE", "float", len(cells)) + _FEEDBACK
    conditions = "".join(_condition(at, cell) for at, cell in cells)
    told = "".join(text for at, cell in cells for text in _told(at, cell.known))
    return printable(
        f"{_HEAD}<assessmentItem {_NAMES} identifier={quoteattr(ident)} title={quoteattr(name_of(items, item))} "
        f'adaptive="false" timeDependent="false">\n{asked}{outcomes}\n<itemBody>\n<div>\n{text}\n</div>\n'
        f"<table>\n<tbody>\n{rows}\n</tbody>\n</table>\n</itemBody>\n"
        f"<responseProcessing>\n{conditions}</responseProcessing>\n{told}</assessmentItem>\n"
    )


def _outcome(name: str, kind: str, first: int | None = None) -> str:
    value = "" if first is None else f"<defaultValue><value>{first}</value></defaultValue>"
    return (
        f'<outcomeDeclaration identifier="{name}" cardinality="single" baseType="{kind}">{value}</outcomeDeclaration>'
    )


def _condition(at: int, cell: AskedCell) -> str:
    right = f'<correct identifier="C{at}"/>'
    rules = [f"<responseIf>{_equal(at, right, cell.right.half_width)}{_POINT}</responseIf>"]
    for place, known in enumerate(cell.known, start=1):
        value = f'<baseValue baseType="float">{written(known.accepted.value)}</baseValue>'
        then = (_POINT if known.carried else "") + _shown(f"C{at}K{place}")
        rules.append(f"<responseElseIf>{_equal(at, value, known.accepted.half_width)}{then}</responseElseIf>")
    return f"<responseCondition>\n{chr(10).join(rules)}\n</responseCondition>\n"


_POINT = (
    '<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/><baseValue baseType="float">1</baseValue>'
    "</sum></setOutcomeValue>"
)


def _equal(at: int, value: str, half_width: Decimal) -> str:
    width = written(half_width * _SLACK)
    return f'<equal toleranceMode="absolute" tolerance="{width} {width}">{value}<variable identifier="C{at}"/></equal>'


def _shown(name: str) -> str:
    also = f'<variable identifier="FEEDBACK"/><baseValue baseType="identifier">{name}</baseValue>'
    return f'<setOutcomeValue identifier="FEEDBACK"><multiple>{also}</multiple></setOutcomeValue>'


def _told(at: int, known: Sequence[Known]) -> Iterator[str]:
    for place, one in enumerate(known, start=1):
        words = said(remark(one.sentences, one.carried), as_mathml)
        name = f'outcomeIdentifier="FEEDBACK" identifier="C{at}K{place}" showHide="show"'
        yield f"<modalFeedback {name}>{words}</modalFeedback>\n"
