"""What the fuzzer begins from is read without a complaint of the target's; what it once found stays mended."""

from __future__ import annotations

import pytest
from fuzz.targets import FOUND, TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_takes_its_seeds_damaged_or_whole(name: str) -> None:
    target = TARGETS[name]
    for seed in (*target.seeds, *FOUND.get(name, ()), b""):
        assert len(seed) <= target.longest
        target.parse(seed)
        target.parse(seed[: len(seed) // 2])
        target.parse(seed + b"\0")


def test_a_target_notices_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str, data: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("fuzz.targets.read_submission", broken)
    with pytest.raises(ZeroDivisionError):
        TARGETS["csv"].parse(b"J,1")


def test_all_that_is_found_belongs_to_a_target() -> None:
    assert set(FOUND) <= set(TARGETS)
