"""Writes a letter as a Word document."""

from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

from planning_review.dates import format_date
from planning_review.letter.contract import Letter, LetterPoint
from planning_review.letter.notes import DRAFT_MARK, SET_GROUP, is_unsigned, mark_points
from planning_review.letter.rendering import introduce_conditions, split_links


def render_letter_docx(letter: Letter, path: Path) -> None:
    """Write the letter as a Word document on A4."""
    document = _open_document(letter)
    if letter.status == "draft":
        for mark in (DRAFT_MARK, *([SET_GROUP] if is_unsigned(letter) else [])):
            run = document.add_paragraph().add_run(mark)
            run.bold = True
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    document.add_paragraph("\n".join(letter.recipient))
    document.add_paragraph(format_date(letter.date))
    document.add_paragraph(letter.salutation)
    document.add_paragraph().add_run(letter.subject).bold = True
    for text in filter(None, (letter.opening, letter.welcome)):
        document.add_paragraph(text)
    marks = mark_points(letter.points) if letter.status == "draft" else [""] * len(letter.points)
    for number, (point, mark) in enumerate(zip(letter.points, marks, strict=True), start=1):
        _add_point(document, number, point, mark)
    if letter.ground:
        document.add_paragraph(letter.ground)
    if letter.conditions:
        document.add_paragraph(introduce_conditions(letter))
        for condition in letter.conditions:
            place = f" Place: {condition.place}." if condition.place else ""
            paragraph = document.add_paragraph(f"{condition.text}{place} ", style="List Number")
            paragraph.add_run(f"Reason: {condition.reason}.").italic = True
    for text in letter.closing_paragraphs:
        document.add_paragraph(text)
    document.add_paragraph(letter.closing)
    document.add_paragraph(letter.signed_by)
    if letter.read:
        unread = f" Could not be read: {'; '.join(letter.unread)}." if letter.unread else ""
        run = document.add_paragraph().add_run(f"Read for this letter: {'; '.join(letter.read)}.{unread}")
        run.font.size = Pt(9)
    document.save(str(path))


def _add_point(document: WordDocument, number: int, point: LetterPoint, mark: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(f"{number}. {point.title}. ").bold = True
    for part in split_links(point):
        _add_link(paragraph, part.text, part.url)
    paragraph.add_run(" " + " ".join(filter(None, (point.policy_words, point.harm, point.ask))))
    if mark:
        run = document.add_paragraph().add_run(mark)
        run.bold = True
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _open_document(letter: Letter) -> WordDocument:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Calibri", Pt(11)
    style.paragraph_format.space_after = Pt(8)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    style.element.get_or_add_rPr().append(language)
    properties = document.core_properties
    properties.title, properties.author = letter.subject[:255], letter.signed_by[:255]
    properties.comments, properties.language = "", "en-GB"
    return document


def _add_link(paragraph: Paragraph, label: str, url: str) -> None:
    # python-docx reads hyperlinks but has no call that makes one.
    run = paragraph.add_run(label)
    if not url:
        return
    run.font.underline = True
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run._r.addprevious(link)
    link.append(run._r)
