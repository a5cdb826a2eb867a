"""The pictures in docs/gallery: pages of PDF and HTML as a reader sees them. Run from the checkout: `make gallery`.

Needs pdftoppm (Debian's poppler-utils) and Chromium on the machine; gradsheet itself needs neither.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from exercises.specification import parse_specification
from gradsheet.cli import main
from gradsheet.generation import Order, generate
from gradsheet.roster import Student
from gradsheet.secret import DEMO_SECRET
from gradsheet.sources import source_of

GALLERY = Path(__file__).parent / "gallery"
DOTS_PER_INCH = "80"
WIDTH, HEIGHT = 900, 1150

SHEET = """\
title = "Backpropagation by hand"
course = "Neural networks"

[[exercise]]
family = "mlp"
layers = [2, 2, 1]
bias = false
optimizer = { name = "sgd" }
decimals = 4
"""

CIRCUIT = """\
title = "A fork and a maximum"

[[exercise]]
family = "circuit"
lines = ["a = x + y", "b = max(y, z)", "f = a * b"]
given = { x = 1, y = 2, z = 0 }
decimals = 2
"""

COURSE = {8: "convolution", 11: "recurrent", 12: "attention"}
"""Sheets of the course that are shown, and the second page of their keys."""

CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def page(pdf: Path, name: str, number: int = 1) -> None:
    run(
        "pdftoppm",
        "-png",
        "-singlefile",
        "-r",
        DOTS_PER_INCH,
        "-f",
        str(number),
        "-l",
        str(number),
        pdf,
        GALLERY / name,
    )


def screen(html: Path, name: str, folder: Path) -> None:
    size = f"--window-size={WIDTH},{HEIGHT}"
    run(*CHROMIUM, f"--user-data-dir={folder / 'profile'}", size, f"--screenshot={GALLERY / name}.png", html.as_uri())


def make(folder: Path) -> None:
    """All pictures, from sets made in ``folder`` with the demo's public secret."""
    for name, text in (("network", SHEET), ("circuit", CIRCUIT)):
        specification = parse_specification(text, f"{name}.toml")
        order = Order(specification, text, (Student("ada", "Ada"),), DEMO_SECRET, formats=("pdf", "html"))
        generate(order, folder / name)
        page(folder / name / "students" / "ada.pdf", f"{name}-sheet")
        page(folder / name / "teacher" / "keys" / "ada.pdf", f"{name}-key")
        screen(folder / name / "teacher" / "keys" / "ada.html", f"{name}-key-web", folder)
    for number, name in COURSE.items():
        specification, text = source_of(f"course/{number:02}")
        order = Order(specification, text, (Student("ada", "Ada"),), DEMO_SECRET, formats=("pdf",))
        generate(order, folder / name)
        page(folder / name / "students" / "ada.pdf", f"{name}-sheet")
        page(folder / name / "teacher" / "keys" / "ada.pdf", f"{name}-key", 2)
    if main(["solve", "mazur", "--as", "pdf", "--out", str(folder / "mazur.pdf")]) == 0:
        page(folder / "mazur.pdf", "mazur")


if __name__ == "__main__":
    GALLERY.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        make(Path(place))
