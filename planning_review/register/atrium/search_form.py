"""The search form of a register: its controls as a browser submits them, filled in for a window of days."""

from typing import Literal
from urllib.parse import urljoin

from lxml import html

from planning_review.errors import RegisterLayoutError
from planning_review.register.forms import Control, SearchForm, collect_controls, find_search_button
from planning_review.register.page_text import find_elements, parse_html
from planning_review.register.search import SearchWindow

_DATE_NAMES = {
    "received": ("datereceivedfrom", "datereceivedto"),
    "valid": ("datevalidfrom", "datevalidto"),
}
_MOST_FORMS = 50
# Left ticked it would leave out what was decided quickly.
_NARROWING_BOXES = {"outstanding"}


def parse_search_form(page: bytes | str, page_url: str, window: SearchWindow) -> SearchForm:
    """Choose the form that searches by date and fill it in for a window.

    The site's own search and copies without an enabled date field stand on the same page. Every
    control keeps its default, except: planning alone is searched, other date ranges are emptied, and
    the window's dates are set as their inputs' type wants them. Raises RegisterLayoutError where no
    form can be searched by the window's date.
    """
    root = parse_html(page)
    form = None if root is None else choose_search_form(root, window)
    if form is None:
        raise RegisterLayoutError(
            f"{page_url} holds no form that searches by the date {window.by}, its two date fields enabled: "
            "the register's layout may have changed. Open it in a browser."
        )
    fields: list[tuple[str, str]] = []
    controls = collect_controls(form)
    boxes = {control.name for control in controls if control.kind == "checkbox"}
    for control in controls:
        value = _choose_value(control, window, boxes)
        if value is not None:
            fields.append((control.name, value))
    if not any(name.casefold().endswith("searchplanning") for name, _ in fields):
        # Without it the blank form is served again, with no error.
        fields.append(("SearchPlanning", "true"))
    if button := find_search_button(form):
        fields.append((button.name, button.value))
    method: Literal["GET", "POST"] = "POST" if form.get("method", "").strip().lower() == "post" else "GET"
    return SearchForm(method, _resolve_action(form, page_url), tuple(fields))


def choose_search_form(root: html.HtmlElement, window: SearchWindow) -> html.HtmlElement | None:
    """Return the form that has both enabled dates of a window; the platform's own before others."""
    found: list[tuple[int, int, html.HtmlElement]] = []
    for form in _list_forms(root):
        names = [(control.short_name, control.kind) for control in collect_controls(form)]
        dates = {name for name, kind in names if kind != "hidden"}
        if dates.issuperset(_DATE_NAMES[window.by]):
            own = {"searchplanning", "advancedsearch"}.intersection(name for name, _ in names)
            found.append((-len(own), len(found), form))
    return min(found, key=lambda each: each[:2])[2] if found else None


def is_search_form(root: html.HtmlElement) -> bool:
    """Return whether a page holds the platform's search form, which the site's own search is not."""
    names = ({control.short_name for control in collect_controls(form)} for form in _list_forms(root))
    return any(
        "datereceivedfrom" in here or {"searchplanning", "advancedsearch"}.issubset(here) for here in names
    )


def _list_forms(root: html.HtmlElement) -> list[html.HtmlElement]:
    # Each costs a walk over all controls of the page: nobody's page may make that thousands.
    return list(find_elements(root, "//form"))[:_MOST_FORMS]


def _choose_value(control: Control, window: SearchWindow, boxes: set[str]) -> str | None:
    """Return what to submit for a control, None where it is left out."""
    name, is_box = control.short_name, control.kind == "checkbox"
    if control.kind != "hidden":
        if name in _DATE_NAMES[window.by]:
            day = window.date_from if name.endswith("from") else window.date_to
            return day.isoformat() if control.kind == "date" else f"{day:%d/%m/%Y}"
        if name.startswith("date") and name.endswith(("from", "to")):
            return ""
    is_flag = is_box or control.value.casefold() in ("true", "false")
    # The hidden half of a pair says what is sent for a box that is not ticked: it stays as it is.
    is_half = not is_box and control.name in boxes
    if name.startswith("search") and is_flag and not is_half:
        is_wanted = name == "searchplanning"
        if is_box:
            return control.value if is_wanted else None
        return "true" if is_wanted else "false"
    if is_box and name in _NARROWING_BOXES:
        return None
    return control.value if control.is_on else None


def _resolve_action(form: html.HtmlElement, page_url: str) -> str:
    action: str = form.get("action", "").strip()
    try:
        return urljoin(page_url, action)
    except ValueError as error:
        raise RegisterLayoutError(f"{page_url} sends its search to {action[:200]!r}, no address.") from error
