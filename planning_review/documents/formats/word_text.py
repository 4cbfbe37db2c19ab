"""The text of a Word file's elements: paragraphs, tables, boxes, what is hidden. For worker processes."""

from collections.abc import Iterator

from lxml import etree

from planning_review.documents.formats.word_numbers import Numbers, W
from planning_review.documents.formats.word_styles import Styles, find_path, get_value, is_on
from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import MAX_SPAN, lay_out_rows
from planning_review.documents.pages.raised import write_raised

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "-"}
_LETTERS = (f"{W}t", f"{_A}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")
_PARAGRAPHS = (f"{W}p", f"{_A}p")
_DRAWINGS = (f"{W}drawing", f"{W}pict", f"{W}object")
# Characters given by their place in a font: what changes the meaning of a form or a figure.
_SYMBOLS = {
    "symbol": {"A3": "≤", "B3": "≥", "B0": "°", "B1": "±", "B4": "×", "B7": "•"},
    "wingdings": {"6F": "☐", "A8": "☐", "78": "☒", "FD": "☒", "FE": "☑", "FB": "✗", "FC": "✓"},
}
# Text boxes stand twice in the file, once for Word and once for programs before 2010; what was deleted
# or moved away with changes tracked is still in it.
_SKIPPED = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    f"{W}del",
    f"{W}moveFrom",
    f"{W}sectPr",
    f"{W}pPr",
    f"{W}rPr",
)
_WHITE = "FFFFFF"
# White letters are seen on what is not white.
_COLOURED = (f"{W}tbl", f"{W}txbxContent")
_PAGE = "\f"


def parse_styles(package: Package) -> Styles:
    """Return the styles of a Word file."""
    return Styles(package.parse("word/styles.xml"))


