"""OLE containers and Outlook messages, made at test time: no library for Python writes them.

Source: [MS-CFB] for the container, [MS-OXMSG] for what a message keeps in it.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from planning_review.documents.formats.containers import OLE_MAGIC

Tree = Mapping[str, "bytes | Tree"]

SENT_AT = datetime(2025, 10, 1, 9, 0, tzinfo=UTC)

_SECTOR = 512
_MINI = 64
_CUTOFF = 4096
_LISTED = 109
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def write_ole(path: Path, tree: Tree) -> Path:
    """Write a container: bytes are streams, mappings are folders. Small streams go where they belong."""
    entries: list[list[object]] = [["Root Entry", _ROOT, _FREE, _FREE, b""]]
    _add_children(entries, 0, tree)
    small, mini_chain = b"", []
    sectors: list[bytes] = []
    chain: list[int] = []
    places: list[tuple[int, int]] = []
    for _, kind, _, _, data in entries:
        assert isinstance(data, bytes)
        if kind != _STREAM or not data:
            places.append((_END if kind == _STREAM else 0, len(data)))
        elif len(data) < _CUTOFF:
            places.append((len(small) // _MINI, len(data)))
            count = -(-len(data) // _MINI)
            first = len(small) // _MINI
            mini_chain += [*range(first + 1, first + count), _END]
            small += data.ljust(count * _MINI, b"\0")
        else:
            places.append((_store(sectors, chain, data), len(data)))
    places[0] = (_store(sectors, chain, small) if small else _END, len(small))
    mini_table = struct.pack(f"<{len(mini_chain)}I", *mini_chain)
    mini_sectors = -(-len(mini_table) // _SECTOR)
    mini_first = (
        _store(sectors, chain, mini_table.ljust(mini_sectors * _SECTOR, b"\xff")) if mini_chain else _END
    )
    directory = b"".join(_entry(entry, place) for entry, place in zip(entries, places, strict=True))
    directory_first = _store(sectors, chain, directory)
    table_sectors = 1
    while (len(chain) + table_sectors) * 4 > table_sectors * _SECTOR:
        table_sectors += 1
    table_at = len(sectors)
    chain += [_TABLE] * table_sectors
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(table_sectors * _SECTOR, b"\xff")
    listed = [*range(table_at, table_at + table_sectors)]
    # What the header has no room for is listed in one more sector: enough for 15 MB.
    listed, more = listed[:_LISTED], listed[_LISTED:]
    assert len(more) < _SECTOR // 4
    if more:
        table += struct.pack(f"<{len(more)}I", *more).ljust(_SECTOR - 4, b"\xff") + struct.pack("<I", _END)
    header = OLE_MAGIC + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIII", 0, table_sectors, directory_first, 0, _CUTOFF)
    list_at = (table_at + table_sectors, 1) if more else (_END, 0)
    header += struct.pack("<IIII", mini_first, mini_sectors, *list_at)
    header += struct.pack(f"<{_LISTED}I", *listed, *[_FREE] * (_LISTED - len(listed)))
    path.write_bytes(header + b"".join(sectors) + table)
    return path


def _add_children(entries: list[list[object]], parent: int, tree: Tree) -> None:
    previous = None
    for name, content in tree.items():
        number = len(entries)
        is_stream = isinstance(content, bytes)
        entries.append(
            [name, _STREAM if is_stream else _STORAGE, _FREE, _FREE, content if is_stream else b""]
        )
        # A list along the right-hand siblings is a search tree too, if a lopsided one.
        if previous is None:
            entries[parent][3] = number
        else:
            entries[previous][2] = number
        previous = number
        if not isinstance(content, bytes):
            _add_children(entries, number, content)


def _entry(entry: list[object], place: tuple[int, int]) -> bytes:
    name, kind, right, child, _ = entry
    encoded = str(name).encode("utf-16-le") + b"\0\0"
    numbers = struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
    return encoded.ljust(64, b"\0") + numbers + bytes(36) + struct.pack("<IQ", *place)


def _store(sectors: list[bytes], chain: list[int], data: bytes) -> int:
    first = len(sectors)
    pieces = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
    sectors += pieces
    chain += [*range(first + 1, first + len(pieces)), _END]
    return first


def write_msg(
    path: Path,
    *,
    subject: str = "Objection to 25/01234/F",
    body: str | None = "The shared path is too narrow.",
    html: bytes | None = None,
    attachments: Sequence[tuple[str, bytes]] = (),
    inner_message: Tree | None = None,
    extra: Tree | None = None,
) -> Path:
    """Write an Outlook message; inner_message is a mail attached to it, opened as Outlook keeps it."""
    texts = {
        0x001A: "IPM.Note",
        0x0037: subject,
        0x0C1A: "Anna Reed",
        0x0C1F: "anna@example.org",
        0x0E04: "Planning",
    }
    if body is not None:
        texts[0x1000] = body
    sent_seconds = (SENT_AT - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
    sent = struct.pack("<HHIQ", 0x0040, 0x0039, 6, int(sent_seconds * 10_000_000))
    tree: dict[str, bytes | Tree] = dict(make_properties(texts, 32, {0x1013: html} if html else {}, sent))
    for number, (name, data) in enumerate(attachments):
        tree[f"__attach_version1.0_#{number:08X}"] = make_properties({0x3707: name}, 8, {0x3701: data})
    if inner_message is not None:
        attachment = dict(make_properties({0x3001: "An earlier message"}, 8, {}))
        tree[f"__attach_version1.0_#{len(attachments):08X}"] = attachment | {
            "__substg1.0_3701000D": inner_message
        }
    return write_ole(path, tree | dict(extra or {}))


def make_properties(
    texts: Mapping[int, str], header_bytes: int, binaries: Mapping[int, bytes], more: bytes = b""
) -> Tree:
    streams: dict[str, bytes | Tree] = {}
    listed = b""
    for number, text in texts.items():
        data = text.encode("utf-16-le", "surrogatepass")
        listed += struct.pack("<HHIII", 0x001F, number, 6, len(data) + 2, 0)
        streams[f"__substg1.0_{number:04X}001F"] = data
    for number, data in binaries.items():
        listed += struct.pack("<HHIII", 0x0102, number, 6, len(data), 0)
        streams[f"__substg1.0_{number:04X}0102"] = data
    return {"__properties_version1.0": bytes(header_bytes) + listed + more, **streams}
