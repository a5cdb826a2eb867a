"""Room: grader. JSON hand-ins that are as the answer form asks, which nearly all of a large class are: read in one go.

What has any peculiarity (numbers instead of texts, an escape, an unknown id, a blank) is left to the ordinary readers;
what is read here comes out as they would read it, at a tenth of the cost. Hand-ins that have the same ids in the same
order share what these ids mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.resolution import Paper, Resolved, resolve
from grader.submissions import Answer, Rejected, Submission
from grader.submissions.answers import LONGEST_TEXT, gather

MOST_FORMS = 1_000
"""Orders of ids that are remembered; hostile ones can't fill the memory."""

LARGEST = 100_000
"""Bytes; more is left to the ordinary reader with all its bounds."""


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    answers: dict[str, str]


class Uniform:
    """Reads what is uniform, for one set of papers; remembers what ids mean."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers
        self._decoder = msgspec.json.Decoder(_Document)
        self._forms: dict[tuple[str, ...], Mapping[int, Mapping[str, int]] | None] = {}

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
        found = {number: {cell: texts[at] for cell, at in cells.items()} for number, cells in form.items()}
        return Resolved(found, ())

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
        joined = "".join(answers.values())
        whole = joined.isascii() and joined.isprintable() and " " not in joined and len(joined) <= LONGEST_TEXT
        return answers if whole and all(text[-1:].isdigit() for text in answers.values()) else None

    def _form(self, ids: tuple[str, ...]) -> Mapping[int, Mapping[str, int]] | None:
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
        return {number: {cell: int(text) for cell, text in texts.items()} for number, texts in found.texts.items()}
