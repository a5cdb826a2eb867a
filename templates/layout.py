"""Room: templates. How a set's pages look: paper, room to write, the teacher's logo, fonts and templates."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from templates.environment import Templates

CSS_SIZES = {"a4": "A4", "us-letter": "letter"}
"""Papers as style sheets call them."""


@dataclass(frozen=True, slots=True)
class Layout:
    """``paper`` is a4 or us-letter; ``space`` to write is boxes, lines or none; ``logo`` is SVG text, or empty.

    ``fonts`` is a folder of fonts for what the built-in ones lack. ``templates`` may be a teacher's.
    """

    paper: str = "a4"
    space: str = "boxes"
    logo: str = ""
    fonts: Path | None = None
    templates: Templates | None = None

    @property
    def css_size(self) -> str:
        """The paper for a web page that is printed."""
        return CSS_SIZES[self.paper]

    @property
    def logo_address(self) -> str:
        """The logo as the address of a picture, or empty; what a browser shows that way runs no script and loads
        nothing.
        """
        if not self.logo:
            return ""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.logo.encode()).decode()}"
