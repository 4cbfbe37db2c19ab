"""Sets blocks of prose into pages: cover and contents, numbered headings, tables, figures, header, footer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planning_review.sample.canvas import GREY, Canvas, measure_text, wrap_text
from planning_review.sample.photographs import draw_photograph
from planning_review.sample.prose import (
    Block,
    BulletList,
    Figure,
    Heading,
    PageBreak,
    Paragraph,
    Table,
)


@dataclass(frozen=True)
class PageStyle:
    """The measures of a page in points.

    Figures stand in a column of their own where figure_left is given. With report, sections are
    numbered and start a page, and there is a cover with contents.
    """

    width: float = 595.28
    height: float = 841.89
    left: float = 72
    text_width: float = 451
    top: float = 84
    bottom: float = 770
    size: float = 10.5
    leading: float = 15.5
    font: str = "helv"
    figure_left: float | None = None
    figure_width: float = 451
    report: bool = True
    paragraph_numbers: bool = False


A3_WITH_FIGURES = PageStyle(
    # Not a hair above A3, beyond which a page counts as a drawing.
    width=1190.55,
    height=841.89,
    left=72,
    text_width=500,
    figure_left=640,
    figure_width=478,
    size=13,
    leading=20,
)


@dataclass(frozen=True)
class Imprint:
    """What stands on the cover and in the header and footer of every page."""

    title: str
    site: str
    author: str
    issue: str


def draw_cover(page: Canvas, style: PageStyle, imprint: Imprint) -> None:
    """Draw the first page of a report."""
    page.draw_box((0, 0, style.width, 190), stroke=None, fill=(0.1, 0.25, 0.35))
    page.draw_text((style.left, 120), imprint.title, font="hebo", size=30, colour=(1, 1, 1))
    page.draw_text((style.left, 155), imprint.site, size=14, colour=(1, 1, 1))
    for number, line in enumerate([imprint.author, imprint.issue, "Prepared for Wendale Land LLP"]):
        page.draw_text((style.left, 560 + 22 * number), line, size=12)


def draw_contents(page: Canvas, style: PageStyle, outline: Sequence[tuple[int, str, int]]) -> None:
    """Draw the contents: each heading (level, text, page) with dots and its page."""
    page.draw_text((style.left, style.top + 14), "Contents", font="hebo", size=style.size + 7)
    leading = min(style.leading, (style.bottom - style.top - 50) / max(len(outline), 1))
    size = min(style.size, leading * 0.8)
    for row, (level, text, number) in enumerate(outline):
        y = style.top + 50 + row * leading
        font, x = ("hebo", style.left) if level == 1 else ("helv", style.left + 18)
        page.draw_text((x, y), text, font=font, size=size)
        dots_from = x + measure_text(text, font, size) + 6
        right = style.left + style.text_width
        dots = "." * max(int((right - 22 - dots_from) / measure_text(".", "helv", size)), 0)
        page.draw_text((dots_from, y), dots, size=size, colour=GREY)
        page.draw_text((right - measure_text(str(number), font, size), y), str(number), font=font, size=size)


def draw_margins(page: Canvas, style: PageStyle, imprint: Imprint, number: int, total: int) -> None:
    """Draw the header and the footer of a report's page."""
    right = style.width - style.left
    page.draw_text((style.left, 48), imprint.site, size=8.5, colour=GREY)
    page.draw_text(
        (right - measure_text(imprint.title, "helv", 8.5), 48), imprint.title, size=8.5, colour=GREY
    )
    page.draw_path([(style.left, 56), (right, 56)], stroke=GREY)
    foot = style.height - 36
    page.draw_text((style.left, foot), f"{imprint.author} • {imprint.issue}", size=8.5, colour=GREY)
    count = f"Page {number} of {total}"
    page.draw_text((right - measure_text(count, "helv", 8.5), foot), count, size=8.5, colour=GREY)


_SHADE = (0.88, 0.91, 0.93)
_CAPTION_SIZE = 9.0
_CELL_SIZE = 8.5
_CELL_LEADING = 11.0


@dataclass
class _Setting:
    style: PageStyle
    pages: list[Canvas] = field(default_factory=list)
    y: float = 0
    figure_y: float = 0
    section: str = ""
    subsection: int = 0
    paragraph: int = 0
    outline: list[tuple[int, str, int]] = field(default_factory=list)
    planted: dict[str, int] = field(default_factory=dict)

    @property
    def page(self) -> Canvas:
        return self.pages[-1]

    def start_page(self) -> None:
        self.pages.append(Canvas(self.style.width, self.style.height))
        self.y = self.figure_y = self.style.top

    def need(self, height: float) -> None:
        if self.y + height > self.style.bottom:
            self.start_page()


@dataclass(frozen=True)
class SetDocument:
    """Finished pages, the outline (level, heading, page) and the page of each planted sentence."""

    pages: list[Canvas]
    outline: list[tuple[int, str, int]]
    planted: dict[str, int]


