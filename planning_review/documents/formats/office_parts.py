"""The files in an Office file: its pictures, embedded objects, and texts of other formats put into it.

For worker processes.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from olefile import OleFileIO  # type: ignore[import-untyped]

from planning_review.documents.formats.containers import OLE_MAGIC
from planning_review.documents.formats.part import Part
from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.workers.messages import Unreadable

_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_PICTURE = re.compile(
    r"(?:word|xl|ppt)/media/[^/]+\.(?!wdp|mp3|mp4|m4a|wav|wmv|avi|mov)[^./]+", re.IGNORECASE
)
_EMBEDDED = re.compile(r"(?:word|xl|ppt)/embeddings/[^/]+")
_DIGITS = re.compile(r"(\d+)")
# The table that a chart was drawn from is shown by the chart.
_CHART = re.compile(r"(?:word|xl|ppt)/charts/[^/]+\.xml")
_CHUNK = "/aFChunk"
_PACKAGES = ("Package", "CONTENTS")
_NATIVE = "\x01Ole10Native"
_MAX_NATIVE_NAME = 260


def find_office_parts(path: Path) -> Iterator[Part]:
    """Yield the texts put into an Office file, then its pictures, then its embedded objects.

    Each picture once, however often it is shown. Raises Unreadable.
    """
    with Package(path, "the file") as package:
        chunks = list(_find_chunks(package))
        yield from _number("inserted file", package, chunks)
        yield from _number("picture", package, _sort(filter(_PICTURE.fullmatch, package.names)))
        tables = _find_chart_tables(package)
        embedded = [name for name in package.names if _EMBEDDED.fullmatch(name) and name not in tables]
        for number, name in enumerate(_sort(embedded), start=1):
            yield _open_object(f"embedded file {number}", package, name)


def _number(word: str, package: Package, names: list[str]) -> Iterator[Part]:
    for number, name in enumerate(names, start=1):
        data, reason = _take_out(package, name)
        yield Part(f"{word} {number}", "", data, reason)


def _take_out(package: Package, name: str) -> tuple[bytes | None, str | None]:
    try:
        return package.read(name), None
    except Unreadable as refusal:
        return None, refusal.reason


def _find_chunks(package: Package) -> Iterator[str]:
    """Yield the parts in other formats (HTML, RTF, Word) that a Word file shows as its text (`altChunk`)."""
    for target, kind, _ in list_targets(package, "word/document.xml"):
        if kind.endswith(_CHUNK) and target in package.names:
            yield target


def _find_chart_tables(package: Package) -> set[str]:
    charts = filter(_CHART.fullmatch, package.names)
    return {target for chart in charts for target, _, _ in list_targets(package, chart)}


def list_targets(package: Package, part: str) -> Iterator[tuple[str, str, str]]:
    """Yield the names of the parts that a part refers to, each with the kind and the id of the reference."""
    folder = PurePosixPath(part).parent
    root = package.parse(f"{folder}/_rels/{PurePosixPath(part).name}.rels")
    for element in () if root is None else root.iterchildren(f"{_RELATIONSHIPS}Relationship"):
        yield _resolve(folder, element.get("Target", "")), element.get("Type", ""), element.get("Id", "")


def _resolve(folder: PurePosixPath, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    parts: list[str] = list(folder.parts)
    for piece in target.split("/"):
        if piece == "..":
            del parts[-1:]
        elif piece != ".":
            parts.append(piece)
    return "/".join(parts)


def _sort(names: Iterator[str] | list[str]) -> list[str]:
    """Return names in the order of the numbers in them: image10 comes after image9."""
    return sorted(
        names, key=lambda name: [int(piece) if piece.isdecimal() else piece for piece in _DIGITS.split(name)]
    )


def _open_object(place: str, package: Package, name: str) -> Part:
    """Return the file that an embedded object holds, or the object where it is a file itself."""
    data, reason = _take_out(package, name)
    if data is None or not data.startswith(OLE_MAGIC):
        return Part(place, PurePosixPath(name).name, data, reason)
    try:
        with OleFileIO(io.BytesIO(data)) as container:
            for stream in _PACKAGES:
                if container.exists(stream):
                    return Part(place, "", container.openstream(stream).read())
            if container.exists(_NATIVE):
                inner_name, inner = _read_native(container.openstream(_NATIVE).read())
                return Part(place, inner_name, inner)
    except Exception:  # noqa: BLE001 - olefile raises many kinds for what is damaged
        return Part(place, "", None, "the embedded object is damaged")
    return Part(place, "", data)


def _read_native(data: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of a file that Windows packed into an object.

    Source: [MS-OLEDS], section 2.3.6, and what Windows writes: names that a zero ends, before the length.
    """
    label_end = data.index(b"\0", 6)
    path_end = data.index(b"\0", label_end + 1)
    temporary_bytes = int.from_bytes(data[path_end + 5 : path_end + 9], "little")
    at = path_end + 9 + temporary_bytes
    length = int.from_bytes(data[at : at + 4], "little")
    name = data[6:label_end][:_MAX_NATIVE_NAME].decode("cp1252", "replace")
    return name.replace("\\", "/").rpartition("/")[2], data[at + 4 : at + 4 + length]
