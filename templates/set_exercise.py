"""Room: templates. What the templates of Markdown sheets and keys are handed: a header, and exercises with all set."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from templates.markdown_page import SetSection
from templates.planted import NamedLine, Revealed


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the head of a sheet; texts of users, set as they are.

    ``form`` is the name of the answer form that lies beside a sheet of a class, or empty.
    """

    title: str
    course: str = ""
    date: str = ""
    note: str = ""
    student: str = ""
    sheet: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One asked cell as the sheet and the key list it."""

    id: str
    symbol: str
    places: str
    value: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawing in a file of its own beside the text: its name as a link writes it, its words, and what it holds."""

    file: str
    words: str
    svg: str

    @property
    def link(self) -> str:
        return quote(self.file)


@dataclass(frozen=True, slots=True)
class SetExercise:
    """One exercise with everything set in Markdown; ``shown`` is what a sheet shows of its working.

    ``drawn`` is None where there is no drawing, or no file to put it in. Where a mistake is to be found in what is
    shown, ``lines`` are all lines by name, and ``revealed`` is what the key says.
    """

    number: int
    words: str
    drawn: Drawn | None
    given: tuple[str, ...]
    outline: tuple[str, ...]
    legend: tuple[str, ...]
    sections: tuple[SetSection, ...]
    shown: tuple[SetSection, ...]
    answers: tuple[AnswerRow, ...]
    lines: tuple[NamedLine, ...]
    revealed: Revealed | None
