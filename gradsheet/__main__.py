"""Room: gradsheet. What the installed command and `python -m gradsheet` run."""

from __future__ import annotations

from gradsheet.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
