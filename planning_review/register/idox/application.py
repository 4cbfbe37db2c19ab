"""An application read from its tabs: summary, further information, important dates."""

import re
from collections.abc import Sequence
from datetime import date

from planning_review.errors import RegisterLayoutError
from planning_review.models import Application
from planning_review.register.idox.page import IdoxPage, find_case_number, list_details
from planning_review.register.page_text import parse_date
from planning_review.text.folding import fold_label

# Whole labels, folded; the first one that has a value counts.
_TEXT_LABELS = {
    "site_address": ("address", "siteaddress", "location"),
    "proposal": ("proposal", "description"),
    "application_type": ("applicationtype", "casetype"),
    "status": ("status", "casestatus"),
    "decision": ("decision",),
    "applicant": ("applicantname",),
    "agent": ("agentname", "agentcompanyname"),
    "case_officer": ("caseofficer",),
    "parish": ("parish", "community", "communitycouncil"),
    "ward": ("ward",),
}
_DATE_LABELS = {
    "received_date": ("applicationreceiveddate", "applicationreceived", "receiveddate", "datereceived"),
    "valid_date": (
        "applicationvalidateddate",
        "applicationvalidated",
        "validateddate",
        "datevalidated",
        "validdate",
    ),
    "target_decision_date": (
        "targetdate",
        "determinationdeadline",
        "targetdeterminationdeadline",
        "statutorydeterminationdeadline",
    ),
    "decision_date": ("decisionissueddate", "decisionmadedate"),
}
_REFERENCE = "reference"
# The last day to comment is the latest that any way of being told of the application leaves.
_COMMENTS_END = re.compile(
    r"(?:consultation|advertisement|advertised|advert|sitenotice|publicity|pressnotice).*(?:expiry|enddate)"
    r"|(?:closing|last|final)(?:date|day)?for?comments?|comments?(?:by|until|closingdate|deadline)"
)

Pairs = Sequence[tuple[str, str | None]]


def list_pairs(pages: Sequence[IdoxPage]) -> list[tuple[str, str | None]]:
    """Return labels and values of an application's tabs, in their order."""
    return [pair for page in pages for pair in list_details(page)]


def find_reference(page: IdoxPage) -> str | None:
    """Return the reference that a tab of an application shows."""
    shown = (value for label, value in list_details(page) if fold_label(label) == _REFERENCE)
    return next((value for value in shown if value), None) or find_case_number(page)


def make_application(pairs: Pairs, *, reference: str, council_code: str, page_url: str) -> Application:
    """Put what the tabs say into an application's fields; what no field takes is kept beside them.

    Raises RegisterLayoutError where neither proposal nor address is among it.
    """
    fields: dict[str, str | date | None] = {}
    used: set[int] = set()
    for field, labels in (_TEXT_LABELS | _DATE_LABELS).items():
        for label in labels:
            for index, (shown, text) in enumerate(pairs):
                if text is None or fold_label(shown) != label:
                    continue
                value = parse_date(text) if field in _DATE_LABELS else text
                if fields.get(field) is None:
                    fields[field] = value
                if fields[field] == value is not None:
                    used.add(index)
    ends = [parse_date(text) for shown, text in pairs if _COMMENTS_END.search(fold_label(shown))]
    fields["consultation_end"] = max((day for day in ends if day), default=None)
    if not (fields.get("proposal") or fields.get("site_address")):
        raise RegisterLayoutError(
            f"{page_url} shows neither a proposal nor an address: the register's layout may have changed. "
            "Open it in a browser; documents saved there can be reviewed with --documents FOLDER."
        )
    other_fields: dict[str, str] = {}
    for index, (shown, text) in enumerate(pairs):
        if index not in used and text is not None and fold_label(shown) != _REFERENCE:
            other_fields.setdefault(shown, text)
    return Application.model_validate(
        {
            "reference": reference,
            "council": council_code,
            "register_url": page_url,
            "other_fields": other_fields,
            **fields,
        }
    )
