"""What all tests share: they don't depend on the machine's haste, nor on whose environment they run in."""

from __future__ import annotations

import gc
import os

import pytest
from front_door import Terminal
from hypothesis import HealthCheck, settings

# No deadline: a shared machine may be slow for a moment. On CI the same examples every time, so that a failure repeats.
settings.register_profile(
    "gradsheet", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fuzz", settings.get_profile("gradsheet"), max_examples=10_000, derandomize=False)
settings.load_profile("gradsheet")


# Trees of expressions are made by the hundred thousand and hold no cycles: looking for some among them as often as
# Python does by itself takes some 7 % of the processor's time. What stands after collection stays to the end.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens", action="store_true", help="write what comes out into the committed samples, then look at it"
    )


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A command line to type at."""
    return Terminal(capsys)


@pytest.fixture(autouse=True)
def _no_course_secret_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADSHEET_SECRET_FILE", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
