"""Forms of a register's pages: their controls, as a browser submits them."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from lxml import html

from planning_review.register.page_text import find_elements, find_text

_NEVER_SUBMITTED = {"button", "file", "image", "reset", "submit"}


class SearchForm(NamedTuple):
    """A form that is ready to be sent: fields in document order, a name may stand twice."""

    method: Literal["GET", "POST"]
    action: str
    fields: tuple[tuple[str, str], ...]


class Control(NamedTuple):
    """A control that can be submitted. kind is the input's type, or `select`, or `textarea`.

    is_on is False for a box that is not ticked and a choice that is not taken.
    """

    name: str
    value: str
    kind: str
    is_on: bool = True

    @property
    def short_name(self) -> str:
        """The name's last part without case: `datereceivedfrom` of `Search.DateReceivedFrom`."""
        return self.name.replace("]", "").replace("[", ".").rpartition(".")[2].casefold()


def collect_controls(form: html.HtmlElement) -> list[Control]:
    """Return a form's controls in document order: named, enabled, its submit button left out.

    A control belongs to the form around it, or to the one that its `form` attribute names.
    """
    page = form.getroottree().getroot()
    owned = (e for e in find_elements(page, "//input | //select | //textarea") if _find_owner(e) is form)
    return [control for element in owned if _is_enabled(element) for control in _parse_control(element)]


def find_search_button(form: html.HtmlElement) -> Control | None:
    """Return a form's first submit button where it has a name, which a browser would submit with it."""
    page = form.getroottree().getroot()
    for element in find_elements(page, "//button | //input[@type='submit']"):
        kind = element.get("type", "submit").lower()
        if kind != "submit" or _find_owner(element) is not form or not _is_enabled(element):
            continue
        shown = f"{element.get('value', '')} {find_text(element)}".casefold()
        if "clear" in shown or "reset" in shown:
            continue
        name = element.get("name", "")
        return Control(name, element.get("value", ""), "submit") if name else None
    return None


def _find_owner(element: html.HtmlElement) -> html.HtmlElement | None:
    if (form_id := element.get("form")) is not None:
        named = (form for form in find_elements(element.getroottree().getroot(), "//form"))
        return next((form for form in named if form.get("id") == form_id), None)
    return next((form for form in element.iterancestors("form")), None)


def _is_enabled(element: html.HtmlElement) -> bool:
    disabled_sets = element.xpath("ancestor::fieldset[@disabled]")
    return element.get("disabled") is None and not disabled_sets


def _parse_control(element: html.HtmlElement) -> Iterator[Control]:
    name = element.get("name", "")
    if not name:
        return
    if element.tag == "textarea":
        yield Control(name, "".join(element.itertext()).removeprefix("\n"), "textarea")
    elif element.tag == "select":
        yield from _parse_select(element, name)
    else:
        kind = element.get("type", "text").strip().lower() or "text"
        if kind in ("checkbox", "radio"):
            yield Control(name, element.get("value", "on"), kind, element.get("checked") is not None)
        elif kind not in _NEVER_SUBMITTED:
            yield Control(name, element.get("value", ""), kind)


def _parse_select(select: html.HtmlElement, name: str) -> Iterator[Control]:
    options = [option for option in find_elements(select, ".//option") if option.get("disabled") is None]
    chosen = [option for option in options if option.get("selected") is not None]
    if select.get("multiple") is None:
        # A browser shows the first of a list that chooses none, and the last of several chosen ones.
        chosen = chosen[-1:] or options[:1]
    for option in chosen:
        value = option.get("value")
        yield Control(name, " ".join(option.text_content().split()) if value is None else value, "select")
