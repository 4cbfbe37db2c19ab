"""An RTF file's source made ready for striprtf, which drops some of what a reader sees, and fails on more.

For worker processes. Source: Rich Text Format Specification, version 1.9.1.
"""

import re

# Pictures stand in the file as hexadecimal digits, which striprtf would take apart one by one.
_PICTURE = re.compile(rb"[0-9a-fA-F\r\n]{200,}")
_BINARY = re.compile(rb"(?<!\\)\\bin(\d{1,9}) ?")
_CHARACTER = re.compile(rb"(?<!\\)\\u(-?\d{5,})")
_DELETED = re.compile(rb"\{[^{}]*\\deleted(?![a-z0-9])[^{}]*\}")
# Groups that striprtf leaves out: notes, the edges of pages, the text of boxes. Escaped braces are none.
_GROUPS = re.compile(rb"\\[\\{}]|\{\s*(?:\\\*)?\\(?:footnote|header[lrf]?|footer[lrf]?|shptxt)(?![a-z])|[{}]")
# What is taken out leaves an empty group: the command before it and the text behind it must not meet.
_NOTHING = b"{}"


def prepare_source(data: bytes) -> bytes:
    """Return RTF without pictures and deleted text, in which all characters can be."""
    data = data[max(0, data.find(b"{\\rtf")) :]
    data = _PICTURE.sub(b"", _drop_binaries(data))
    data = _CHARACTER.sub(_keep_possible, _DELETED.sub(_NOTHING, data))
    # striprtf looks for the end of every link in all that follows, on the same line.
    return data.replace(b"\\fldinst", b"\\fldinst\n")


def move_asides(data: bytes) -> bytes:
    """Return RTF with its notes, headers, footers and text boxes at its end, each once, as paragraphs."""
    asides: dict[bytes, None] = {}
    open_groups: list[bool] = []
    pieces: list[list[bytes]] = [[]]
    at = 0
    for found in _GROUPS.finditer(data):
        token = found[0]
        if token.startswith(b"\\"):
            continue
        if token == b"{":
            open_groups.append(False)
        elif token != b"}":
            open_groups.append(True)
            pieces[-1] += [data[at : found.start()], _NOTHING]
            pieces.append([])
            at = found.end()
        elif open_groups and open_groups.pop():
            pieces[-1].append(data[at : found.start()])
            asides[b"".join(pieces.pop())] = None
            at = found.end()
    pieces[-1].append(data[at:])
    text, *unended = map(b"".join, pieces)
    is_closed = text.rstrip(b"\x00\r\n\t ").endswith(b"}")
    body = text.rstrip(b"\x00\r\n\t ")[:-1] if is_closed else text
    ends = b"".join(b"\\par{" + aside + b"}" for aside in (*asides, *unended))
    return body + ends + (b"}" if is_closed else b"")


def _drop_binaries(data: bytes) -> bytes:
    pieces = []
    at = 0
    while found := _BINARY.search(data, at):
        pieces += [data[at : found.start()], _NOTHING]
        at = found.end() + int(found[1])
    return b"".join([*pieces, data[at:]])


def _keep_possible(found: re.Match[bytes]) -> bytes:
    number = int(found[1][:9])
    return found[0] if -32_768 <= number < 65_536 else b"\\u65533"