class TextWriter:
    """Writes a document's elements as text, from the first to the last: numbers and pages are counted on.

    note_places has, for each footnote that is referred to, on which page (from 0) and its id.
    """

    def __init__(self, styles: Styles, numbering: etree._Element | None) -> None:
        self._styles = styles
        self._numbers = Numbers(numbering, styles.find_number)
        self._is_aside = False
        self._is_begun = False
        self._pages = 0
        self.note_places: list[tuple[int, str]] = []
        self.has_hidden = False

    def write_blocks(self, parent: etree._Element) -> Iterator[str]:
        """Yield the paragraphs and tables below an element, a form feed where a page ends."""
        for child in parent:
            if child.tag == f"{W}p":
                yield self._write_paragraph(child)
            elif child.tag == f"{W}tbl":
                yield "\n".join(lay_out_rows(list(self._rows(child))))
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
                yield from self.write_blocks(child)

    def write_aside(self, parent: etree._Element) -> list[str]:
        """Return the lines of what stands beside the text (a header, a note): no page ends in it."""
        self._is_aside = True
        try:
            return list(filter(None, map(str.strip, self.write_blocks(parent))))
        finally:
            self._is_aside = False

    def _rows(self, table: etree._Element) -> Iterator[list[str]]:
        for row in _children(table, "tr"):
            cells: list[str] = []
            begins = self._pages
            ends = begins
            for cell in _children(row, "tc"):
                # Each cell of a row that goes over a page's end says so.
                self._pages = begins
                text = " ".join(self.write_blocks(cell))
                ends = max(ends, self._pages)
                cells += [" ".join(text.split())] + [""] * (_columns(cell) - 1)
            self._pages = ends
            first = next((at for at, cell in enumerate(cells) if cell), None)
            if first is not None:
                cells[first] = _PAGE * (ends - begins) + cells[first]
            else:
                self._pages = begins
            yield cells

    def _write_paragraph(self, paragraph: etree._Element) -> str:
        properties = paragraph.find(f"{W}pPr")
        style = get_value(properties, "pStyle")
        before = ""
        breaks = find_path(properties, "pageBreakBefore")
        if is_on(breaks) or (breaks is None and self._styles.is_on(style, "pPr/pageBreakBefore")):
            before = self._end_page(is_stated=False)
        level = get_value(properties, "numPr/ilvl")
        label = self._numbers.next_label(
            get_value(properties, "numPr/numId"),
            int(level) if level and level.isascii() and level.isdecimal() else None,
            style,
        )
        pieces = list(self._pieces(paragraph, style))
        text = "".join(pieces)
        if label and text.strip():
            at = len(text) - len(text.lstrip("\f"))
            text = f"{text[:at]}{label} {text[at:].lstrip()}"
        section = find_path(properties, "sectPr")
        after = ""
        if section is not None and get_value(section, "type") != "continuous":
            after = self._end_page(is_stated=False)
        return before + text + after

    def _pieces(self, paragraph: etree._Element, style: str | None) -> Iterator[str]:
        walk = etree.iterwalk(paragraph, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if tag in _PARAGRAPHS and element is not paragraph:
                # The paragraphs of a text box stand inside the one that it is anchored in.
                yield "\n"
            elif event == "end":
                continue
            elif tag in _SKIPPED:
                walk.skip_subtree()
            elif tag == f"{W}r" and self._is_hidden(element, style):
                self.has_hidden |= any(map(str.isalnum, "".join(_letters(element))))
                walk.skip_subtree()
            else:
                yield self._write_element(element)

    def _write_element(self, element: etree._Element) -> str:
        tag = element.tag
        if tag in _LETTERS:
            self._is_begun |= bool(element.text and element.text.strip())
            return _write_letters(element)
        if tag == f"{W}lastRenderedPageBreak":
            return self._end_page(is_stated=False)
        if tag == f"{W}br" and element.get(f"{W}type") == "page":
            return self._end_page(is_stated=True)
        if tag in _BREAKS:
            return _BREAKS[tag]
        if tag == f"{W}checkBox":
            return "☒ " if _is_ticked(element) else "☐ "
        if tag == f"{W}ddList":
            return _chosen(element)
        if tag == f"{W}sym":
            font = element.get(f"{W}font", "").partition(" ")[0].lower()
            return _SYMBOLS.get(font, {}).get(element.get(f"{W}char", "")[-2:].upper(), "")
        if tag == f"{W}footnoteReference" and not self._is_aside:
            self.note_places.append((self._pages, element.get(f"{W}id", "")))
        self._is_begun |= tag in _DRAWINGS
        return ""

    def _end_page(self, *, is_stated: bool) -> str:
        """Return a form feed, unless the page has nothing on it and nobody asked for an empty one.

        Word notes the ends of pages as it laid them out beside those that its user set.
        """
        if self._is_aside or not (is_stated or self._is_begun):
            return ""
        self._is_begun = False
        self._pages += 1
        return _PAGE

    def _is_hidden(self, run: etree._Element, style: str | None) -> bool:
        properties = run.find(f"{W}rPr")
        vanish = find_path(properties, "vanish")
        if vanish is not None:
            return is_on(vanish)
        own = get_value(properties, "rStyle")
        if self._styles.is_on(own, "rPr/vanish") or self._styles.is_on(style, "rPr/vanish"):
            return True
        return get_value(properties, "color") == _WHITE and not self._is_coloured(run, style)

    def _is_coloured(self, run: etree._Element, style: str | None) -> bool:
        """Return whether something lies behind a run that is not the white page."""
        paragraph = run.find(f"{W}rPr")
        if find_path(paragraph, "shd") is not None or find_path(paragraph, "highlight") is not None:
            return True
        if self._styles.find(style, "pPr/shd") is not None or self._styles.find(style, "rPr/shd") is not None:
            return True
        for outer in run.iterancestors():
            if outer.tag in _COLOURED or find_path(outer, "pPr/shd") is not None:
                return True
            if outer.find(f"{W}background") is not None:
                return True
        return False


def _write_letters(element: etree._Element) -> str:
    text, run = element.text or "", element.getparent()
    if run is None or get_value(run.find(f"{W}rPr"), "vertAlign") != "superscript":
        return text
    before = run.getprevious()
    return write_raised("" if before is None else "".join(_letters(before)), text)


def _letters(run: etree._Element) -> Iterator[str]:
    return (element.text or "" for element in run.iter(*_LETTERS))


def _columns(cell: etree._Element) -> int:
    """Return over how many columns a cell goes."""
    stated = get_value(cell, "tcPr/gridSpan") or ""
    return max(1, min(int(stated[:9]), MAX_SPAN)) if stated.isascii() and stated.isdecimal() else 1


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the children of that name, those inside content controls too."""
    for child in parent:
        if child.tag == f"{W}{name}":
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent"):
            yield from _children(child, name)


def _is_ticked(box: etree._Element) -> bool:
    """Return whether the box of a form's field is ticked; its default counts where nobody has touched it."""
    states = (box.find(f"{W}{name}") for name in ("checked", "default"))
    state = next((state for state in states if state is not None), None)
    return state is not None and state.get(f"{W}val", "1") in ("1", "true", "on")


def _chosen(field: etree._Element) -> str:
    """Return what was chosen in a form's list: it stands nowhere else. The first is chosen by default."""
    entries = [entry.get(f"{W}val", "") for entry in field.iterchildren(f"{W}listEntry")]
    stated = get_value(field, "result") or get_value(field, "default") or "0"
    index = int(stated) if stated.isascii() and stated.isdecimal() else 0
    return entries[index] if index < len(entries) else ""
