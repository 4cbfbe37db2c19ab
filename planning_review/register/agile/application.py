"""An application, its documents and the lines of a list, read from the interface's JSON."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from planning_review.errors import RegisterLayoutError
from planning_review.models import Application, ApplicationPage, ListedDocument
from planning_review.register.agile.addresses import AgileOptions, make_file_url, make_page_url
from planning_review.register.deadlines import find_end, warn_of_deadlines
from planning_review.register.page_text import blank_to_none, parse_date
from planning_review.register.platform import Council
from planning_review.register.search import FoundApplication
from planning_review.text.folding import fold_label

# The first name that has a value counts.
_TEXTS = {
    "site_address": ("location", "siteAddress", "address"),
    "proposal": ("fullProposal", "proposal"),
    "application_type": ("applicationType",),
    "status": ("statusDescription", "status"),
    "decision": ("decisionText", "decision"),
    "applicant": ("applicantName", "applicantSurname"),
    "agent": ("agentName", "agentSurname"),
    "case_officer": ("officerName", "caseOfficer"),
    "parish": ("parish",),
    "ward": ("ward",),
}
_DATES = {
    "received_date": ("receivedDate",),
    "valid_date": ("validDate", "registrationDate"),
    "target_decision_date": ("targetDate", "targetDecisionDate", "decisionDueDate"),
    "decision_date": ("decisionDate",),
}
_IDENTITY = {"id", "reference", "webReference"}


def parse_application(
    answer: Any, documents: Any, council: Council, api: Council, url: str
) -> ApplicationPage:
    """Put what the interface says of an application into its fields, and list its documents.

    Raises RegisterLayoutError where that is no application, or its documents are no list.
    """
    if not isinstance(answer, dict) or not _read_text(answer, ("reference",)):
        raise RegisterLayoutError(f"{url} does not answer with an application: its layout may have changed.")
    fields: dict[str, str | date | None] = {
        field: _read_text(answer, names) for field, names in _TEXTS.items()
    }
    fields |= {field: _read_date(answer, names) for field, names in _DATES.items()}
    if not (fields["proposal"] or fields["site_address"]):
        raise RegisterLayoutError(
            f"{url} says neither a proposal nor an address: its layout may have changed."
        )
    used = {name for names in (*_TEXTS.values(), *_DATES.values()) for name in names} | _IDENTITY
    others = {
        _spell_out(name): text
        for name, value in answer.items()
        if name not in used and (text := _to_text(value)) is not None
    }
    fields["consultation_end"], said_by = find_end(others.items())
    other_fields = {name: text for name, text in others.items() if name not in said_by}
    listed, warnings = _list_documents(documents, api, url)
    page_url = make_page_url(council, _to_text(answer.get("id")) or "")
    application = Application.model_validate(
        {
            "reference": _read_text(answer, ("reference",)),
            "council": council.code,
            "register_url": page_url,
            "other_fields": other_fields,
            **fields,
        }
    )
    # Some councils keep the documents on a site of their own: an empty list does not say that there are none.
    elsewhere = AgileOptions.model_validate(council.options).documents_elsewhere or page_url
    return ApplicationPage(
        application=application,
        documents=listed,
        documents_available=bool(listed),
        documents_elsewhere=None if listed else elsewhere,
        warnings=(*warnings, *warn_of_deadlines(other_fields, application.consultation_end)),
    )


def parse_found(row: Any, council: Council, url: str) -> tuple[str, FoundApplication]:
    """Return the number and what a line of a list says. Raises RegisterLayoutError for one without either."""
    number = _to_text(row.get("id")) if isinstance(row, dict) else None
    reference = _read_text(row, ("reference", "webReference")) if isinstance(row, dict) else None
    if number is None or reference is None:
        raise RegisterLayoutError(f"{url} lists an application without its number and reference.")
    return number, FoundApplication(
        reference=reference,
        proposal=_read_text(row, _TEXTS["proposal"]),
        address=_read_text(row, _TEXTS["site_address"]),
        application_type=_read_text(row, _TEXTS["application_type"]),
        status=_read_text(row, _TEXTS["status"]),
        parish=_read_text(row, ("parish",)),
        received_date=_read_date(row, _DATES["received_date"]),
        valid_date=_read_date(row, ("validDate",)),
        register_url=make_page_url(council, number),
    )


def find_registered(row: Mapping[str, Any]) -> date | None:
    """Return the day on which a line says that it was registered, by which lists are searched."""
    return _read_date(row, ("registrationDate",))


def _list_documents(
    documents: Any, api: Council, url: str
) -> tuple[tuple[ListedDocument, ...], tuple[str, ...]]:
    if not isinstance(documents, list) or not all(isinstance(each, dict) for each in documents):
        raise RegisterLayoutError(
            f"{url} does not answer with a list of documents: its layout may have changed."
        )
    listed: dict[str, ListedDocument] = {}
    lost: list[str] = []
    for each in documents:
        digest, name = _read_text(each, ("documentHash",)), _read_text(each, ("name", "fileName"))
        kind = _read_text(each, ("mediaDescription", "documentType"))
        title = _read_text(each, ("description",)) or name or kind
        if digest is None:
            lost.append((title or "(no title)")[:80])
            continue
        document_id = _make_id(digest)
        listed.setdefault(
            document_id,
            ListedDocument(
                document_id=document_id,
                title=title or f"Document {document_id}",
                file_name=name,
                category=kind,
                listed_type=kind,
                listed_date=_read_date(each, ("receivedDate", "publishedDate")),
                register_url=make_file_url(api, digest),
            ),
        )
    if not lost:
        return tuple(listed.values()), ()
    named = "; ".join(lost[:5]) + ("; and others" if len(lost) > 5 else "")
    return tuple(listed.values()), (
        f"Of the documents that the register lists, {len(lost)} could not be had, for want of an address: "
        f"{named}. Look for them on the register's page.",
    )


def _make_id(digest: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9-]+", "_", digest).strip("_-")[:60]
    return safe if safe == digest else f"{safe}-{hashlib.sha256(digest.encode()).hexdigest()[:8]}"


def _read_text(answer: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((text for name in names if (text := _to_text(answer.get(name)))), None)


def _read_date(answer: Mapping[str, Any], names: tuple[str, ...]) -> date | None:
    return next((day for name in names if (day := parse_date(_to_text(answer.get(name))))), None)


def _to_text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return blank_to_none(" ".join(str(value).split()))


def _spell_out(name: str) -> str:
    """Return a field's name in words: `consultationEndDate` is `Consultation end date`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).split()
    return " ".join(words).capitalize()


def is_same(reference: str, found: FoundApplication) -> bool:
    """Return whether a line of a list has the whole reference."""
    return fold_label(found.reference) == fold_label(reference)