def set_document(blocks: Sequence[Block], style: PageStyle, imprint: Imprint) -> SetDocument:
    """Lay blocks out on pages. No paragraph, table or figure is broken over two pages."""
    setting = _Setting(style)
    setting.start_page()
    if style.report:
        setting.start_page()
    for block in blocks:
        _set_block(setting, block)
    if style.report:
        draw_cover(setting.pages[0], style, imprint)
        draw_contents(setting.pages[1], style, setting.outline)
    for number, page in enumerate(setting.pages[1:] if style.report else [], start=2):
        draw_margins(page, style, imprint, number, len(setting.pages))
    return SetDocument(setting.pages, setting.outline, setting.planted)


def _set_block(setting: _Setting, block: Block) -> None:
    match block:
        case PageBreak():
            setting.start_page()
        case Heading():
            _set_heading(setting, block)
        case Paragraph():
            _set_paragraph(setting, block)
        case BulletList():
            for item in block.items:
                _set_lines(setting, item, indent=34, mark="•", gap=4)
            setting.y += 6
        case Table():
            _set_table(setting, block)
        case Figure():
            _set_figure(setting, block)


def _set_heading(setting: _Setting, heading: Heading) -> None:
    style, text = setting.style, heading.text
    if style.report and heading.level == 1:
        setting.start_page()
        setting.subsection = setting.paragraph = 0
        if text.startswith("Appendix "):
            setting.section = text.split()[1].rstrip(":")
        else:
            setting.section = str(int(setting.section or 0) + 1)
            text = f"{setting.section}    {text}"
    elif style.report:
        setting.subsection += 1
        setting.paragraph = 0
        text = f"{setting.section}.{setting.subsection}    {text}"
    # A heading never ends a page: room for three lines goes with it.
    setting.need(30 + 3 * style.leading)
    size = style.size + (7 if heading.level == 1 else 2.5)
    setting.y += size + (0 if setting.y == style.top else 6)
    setting.page.draw_text((style.left, setting.y), text, font="hebo", size=size, colour=(0.1, 0.25, 0.35))
    setting.y += 12
    setting.outline.append((heading.level if style.report else 1, " ".join(text.split()), len(setting.pages)))


def _set_paragraph(setting: _Setting, paragraph: Paragraph) -> None:
    mark = None
    if setting.style.paragraph_numbers and setting.section:
        setting.paragraph += 1
        parts = (setting.section, setting.subsection, setting.paragraph)
        mark = ".".join(str(part) for part in parts if part)
    _set_lines(setting, paragraph.text, indent=46 if mark else 0, mark=mark, gap=9)
    setting.planted |= dict.fromkeys(paragraph.planted, len(setting.pages))


def _set_lines(setting: _Setting, text: str, *, indent: float, mark: str | None, gap: float) -> None:
    style = setting.style
    lines = wrap_text(text, style.font, style.size, style.text_width - indent)
    setting.need(len(lines) * style.leading)
    if mark:
        at = (style.left if mark != "•" else style.left + indent - 14, setting.y + style.size)
        setting.page.draw_text(at, mark, font=style.font, size=style.size)
    for line in lines:
        at = (style.left + indent, setting.y + style.size)
        setting.page.draw_text(at, line, font=style.font, size=style.size)
        setting.y += style.leading
    setting.y += gap


def _set_table(setting: _Setting, table: Table) -> None:
    style, columns = setting.style, len(table.rows[0])
    wants = [
        min(170.0, 12 + max(measure_text(row[column], "hebo", _CELL_SIZE) for row in table.rows))
        for column in range(columns)
    ]
    widths = [want * style.text_width / sum(wants) for want in wants]
    cells = [
        [
            wrap_text(cell, "hebo" if not n else "helv", _CELL_SIZE, w - 8)
            for cell, w in zip(row, widths, strict=True)
        ]
        for n, row in enumerate(table.rows)
    ]
    heights = [max(1, *(len(lines) for lines in row)) * _CELL_LEADING + 6 for row in cells]
    setting.need(sum(heights) + 34)
    if table.caption:
        setting.page.draw_text((style.left, setting.y + 10), table.caption, font="hebo", size=_CAPTION_SIZE)
        setting.y += 17
    for number, (row, height) in enumerate(zip(cells, heights, strict=True)):
        x = style.left
        for lines, width in zip(row, widths, strict=True):
            box = (x, setting.y, x + width, setting.y + height)
            setting.page.draw_box(box, stroke=GREY, fill=_SHADE if not number else None, width=0.4)
            for n, line in enumerate(lines):
                at = (x + 4, setting.y + _CELL_LEADING * (n + 1))
                setting.page.draw_text(at, line, font="hebo" if not number else "helv", size=_CELL_SIZE)
            x += width
        setting.y += height
    setting.y += 18


def _set_figure(setting: _Setting, figure: Figure) -> None:
    style = setting.style
    height = style.figure_width * 0.62
    beside = style.figure_left is not None
    if (setting.figure_y if beside else setting.y) + height + 30 > style.bottom:
        setting.start_page()
    left = style.figure_left if style.figure_left is not None else style.left
    top = setting.figure_y if beside else setting.y
    setting.page.place_image(
        (left, top, left + style.figure_width, top + height), draw_photograph(figure.scene)
    )
    setting.page.draw_text((left, top + height + 13), figure.caption, font="heit", size=_CAPTION_SIZE)
    if beside:
        setting.figure_y = top + height + 34
    else:
        setting.y = top + height + 34
