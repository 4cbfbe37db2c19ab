"""The text of an HTML page, of a mail's body or of a letter that was saved as one. For worker processes."""

import re
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from planning_review.documents.formats.part import Part
from planning_review.documents.formats.plain_text import decode_text, give_pages
from planning_review.documents.pages.page_text import HIDDEN_TEXT
from planning_review.documents.workers.messages import Opened, PageRead

_UNSEEN = frozenset(("head", "script", "style", "template", "title", "noscript", "object", "svg"))
_OWN_PARAGRAPH = frozenset(("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "table", "ul"))
_OWN_LINE = _OWN_PARAGRAPH.union(
    ("address", "article", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "header"),
    ("hr", "li", "main", "nav", "pre", "section", "tbody", "thead", "tr"),
)
_CELLS = frozenset(("td", "th"))
_MAX_CELL_CHARACTERS = 200
_SPACE = re.compile(r"\s+")
_MAX_FILE_BYTES = 64 * 1024 * 1024
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEAD_BYTES = 4096
_PICTURE = re.compile(rb"data:image/[a-z0-9.+-]{2,20};base64,([A-Za-z0-9+/\s]{40,})", re.IGNORECASE)
_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|font-size\s*:\s*0(?:pt|px|em|%)?\s*(?:;|$))",
    re.IGNORECASE,
)
# Rules within @media and the like hold of other readers, print say, and count for nothing.
_CONDITIONAL_RULES = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]{1,2000})\{([^{}]*)\}")
_SELECTOR = re.compile(r"([a-z0-9]*)([.#])([\w-]+)", re.IGNORECASE)
_ENDS_PAGE = re.compile(r"page-break-before\s*:\s*always|break-before\s*:\s*page", re.IGNORECASE)


def read_html(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a web page as one page, or as those whose ends it states, as Word's do."""
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES)
    stated = _CHARSET.search(data, 0, _HEAD_BYTES)
    text, has_hidden = _extract(decode_text(data, stated[1].decode("ascii") if stated else None))
    yield from give_pages(text, reason=HIDDEN_TEXT if has_hidden else None)


def find_html_pictures(path: Path) -> Iterator[Part]:
    """Yield the pictures that a web page has in its source."""
    with path.open("rb") as file:
        data = file.read(_MAX_FILE_BYTES)
    for number, found in enumerate(_PICTURE.finditer(data), start=1):
        digits = b"".join(found[1].split())
        try:
            yield Part(f"picture {number}", "", b64decode(digits + b"=" * (-len(digits) % 4)))
        except ValueError:
            yield Part(f"picture {number}", "", None, "the picture is damaged")


def extract_html_text(html: str) -> str:
    """Return what a reader sees of an HTML page: no script, no style, a line a row of a table."""
    return _extract(html)[0].replace("\f", "").strip()


def _extract(html: str) -> tuple[str, bool]:
    """Return the text, with a form feed where a page ends, and whether there is text that nobody sees."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    data = html.replace("\x00", "").encode("utf-8", "replace")
    if not data.strip():
        return "", False
    root = etree.fromstring(data, parser)
    if root is None:
        return "", False
    text = _Text()
    hiding = _find_hiding_selectors(root)
    has_hidden = False
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "start":
            style = element.get("style", "")
            is_hidden = (
                element.get("hidden") is not None
                or _HIDES.search(style) is not None
                or _is_among(element, hiding)
            )
            if tag in _UNSEEN or is_hidden:
                has_hidden |= is_hidden and any(map(str.isalnum, "".join(element.itertext())))
                walk.skip_subtree()
                continue
            if _ENDS_PAGE.search(style):
                text.end_page()
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
    lines = (
        "\f" if "\f" in line else " ".join(line.split()).strip("| ") for line in text.assemble().split("\n")
    )
    return "\n".join(lines).strip("\n "), has_hidden


def _find_hiding_selectors(root: etree._Element) -> frozenset[tuple[str, str, str]]:
    """Return what style sheets hide: an element's name or "", "." for a class or "#" for an id, its name."""
    sheets = _CONDITIONAL_RULES.sub("", "\n".join(style.text or "" for style in root.iter("style")))
    return frozenset(
        (match[1].lower(), match[2], match[3])
        for selectors, declarations in _RULE.findall(sheets)
        if _HIDES.search(declarations)
        for selector in selectors.split(",")
        if (match := _SELECTOR.fullmatch(selector.strip()))
    )


def _is_among(element: etree._Element, hiding: frozenset[tuple[str, str, str]]) -> bool:
    if not hiding:
        return False
    names = [(".", name) for name in element.get("class", "").split()] + [("#", element.get("id", ""))]
    return any((tag, kind, name) in hiding for tag in ("", str(element.tag)) for kind, name in names)


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

    def end_page(self) -> None:
        self._pieces.append("\n\f\n")
        self._breaks = 0

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
