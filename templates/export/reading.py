"""Room: templates. Exported files read again, number by number, by code that shares nothing with what wrote them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from templates.export.body import plain, printable, remark
from templates.export.item import Accepted, AskedCell, Item, ItemSet
from templates.export.moodle import name_of, without_signs

_GAP = "{1:NUMERICAL:"
_TIMES = re.compile(r"<strong>times 10<sup>([0-9]+)</sup></strong>")
_LISTED = re.compile(r"<li>(-?[0-9.]+): ")
_QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


@dataclass(frozen=True, slots=True)
class Read:
    """An answer of a file: the question it stands in, per cent of the mark, the numbers, and what is said of them."""

    question: str
    share: int
    accepted: Accepted
    said: str = ""


# --- Moodle -----------------------------------------------------------------------------------------------------------


def read_moodle(data: bytes) -> list[Read]:
    """All answers of a Moodle XML file, in its order."""
    found: list[Read] = []
    for question in ElementTree.fromstring(data).iter("question"):
        name = question.findtext("name/text", "")
        if question.get("type") == "numerical":
            found += (_numerical(name, answer) for answer in question.iter("answer"))
        elif question.get("type") == "cloze":
            found += _gaps(name, question.findtext("questiontext/text", ""))
    return found


def _numerical(name: str, answer: Element) -> Read:
    value, tolerance = (Decimal(answer.findtext(tag, "")) for tag in ("text", "tolerance"))
    feedback = answer.findtext("feedback/text", "") or ""
    return Read(name, int(answer.get("fraction", "")), Accepted(value, tolerance), _without_markup(feedback))


def _without_markup(html: str) -> str:
    """Words alone: formulas may be set in many ways."""
    text = re.sub(r"\\\(.*?\\\)|<[^>]*>", "", html)
    return unescape(text)


def _gaps(name: str, html: str) -> Iterator[Read]:
    start = html.find(_GAP)
    while start >= 0:
        answers = [""]
        place = start + len(_GAP)
        while html[place] != "}":
            step = 2 if html[place] == "\\" else 1
            if html[place] == "~":
                answers.append("")
            else:
                answers[-1] += html[place : place + step]
            place += step
        for text in answers:
            yield _cloze(name, text)
        start = html.find(_GAP, place)


def _cloze(name: str, text: str) -> Read:
    numbers, _, feedback = text.partition("#")
    share, number = ("100", numbers[1:]) if numbers.startswith("=") else tuple(numbers[1:].split("%"))
    value, width = number.split(":")
    said = unescape(unescape(re.sub(r"\\(.)", r"\1", feedback)))
    return Read(name, int(share), Accepted(Decimal(value), Decimal(width)), said)


def in_moodle(items: ItemSet) -> list[Read]:
    """What a Moodle XML file of the items has to hold."""
    return [read for item in items.items for cell in item.cells for read in _of_cell(items, item, cell)]


def _of_cell(items: ItemSet, item: Item, cell: AskedCell) -> Iterator[Read]:
    name = name_of(items, item)
    yield Read(name, 100, cell.right)
    for known in cell.known:
        words = remark(known.sentences, known.carried)
        alone = len(item.cells) == 1
        told = "".join(word for word in words if isinstance(word, str)) if alone else without_signs(plain(words))
        yield Read(name, 100 if known.carried else 0, known.accepted, printable(told))


# --- Canvas -----------------------------------------------------------------------------------------------------------


def read_canvas(data: bytes) -> list[Read]:
    """All answers of a Canvas package, quiz by quiz: the right one, then the numbers that its comment lists.

    Numbers asked times a power of ten are brought back.
    """
    found: list[Read] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        for resource in manifest.iter("{http://www.imsglobal.org/xsd/imscp_v1p1}resource"):
            content = archive.read(resource.get("href", ""))  # every file that is named has to be there
            if resource.get("type") == "imsqti_xmlv1p2":
                for item in ElementTree.fromstring(content).iter(f"{_QTI}item"):
                    found += _question(item)
    return found


def _question(item: Element) -> Iterator[Read]:
    kind = item.findtext(f".//{_QTI}fieldentry")
    if kind != "numerical_question":
        return
    title = item.get("title", "")
    times = _TIMES.search(item.findtext(f"{_QTI}presentation/{_QTI}material/{_QTI}mattext", ""))
    factor = Decimal(1).scaleb(-int(times[1]) if times else 0)
    exact, low, high = (Decimal(item.findtext(f".//{_QTI}{tag}", "")) for tag in ("varequal", "vargte", "varlte"))
    if exact - low != high - exact:
        raise ValueError(f"{title}: the bounds {low} and {high} are not at the same distance from {exact}")
    yield Read(title, 100, Accepted(exact * factor, (high - exact) * factor))
    for number in _LISTED.findall(item.findtext(f"{_QTI}itemfeedback//{_QTI}mattext", "")):
        yield Read(title, 0, Accepted(Decimal(number) * factor, Decimal(0)))


def in_canvas(items: ItemSet) -> list[Read]:
    """What a Canvas package of the items has to hold."""
    return [
        read
        for label in items.labels
        for item in items.of(label)
        for cell in item.cells
        for read in _of_question(f"{item.exercise}:{cell.id}" if items.several else cell.id, cell)
    ]


def _of_question(title: str, cell: AskedCell) -> Iterator[Read]:
    yield Read(title, 100, cell.right)
    for known in cell.known:
        yield Read(title, 0, Accepted(known.accepted.value.quantize(cell.unit), Decimal(0)))


def lost(wanted: Sequence[Read], found: Sequence[Read]) -> str:
    """The first answer that a file doesn't hold as it should; empty where it holds all of them, and no other."""
    for one, other in zip(wanted, found, strict=False):
        if one != other:
            return f"{one} has become {other}"
    return "" if len(wanted) == len(found) else f"{len(wanted)} answers have become {len(found)}"
