"""Pages in a real browser: the system's Chromium, driven by Playwright. Without one of them these tests are skipped."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
AXE = Path(os.environ.get("GRADSHEET_AXE", "")) if os.environ.get("GRADSHEET_AXE") else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    with pytest.importorskip(
        "playwright.sync_api", reason="Playwright isn't installed; see make browser"
    ).sync_playwright() as play:
        # Debian's Chromium won't start its sandbox for root, as whom containers run.
        one = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield one
        one.close()


class Visitor:
    """Opens pages, and notes what no page should do: complain, or ask anybody for anything."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, path: Path, *, before: str = "", **wishes: Any) -> Page:
        context = self.browser.new_context(accept_downloads=True, **{"reduced_motion": "reduce", **wishes})
        self.contexts.append(context)
        if before:
            context.add_init_script(before)
        page = context.new_page()
        page.on("console", lambda one: self.complaints.append(one.text) if one.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri())
        return page


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    one = Visitor(browser)
    yield one
    for context in one.contexts:
        context.close()
    assert one.complaints == []
    assert [url for url in one.requests if not url.startswith(("file:", "blob:"))] == []


@pytest.fixture(scope="session")
def axe() -> str:
    if AXE is None or not AXE.is_file():
        pytest.skip("axe-core isn't there; make browser installs it by npm, GRADSHEET_AXE names its axe.min.js")
    return AXE.read_text(encoding="utf-8")
