"""Room: templates. What PrairieLearn's server runs for a question; this file goes into its folder as it stands.

It picks the numbers, reads what was typed, and hands it to the marker that lies beside it (`marker.zip`, which needs
NumPy and nothing else). All that it knows of the exercise stands in `data/variants.json`.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MARKER = "gradsheet.export.prairielearn_marking"

SIGNS = {"correct": "✓", "carried": "↪", "wrong": "✗", "unreadable": "?", "missing": "–"}

Data = dict[str, Any]


def generate(data: Data) -> None:
    """Pick the variant; each seed has its own, the same for ever."""
    known = _known()
    place = data["variant_seed"] % len(known["variants"])
    variant = known["variants"][place]
    data["params"] |= {"variant": place, "labels": known["labels"]}
    data["params"] |= {name: variant[name] for name in ("text", "drawing", "alt") if name in variant}
    for one in known["inputs"]:
        numbers = [variant["key"][cell] for cell in one["cells"]]
        data["correct_answers"][one["name"]] = _table(one, numbers) if one["rows"] else numbers[0]


def parse(data: Data) -> None:
    """Read numbers as gradsheet does, decimal commas and powers of ten among them; say what can't be read."""
    marker = _marker()
    for one in _known()["inputs"]:
        read = [marker.number_of(_typed(data, box)) for box in one["boxes"]]
        # PrairieLearn's table holds numbers only: a blank in it is a nought there, and none here.
        blank = 0.0 if one["rows"] else ""
        for box, (number, trouble) in zip(one["boxes"], read, strict=True):
            _put(data, box, blank if number is None else number, trouble)
        if one["rows"]:
            troubles = dict.fromkeys(trouble for _, trouble in read if trouble)
            table = _table(one, [number or 0.0 for number, _ in read])
            _put(data, one["name"], table, " ".join(troubles))


def grade(data: Data) -> None:
    """Marks by the student's own earlier numbers, and what is to be said of them."""
    known, marker = _known(), _marker()
    question = marker.question_from(known)
    texts = {cell: _typed(data, box) for one in known["inputs"] for cell, box in _pairs(one)}
    told = question.mark(data["params"]["variant"], texts)
    found = {marked.cell: marked for marked in told[0]}
    for one in known["inputs"]:
        data["partial_scores"][one["name"]] = _score(one, found, lambda each: marker.remark(question, each))
    worth = sum(marked.worth for marked in told[0])
    data["score"] = float(sum(marked.share * marked.worth for marked in told[0]) / worth)
    rows = [
        {
            "symbol": known["symbols"][cell],
            "text": text,
            "sign": SIGNS[found[cell].verdict],
            "words": marker.remark(question, found[cell], html=True),
        }
        for cell, text in texts.items()
        if found[cell].verdict != "correct" or found[cell].undecidable
    ]
    right, carried = (sum(found[cell].verdict == verdict for cell in texts) for verdict in ("correct", "carried"))
    more = f", {carried} more given your earlier values" if carried else ""
    summary = f"{right} of {len(texts)} numbers right{more}."
    data["feedback"]["gradsheet"] = {
        "summary": summary,
        "some": bool(rows),
        "rows": rows,
        "told": marker.explained(question, told),
    }


def test(data: Data) -> None:
    """What PrairieLearn tries a question with: the key, numbers that are far off, and texts that are none."""
    known = _known()
    shown = known["variants"][data["params"]["variant"]]["shown"]
    pairs = [pair for one in known["inputs"] for pair in _pairs(one)]
    for place, (cell, box) in enumerate(pairs):
        # Each off by another number: what follows from a wrong one would be right.
        texts = {"correct": shown[cell], "incorrect": f"{float(shown[cell]) + 7.31 + place:.6f}"}
        data["raw_submitted_answers"][box] = texts.get(data["test_type"], "1.2.3")
    for one in known["inputs"]:
        if one["rows"]:
            data["raw_submitted_answers"].pop(one["name"], None)
    if data["test_type"] == "invalid":
        for one in known["inputs"]:
            data["format_errors"] |= dict.fromkeys([one["name"], *one["boxes"]], "unreadable")
        return
    data["format_errors"].clear()
    grade(data)


def _known() -> Data:
    found: Data = json.loads((HERE / "data" / "variants.json").read_text(encoding="utf-8"))
    return found


def _marker() -> Any:
    place = str(HERE / "marker.zip")
    if place not in sys.path:
        sys.path.insert(0, place)
    return importlib.import_module(MARKER)


def _pairs(one: Data) -> Iterator[tuple[str, str]]:
    return zip(one["cells"], one["boxes"], strict=True)


def _typed(data: Data, box: str) -> str:
    return str(data["raw_submitted_answers"].get(box) or "")


def _table(one: Data, numbers: list[float]) -> Data:
    """Rows of numbers as PrairieLearn writes an array."""
    width = one["columns"]
    rows = [numbers[start : start + width] for start in range(0, len(numbers), width)]
    return {"_type": "ndarray", "_value": rows, "_dtype": "float64"}


def _put(data: Data, name: str, value: Any, trouble: str) -> None:
    """What an input of PrairieLearn's own has made of a text, put right."""
    data["submitted_answers"][name] = None if trouble else value
    if trouble:
        data["format_errors"][name] = trouble
    else:
        data["format_errors"].pop(name, None)


def _score(one: Data, found: Data, remark: Any) -> Data:
    """The share of an input's marks, and what its own display says of them."""
    each = [found[cell] for cell in one["cells"]]
    worth = sum((marked.worth for marked in each), Fraction(0))
    share = sum((marked.share * marked.worth for marked in each), Fraction(0)) / worth
    score: Data = {"score": float(share), "weight": float(worth)}
    if one["rows"]:
        score["feedback"] = {box: "correct" if found[cell].share == 1 else "incorrect" for cell, box in _pairs(one)}
    elif each[0].verdict != "correct":
        score["feedback"] = remark(each[0])
    return score
