"""The summary of an application's page as labels and values, in each of the platform's skins."""

from collections.abc import Iterator

from lxml import html

from planning_review.register.atrium.labels import is_known_label
from planning_review.register.page_text import find_elements, find_text, find_value, having_class
from planning_review.text.folding import fold_label

Pairs = list[tuple[str, str | None]]

_CELL = f"//table[{having_class('summaryTbl')}]//td[div][not(label[{having_class('form__label')}])]"
_LABELLED = f"//label[{having_class('form__label')}][following-sibling::div[{having_class('form__field')}]]"
_TERM = "//dl//dt"
_ROW = "//tr[not(.//table)][count(td | th) = 2 or count(td | th) = 4]"
_CONTROLS = ".//input | .//select | .//textarea"
# A plain list of terms, or a plain table, is the summary only where it is called so or speaks of this.
_FEWEST_KNOWN = 2


def find_pairs(root: html.HtmlElement, reference: str | None = None) -> Pairs:
    """Return the summary's labels and values in the page's order, whatever the skin.

    Where a skin writes the type, the address and the proposal of the reference as headings, they come
    with the labels that others have.
    """
    pairs = list(_find_labelled(root))
    return pairs + _find_headings(root, reference, pairs) if reference else pairs


def _find_labelled(root: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    for element in find_elements(root, f"{_CELL} | {_LABELLED} | {_TERM} | {_ROW}"):
        if element.tag == "tr":
            yield from _parse_row(element)
            continue
        if element.tag == "td":
            value = element.find("div")
            label = " ".join(element.xpath("./div[1]/preceding-sibling::node()/descendant-or-self::text()"))
        else:
            if element.tag == "dt" and not _is_summary(element):
                continue
            value = _next_sibling(element)
            label = find_text(element)
        if value is not None:
            yield from _make_pair(label, value)


def _make_pair(label: str, value: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    # A form's field holds a control, and a search form may use the same classes as the summary.
    if value.xpath(_CONTROLS):
        return
    label = " ".join(label.split()).rstrip(" :")
    if label:
        yield label, find_value(value)


def _parse_row(row: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    """Yield the pairs of a row that has its labels in cells of their own."""
    cells = list(find_elements(row, "./td | ./th"))
    labels = cells[::2]
    in_summary = any(
        "summaryTbl" in (table.get("class") or "").split() for table in row.iterancestors("table")
    )
    if in_summary:
        # The other markup has label and value in one cell.
        is_row = not any(cell.xpath("./div | ./label") for cell in labels)
    else:
        is_row = all(cell.tag == "th" for cell in labels) and all(cell.tag == "td" for cell in cells[1::2])
        is_row = is_row and is_known_label(fold_label(find_text(labels[0])))
    if is_row:
        for label, value in zip(labels, cells[1::2], strict=True):
            yield from _make_pair(find_text(label), value)


def _is_summary(term: html.HtmlElement) -> bool:
    grid = next(term.iterancestors("dl"))
    if "details-grid" in (grid.get("class") or "").split():
        return True
    labels = {fold_label(find_text(each)) for each in find_elements(grid, ".//dt")}
    return sum(is_known_label(label) for label in labels) >= _FEWEST_KNOWN


def _next_sibling(element: html.HtmlElement) -> html.HtmlElement | None:
    wanted = "dd" if element.tag == "dt" else "div"
    sibling = element.getnext()
    while sibling is not None and not isinstance(sibling.tag, str):
        sibling = sibling.getnext()
    return sibling if isinstance(sibling, html.HtmlElement) and sibling.tag == wanted else None


def _find_headings(root: html.HtmlElement, reference: str, pairs: Pairs) -> Pairs:
    """Return type, address and proposal where a heading names the reference and smaller ones follow it."""
    known = {fold_label(label) for label, value in pairs if value}
    if not pairs or known & {"proposal", "location"}:
        return []
    for heading in find_elements(root, "//h1 | //h2"):
        words = find_text(heading).split()
        if fold_label(reference) not in map(fold_label, words):
            continue
        following = list(find_elements(heading, "./following-sibling::h2 | ./following-sibling::h3"))
        if len(following) < 2:
            continue
        kind = " ".join(word for word in words if fold_label(word) != fold_label(reference))
        found = [("Location", find_value(following[0])), ("Proposal", find_value(following[1]))]
        is_told = "applicationtype" in known or not kind
        return [("Application Number", reference), *found, *([] if is_told else [("Application Type", kind)])]
    return []
