"""Room: templates. An item's text as HTML that platforms keep: no style sheet, no script, formulas as each can show."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape

from templates.export.item import Formula, Item, Words

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Write = Callable[[Formula], str]
"""How a formula is written within HTML."""


def printable(text: str) -> str:
    """Text with U+FFFD for characters that XML has no way to write."""
    return _UNPRINTABLE.sub("\ufffd", text)


def as_latex(formula: Formula) -> str:
    r"""``\( … \)``, which MathJax sets; code where there is no formula."""
    return rf"\({escape(formula.latex, quote=False)}\)" if formula.latex else _code(formula)


def as_mathml(formula: Formula) -> str:
    """MathML, which browsers set; code where there is no formula."""
    if not formula.mathml:
        return _code(formula)
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML">{formula.mathml}</math>'


def _code(formula: Formula) -> str:
    return f"<code>{escape(formula.text, quote=False)}</code>"


def said(words: Words, write: Write) -> str:
    """A sentence as HTML."""
    return "".join(escape(word, quote=False) if isinstance(word, str) else write(word) for word in words)


def plain(words: Words) -> str:
    """A sentence without markup."""
    return "".join(word if isinstance(word, str) else word.text for word in words)


TOGETHER = '<span style="white-space:nowrap">{}</span>'
"""A formula and the comma behind it, which would else begin the next line."""

APART = " \u2003"
"""Between formulas on one line."""

PICTURE = "max-width:100%;background:#fff;padding:.5em"
"""A page of its own: its lines are black, and a platform may be dark."""


def text_of(item: Item, write: Write, picture: str) -> str:
    """What is given and how it is worked out; ``picture`` is the address of the drawing where there is one."""
    parts = [f"<p>{escape(item.words, quote=False)}</p>"]
    if item.figure is not None and picture:
        parts.append(f'<p><img src="{escape(picture)}" alt="{escape(item.figure.words)}" style="{PICTURE}"/></p>')
    if item.given:
        parts += ["<p><strong>Given</strong></p>", f"<p>{_in_a_row([write(one) for one in item.given])}</p>"]
    if item.outline:
        parts += ["<p><strong>How it is worked out</strong></p>", *(f"<p>{write(line)}</p>" for line in item.outline)]
    if item.legend:
        parts.append(f"<p>{' '.join(said(words, write) for words in item.legend)}</p>")
    return "\n".join(parts)


def _in_a_row(formulas: Sequence[str]) -> str:
    *before, last = formulas
    return APART.join([*(TOGETHER.format(f"{one},") for one in before), TOGETHER.format(last)])


def remark(known_sentences: Sequence[Words], carried: bool) -> Words:
    """What is said of a wrong number: the mistakes that give it, the likeliest first."""
    words: list[str | Formula] = ["Right, given an earlier mistake: " if carried else ""]
    for place, sentence in enumerate(known_sentences):
        words += [" Or else: "] if place else []
        words += sentence
    return tuple(word for word in words if word != "")
