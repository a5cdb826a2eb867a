"""A web page read strictly, as the tests need it: balanced tags, texts of elements, formulas as plain characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})
INVISIBLE = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u200b \u00a0\n\t"))


@dataclass
class Element:
    """One element; ``text`` is everything inside it."""

    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, name: str = "", of_class: str = "") -> list[Element]:
        """The elements inside of that name and class, in the page's order."""
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if name in ("", child.name) and (not of_class or of_class in child.classes):
                    found.append(child)
                found += child.all(name, of_class)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in <{tag}>"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_page(text: str) -> Element:
    """The page as a tree; an AssertionError where tags don't match."""
    assert text.startswith("<!DOCTYPE html>\n")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert [element.name for element in reader.open] == [""], "something is left open"
    return reader.open[0]


def bare(text: str) -> str:
    """A formula's characters without spaces and what can't be seen."""
    return text.translate(INVISIBLE).replace("-", "−")


_WORDS = {
    r"\sigma": "σ", r"\partial": "∂", r"\cdot": "·", r"\odot": "⊙", r"\eta": "η", r"\approx": "≈", r"\delta": "δ",
    r"\ge": "≥", r"\geq": "≥", r"\le": "≤", r"\leq": "≤", r"\hat": "", r"\sum": "Σ", r"\gt": ">", r"\lt": "<",
    r"\begin{bmatrix}": "[", r"\end{bmatrix}": "]", r"\begin{cases}": "{", r"\end{cases}": "",
    r"\lbrace": "{", r"\rbrace": "}", r"\alpha": "α", r"\beta": "β",
}  # fmt: skip
_DROPPED = re.compile(
    r"\\(displaystyle|frac|left|right|mathbf|boldsymbol|mathrm|mathsf|text|operatorname|cr|sqrt|limits|quad|,|;|!| )"
)
_FUNCTIONS = re.compile(r"\\(exp|ln|tanh|max|min|sin|cos|log|lg)(?![a-z])")


def bare_latex(text: str) -> str:
    """What a formula in LaTeX shows, as the same characters in the same order as ``bare`` of the web page has them."""
    text = re.sub(r"\\hat\{([^{}]*)\}", r"\1^^", text)
    for command in sorted(_WORDS, key=len, reverse=True):
        ends = r"(?![a-zA-Z])" if command[-1].isalpha() else ""
        text = re.sub(re.escape(command) + ends, f"\x00{_WORDS[command]}\x01", text)
    text = _FUNCTIONS.sub(r"\1", _DROPPED.sub("", text))
    held = text.replace("\x00{\x01", "\x02").replace("\x00}\x01", "\x03")  # braces to be seen, not those that group
    shown = re.sub(r"[{}_$&\x00\x01]|(?<!\^)\^(?!\^)", "", held)
    return bare(shown.replace("^^", "^").replace("\x02", "{").replace("\x03", "}"))
