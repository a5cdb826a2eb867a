"""Room: templates. A PrairieLearn question's page: what is given, and a field or a table of fields for what is asked.

Formulas come as parameters: two braces that open in LaTeX would be a tag in the page's own language.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from exercises.precision import Places
from templates.export.body import printable, text_of
from templates.export.item import Formula, Item

TOPIC = "Backpropagation"

_SPACE = "\u00a0"
"""PrairieLearn lays a label's parts out in a row, where an ordinary space is none."""

_OURS = uuid.UUID("5f0c7e1a-6f2b-5c53-9d7e-8a4b1f60c2d9")
"""Under which questions have their identity: the same name gives the same question, so that a new export replaces the
old one.
"""


@dataclass(frozen=True, slots=True)
class Input:
    """One field, or a table of fields: ``cells`` row by row; a single field where ``rows`` is 0."""

    name: str
    symbol: Formula
    places: Places
    cells: tuple[str, ...]
    rows: int = 0
    columns: int = 0

    @property
    def boxes(self) -> list[str]:
        """The names under which what is typed arrives, one a cell; PrairieLearn counts them row by row."""
        return [f"{self.name}{place}" for place in range(1, len(self.cells) + 1)] if self.rows else [self.name]


def as_dollars(formula: Formula) -> str:
    """``$ … $``, which PrairieLearn sets; code where there is no formula."""
    text = escape(printable(formula.latex or formula.text), quote=False)
    return f"${text}$" if formula.latex else f"<code>{text}</code>"


def html_of(item: Item) -> str:
    """What one variant says before it asks; the drawing is the page's own."""
    return text_of(replace(item, figure=None), as_dollars, "")


def page(inputs: Sequence[Input], drawn: bool) -> str:
    """``question.html``."""
    figure = '<pl-figure file-name="{{params.drawing}}" alt="{{params.alt}}"></pl-figure>\n' if drawn else ""
    fields = "\n".join(map(_field, inputs))
    return (
        f"<pl-question-panel>\n{{{{{{params.text}}}}}}\n{figure}"
        f"<p>{_places(inputs)}You may leave fields blank. What follows rightly from a number of yours counts, even "
        "if that number is wrong.</p>\n</pl-question-panel>\n\n"
        f"{fields}\n\n{_FEEDBACK}"
    )


def _places(inputs: Iterable[Input]) -> str:
    """To how many places all numbers are asked; nothing where that differs, since each field says its own then."""
    asked = {str(one.places) for one in inputs}
    return f"Give each number to {asked.pop()}. " if len(asked) == 1 else ""


_FEEDBACK = """\
<pl-submission-panel>
{{#feedback.gradsheet}}
<p><strong>{{summary}}</strong></p>
{{#some}}
<table class="table table-sm w-auto">
<thead><tr><th scope="col">Number</th><th scope="col">Yours</th><th scope="col">Verdict</th></tr></thead>
<tbody>
{{#rows}}
<tr><th scope="row">{{{symbol}}}</th><td>{{text}}</td><td>{{sign}} {{{words}}}</td></tr>
{{/rows}}
</tbody>
</table>
{{/some}}
{{#told}}
<p>{{{.}}}</p>
{{/told}}
{{/feedback.gradsheet}}
</pl-submission-panel>
"""


def _field(one: Input) -> str:
    kind = "sigfig" if one.places.significant else "decdig"
    spoken = escape(printable(f"{one.symbol.text} to {one.places}"))
    said = (
        f'answers-name="{one.name}" label="{{{{params.labels.{one.name}}}}}" aria-label="{spoken}" '
        f'comparison="{kind}" digits="{one.places.digits}" allow-blank="true"'
    )
    if one.rows:
        tag = "pl-matrix-component-input"
        more = f'blank-value="0" rows="{one.rows}" columns="{one.columns}" allow-feedback="true"'
    else:
        tag, more = "pl-number-input", 'blank-value="" size="14" show-help-text="false" show-placeholder="false"'
    return f"<p><{tag} {said} {more}></{tag}></p>"


def info(name: str, title: str, several: bool) -> str:
    """``info.json`` of the question that is known by its name within gradsheet."""
    told = {
        "uuid": str(uuid.uuid5(_OURS, name)),
        "title": printable(title),
        "topic": TOPIC,
        "tags": ["gradsheet"],
        "type": "v3",
        "singleVariant": not several,
        "partialCredit": True,
    }
    return json.dumps(told, indent=4, ensure_ascii=False) + "\n"


def labels(inputs: Sequence[Input]) -> dict[str, str]:
    """What stands before each field."""
    if _places(inputs):
        return {one.name: _equal(as_dollars(one.symbol)) for one in inputs}
    return {one.name: f"{as_dollars(one.symbol)}{_SPACE}to {one.places}:" for one in inputs}


def _equal(symbol: str) -> str:
    return f"{symbol[:-1]} =$" if symbol.startswith("$") else f"{symbol}{_SPACE}="
