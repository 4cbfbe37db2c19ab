"""Generated pictures: landscapes that stand in for photographs, a perspective, a location plan."""

import io
import random
import zlib
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_WIDTH, _HEIGHT = 1000, 620
_SCENES: dict[str, tuple[str, ...]] = {
    "lane": ("road", "hedge"),
    "village": ("meadow", "houses"),
    "green": ("lawn", "trees", "houses"),
    "field": ("crop", "hedge"),
    "brook": ("meadow", "water", "trees"),
    "hedge": ("crop", "hedge", "hedge"),
    "street": ("road", "houses", "trees"),
    "orchard": ("lawn", "trees", "trees"),
    "homes": ("lawn", "houses"),
    "meadow": ("meadow", "trees"),
    "perspective": ("lawn", "houses", "trees"),
}
_GROUND = {
    "road": (122, 140, 84),
    "meadow": (134, 148, 78),
    "lawn": (104, 142, 70),
    "crop": (176, 160, 92),
}


@cache
def draw_photograph(scene: str) -> bytes:
    """Return the JPEG of a scene; the same bytes each time."""
    seed = zlib.crc32(scene.encode())
    rng = random.Random(seed)  # noqa: S311
    ground, *things = _SCENES[scene]
    image = Image.fromarray(_draw_land(np.random.default_rng(seed), _GROUND[ground]))
    draw = ImageDraw.Draw(image)
    if ground == "road":
        draw.polygon([(380, 620), (720, 620), (545, 300), (515, 300)], fill=(112, 112, 114))
    for thing in things:
        _DRAWERS[thing](draw, rng)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(1.1)), dtype=np.int16)
    grain = np.random.default_rng(seed + 1).normal(0, 7, pixels.shape).astype(np.int16)
    return _encode_jpeg(Image.fromarray(np.clip(pixels + grain, 0, 255).astype(np.uint8)))


def draw_location_plan() -> bytes:
    """Return the JPEG of a site location plan: fields, roads and the red line."""
    rng = random.Random(4417)  # noqa: S311
    image = Image.new("RGB", (1654, 1169), (250, 249, 244))
    draw = ImageDraw.Draw(image)
    for row in range(6):
        for column in range(8):
            x, y = 40 + column * 200 + rng.randint(-25, 25), 40 + row * 185 + rng.randint(-25, 25)
            corners = [(x, y), (x + 195, y + rng.randint(-20, 20)), (x + 190, y + 178), (x - 8, y + 170)]
            draw.polygon(corners, outline=(150, 150, 140), fill=(244, 246, 234))
    for _ in range(150):
        x, y = rng.randint(60, 560), rng.randint(200, 1000)
        draw.rectangle(
            (x, y, x + rng.randint(10, 22), y + rng.randint(8, 18)),
            fill=(205, 190, 175),
            outline=(120, 110, 100),
        )
    draw.line([(600, 0), (610, 420), (590, 800), (620, 1169)], fill=(255, 255, 255), width=26)
    draw.line([(0, 130), (800, 90), (1654, 150)], fill=(246, 216, 140), width=34)
    draw.line([(1260, 0), (1230, 400), (1290, 760), (1240, 1169)], fill=(150, 190, 220), width=10)
    site = [(625, 330), (1215, 300), (1255, 760), (1180, 880), (640, 900), (612, 640)]
    draw.polygon(site, outline=(215, 20, 30), width=8)
    font = ImageFont.load_default(34)
    for at, text in (
        ((850, 580), "SITE"),
        ((380, 60), "A4998"),
        ((620, 950), "Ashmead Lane"),
        ((120, 640), "Brackenford"),
    ):
        draw.text(at, text, fill=(40, 40, 40), font=font)
    draw.rectangle((1180, 1020, 1630, 1145), fill=(255, 255, 255), outline=(0, 0, 0), width=2)
    draw.text((1200, 1034), "Site Location Plan", fill=(0, 0, 0), font=font)
    draw.text((1200, 1088), "1:5000 at A3    BRK-001", fill=(0, 0, 0), font=ImageFont.load_default(28))
    return _encode_jpeg(image)


def _encode_jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def _draw_land(noise: np.random.Generator, ground: tuple[int, int, int]) -> Any:
    rows = np.linspace(0, 1, _HEIGHT)[:, None, None]
    sky = np.array([146, 184, 220]) * (1 - rows * 1.4) + np.array([226, 232, 232]) * rows * 1.4
    canvas = np.repeat(sky, _WIDTH, axis=1)
    across = np.linspace(0, 9, _WIDTH)
    heights = np.arange(_HEIGHT)[:, None]
    for level, shade in ((250, 0.62), (285, 0.8), (312, 1.0)):
        phase = noise.uniform(0, 6, 3)
        ridge = level + 14 * np.sin(across + phase[0]) + 7 * np.sin(2.3 * across + phase[1])
        texture = noise.normal(1, 0.05, (_HEIGHT, _WIDTH))
        colour = np.array(ground) * shade + np.array([60, 80, 100]) * (1 - shade)
        canvas = np.where((heights > ridge)[..., None], colour * texture[..., None], canvas)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _draw_foliage(draw: ImageDraw.ImageDraw, rng: random.Random, x: float, y: float, size: float) -> None:
    for _ in range(110):
        dx, dy = rng.gauss(0, size / 2.6), rng.gauss(0, size / 3)
        radius = rng.uniform(size / 14, size / 6)
        green = rng.randint(62, 118)
        box = (x + dx - radius, y + dy - radius, x + dx + radius, y + dy + radius)
        draw.ellipse(box, fill=(green // 2 + 8, green, green // 3 + 6))


def _draw_hedge(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    side = rng.choice((0, 1))
    for step in range(9):
        x = step * 48 if side == 0 else 1000 - step * 48
        _draw_foliage(draw, rng, x, 460 - step * 19, 120 - step * 9)


def _draw_trees(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    for _ in range(5):
        x, y = rng.uniform(40, 960), rng.uniform(330, 440)
        size = (y - 240) * 0.8
        draw.rectangle((x - size / 18, y - size * 0.2, x + size / 18, y + size * 0.6), fill=(84, 66, 48))
        _draw_foliage(draw, rng, x, y - size * 0.5, size)


def _draw_houses(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    x = rng.uniform(20, 120)
    while x < 880:
        wide, high, base = rng.uniform(80, 120), rng.uniform(62, 80), 372 + rng.uniform(-6, 10)
        shade = rng.randint(-14, 14)
        draw.rectangle((x, base - high, x + wide, base), fill=(206 + shade, 186 + shade, 146 + shade))
        eaves = base - high
        draw.polygon(
            [(x - 6, eaves), (x + wide + 6, eaves), (x + wide * 0.5, eaves - 46)], fill=(138 + shade, 92, 74)
        )
        for pane in range(3):
            left = x + wide * (0.14 + 0.28 * pane)
            draw.rectangle((left, base - high * 0.8, left + 15, base - high * 0.5), fill=(70, 84, 98))
        x += wide + rng.uniform(14, 60)


def _draw_water(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    bend = rng.uniform(-60, 60)
    draw.polygon(
        [(250, 620), (610, 620), (540 + bend, 440), (600, 330), (575, 330), (470 + bend, 440)],
        fill=(128, 152, 168),
    )


_DRAWERS = {"hedge": _draw_hedge, "trees": _draw_trees, "houses": _draw_houses, "water": _draw_water}
