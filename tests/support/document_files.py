"""Files of every kind that a register serves, made at test time."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

import docx
import odfdo
import openpyxl
import pymupdf
from PIL import Image, ImageDraw, ImageFont

WORD_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A1_LANDSCAPE = pymupdf.paper_rect("a1-l")

DRAWING = b"AC1032" + bytes(60)
"""The head of a CAD drawing (DWG), which is named and not read."""

PARKING = (
    "Cycle parking for 24 bicycles is provided in a covered and secure store beside the entrance.\n"
    "The shared path along the northern boundary is 2.5 metres wide and lit throughout the night."
)


def write_text_pdf(path: Path, pages: Sequence[str], **save_options: object) -> Path:
    document = pymupdf.open()
    for text in pages:
        document.new_page().insert_textbox((60, 60, 540, 780), text, fontsize=11)
    document.save(path, **save_options)
    return path


def render_text(text: str, dpi: int = 150) -> Image.Image:
    """Return an A4 page with the text, as pixels."""
    document = pymupdf.open()
    document.new_page().insert_textbox((60, 60, 540, 780), text, fontsize=13)
    pixels = document[0].get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    return Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)


def write_scanned_pdf(path: Path, texts: Sequence[str], turned_degrees: int = 0) -> Path:
    """Write a PDF of A4 pages that hold one picture of a text each."""
    document = pymupdf.open()
    for text in texts:
        picture = io.BytesIO()
        image = render_text(text).rotate(turned_degrees, expand=True)
        image.save(picture, format="JPEG", quality=80)
        page = document.new_page(width=image.width * 72 / 150, height=image.height * 72 / 150)
        page.insert_image(page.rect, stream=picture.getvalue())
    document.save(path)
    return path


def write_drawing_pdf(path: Path, labels: Sequence[str] = ()) -> Path:
    """Write an A1 sheet of lines, with a few labels on it."""
    document = pymupdf.open()
    page = document.new_page(width=A1_LANDSCAPE.width, height=A1_LANDSCAPE.height)
    shape = page.new_shape()
    for offset in range(0, 2000, 20):
        shape.draw_line((offset, 0), (2000 - offset, 1600))
    shape.finish(width=0.5)
    shape.commit()
    for line, label in enumerate(labels):
        page.insert_text((1800, 1300 + 20 * line), label)
    document.save(path)
    return path


def write_garbled_pdf(path: Path, text: str) -> Path:
    """Write a page that looks right and whose font doesn't say which characters its glyphs are."""
    document = pymupdf.open()
    page = document.new_page()
    writer = pymupdf.TextWriter(page.rect)
    writer.fill_textbox((60, 60, 540, 780), text, font=pymupdf.Font("cjk"), fontsize=14)
    writer.write_text(page)
    for xref in range(1, document.xref_length()):
        if "/ToUnicode" in document.xref_object(xref):
            document.xref_set_key(xref, "ToUnicode", "null")
    document.save(path)
    return path


def write_endless_pdf(
    path: Path, before: Sequence[str] = (), after: Sequence[str] = (), forms: int = 10
) -> Path:
    """Write a small PDF of which one page takes hours: ten forms, each of which draws the next ten times.

    With six forms it takes some seconds, and is read.
    """
    document = pymupdf.open()
    for text in before:
        document.new_page().insert_textbox((60, 60, 540, 780), text)
    page = document.new_page()
    form = 0
    for level in range(forms):
        xref = document.get_new_xref()
        inner = f"/Resources<</XObject<</X {form} 0 R>>>>" if level else ""
        document.update_object(xref, f"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]{inner}>>")
        document.update_stream(xref, b"/X Do " * 10 if level else b"0 0 m 10 10 l S")
        form = xref
    contents = document.get_new_xref()
    document.update_object(contents, "<<>>")
    document.update_stream(contents, b"/X Do")
    document.xref_set_key(page.xref, "Resources", f"<</XObject<</X {form} 0 R>>>>")
    document.xref_set_key(page.xref, "Contents", f"{contents} 0 R")
    for text in after:
        document.new_page().insert_textbox((60, 60, 540, 780), text)
    document.save(path)
    return path


