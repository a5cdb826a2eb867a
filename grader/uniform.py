"""Room: grader. JSON hand-ins that are as the answer form asks, which nearly all of a large class are: read in one go.

What has any peculiarity (numbers instead of texts, an escape, an unknown id, a blank) is left to the ordinary readers;
what is read here comes out as they would read it, at a tenth of the cost. Hand-ins that have the same ids in the same
order share what these ids mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import itemgetter

import msgspec

from grader.resolution import Paper, Resolved, resolve
from grader.submissions import Answer, Rejected, Submission
from grader.submissions.answers import LONGEST_TEXT, gather

MOST_FORMS = 1_000
"""Orders of ids that are remembered; hostile ones can't fill the memory."""

LARGEST = 100_000
"""Bytes; more is left to the ordinary reader with all its bounds."""


_OF_DECIMALS = b"0123456789.-\n"
_NOT_AFTER_DIGIT = re.compile(r"[-.\n]\n")
"""Where a text ends that doesn't end in a digit, texts of these signs being a line each."""

_Form = Sequence[tuple[int, tuple[str, ...], Callable[[tuple[str, ...]], tuple[str, ...]]]]
"""For each exercise its number, its cells, and what takes their texts out of all texts of a hand-in."""


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    answers: dict[str, str]


class Uniform:
    """Reads what is uniform, for one set of papers; remembers what ids mean."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers
        self._decoder = msgspec.json.Decoder(_Document)
        self._forms: dict[tuple[str, ...], _Form | None] = {}

    def resolved(self, data: bytes) -> Resolved | None:
        """What ``resolve(read_submission(...), papers)`` gives of a JSON file, or None where it is peculiar."""
        answers = self._plain(data)
        if answers is None:
            return None
        ids = tuple(answers)
        if ids not in self._forms:
            if len(self._forms) >= MOST_FORMS:
                return None
            self._forms[ids] = self._form(ids)
        form = self._forms[ids]
        if form is None:
            return None
        texts = tuple(answers.values())
        return Resolved({number: dict(zip(cells, chosen(texts), strict=True)) for number, cells, chosen in form}, ())

    def _plain(self, data: bytes) -> dict[str, str] | None:
        """The answers where all of them are printable ASCII that ends in a digit and holds no space or escape."""
        if len(data) > LARGEST or b"\\" in data:
            return None
        try:
            answers = self._decoder.decode(data).answers
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        # Each id and text has its two quotation marks, and so has "answers": a key that stands twice shows.
        if data.count(b'"') != 4 * len(answers) + 2 or not answers:
            return None
        joined = "\n".join(answers.values()) + "\n"
        if len(joined) - len(answers) > LONGEST_TEXT or not joined.isascii():
            return None
        if not joined.encode().translate(None, _OF_DECIMALS):
            return None if _NOT_AFTER_DIGIT.search("\n" + joined) else answers
        whole = joined.replace("\n", "").isprintable() and " " not in joined
        return answers if whole and all(text[-1:].isdigit() for text in answers.values()) else None

    def _form(self, ids: tuple[str, ...]) -> _Form | None:
        """What the ids mean, asked of the ordinary way with their own places as texts; None for a peculiar one."""
        if not all(name.isascii() and name.isprintable() and name == name.strip() for name in ids):
            return None
        try:
            submission = gather(Answer(name, str(at), "") for at, name in enumerate(ids))
            found = resolve(Submission(submission.answers), self._papers)
        except Rejected:
            return None
        if found.ignored or len(submission.answers) != len(ids):
            return None
        return [
            (number, tuple(texts), _taking(tuple(map(int, texts.values())))) for number, texts in found.texts.items()
        ]


def _taking(places: tuple[int, ...]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """What takes the texts at these places out of all; their order, and how often each is taken, are the places'."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda texts: tuple(texts[at] for at in places)
