"""Room: templates. IMS content packages: a zip with a manifest, the same bytes on every machine and day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

MANIFEST = "imsmanifest.xml"

_CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of a package: what it is to the platform, its name within the package, and what it shows besides."""

    identifier: str
    kind: str
    file: str
    also: tuple[str, ...] = ()


def packaged(
    identifier: str,
    files: Mapping[str, str],
    resources: Iterable[Resource],
    schema: tuple[str, str] = ("IMS Content", "1.1.3"),
) -> bytes:
    """The zip of the files and a manifest that lists the resources; ``schema`` is what the package says it is."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {MANIFEST: _manifest(identifier, resources, schema), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _manifest(identifier: str, resources: Iterable[Resource], schema: tuple[str, str]) -> str:
    listed = "\n".join(
        f"<resource identifier={quoteattr(one.identifier)} type={quoteattr(one.kind)} href={quoteattr(one.file)}>"
        f"{''.join(f'<file href={quoteattr(name)}/>' for name in (one.file, *one.also))}</resource>"
        for one in resources
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest identifier={quoteattr(identifier)} xmlns="{_CONTENT}">\n'
        f"<metadata><schema>{schema[0]}</schema><schemaversion>{schema[1]}</schemaversion></metadata>\n<organizations/>\n"
        f"<resources>\n{listed}\n</resources>\n</manifest>\n"
    )
