"""Every published key as a browser prints it, held against the Markdown line by line: `python tests/soak_browser.py`.

`tests/test_formats_agree.py` holds the PDF against the same lines. It needs Chromium, and takes minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from pdf_reading import Paper, elements_in, printed
from test_formats_agree import HEADER, agree, exercises_of, in_code, markdown_of, spelled
from web_pages import bare_latex

from exercises.specification import published_names
from templates.html import key_html


def browsed(name: str) -> Paper:
    """The key's web page, printed by the browser."""
    with tempfile.TemporaryDirectory() as folder:
        page, paper = Path(folder) / "key.html", Path(folder) / "key.pdf"
        page.write_text(key_html(HEADER, exercises_of(name)), encoding="utf-8")
        wishes = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={paper}"]
        subprocess.run(["chromium", *wishes, page.as_uri()], check=True, capture_output=True)
        return Paper(paper.read_bytes())


def differing(name: str) -> list[str]:
    """The lines of the Markdown key that the browser doesn't print, in its order."""
    paper = browsed(name)
    items = [
        element
        for element in paper.tagged("/LI")
        if not any(kid["/S"] == "/LI" for kid in list(elements_in(element))[1:])
    ]
    waiting = iter([spelled(printed(paper, item)) for item in items])
    lines = [bare_latex(line[2:]) for line in markdown_of(name, True).splitlines() if line.startswith(r"- $\disp")]
    return [line for line in lines if not any(agree(text, line) for text in waiting)]


if __name__ == "__main__":
    names = sys.argv[1:] or [name for name in published_names() if not in_code(name)]
    wrong = {name: lines for name in names if (lines := differing(name))}
    for name, lines in wrong.items():
        print(f"{name}: the first of {len(lines)} lines that the browser doesn't print: {lines[0]}")
    print(f"{len(names) - len(wrong)} of {len(names)} keys have the same lines in the browser as in Markdown")
    sys.exit(bool(wrong))
