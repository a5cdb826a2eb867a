"""Room: gradsheet. The course secret: made once, kept in a file that only its owner can read, and read back.

Every number on every sheet of a course is drawn from it, so whoever has it can make all the keys, and without it no
sheet can be made a second time.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from exercises.errors import InputError

DEFAULT_FILE = Path("gradsheet.secret")
ENVIRONMENT = "GRADSHEET_SECRET_FILE"
SECRET_BYTES = 32
PRIVATE_FILE = 0o600
LONGEST_FILE = 4096  # a file that isn't a secret may be of any size, and need not be read to the end

#: What the demo and the committed sample draw from. It is published here, so it keeps nothing secret.
DEMO_SECRET = b"gradsheet demo, known to anybody"

_LINE = re.compile(r'secret = "([0-9a-f]{64})"')
_HEADING = """\
# The course secret of gradsheet.
# Keep a copy in a safe place: without it no sheet of this course can be made again.
# Show it to nobody and never publish it: with it all the keys can be made.
"""


def secret_path(path: Path | None = None) -> Path:
    """Where the secret is: ``path`` if given, else what GRADSHEET_SECRET_FILE says, else gradsheet.secret here."""
    if path is not None:
        return path
    named = os.environ.get(ENVIRONMENT)
    return Path(named) if named else DEFAULT_FILE


def create_secret(path: Path | None = None) -> Path:
    """Draw a new secret, put it into a new file that only its owner can read (mode 0600), and return where.

    Raises InputError where the file exists: a secret in use is never overwritten.
    """
    place = secret_path(path)
    text = f'{_HEADING}secret = "{secrets.token_hex(SECRET_BYTES)}"\n'
    try:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    except FileExistsError as error:
        raise InputError(
            "this file is there already, and sheets may depend on it; keep it, or name another with --secret",
            where=str(place),
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            place.chmod(PRIVATE_FILE)  # whatever the umask took
            file.write(text.encode("ascii"))
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        place.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(place)) from error
        raise
    return place


def read_secret(path: Path | None = None) -> bytes:
    """The 32 bytes of the course secret at ``secret_path(path)``.

    Raises InputError where there is none, where others could read it, and where the file isn't one that init made.
    """
    place = secret_path(path)
    try:
        with open(place, "rb") as file:
            _require_private(place, os.fstat(file.fileno()))
            content = file.read(LONGEST_FILE)
    except FileNotFoundError as error:
        remedy = "there is no course secret here; run gradsheet init once, or name its file with --secret"
        raise InputError(remedy, where=str(place)) from error
    return _parse(content, place)


def fingerprint(secret: bytes) -> str:
    """What tells one secret from another and gives nothing of it away: a set's record keeps it."""
    return hmac.digest(secret, b"gradsheet, which secret", "sha256").hex()[:16]


def _require_private(place: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise InputError("a device or a pipe can't hold the course secret; name an ordinary file", where=str(place))
    # Windows keeps such rights elsewhere, and reports 0666 for every file.
    if os.name != "nt" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(
            f"others can read the course secret (mode {stat.S_IMODE(status.st_mode):04o}); run: chmod 600 {place}",
            where=str(place),
        )


def _parse(content: bytes, place: Path) -> bytes:
    lines = content.decode("ascii", errors="replace").splitlines()
    told = [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip() and line[:1] != "#"]
    match = _LINE.fullmatch(told[0][1]) if len(told) == 1 else None
    if match is None:
        where = f"{place}, line {told[0][0]}" if told else str(place)
        raise InputError(
            'expected a course secret, one line secret = "..." with 64 hex digits; restore it from your backup',
            where=where,
        )
    return bytes.fromhex(match[1])
