"""A PDF that asks for a password, and one that was cut off on its way.

PyMuPDF draws a new random file id whenever it encrypts, and the key depends on the id; so the one
encrypted page is written here, with the standard security handler (PDF 1.7, 7.6.3, revision 3).
"""

import hashlib
import struct
from pathlib import Path

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_FILE_ID = hashlib.sha256(b"a viability assessment").digest()[:16]
_PERMISSIONS = -3904


def build_locked_pdf(path: Path, text: str, password: str) -> None:
    """Write one page that opens only with a password (RC4, 128 bits)."""
    owner = _owner_entry(password)
    key = _digest(_pad(password) + owner + struct.pack("<i", _PERMISSIONS) + _FILE_ID, rounds=51)
    user = _rc4_rounds(key, hashlib.md5(_PADDING + _FILE_ID, usedforsecurity=False).digest()) + bytes(16)
    content = f"BT /F1 12 Tf 72 760 Td ({text}) Tj ET".encode("cp1252")
    object_key = hashlib.md5(key + bytes([4, 0, 0, 0, 0]), usedforsecurity=False).digest()
    sealed = _rc4(object_key, content)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(sealed), sealed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Filter/Standard/V 2/R 3/Length 128/P %d/O<%b>/U<%b>>>"
        % (_PERMISSIONS, owner.hex().encode(), user.hex().encode()),
    ]
    path.write_bytes(_assemble(objects))


def build_broken_pdf(path: Path, whole: bytes) -> None:
    """Write the first part of a PDF, as an upload that was cut off leaves it."""
    path.write_bytes(whole[: min(len(whole) // 3, 700)])


def _assemble(objects: list[bytes]) -> bytes:
    out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    file_id = _FILE_ID.hex().encode()
    out += b"trailer\n<</Size %d/Root 1 0 R/Encrypt 6 0 R/ID[<%b><%b>]>>\n" % (
        len(objects) + 1,
        file_id,
        file_id,
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def _owner_entry(password: str) -> bytes:
    return _rc4_rounds(_digest(_pad(password), rounds=51), _pad(password))


def _pad(password: str) -> bytes:
    return (password.encode("latin-1") + _PADDING)[:32]


def _digest(data: bytes, rounds: int) -> bytes:
    for _ in range(rounds):
        data = hashlib.md5(data, usedforsecurity=False).digest()
    return data


def _rc4_rounds(key: bytes, data: bytes) -> bytes:
    for number in range(20):
        data = _rc4(bytes(byte ^ number for byte in key), data)
    return data


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
