"""What a file is, from its bytes."""

import zipfile
from pathlib import Path

import pytest

from planning_review.documents.formats.containers import read_root_names
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.models import FileKind
from tests.support.document_files import (
    make_mail,
    render_text,
    write_docx,
    write_mail,
    write_odt,
    write_rtf,
    write_text_pdf,
    write_tiff,
    write_xlsx,
    write_zip,
)
from tests.support.ole_files import write_msg, write_ole


def test_real_files_are_known_whatever_their_name(tmp_path: Path) -> None:
    text = tmp_path / "wrong.pdf"
    made = {
        FileKind.PDF: write_text_pdf(tmp_path / "a.html", ["A page."]),
        FileKind.DOCX: write_docx(tmp_path / "b.pdf"),
        FileKind.XLSX: write_xlsx(tmp_path / "c.pdf"),
        FileKind.ZIP: write_zip(tmp_path / "d.docx"),
        FileKind.DOC: write_ole(tmp_path / "e.msg", {"WordDocument": b"x"}),
        FileKind.OLE: write_ole(tmp_path / "k.doc", {"WksSSWorkBook": b"x"}),
        FileKind.TIFF: write_tiff(tmp_path / "f.pdf", ["A"]),
        FileKind.ODT: write_odt(tmp_path / "g.docx"),
        FileKind.RTF: write_rtf(tmp_path / "h.doc"),
        FileKind.EML: write_mail(tmp_path / "i.txt", make_mail()),
        FileKind.MSG: write_msg(tmp_path / "j.doc"),
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
        (b"{\\rtf1\\ansi}", FileKind.RTF),
        (b"Received: from a\r\n by b\r\nMessage-ID: <1@b>\r\n\r\nbody \x00", FileKind.EML),
        (b"Date: 4 May\nSubject: The path\nFrom: Anna\n\nDear Sir", FileKind.EML),
        (b"From anna@example.org Wed\nDate: 4 May\nSubject: Path\nFrom: Anna\n\nDear Sir", FileKind.EML),
        (b"Date: 4 May\nSubject: The path\n\nDear Sir", FileKind.TEXT),
        (b"Dear Sir,\n\nFrom: us\nDate: 4 May\nSubject: The path\n", FileKind.TEXT),
        (b"  0\nSECTION\n  2\nHEADER\n", FileKind.UNKNOWN),
        (b"%!PS-Adobe-3.0\n", FileKind.UNKNOWN),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text", FileKind.ODT),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", FileKind.ODS),
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
        archive.writestr("unpacked/word/document.xml", "<w:document/>")
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


def test_a_message_is_known_by_what_is_at_the_top_of_its_container(tmp_path: Path) -> None:
    # A Word file with a message in it, and a message with a Word file attached, of many sectors each.
    message = {"__properties_version1.0": b"x" * 5000}
    word = write_ole(tmp_path / "a", {"WordDocument": b"x" * 9000, "ObjectPool": {"_1": message}})
    letter = {"__attach_version1.0_#00000000": {"WordDocument": b"x" * 9000}}
    mail = write_ole(tmp_path / "b", {**{f"stream {n}": b"x" * 600 for n in range(40)}, **letter, **message})
    assert [sniff_kind(word), sniff_kind(mail)] == [FileKind.DOC, FileKind.MSG]
    assert read_root_names(mail) >= {"stream 0", "stream 39", "__properties_version1.0"}
    assert "WordDocument" not in read_root_names(mail)


def test_the_directory_of_a_large_container_is_found_through_its_second_table(tmp_path: Path) -> None:
    # 109 sectors of its table are listed in the header, and stand for 7 MB.
    mail = write_ole(tmp_path / "a", {"data": b"x" * 8_000_000, **{f"s{n}": b"" for n in range(9)}})
    assert read_root_names(mail) == {"data", *(f"s{n}" for n in range(9))}


def test_no_cut_or_changed_container_breaks_the_sniffer(tmp_path: Path) -> None:
    whole = write_msg(tmp_path / "a.msg", attachments=[("plan.pdf", b"x" * 5000)])
    data = whole.read_bytes()
    changed = tmp_path / "b.msg"
    kinds = set()
    for at in range(8, len(data), 61):
        changed.write_bytes(data[:at])
        kinds.add(sniff_kind(changed))
        changed.write_bytes(data[:at] + b"\xfe\xff\xff\x00" * 4 + data[at + 16 :])
        kinds.add(sniff_kind(changed))
    assert kinds == {FileKind.OLE, FileKind.MSG}
