"""Room: gradsheet. A specification together with its text, which the record of a set keeps."""

from __future__ import annotations

from pathlib import Path

from exercises.specification import PUBLISHED, Specification, published_names, read_specification


def source_of(path_or_name: str) -> tuple[Specification, str]:
    """The specification of a file or a published example, and the text it was read from."""
    specification = read_specification(path_or_name)
    path = Path(path_or_name)
    if not path.is_file() and path_or_name in published_names():
        path = PUBLISHED / f"{path_or_name}.toml"
    return specification, path.read_text(encoding="utf-8-sig")
