"""What a file is, from its bytes."""

import zipfile
from pathlib import Path

import pytest
from document_files import (
    render_text,
    write_docx,
    write_ole,
    write_text_pdf,
    write_tiff,
    write_xlsx,
    write_zip,
)

from planning_review.documents.sniffing import sniff_kind
from planning_review.models import FileKind


def test_real_files_are_known_whatever_their_name(tmp_path: Path) -> None:
    text = tmp_path / "wrong.pdf"
    made = {
        FileKind.PDF: write_text_pdf(tmp_path / "a.html", ["A page."]),
        FileKind.DOCX: write_docx(tmp_path / "b.pdf"),
        FileKind.XLSX: write_xlsx(tmp_path / "c.pdf"),
        FileKind.ZIP: write_zip(tmp_path / "d.docx"),
        FileKind.OLE: write_ole(tmp_path / "e.msg", "WordDocument"),
        FileKind.TIFF: write_tiff(tmp_path / "f.pdf", ["A"]),
        FileKind.TEXT: text,
    }
    text.write_text("Dear Sir,\n\nI object – the path is too narrow.\n", encoding="utf-8")
    for name, kind in (("PNG", FileKind.PNG), ("JPEG", FileKind.JPEG)):
        made[kind] = tmp_path / f"{name}.pdf"
        render_text("A").save(made[kind], format=name)
    assert {sniff_kind(path) for path in made.values()} == set(made)
    assert {kind: sniff_kind(path) for kind, path in made.items()} == {kind: kind for kind in made}


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FileKind.EMPTY),
        (b"\r\n" * 200 + b"%PDF-1.7\n", FileKind.PDF),
        (b"x" * 2000 + b"%PDF-1.7\n", FileKind.TEXT),
        (b"\xef\xbb\xbf \n<!DOCTYPE html><title>Error</title>", FileKind.HTML),
        (b"<HTML><body>Session expired</body>", FileKind.HTML),
        (b'<?xml version="1.0"?><html xmlns="x">', FileKind.HTML),
        (b"<anna@example.org> wrote: fine by me", FileKind.TEXT),
        (("Café terrace. " * 30).encode("cp1252"), FileKind.TEXT),
        ("Résumé".encode("utf-16"), FileKind.TEXT),
        (b"{\\rtf1\\ansi}", FileKind.UNKNOWN),
        (b"AC1032\x00\x00\x00", FileKind.UNKNOWN),
        (b"PK\x03\x04" + bytes(26) + b"word/document.xml" + bytes(50), FileKind.DOCX),
        (b"PK\x05\x06" + bytes(3), FileKind.ZIP),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bytes(tmp_path: Path, data: bytes, kind: FileKind) -> None:
    path = tmp_path / "document"
    path.write_bytes(data)
    assert sniff_kind(path) is kind


def test_a_word_file_inside_an_archive_does_not_make_it_one(tmp_path: Path) -> None:
    inner = write_docx(tmp_path / "inner.docx")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.write(inner, "letter.docx")
    assert sniff_kind(tmp_path / "outer.zip") is FileKind.ZIP


def test_every_cut_of_a_word_file_is_a_word_file_or_an_archive(tmp_path: Path) -> None:
    data = write_docx(tmp_path / "whole.docx").read_bytes()
    cut = tmp_path / "cut"
    kinds = set()
    for length in range(4, len(data), len(data) // 40):
        cut.write_bytes(data[:length])
        kinds.add(sniff_kind(cut))
    assert kinds <= {FileKind.DOCX, FileKind.ZIP}
    assert FileKind.DOCX in kinds
