"""Room: templates. The short code that stands under a question, by which a platform's responses find their way back.

``gs-4f1c09ab7e`` names one exercise with one set of numbers, ``gs-4f1c09ab7e.3`` its third cell. It is made of what the
question asks and what is right there, so that responses to other numbers never pass for responses to these.
"""

from __future__ import annotations

import hashlib
import re

from templates.export.decimals import written
from templates.export.item import Item, ItemSet

_CODE = re.compile(r"gs-([0-9a-f]{10})(?:\.([0-9]{1,4}))?")
_DIGITS = 10


def reference(items: ItemSet, item: Item) -> str:
    """The code of an item."""
    parts = [items.name, str(item.exercise), item.label]
    parts += [f"{cell.id}={written(cell.right.value)}" for cell in item.cells]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"gs-{digest[:_DIGITS]}"


def shown(code: str) -> str:
    """The code as it stands in a question's text."""
    return f"<p><small>{code}</small></p>"


def referred(text: str) -> tuple[str, int] | None:
    """The last code in a text, and the number of its cell (0 for none); None where there is none."""
    found = _CODE.findall(text)
    return (f"gs-{found[-1][0]}", int(found[-1][1] or 0)) if found else None
