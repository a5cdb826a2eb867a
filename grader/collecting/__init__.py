"""Room: grader. A class's hand-ins as platforms hand them out, brought to one hand-in a student; nothing is lost.

``collect`` takes a folder or a zip archive and a roster (``People``) and says who has handed in what (``Inbox``); an
attempt's ``read`` gives its answers. Layouts are adapters over one shape: see ``layouts`` for the table.
"""

from __future__ import annotations

from grader.collecting.inbox import Attempt, HandIn, Inbox, Quarantined, collect
from grader.collecting.layouts import AUTOMATIC, LAYOUTS
from grader.collecting.people import People
from grader.collecting.reading import Reader

__all__ = ["AUTOMATIC", "LAYOUTS", "Attempt", "HandIn", "Inbox", "People", "Quarantined", "Reader", "collect"]
