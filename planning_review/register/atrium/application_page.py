"""An application's page on the register: its summary, in each of the platform's skins."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from lxml import html

from planning_review.errors import ApplicationNotFound, RegisterLayoutError
from planning_review.models import Application, ApplicationPage
from planning_review.register.atrium.documents_table import parse_documents_table
from planning_review.register.page_end import check_page_end
from planning_review.register.page_text import (
    blank_to_none,
    find_elements,
    find_text,
    find_value,
    having_class,
    parse_date,
    parse_html,
)
from planning_review.text.folding import fold_label

# Each field with its labels, folded, the first one that has a value counts. Whole labels only: an
# applicant's address is not the site's, and a decision level is no decision.
_TEXT_LABELS = {
    "site_address": ("location", "siteaddress"),
    "proposal": ("proposal",),
    "application_type": ("applicationtype",),
    "status": ("status", "applicationstatus"),
    "decision": ("decision",),
    "applicant": ("applicant", "applicantsname", "applicantname"),
    "agent": ("agent", "agentsname", "agentname"),
    "case_officer": ("caseofficer",),
    "parish": ("parish",),
    "ward": ("ward",),
}
_DATE_LABELS = {
    "received_date": ("receiveddate",),
    "valid_date": ("validdate",),
    "consultation_end": ("consultationexpirydate", "consultationenddate", "enddate"),
    "target_decision_date": ("targetdecisiondate",),
    "decision_date": ("decisiondate", "decisionissueddate"),
}
_REFERENCE_LABELS = {"applicationnumber"}
# The platform's search form has these; the site's own search box, on every page, has none of them.
_SEARCH_FORM = "//form//*[@name='SearchPlanning' or @name='AdvancedSearch' or @name='DateReceivedFrom']"

Pairs = list[tuple[str, str | None]]


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
    pairs = [] if root is None else list(_find_pairs(root))
    fields, other_fields = _sort_pairs(pairs)
    if root is None or not fields:
        raise _explain_missing_summary(root, reference, page_url)
    _check_reference(pairs, reference, page_url)
    table = parse_documents_table(root, page_url)
    if table.unlinked_titles:
        other_fields["Documents listed without a link"] = "; ".join(table.unlinked_titles)
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
        application=application, documents=table.documents, documents_available=table.is_available
    )


def find_shown_reference(page: bytes | str) -> str | None:
    """Return the reference that an application's summary shows; None where the page has no summary."""
    root = parse_html(page)
    pairs = [] if root is None else _find_pairs(root)
    return next((text for shown, text in pairs if text and fold_label(shown) in _REFERENCE_LABELS), None)


def _find_pairs(root: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    """Yield label and value of the summary, in the page's order, whatever the skin."""
    summary_cell = (
        f"//table[{having_class('summaryTbl')}]//td[div][not(label[{having_class('form__label')}])]"
    )
    labelled = (
        f"//label[{having_class('form__label')}][following-sibling::div[{having_class('form__field')}]]"
    )
    term = f"//dl[{having_class('details-grid')}]//dt"
    for element in find_elements(root, f"{summary_cell} | {labelled} | {term}"):
        if element.tag == "td":
            value = element.find("div")
            label = " ".join(element.xpath("./div[1]/preceding-sibling::node()/descendant-or-self::text()"))
        else:
            value = _next_sibling(element)
            label = find_text(element)
        # A form's field holds a control, and a search form may use the same classes as the summary.
        if value is None or value.xpath(".//input | .//select | .//textarea"):
            continue
        label = " ".join(label.split()).rstrip(" :")
        if label:
            yield label, find_value(value)


def _next_sibling(element: html.HtmlElement) -> html.HtmlElement | None:
    wanted = "dd" if element.tag == "dt" else "div"
    sibling = element.getnext()
    while sibling is not None and not isinstance(sibling.tag, str):
        sibling = sibling.getnext()
    return sibling if isinstance(sibling, html.HtmlElement) and sibling.tag == wanted else None


def _sort_pairs(pairs: Pairs) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields of an Application, known ones without a value as None, and all the rest."""
    fields: dict[str, str | date | None] = {}
    used: set[int] = set()
    for field, labels in (_TEXT_LABELS | _DATE_LABELS).items():
        for label in labels:
            for index, (shown, text) in enumerate(pairs):
                if fold_label(shown) != label:
                    continue
                value = parse_date(text) if field in _DATE_LABELS else text
                if fields.setdefault(field, value) is None:
                    fields[field] = value
                if text is None or fields[field] == value is not None:
                    used.add(index)
    other_fields: dict[str, str] = {}
    for index, (shown, text) in enumerate(pairs):
        if index not in used and text is not None and fold_label(shown) not in _REFERENCE_LABELS:
            other_fields.setdefault(shown, text)
    return fields, other_fields


def _check_reference(pairs: Pairs, reference: str, page_url: str) -> None:
    for shown, text in pairs:
        if text and fold_label(shown) in _REFERENCE_LABELS and fold_label(text) != fold_label(reference):
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
