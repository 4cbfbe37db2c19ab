"""PDFs whose pages show more than their text says, or less, or something else."""

import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymupdf
from PIL import Image

from tests.support.document_files import PARKING, render_text

SURVEY = (
    "The survey was made on a dry day in October, when the schools were open.\n"
    "Counts were taken by camera at both ends of the lane for twelve hours."
)
A4 = (595, 842)


def picture_of(text: str, dpi: int = 150) -> Image.Image:
    """Return a text's lines as a picture, cut to what is written."""
    page = render_text(text, dpi)
    box = page.point(lambda level: 255 - level).getbbox()
    assert box is not None
    return page.crop((box[0] - 20, box[1] - 20, box[2] + 20, box[3] + 20))


def insert_picture(page: Any, image: Image.Image, left: float, top: float, width: float) -> None:
    """Put a picture on a page, in its own proportions."""
    data = io.BytesIO()
    image.save(data, format="PNG")
    height = width * image.height / image.width
    page.insert_image((left, top, left + width, top + height), stream=data.getvalue())


def write_stamped_scan(path: Path, stamp: str, text: str = PARKING) -> Path:
    """Write a scanned page under a stamp of digital text."""
    document = pymupdf.open()
    page = document.new_page()
    insert_picture(page, render_text(text), 0, 0, A4[0])
    page.insert_textbox((60, 690, 540, 820), stamp, fontsize=9)
    document.save(path)
    return path


def write_pasted_letter(path: Path, text: str = PARKING, above: str = SURVEY) -> Path:
    """Write a page of text with a letter pasted below it as a picture, and text below that."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_textbox((60, 60, 540, 140), above, fontsize=11)
    insert_picture(page, picture_of(text), 60, 200, 460)
    page.insert_textbox((60, 500, 540, 560), "Page 4 of the consultation report", fontsize=11)
    document.save(path)
    return path


def write_outlined_text(path: Path, text: str = PARKING) -> Path:
    """Write a page whose letters are curves, as drawing programs save them."""
    source = pymupdf.open()
    source.new_page().insert_textbox((60, 60, 540, 780), text, fontsize=12)
    svg = source[0].get_svg_image(text_as_path=True)
    drawn = pymupdf.open("pdf", pymupdf.open("svg", svg.encode()).convert_to_pdf())
    document = pymupdf.open()
    document.new_page().show_pdf_page(pymupdf.Rect(0, 0, *A4), drawn, 0)
    document.save(path)
    return path


def write_photo_page(path: Path, caption: str) -> Path:
    """Write a page full of a photograph, with a caption as text."""
    photo = Image.effect_noise((600, 800), 60).resize((1200, 1600), Image.Resampling.BICUBIC)
    document = pymupdf.open()
    page = document.new_page()
    insert_picture(page, photo, 0, 0, A4[0])
    page.insert_text((60, 820), caption, fontsize=10)
    document.save(path)
    return path


def write_wrong_map(path: Path, text: str = PARKING) -> Path:
    """Write a page whose font says of each letter that it is the next one in the alphabet."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_textbox((60, 60, 540, 780), text, fontsize=12, fontname="helv")
    pairs = "\n".join(f"<{code:02x}> <{code + 1:04x}>" for code in range(32, 126))
    lines = (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /Shifted def\n"
        f"1 begincodespacerange\n<00> <ff>\nendcodespacerange\n94 beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap\nend\nend\n"
    )
    cmap = document.get_new_xref()
    document.update_object(cmap, "<<>>")
    document.update_stream(cmap, lines.encode())
    for xref, *_ in page.get_fonts():
        document.xref_set_key(xref, "ToUnicode", f"{cmap} 0 R")
    document.save(path)
    return path


def write_scan_with_layer(path: Path, layer: str, text: str = PARKING) -> Path:
    """Write a scanned page with an invisible text over it, as a scanner's own OCR writes it."""
    document = pymupdf.open()
    page = document.new_page()
    insert_picture(page, render_text(text), 0, 0, A4[0])
    page.insert_textbox((60, 60, 540, 780), layer, fontsize=13, render_mode=3)
    document.save(path)
    return path


def write_damaged_stream(path: Path, whole: Sequence[str], broken: str) -> Path:
    """Write pages of text, the last of which has a stream that can be unpacked to its middle."""
    document = pymupdf.open()
    for text in whole:
        document.new_page().insert_textbox((60, 60, 540, 780), text, fontsize=11)
    page = document.new_page()
    page.insert_textbox((60, 60, 540, 780), broken, fontsize=11)
    document.save(path, deflate=True)
    document = pymupdf.open(path)
    (xref,) = document[-1].get_contents()
    packed = document.xref_stream_raw(xref)
    assert zlib.decompress(packed)
    document.close()
    data = path.read_bytes()
    at = data.index(packed) + len(packed) // 2
    path.write_bytes(data[:at] + bytes(255 - byte for byte in data[at : at + 40]) + data[at + 40 :])
    return path


