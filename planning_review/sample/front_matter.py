"""Cover, contents, header and footer of a report."""

from collections.abc import Sequence

from planning_review.sample.canvas import GREY, Canvas, measure_text
from planning_review.sample.page_style import Imprint, PageStyle


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
