"""Room: gradsheet. A specification together with its text, which the record of a set keeps."""

from __future__ import annotations

from pathlib import Path

from exercises.specification import Specification, included_file, read_specification


def source_of(path_or_name: str) -> tuple[Specification, str]:
    """The specification of a file or of what comes along by name, and the text it was read from."""
    specification = read_specification(path_or_name)
    path = Path(path_or_name)
    included = None if path.is_file() else included_file(path_or_name)
    return specification, (included or path).read_text(encoding="utf-8-sig")
