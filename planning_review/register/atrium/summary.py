"""The summary of an application's page as labels and values, in each of the platform's skins."""

from collections import defaultdict
from collections.abc import Iterator

from lxml import html

from planning_review.register.atrium.labels import is_known_label
from planning_review.register.page_text import (
    blank_to_none,
    find_elements,
    find_text,
    find_value,
    having_class,
    is_hidden,
)
from planning_review.text.folding import fold_label

Pairs = list[tuple[str, str | None]]

_CELL = f"//table[{having_class('summaryTbl')}]//td[div][not(label[{having_class('form__label')}])]"
_LABELLED = f"//label[{having_class('form__label')}][following-sibling::div[{having_class('form__field')}]]"
_TERM = "//dl//dt"
_ROW = "//tr[not(.//table)][count(td | th) > 1]"
# The rows before and behind one, across the parts of a table.
_ABOVE = (
    "preceding-sibling::tr[1] | self::tr[not(preceding-sibling::tr)]/../preceding-sibling::*[1]/tr[last()]"
)
_BELOW = "following-sibling::tr[1] | self::tr[not(following-sibling::tr)]/../following-sibling::*[1]/tr[1]"
_CONTROLS = "self::input | self::select | self::textarea | .//input | .//select | .//textarea"
_SHOWN_CONTROLS = (
    "(self::input | self::textarea | .//input | .//textarea)[@readonly or @disabled][not(@type='hidden')]"
)
# A plain list of terms, or a plain table, is the summary only where it is called so or speaks of this.
_FEWEST_KNOWN = 2
_LONGEST_LABEL_CHARS = 60
# What a label may be made of where it stands in neither table nor list of terms.
_STYLED = (
    ".//*[self::b or self::div or self::h3 or self::h4 or self::h5 or self::label or self::p or "
    "self::span or self::strong]"
    "[not(ancestor::table or ancestor::dl or ancestor::nav or ancestor::header or ancestor::footer)]"
)


def find_pairs(root: html.HtmlElement, reference: str | None = None) -> Pairs:
    """Return the summary's labels and values in the page's order, whatever the skin.

    Where a skin writes the type, the address and the proposal of the reference as headings, they come
    with the labels that others have.
    """
    pairs = [*_find_labelled(root), *find_styled(root)]
    return pairs + _find_headings(root, reference, pairs) if reference else pairs


