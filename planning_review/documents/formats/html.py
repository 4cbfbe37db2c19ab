"""The text of an HTML page, as a mail's body may be one. For worker processes."""

import re

from lxml import etree

_UNSEEN = frozenset(("head", "script", "style", "template", "title", "noscript", "object", "svg"))
_OWN_PARAGRAPH = frozenset(("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "table", "ul"))
_OWN_LINE = _OWN_PARAGRAPH.union(
    ("address", "article", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "header"),
    ("hr", "li", "main", "nav", "pre", "section", "tbody", "thead", "tr"),
)
_CELLS = frozenset(("td", "th"))
_MAX_CELL_CHARACTERS = 200
_SPACE = re.compile(r"\s+")


def extract_html_text(html: str) -> str:
    """Return what a reader sees of an HTML page: no script, no style, a line a row of a table."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    data = html.replace("\x00", "").encode("utf-8", "replace")
    if not data.strip():
        return ""
    root = etree.fromstring(data, parser)
    if root is None:
        return ""
    text = _Text()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _UNSEEN:
                walk.skip_subtree()
                continue
            if tag == "br":
                text.add_line_end()
            text.break_line(_lines_around(tag))
            if tag in _CELLS:
                text.open_cell()
            text.add(element.text)
        else:
            if tag in _CELLS:
                text.close_cell(is_alone=element.getprevious() is None and element.getnext() is None)
            text.break_line(_lines_around(tag))
            text.add(element.tail)
    lines = (" ".join(line.split()).strip("| ") for line in text.assemble().split("\n"))
    return "\n".join(lines).strip()


class _Text:
    """Text that is put together, in which the larger of two breaks that meet counts."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._characters = 0
        self._breaks = 0
        self._cells: list[tuple[int, int, int]] = []

    def open_cell(self) -> None:
        self._cells.append((len(self._pieces), self._characters, self._breaks))

    def close_cell(self, *, is_alone: bool) -> None:
        """End a table's cell. It is one line, unless the table only places the page's parts."""
        piece, characters, breaks = self._cells.pop()
        if is_alone or self._characters - characters > _MAX_CELL_CHARACTERS:
            self.break_line(1)
            return
        inside = " ".join("".join(self._pieces[piece:]).split()).strip("| ")
        self._pieces[piece:] = ["\n" * breaks, inside, " | "] if inside else []
        self._breaks = 0 if inside else breaks

    def break_line(self, lines: int) -> None:
        self._breaks = max(self._breaks, lines)

    def add_line_end(self) -> None:
        self._breaks = min(self._breaks + 1, 2)

    def add(self, text: str | None) -> None:
        # White space in the source is layout of the source.
        folded = _SPACE.sub(" ", text or "")
        if self._breaks and folded.strip():
            self._pieces.append("\n" * self._breaks)
            self._breaks = 0
        self._pieces.append(folded)
        self._characters += len(folded)

    def assemble(self) -> str:
        return "".join(self._pieces)


def _lines_around(tag: object) -> int:
    return 2 if tag in _OWN_PARAGRAPH else 1 if tag in _OWN_LINE else 0
