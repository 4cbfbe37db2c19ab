"""Writes a letter as JSON, Markdown and a Word document."""

import json
from functools import cache
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from jinja2 import Environment

from planning_review.dates import format_date
from planning_review.letter.contract import Letter
from planning_review.letter.wording import load_wording
from planning_review.report.markdown import make_markdown_environment
from planning_review.report.presentation import Source

DRAFT_MARK = "DRAFT: not sent. Check every quotation against its source before you send it."


def dump_letter(letter: Letter) -> str:
    """Return the text of the letter's JSON file."""
    return json.dumps(letter.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def render_letter_markdown(letter: Letter) -> str:
    """Return the letter as Markdown; quotes and names stay plain text."""
    return (
        _environment()
        .get_template("letter.md.j2")
        .render(
            letter=letter,
            draft_mark=DRAFT_MARK,
            conditions_heading=_introduce_conditions(letter),
            as_source=lambda quoted: Source(title=quoted.title, page=quoted.page, url=quoted.url),
        )
    )


def render_letter_docx(letter: Letter, path: Path) -> None:
    """Write the letter as a Word document on A4."""
    document = _open_document(letter)
    if not letter.final:
        run = document.add_paragraph().add_run(DRAFT_MARK)
        run.bold = True
        run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    document.add_paragraph("\n".join(letter.recipient))
    document.add_paragraph(format_date(letter.date))
    document.add_paragraph(letter.salutation)
    document.add_paragraph().add_run(letter.subject).bold = True
    for text in letter.opening:
        document.add_paragraph(text)
    for number, point in enumerate(letter.points, start=1):
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{number}. {point.heading}. ").bold = True
        paragraph.add_run(point.text)
        paragraph.paragraph_format.keep_with_next = True
        for quoted in point.citations:
            quote = document.add_paragraph(style="Quote")
            quote.paragraph_format.left_indent = Cm(1)
            quote.add_run(f"“{quoted.quote}” ")
            _add_link(quote, f"{quoted.title}, page {quoted.page}", quoted.url)
    if letter.conditions:
        document.add_paragraph(_introduce_conditions(letter))
        for text in letter.conditions:
            document.add_paragraph(text, style="List Number")
    for text in letter.closing_paragraphs:
        document.add_paragraph(text)
    document.add_paragraph(letter.closing)
    document.add_paragraph(letter.group)
    document.save(str(path))


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
    properties.title, properties.author = letter.subject[:255], letter.group[:255]
    properties.comments, properties.language = "", "en-GB"
    return document


def _add_link(paragraph: Paragraph, label: str, url: str) -> None:
    # python-docx reads hyperlinks but has no call that makes one.
    run = paragraph.add_run(label)
    run.italic = False
    if not url:
        return
    run.font.underline = True
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run._r.addprevious(link)
    link.append(run._r)


def _introduce_conditions(letter: Letter) -> str:
    return str(load_wording()[letter.tone]["conditions"])


@cache
def _environment() -> Environment:
    return make_markdown_environment("planning_review.letter")
