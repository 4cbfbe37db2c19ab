"""The names in a container, from its bytes alone: of streams in an OLE file, of members in a ZIP.

They tell what the file is. The main process asks for them, of files that anyone may have written: so only the
directory is read, within limits, and nothing is unpacked.

An OLE container (old Office files, Outlook messages) is a small file system: a header, tables that chain its
sectors, and a directory. Source: [MS-CFB], Compound File Binary File Format, sections 2.2 to 2.6.
"""

import struct
from pathlib import Path
from typing import BinaryIO

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")

_ENTRY_BYTES = 128
_MAX_DIRECTORY_BYTES = 1024 * 1024
_MAX_TABLE_SECTORS = 4096
_HEADER_TABLE_SECTORS = 109
_LAST_SECTOR = 0xFFFFFFFA

_MAX_MEMBERS_BYTES = 1024 * 1024
_MAX_END_BYTES = 65_557  # of a ZIP's end record with the longest comment


def read_root_names(path: Path) -> frozenset[str]:
    """Return the names of streams and folders at an OLE container's top; none where its directory is lost."""
    with path.open("rb") as file:
        header = file.read(512)
        if len(header) < 512 or not header.startswith(OLE_MAGIC):
            return frozenset()
        shift = struct.unpack_from("<H", header, 30)[0]
        if shift not in (9, 12):
            return frozenset()
        directory = _read_directory(file, header, 1 << shift)
    return _names_at_top(directory)


def read_member_names(path: Path) -> list[bytes] | None:
    """Return the names in a ZIP's directory (its first 1 MiB), None where it has no end record."""
    with path.open("rb") as file:
        tail_at = max(0, path.stat().st_size - _MAX_END_BYTES)
        file.seek(tail_at)
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            return None
        (length,) = struct.unpack_from("<I", tail, end + 12)
        # It stands before its end record, also where bytes before it were lost or added.
        file.seek(max(0, tail_at + end - length))
        directory = file.read(min(length, _MAX_MEMBERS_BYTES))
    names = []
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        name_length, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        names.append(directory[at + 46 : at + 46 + name_length])
        at += 46 + name_length + extra + comment
    return names


def _read_directory(file: BinaryIO, header: bytes, sector_bytes: int) -> bytes:
    directory = b""
    seen: set[int] = set()
    sector = struct.unpack_from("<I", header, 48)[0]
    while sector < _LAST_SECTOR and sector not in seen and len(directory) < _MAX_DIRECTORY_BYTES:
        seen.add(sector)
        part = _read_sector(file, sector, sector_bytes)
        if len(part) < _ENTRY_BYTES:
            break
        directory += part
        sector = _next_sector(file, header, sector, sector_bytes)
    return directory


def _next_sector(file: BinaryIO, header: bytes, sector: int, sector_bytes: int) -> int:
    """Return which sector follows another, from the container's table of sectors."""
    index, place = divmod(sector, sector_bytes // 4)
    if index < _HEADER_TABLE_SECTORS:
        table_sector = struct.unpack_from("<I", header, 76 + 4 * index)[0]
    else:
        # A large file lists the sectors of its table in sectors that are chained themselves.
        steps, index = divmod(index - _HEADER_TABLE_SECTORS, sector_bytes // 4 - 1)
        list_sector = struct.unpack_from("<I", header, 68)[0]
        for _ in range(min(steps, _MAX_TABLE_SECTORS)):
            list_sector = _number_in(file, list_sector, sector_bytes // 4 - 1, sector_bytes)
        table_sector = _number_in(file, list_sector, index, sector_bytes)
    return _number_in(file, table_sector, place, sector_bytes)


def _number_in(file: BinaryIO, sector: int, place: int, sector_bytes: int) -> int:
    part = _read_sector(file, sector, sector_bytes)
    if len(part) < 4 * place + 4:
        return _LAST_SECTOR
    return int(struct.unpack_from("<I", part, 4 * place)[0])


def _read_sector(file: BinaryIO, sector: int, sector_bytes: int) -> bytes:
    if sector >= _LAST_SECTOR:
        return b""
    file.seek((sector + 1) * sector_bytes)
    return file.read(sector_bytes)


def _names_at_top(directory: bytes) -> frozenset[str]:
    names = set()
    seen: set[int] = set()
    # The root is the first entry; its child is the top of a tree of the entries below it.
    waiting = [struct.unpack_from("<I", directory, 76)[0]] if len(directory) >= _ENTRY_BYTES else []
    while waiting:
        number = waiting.pop()
        entry = directory[number * _ENTRY_BYTES : (number + 1) * _ENTRY_BYTES]
        if number in seen or len(entry) < _ENTRY_BYTES:
            continue
        seen.add(number)
        length = min(struct.unpack_from("<H", entry, 64)[0], 64)
        names.add(entry[: max(0, length - 2)].decode("utf-16-le", "replace"))
        waiting += struct.unpack_from("<II", entry, 68)
    return frozenset(names)