def write_noise_picture(path: Path, pixels: int) -> Path:
    """Write a picture full of letters, which tesseract takes long over."""
    image = Image.new("L", (pixels, pixels), 255)
    draw = ImageDraw.Draw(image)
    line = "Bicycles turn right here and wait for the green light 0123456789 " * (pixels // 300)
    for top in range(0, pixels, 16):
        draw.text((0, top), line, fill=0, font=ImageFont.load_default(12))
    image.save(path)
    return path


def write_tiff(path: Path, texts: Sequence[str]) -> Path:
    first, *others = [render_text(text).convert("1") for text in texts]
    first.save(path, format="TIFF", save_all=True, append_images=others, compression="group4", dpi=(150, 150))
    return path


def write_docx(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("Travel Plan", level=1)
    document.add_paragraph("The site lies 400 metres from the station.")
    table = document.add_table(rows=2, cols=2)
    for row, values in zip(table.rows, (("Use", "Spaces"), ("Flats", "24")), strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    document.add_paragraph("Showers are provided for staff.")
    document.save(path)
    return path


def write_xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Counts"
    book.active.append(["Hour", "Cycles"])
    book.active.append(["08:00", 212])
    book.create_sheet("Parking").append(["Stands", 12])
    book.save(path)
    return path


def write_zip(path: Path) -> Path:
    return write_zip_members(path, {"plans/site.dwg": DRAWING})


def write_zip_members(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_word_parts(path: Path, parts: Mapping[str, str]) -> Path:
    """Write a Word file from the inner XML of its parts: `{"document": "<w:body>…</w:body>"}`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, inner in parts.items():
            package.writestr(f"word/{name}.xml", f'<w:{name} xmlns:w="{WORD_NAMESPACE}">{inner}</w:{name}>')
    return path


def word_paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def write_odt(path: Path) -> Path:
    """Write a text as odfdo does, with a heading, a list, a table, a footnote and a text box."""
    document = odfdo.Document("text")
    body = document.body
    body.clear()
    body.append(odfdo.Header(1, "Travel Plan"))
    paragraph = odfdo.Paragraph("The site lies 400 metres from the station.")
    paragraph.insert_note(after="station", note_id="n1", citation="1", body="Measured along the path.")
    body.append(paragraph)
    body.append(odfdo.List(["Wide paths", "Lit paths"]))
    table = odfdo.Table("Parking", width=2, height=2)
    table.set_values([["Use", "Spaces"], ["Flats", 24]])
    body.append(table)
    body.append(odfdo.Frame.text_frame("Showers for staff", size=("5cm", "2cm")))
    document.save(path)
    return path


def write_odt_content(path: Path, content: str, manifest: str = "") -> Path:
    """Write an OpenDocument text of which this is content.xml."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        kind = "application/vnd.oasis.opendocument.text"
        package.writestr(zipfile.ZipInfo("mimetype"), kind, zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", manifest or "<manifest/>")
    return path


def write_rtf(path: Path, text: str = PARKING) -> Path:
    words = "".join(
        char if ord(char) < 128 else f"\\u{int.from_bytes(half, 'little', signed=True)}?"
        for char in text
        for half in _utf16_halves(char)
    ).replace("\n", "\\par\n")
    path.write_text("{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\f0 " + words + "}", encoding="ascii")
    return path


def _utf16_halves(char: str) -> list[bytes]:
    data = char.encode("utf-16-le")
    return [data[at : at + 2] for at in range(0, len(data), 2)]


def make_mail(
    body: str = PARKING, html: str | None = None, attachments: Sequence[tuple[str, bytes]] = ()
) -> EmailMessage:
    """Return an e-mail with a plain body, the same in HTML where it is given, and attachments."""
    mail = EmailMessage()
    mail["From"] = "Zoë Reed <zoe@example.org>"
    mail["To"] = "planning@example.org"
    mail["Date"] = "Wed, 01 Oct 2025 10:00:00 +0100"
    mail["Subject"] = "Objection to 25/01234/F"
    mail["Message-ID"] = "<1@example.org>"
    if body:
        mail.set_content(body)
        if html:
            mail.add_alternative(html, subtype="html")
    elif html:
        mail.set_content(html, subtype="html")
    for name, data in attachments:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail


def write_mail(path: Path, mail: EmailMessage) -> Path:
    path.write_bytes(mail.as_bytes())
    return path