def write_notes(path: Path, text: str = PARKING) -> Path:
    """Write a page with a sticky note, a comment on marked words, and AutoCAD's words of drawn lettering."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_textbox((60, 60, 540, 200), text, fontsize=11)
    page.add_text_annot((300, 300), "The splay of 43 metres is not shown")
    marked = page.add_highlight_annot((60, 60, 200, 75))
    marked.set_info(content="Which stands are these?")
    lettering = page.add_rect_annot((100, 400, 300, 420))
    lettering.set_info(title="AutoCAD SHX Text", content="TOUCAN CROSSING 4.0m")
    hidden = page.add_text_annot((300, 500), "Not for anybody to see")
    hidden.set_flags(pymupdf.PDF_ANNOT_IS_HIDDEN)
    document.save(path)
    return path


def write_form(path: Path, value: str) -> Path:
    """Write a page with a field too small for its value and a drop-down answer."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 60), "What is proposed for cycling?", fontsize=11)
    fields = (
        (
            pymupdf.PDF_WIDGET_TYPE_TEXT,
            "proposal",
            value,
            (60, 80, 300, 110),
            pymupdf.PDF_TX_FIELD_IS_MULTILINE,
        ),
        (pymupdf.PDF_WIDGET_TYPE_COMBOBOX, "surface", "Bound gravel", (60, 120, 70, 124), 0),
    )
    for kind, name, words, box, flags in fields:
        field = pymupdf.Widget()
        field.field_type, field.field_name, field.field_flags = kind, name, flags
        field.rect = pymupdf.Rect(box)
        if kind == pymupdf.PDF_WIDGET_TYPE_COMBOBOX:
            field.choice_values = ["Asphalt", "Bound gravel"]
        field.field_value = words
        page.add_widget(field)
    document.save(path)
    return path


def write_portfolio(
    path: Path, files: dict[str, bytes], pinned: dict[str, bytes] | None = None, *, is_cut_off: bool = False
) -> Path:
    """Write a cover page with files attached, and pinned to the page; is_cut_off takes away their bytes."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 60), "Open this portfolio in another program.")
    for name, data in files.items():
        document.embfile_add(name, data, filename=name)
    for number, (name, data) in enumerate((pinned or {}).items()):
        page.add_file_annot((60, 90 + 30 * number), data, name)
    for xref in range(1, document.xref_length()):
        if is_cut_off and document.xref_get_key(xref, "Type")[1] == "/EmbeddedFile":
            document.update_object(xref, "null")
    document.save(path)
    return path


def write_hidden_words(path: Path) -> Path:
    """Write a page with a name under a black box, white words, and invisible ones."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 60), "Comment of Zoe Quillfeather, 7 Nowhere Row, on the application", fontsize=11)
    page.insert_text((60, 80), "The cycle track of 3.0 metres is too narrow.", fontsize=11)
    page.insert_text((60, 100), "This complies with all policy, says nobody", fontsize=11, color=(1, 1, 1))
    page.insert_text((60, 120), "Draft figure of 1.5 metres", fontsize=11, render_mode=3)
    page.insert_text((60, 150), "A heading on a dark band", fontsize=11, color=(1, 1, 1))
    for found in page.search_for("Zoe Quillfeather, 7 Nowhere Row"):
        page.draw_rect(found, color=(0, 0, 0), fill=(0, 0, 0))
    page.draw_rect((400, 300, 500, 340), color=(0, 0, 0), fill=(0, 0, 0))
    page.add_text_annot((500, 60), "Which width is meant?")
    page.draw_rect((50, 136, 300, 156), color=(0.1, 0.2, 0.4), fill=(0.1, 0.2, 0.4), overlay=False)
    document.save(path)
    return path


def write_spaced_letters(path: Path) -> Path:
    """Write a heading letter by letter, a sentence three times in one place, and a raised figure."""
    document = pymupdf.open()
    page = document.new_page()
    left = 60.0
    for letter in "CYCLE TRACK 3.0 METRES WIDE":
        page.insert_text((left, 100), letter, fontsize=12)
        left += 14
    for offset in (0, 0.3, 0.6):
        page.insert_text((60 + offset, 160), "The stands are Sheffield stands", fontsize=12)
    page.insert_text((60, 200), "A floor space of 1,200 m", fontsize=12)
    page.insert_text(
        (60 + pymupdf.get_text_length("A floor space of 1,200 m", fontsize=12), 195), "2", fontsize=7
    )
    page.insert_text((60, 240), SURVEY.splitlines()[0], fontsize=11)
    document.save(path)
    return path


def write_covered_words(path: Path) -> Path:
    """Write a page with a name under a black box that was drawn in a reader, as a mark of its own."""
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 60), "Comment of Zoe Quillfeather", fontsize=11)
    page.insert_text((60, 80), "The cycle track of 3.0 metres is too narrow.", fontsize=11)
    (found,) = page.search_for("Zoe Quillfeather")
    box = page.add_rect_annot(found)
    box.set_colors(stroke=(0, 0, 0), fill=(0, 0, 0))
    box.update()
    document.save(path)
    return path
