"""The small markup in which the sample's prose is written, and the blocks that it becomes.

A line starting `# ` or `## ` is a heading, `- ` an item of a list, `|` a row of a table (its first
row is the header, and `Table: ` before it gives the caption). `!photo name | caption` is a figure,
`!table name arguments` a table made by `planning_review.sample.traffic_tables`, and `!break` starts a page.
Every other line is a paragraph, in which `{{key}}` is a planted sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PROSE_DIR = Path(__file__).with_name("prose")
_PLANT = re.compile(r"\{\{([a-z0-9-]+)\}\}")


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2, without its number."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; planted holds the keys of the sentences set into it."""

    text: str
    planted: tuple[str, ...] = ()


@dataclass(frozen=True)
class BulletList:
    """A list of short items."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first row is its header."""

    caption: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A generated photograph, by the name of its scene."""

    scene: str
    caption: str


@dataclass(frozen=True)
class PageBreak:
    """The start of a new page."""


Block = Heading | Paragraph | BulletList | Table | Figure | PageBreak


def read_prose(name: str) -> str:
    """Return the text of one prose file."""
    return (_PROSE_DIR / f"{name}.txt").read_text(encoding="utf-8")


def parse_prose(
    text: str,
    sentences: Mapping[str, str],
    make_table: Callable[[str, Sequence[str]], Table] | None = None,
) -> list[Block]:
    """Return the blocks of a text, with the planted sentences set in.

    Raises KeyError for a planted key that `sentences` does not know.
    """
    blocks: list[Block] = []
    caption = ""
    items: list[str] = []
    rows: list[tuple[str, ...]] = []
    for line in [*(line.strip() for line in text.splitlines()), ""]:
        if line.startswith("- "):
            items.append(line[2:])
            continue
        if line.startswith("|"):
            rows.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
            continue
        if items:
            blocks.append(BulletList(tuple(items)))
            items = []
        if rows:
            blocks.append(Table(caption, tuple(rows)))
            rows = []
        if line.startswith("Table: "):
            caption = line.removeprefix("Table: ")
        elif line.startswith("#"):
            marks, _, title = line.partition(" ")
            blocks.append(Heading(len(marks), title))
        elif line.startswith("!"):
            blocks.append(_parse_command(line[1:], make_table))
        elif line:
            blocks.append(_parse_paragraph(line, sentences))
    return blocks


def _parse_paragraph(line: str, sentences: Mapping[str, str]) -> Paragraph:
    keys = tuple(_PLANT.findall(line))
    return Paragraph(_PLANT.sub(lambda match: sentences[match[1]], line), keys)


def _parse_command(line: str, make_table: Callable[[str, Sequence[str]], Table] | None) -> Block:
    name, _, rest = line.partition(" ")
    if name == "break":
        return PageBreak()
    if name == "photo":
        scene, _, caption = rest.partition("|")
        return Figure(scene.strip(), caption.strip())
    if name != "table" or make_table is None:
        raise ValueError(f"'!{line}' is no command, or asks for a table that this document can't have")
    kind, *arguments = rest.split()
    return make_table(kind, arguments)