def _find_labelled(root: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    speaking = {table for table in find_elements(root, "//table") if _speaks_of_an_application(table)}
    for element in find_elements(root, f"{_CELL} | {_LABELLED} | {_TERM} | {_ROW}"):
        if element.tag == "tr":
            yield from _parse_row(element, speaking)
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
    label = " ".join(label.split()).rstrip(" :")
    if not label:
        return
    controls = list(find_elements(value, _CONTROLS))
    if not controls:
        yield label, find_value(value)
        return
    # A form's field holds a control, and a search form may use the same classes as the summary: only what
    # is shown in one that nobody can fill in is a value.
    shown = list(find_elements(value, _SHOWN_CONTROLS))
    text = _read_control(shown[0]) if len(controls) == len(shown) == 1 else None
    if text is not None:
        yield label, text


def _read_control(control: html.HtmlElement) -> str | None:
    return blank_to_none(" ".join((control.get("value") or control.text or "").split()))


def _parse_row(row: html.HtmlElement, speaking: set[html.HtmlElement]) -> Iterator[tuple[str, str | None]]:
    """Yield the pairs of a row that has its labels in cells of their own."""
    cells = [cell for cell in find_elements(row, "./td | ./th") if not is_hidden(cell)]
    labels = cells[::2]
    in_summary = any(
        "summaryTbl" in (table.get("class") or "").split() for table in row.iterancestors("table")
    )
    if in_summary and (above := _find_labels_above(row)):
        for label, value in zip(above, cells, strict=True):
            yield from _make_pair(find_text(label), value)
        return
    if len(cells) not in (2, 4) or row.find("td") is None:
        return
    if in_summary:
        # The other markup has label and value in one cell.
        is_row = not any(cell.xpath("./div | ./label") for cell in labels)
    else:
        is_row = all(cell.tag == "th" for cell in labels) and all(cell.tag == "td" for cell in cells[1::2])
        is_row = is_row and is_known_label(fold_label(find_text(labels[0])))
        is_row = is_row or next(row.iterancestors("table"), None) in speaking
    if is_row:
        for label, value in zip(labels, cells[1::2], strict=True):
            yield from _make_pair(find_text(label), value)


def _find_labels_above(row: html.HtmlElement) -> list[html.HtmlElement] | None:
    """Return the labels of a row of a summary where they stand in the row above it."""
    if row.find("td") is None:
        return None
    above = next(find_elements(row, _ABOVE), None)
    below = next(find_elements(row, _BELOW), None)
    if above is None or above.find("td") is not None or (below is not None and below.find("th") is None):
        # Several rows under one row of labels are a list, not a summary.
        return None
    labels = [cell for cell in find_elements(above, "./th") if not is_hidden(cell)]
    cells = [cell for cell in find_elements(row, "./td | ./th") if not is_hidden(cell)]
    is_above = len(labels) == len(cells) > 1 and _count_known(iter(labels)) > 0
    return labels if is_above else None


def _speaks_of_an_application(table: html.HtmlElement) -> bool:
    """Return whether a table has its labels in its first column: a list has them in its first row."""
    if (
        next(find_elements(table, ".//*[@data-imageid] | .//a[contains(@href, '/Document/')]"), None)
        is not None
    ):
        return False
    firsts = ([c for c in find_elements(row, "./td | ./th") if not is_hidden(c)] for row in table.iter("tr"))
    return _count_known(cells[0] for cells in firsts if len(cells) > 1) >= _FEWEST_KNOWN


def _is_summary(term: html.HtmlElement) -> bool:
    grid = next(term.iterancestors("dl"))
    if "details-grid" in (grid.get("class") or "").split():
        return True
    return _count_known(find_elements(grid, ".//dt")) >= _FEWEST_KNOWN


def _count_known(labels: Iterator[html.HtmlElement]) -> int:
    return sum(is_known_label(label) for label in {fold_label(find_text(each)) for each in labels})


def find_styled(root: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    """Yield what stands as label and value in elements of no meaning of their own.

    Where two labels that are known look the same, by tag, class and parent, all that looks so is a label.
    """
    looks: dict[tuple[str, str, str], list[tuple[str, html.HtmlElement]]] = defaultdict(list)
    for element in find_elements(root, _STYLED):
        parent = element.getparent()
        if len(element) > 2 or parent is None:
            continue
        label = find_text(element).rstrip(" :")
        if 0 < len(label) <= _LONGEST_LABEL_CHARS:
            looks[(element.tag, element.get("class") or "", parent.tag)].append((label, element))
    for found in looks.values():
        labels = {element for _, element in found}
        pairs = [pair for label, element in found for pair in _read_following(label, element, labels)]
        known = {fold_label(label) for label, text in pairs if text and is_known_label(fold_label(label))}
        if len(known) >= _FEWEST_KNOWN:
            yield from pairs


def _read_following(
    label: str, element: html.HtmlElement, labels: set[html.HtmlElement]
) -> Iterator[tuple[str, str | None]]:
    """Yield a label with what follows it in its parent, up to the next label."""
    parts = [element.tail or ""]
    for sibling in element.itersiblings():
        if sibling in labels:
            break
        if isinstance(sibling, html.HtmlElement):
            if sibling.xpath(_CONTROLS):
                yield from _make_pair(label, sibling)
                return
            parts += [" ", find_text(sibling)]
        parts.append(sibling.tail or "")
    if text := " ".join("".join(parts).split()).removeprefix(": "):
        yield label, blank_to_none(text)


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
