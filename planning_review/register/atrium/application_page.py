"""An application's page on the register: its summary, in each of the platform's skins."""

from datetime import date
from typing import Any

from lxml import html

from planning_review.errors import ApplicationNotFound, RegisterLayoutError
from planning_review.models import Application, ApplicationPage
from planning_review.register.atrium.documents_table import parse_documents_table
from planning_review.register.atrium.labels import (
    DATE_LABELS,
    REFERENCE_LABELS,
    TEXT_LABELS,
)
from planning_review.register.atrium.summary import Pairs, find_pairs
from planning_review.register.deadlines import ends_comments, ends_consultation, warn_of_deadlines
from planning_review.register.page_end import check_page_end
from planning_review.register.page_text import (
    blank_to_none,
    find_elements,
    find_text,
    parse_date,
    parse_html,
)
from planning_review.text.folding import fold_label

# The platform's search form has these; the site's own search box, on every page, has none of them.
_SEARCH_FORM = "//form//*[@name='SearchPlanning' or @name='AdvancedSearch' or @name='DateReceivedFrom']"


def parse_application_page(
    page: bytes | str, *, reference: str, council_code: str, page_url: str
) -> ApplicationPage:
    """Read an application and its documents from the HTML of its page.

    Labels that no field takes are kept in other_fields, as are dates that cannot be read. Raises
    ApplicationNotFound where the page is the search form instead, and RegisterLayoutError where it
    is neither, or shows another application, and PageCut for a page without its end.
    """
    check_page_end(page, page_url)
    root = parse_html(page)
    pairs = [] if root is None else find_pairs(root, reference)
    fields, other_fields = _sort_pairs(pairs)
    if root is None or not fields:
        raise _explain_missing_summary(root, reference, page_url)
    _check_reference(pairs, reference, page_url)
    table = parse_documents_table(root, page_url, page)
    if table.unlinked_titles:
        other_fields["Documents listed without a link"] = "; ".join(table.unlinked_titles)
    end = fields.get("consultation_end")
    constraints = _find_constraints(root)
    if constraints:
        other_fields.setdefault("Constraints", "; ".join(constraints))
    application = Application(
        reference=reference,
        council=council_code,
        register_url=page_url,
        other_fields=other_fields,
        **fields,
    )
    return ApplicationPage(
        application=application,
        documents=table.documents,
        documents_available=table.is_available,
        warnings=(
            *_describe_unlinked(table.unlinked_titles),
            *table.warnings,
            *warn_of_deadlines(other_fields, end),
        ),
    )


def _describe_unlinked(titles: tuple[str, ...]) -> tuple[str, ...]:
    if not titles:
        return ()
    named = "; ".join(title[:80] for title in titles[:5]) + ("; and others" if len(titles) > 5 else "")
    return (
        f"Of the documents that the register lists, {len(titles)} could not be had, for want of a link that "
        f"was understood: {named}. Look for them on the register's page.",
    )


def find_shown_reference(page: bytes | str) -> str | None:
    """Return the reference that an application's summary shows; None where the page has no summary."""
    root = parse_html(page)
    pairs = [] if root is None else find_pairs(root)
    return next((text for shown, text in pairs if text and fold_label(shown) in REFERENCE_LABELS), None)


def _sort_pairs(pairs: Pairs) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields of an Application, known ones without a value as None, and all the rest."""
    fields: dict[str, str | date | None] = {}
    used: set[int] = set()
    for field, labels in (TEXT_LABELS | DATE_LABELS).items():
        for label in labels:
            for index, (shown, text) in enumerate(pairs):
                if fold_label(shown) != label:
                    continue
                value = parse_date(text) if field in DATE_LABELS else text
                if fields.setdefault(field, value) is None:
                    fields[field] = value
                if text is None or fields[field] == value is not None:
                    used.add(index)
    used |= _find_consultation_end(pairs, fields)
    other_fields: dict[str, str] = {}
    for index, (shown, text) in enumerate(pairs):
        if index not in used and text is not None and fold_label(shown) not in REFERENCE_LABELS:
            other_fields.setdefault(shown, text)
    return fields, other_fields


def _find_consultation_end(pairs: Pairs, fields: dict[str, str | date | None]) -> set[int]:
    """Set the last day for comments and return which pairs say it.

    A day that is called so counts before the ends of notices and letters, of which the last does.
    """
    for is_end in (ends_comments, ends_consultation):
        found = [(i, parse_date(text)) for i, (shown, text) in enumerate(pairs) if is_end(fold_label(shown))]
        if found:
            days = [day for _, day in found if day]
            last = max(days, default=None)
            fields["consultation_end"] = fields.get("consultation_end") or last
            blank = {i for i, _ in found if pairs[i][1] is None}
            if last:
                return blank | {i for i, day in found if day == last}
    return set()


def _check_reference(pairs: Pairs, reference: str, page_url: str) -> None:
    for shown, text in pairs:
        if text and fold_label(shown) in REFERENCE_LABELS and fold_label(text) != fold_label(reference):
            raise RegisterLayoutError(
                f"{page_url} shows application {text[:60]} where {reference} was asked for. "
                "Open it in a browser and check the reference."
            )


def _find_constraints(root: html.HtmlElement) -> list[str]:
    """Return the first cell of each row: the name of what constrains the site."""
    cells = find_elements(root, "//table[@summary='Planning Constraints']//tr/td[1]")
    return [name for name in (blank_to_none(find_text(cell)) for cell in cells) if name]


def _explain_missing_summary(
    root: html.HtmlElement | None, reference: str, page_url: str
) -> ApplicationNotFound | RegisterLayoutError:
    title = "" if root is None else fold_label(root.findtext(".//title") or "")
    if root is not None and ("planningapplicationsearch" in title or root.xpath(_SEARCH_FORM)):
        return explain_not_found(reference, page_url)
    if root is not None and root.xpath("//form[contains(@action, '/Disclaimer/Accept')]"):
        return RegisterLayoutError(
            f"{page_url} shows the council's terms in place of the application. Open it in a browser; "
            "documents saved there can be reviewed with --documents FOLDER."
        )
    return RegisterLayoutError(
        f"{page_url} holds neither an application's summary nor the search form: the register's layout may "
        "have changed, or it served an error page. Open it in a browser; documents saved there can be "
        "reviewed with --documents FOLDER."
    )


def explain_not_found(reference: str, page_url: str) -> ApplicationNotFound:
    """Return the error for a reference that the register does not know."""
    return ApplicationNotFound(
        f"The register does not know application {reference} ({page_url}). Check the reference, its ending "
        "included (25/00284/F is not 25/00284/FUL), and that it belongs to this council."
    )
