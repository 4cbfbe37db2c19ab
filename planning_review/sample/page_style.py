"""The measures of the sample's pages, and what their covers and margins say."""

from dataclasses import dataclass


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
