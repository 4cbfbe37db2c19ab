"""The words of drawings in Office files: charts, diagrams (SmartArt), shapes, slides. For worker processes.

Source: ECMA-376-1, part 1, sections 20 and 21.
"""

from collections.abc import Iterator

from lxml import etree

from planning_review.documents.formats.zip_xml import Package
from planning_review.documents.pages.page_text import lay_out_rows

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MAX_POINTS = 2000
_SHOWN_DIGITS = 10


def read_chart(root: etree._Element) -> str:
    """Return a chart's words: its titles, and a line a series with its values as the file keeps them."""
    texts = [_join(rich) for rich in root.iter(f"{_C}rich", f"{_C}txPr")]
    rows: list[list[str]] = []
    for series in root.iter(f"{_C}ser"):
        heads = _points(series, "cat", "xVal")
        if heads and (not rows or rows[-1][1:] != heads):
            rows.append(["", *heads])
        name = " ".join(_points(series, "tx"))
        rows.append([name, *_points(series, "val", "yVal")])
    return "\n".join(filter(None, [*dict.fromkeys(texts), *lay_out_rows(rows)]))


def read_shapes(root: etree._Element) -> str:
    """Return the words of shapes, a diagram or a sheet's text boxes: a line a paragraph, a row a line."""
    return "\n".join(filter(None, _lines(root)))


def read_parts(package: Package, folder: str, name: str) -> Iterator[str]:
    """Yield the words of each drawing of one kind (`charts/chart`, `diagrams/data`) that has any."""
    prefix = f"{folder}/{name}"
    found = [part for part in package.names if part.startswith(prefix) and part.endswith(".xml")]
    for part in sorted(found, key=lambda part: (len(part), part)):
        root = package.parse(part)
        if root is not None and (text := read_chart(root) if "chart" in name else read_shapes(root)):
            yield text


def _lines(parent: etree._Element) -> Iterator[str]:
    for child in parent:
        if child.tag == f"{A}p":
            yield _paragraph(child)
        elif child.tag == f"{A}tbl":
            yield from lay_out_rows([list(_cells(row)) for row in child.iterchildren(f"{A}tr")])
        elif isinstance(child.tag, str) and child.tag != _FALLBACK:
            yield from _lines(child)


def _cells(row: etree._Element) -> Iterator[str]:
    for cell in row.iterchildren(f"{A}tc"):
        yield " ".join(_join(cell).split())


def _join(parent: etree._Element) -> str:
    return "\n".join(filter(None, map(_paragraph, parent.iter(f"{A}p"))))


def _paragraph(paragraph: etree._Element) -> str:
    pieces = []
    for element in paragraph.iter(f"{A}t", f"{A}br"):
        parent = element.getparent()
        if parent is not None and parent.tag == f"{A}fld" and parent.get("type") == "slidenum":
            continue
        pieces.append("\n" if element.tag == f"{A}br" else element.text or "")
    return "".join(pieces).strip()


def _points(series: etree._Element, *names: str) -> list[str]:
    """Return the values of a series, or of its axis, that Office kept beside the reference to their cells."""
    for name in names:
        values = series.find(f"{_C}{name}")
        if values is not None:
            points = list(values.iter(f"{_C}pt"))[:_MAX_POINTS]
            texts = [point.findtext(f"{_C}v", "") for point in points]
            return [_round(text) for text in texts] or [values.findtext(f".//{_C}v", "")]
    return []


def _round(text: str) -> str:
    """Return a value without the digits that only a processor put there."""
    try:
        return f"{float(text):.{_SHOWN_DIGITS}g}" if len(text) > _SHOWN_DIGITS else text
    except ValueError:
        return text
