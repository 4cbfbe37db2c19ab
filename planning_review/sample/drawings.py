"""Vector drawings of the sample: a large site plan with thousands of paths, and parameter plans."""

import math
import random
from pathlib import Path

from planning_review.sample.canvas import Canvas, Colour, Point, write_pdf

_GREEN: Colour = (0.55, 0.72, 0.48)
_ROAD: Colour = (0.82, 0.82, 0.8)
_RED: Colour = (0.85, 0.1, 0.12)
_ARCHITECT = "Tarrow Studio"
# The red line in parts of the drawing's width and height.
_SITE = ((0.14, 0.16), (0.68, 0.12), (0.74, 0.5), (0.7, 0.83), (0.18, 0.86), (0.12, 0.5))


def build_site_plan(path: Path) -> None:
    """Write the illustrative site plan: A1, about 7,000 paths and some twenty words."""
    page = Canvas(2383.94, 1683.78)
    rng = random.Random(3120)  # noqa: S311
    for level in range(60):
        _draw_contour(page, rng, 90 + level * 27)
    page.draw_path(_scale(page, _SITE), stroke=_RED, fill=(0.95, 0.97, 0.92), width=5, closed=True)
    for row in range(9):
        y = 330.0 + row * 118
        page.draw_box((400, y - 16, 1580, y + 4), stroke=None, fill=_ROAD)
        for plot in range(26):
            _draw_plot(page, rng, 410 + plot * 45, y + 10)
    for _ in range(420):
        _draw_tree(page, (rng.uniform(180, 1750), rng.uniform(200, 1480)), rng.uniform(5, 15), rng)
    for _ in range(900):
        x, y = rng.uniform(300, 1600), rng.uniform(1400, 1480)
        page.draw_path([(x, y), (x + 3, y - 7), (x + 6, y)], stroke=_GREEN, width=0.4)
    _draw_title_block(page, "Illustrative Site Plan", "BRK-010", "B", "1:1000 at A1")
    for at, label in (
        ((250, 900), "Ashmead Lane"),
        ((900, 1450), "Orchard"),
        ((950, 800), "Green"),
        ((1690, 700), "Wend"),
    ):
        page.draw_text(at, label, font="heit", size=26)
    write_pdf(path, [page], title="Illustrative Site Plan", author=_ARCHITECT)


def build_parameter_plan(
    path: Path, *, title: str, number: str, revision: str, superseded: bool = False
) -> None:
    """Write a parameter plan: A3, coloured areas with a legend."""
    page = Canvas(1190.55, 841.89)
    page.draw_path(_scale(page, _SITE), stroke=_RED, fill=(0.93, 0.95, 0.9), width=3, closed=True)
    areas: tuple[tuple[str, Colour, tuple[float, float, float, float]], ...] = (
        ("Residential", (0.96, 0.86, 0.6), (220, 170, 560, 380)),
        ("Residential", (0.96, 0.86, 0.6), (250, 470, 560, 660)),
        ("Local centre", (0.86, 0.55, 0.5), (585, 330, 680, 420)),
        ("Neighbourhood green", _GREEN, (585, 440, 760, 540)),
        ("Orchard", (0.42, 0.62, 0.4), (585, 560, 780, 680)),
        ("Drainage basins", (0.6, 0.78, 0.9), (785, 200, 850, 520)),
    )
    shift = 40 if superseded else 0
    for _, colour, (left, top, right, bottom) in areas:
        page.draw_box((left + shift, top, right + shift, bottom), fill=colour, stroke=(0.4, 0.4, 0.4))
    for row, (label, colour) in enumerate({label: colour for label, colour, _ in areas}.items()):
        page.draw_box((930, 150 + row * 34, 960, 170 + row * 34), fill=colour)
        page.draw_text((972, 165 + row * 34), label, size=12)
    if superseded:
        page.draw_text((260, 440), "SUPERSEDED", font="hebo", size=72, colour=(0.8, 0.3, 0.3))
    _draw_title_block(page, title, number, revision, "1:2500 at A3")
    write_pdf(path, [page], title=title, author=_ARCHITECT)


def _scale(page: Canvas, shape: tuple[Point, ...]) -> list[Point]:
    return [(x * page.width, y * page.height) for x, y in shape]


def _draw_contour(page: Canvas, rng: random.Random, y: float) -> None:
    phase, reach = rng.uniform(0, 6), rng.uniform(8, 26)
    points = [(float(x), y + reach * math.sin(x / 190 + phase)) for x in range(30, 1880, 18)]
    page.draw_path(points, stroke=(0.78, 0.7, 0.6), width=0.35)


def _draw_plot(page: Canvas, rng: random.Random, x: float, y: float) -> None:
    page.draw_box((x, y, x + 42, y + 86), stroke=(0.6, 0.6, 0.6), fill=(0.9, 0.95, 0.85), width=0.4)
    top = y + rng.uniform(8, 18)
    page.draw_box((x + 6, top, x + 36, top + 30), fill=(0.85, 0.62, 0.5), width=0.7)
    page.draw_path([(x + 6, top + 15), (x + 36, top + 15)], width=0.5)
    page.draw_path([(x + 21, top), (x + 21, top + 30)], width=0.3)
    for step in range(8):
        page.draw_path(
            [(x + 4, top + 40 + step * 4), (x + 14, top + 36 + step * 4)], stroke=_GREEN, width=0.3
        )
    for stripe in range(5):
        page.draw_path(
            [(x + 24, y + 62 + stripe * 4), (x + 38, y + 62 + stripe * 4)], stroke=_ROAD, width=0.8
        )


def _draw_tree(page: Canvas, at: Point, radius: float, rng: random.Random) -> None:
    rim = [
        (
            at[0] + radius * rng.uniform(0.8, 1.1) * math.cos(a / 9 * math.tau),
            at[1] + radius * math.sin(a / 9 * math.tau),
        )
        for a in range(9)
    ]
    page.draw_path(rim, stroke=(0.3, 0.5, 0.3), fill=_GREEN, width=0.4, closed=True)
    page.draw_path([at, rim[0]], stroke=(0.3, 0.4, 0.3), width=0.3)


def _draw_title_block(page: Canvas, title: str, number: str, revision: str, scale: str) -> None:
    size = page.height / 60
    left, top = page.width * 0.78, page.height * 0.8
    page.draw_box(
        (page.width * 0.012, page.height * 0.017, page.width * 0.988, page.height * 0.983),
        stroke=(0, 0, 0),
        width=1.5,
    )
    page.draw_box((left, top, page.width * 0.98, page.height * 0.97), fill=(1, 1, 1), width=1)
    lines = (_ARCHITECT, "Land east of Ashmead Lane", title, scale, f"{number}  Rev {revision}")
    for row, line in enumerate(lines, start=1):
        page.draw_text(
            (left + size, top + row * size * 1.7), line, font="hebo" if row == 3 else "helv", size=size
        )
    north = (page.width * 0.94, page.height * 0.1)
    page.draw_path(
        [(north[0], north[1] - 3 * size), (north[0] - size, north[1]), (north[0] + size, north[1])],
        fill=(0, 0, 0),
        closed=True,
    )
    page.draw_text((north[0] - size / 3, north[1] + 1.5 * size), "N", font="hebo", size=size)
