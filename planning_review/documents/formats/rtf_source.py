"""What an RTF file's source holds besides text that is seen: hidden text, the ends of pages, pictures.

For worker processes.
Source: Rich Text Format Specification, version 1.9.1.
"""

import re
from binascii import unhexlify
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from planning_review.documents.formats.part import Part

MAX_FILE_BYTES = 256 * 1024 * 1024

_TOKEN = re.compile(
    rb"\\[\\{}]|[{}]|\\(?P<name>v|plain|cf|cb|highlight|chcbpat|cbpat|shptxt|pard)"
    rb"(?P<number>-?\d*)(?![a-z]) ?"
)
_COLOURS = re.compile(rb"\{\s*\\colortbl([^{}]*)\}")
_WHITE = re.compile(rb"\\red25[0-5]\s*\\green25[0-5]\s*\\blue25[0-5]")
_COLOURED_CELL = re.compile(rb"\\clcbpat[1-9]")
_LETTER = re.compile(rb"(?<![\\a-z0-9'])[A-Za-z0-9]{2}")
_BACKGROUNDS = frozenset((b"cb", b"highlight", b"chcbpat", b"cbpat"))
_PAGE_END = re.compile(rb"(?<!\\)\\(?:page|sect)(?![a-z]) ?")
_PICTURE = re.compile(rb"\{\s*\\pict(?![a-z])")
_IN_PICTURE = re.compile(
    rb"\\bin(?P<count>\d{1,9}) ?|[{}]|(?<![a-z0-9\\])(?P<digits>[0-9a-fA-F][0-9a-fA-F\s]{199,})"
)
# The same picture once more, for programs that know no other kind.
_OLDER = re.compile(rb"\\nonshppict\s*$")


@dataclass(frozen=True)
class _State:
    """How the letters of a group are set."""

    is_hidden: bool = False
    is_white: bool = False
    has_background: bool = False


def drop_hidden(source: bytes) -> tuple[bytes, bool]:
    """Return RTF without the text that is hidden or white, and whether there was such text.

    Its groups stay whole. White letters are seen on what is not white.
    """
    whites = _list_whites(source)
    if not whites and not re.search(rb"\\v(?![a-z])", source):
        return source, False
    state, outer = _State(), list[_State]()
    pieces, at, has_hidden = list[bytes](), 0, False
    for found in _TOKEN.finditer(source):
        between = source[at : found.start()]
        if not _is_unseen(state):
            pieces.append(between)
        else:
            has_hidden |= _LETTER.search(between) is not None
        at = found.end()
        if found[0] == b"{":
            outer.append(state)
        elif found[0] == b"}":
            state = outer.pop() if outer else _State()
        elif found["name"] is None:
            pieces.append(b"" if _is_unseen(state) else found[0])
            continue
        else:
            state = _follow(state, found["name"], found["number"], whites)
        pieces.append(found[0])
    return b"".join([*pieces, source[at:]]), has_hidden


def _is_unseen(state: _State) -> bool:
    return state.is_hidden or (state.is_white and not state.has_background)


def _follow(state: _State, name: bytes, number: bytes, whites: frozenset[int]) -> _State:
    if name == b"plain":
        return replace(state, is_hidden=False, is_white=False)
    if name == b"v":
        return replace(state, is_hidden=number != b"0")
    if name == b"cf":
        return replace(state, is_white=number.isdigit() and int(number) in whites)
    if name in _BACKGROUNDS:
        is_one = number not in (b"", b"0") and not (number.isdigit() and int(number) in whites)
        return replace(state, has_background=is_one or (state.has_background and name == b"cbpat"))
    # A box may have a colour of its own; a new paragraph has none yet.
    return replace(state, has_background=name == b"shptxt")


def _list_whites(source: bytes) -> frozenset[int]:
    if _COLOURED_CELL.search(source):
        return frozenset()  # white headings of tables, of which the colour is told elsewhere
    table = _COLOURS.search(source)
    colours = table[1].split(b";") if table else []
    return frozenset(number for number, colour in enumerate(colours) if _WHITE.search(colour))


def mark_pages(source: bytes) -> bytes:
    """Return RTF with a form feed where a page or a section ends."""
    return _PAGE_END.sub(rb"\\par\\'0c ", source)


def find_rtf_pictures(path: Path) -> Iterator[Part]:
    """Yield an RTF file's pictures; of those that it has twice the one that newer programs show."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES)
    number, at = 0, 0
    while found := _PICTURE.search(data, at):
        picture, at = _take_picture(data, found.end())
        is_older = _OLDER.search(data, max(0, found.start() - 40), found.start())
        # A picture of a hundred bytes shows no writing.
        if picture is None or is_older:
            continue
        number += 1
        place = f"picture {number}"
        if re.search(rb"\\wmetafile|\\macpict|\\pmmetafile", data[found.end() : found.end() + 400]):
            yield Part(place, "", None, "a Windows drawing (WMF): files of this type are kept but not read")
        else:
            yield Part(place, "", picture)


def _take_picture(data: bytes, start: int) -> tuple[bytes | None, int]:
    """Return a picture's bytes, None where it has next to none, and its end. Its commands begin at start."""
    depth = 0
    for found in _IN_PICTURE.finditer(data, start):
        if found["count"]:
            end = found.end() + int(found["count"])
            return data[found.end() : end], end
        if found["digits"]:
            digits = b"".join(found["digits"].split())
            return unhexlify(digits[: len(digits) // 2 * 2]), found.end()
        # Properties stand in groups of their own before it.
        depth += 1 if found[0] == b"{" else -1
        if depth < 0:
            return None, found.end()
    return None, len(data)
