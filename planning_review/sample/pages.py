"""An application's page, in the shape that a skin gives it."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader

from planning_review.sample.served import ServedApplication, ServedDocument
from planning_review.sample.skins import Skin

TEMPLATES = Environment(
    loader=PackageLoader("planning_review.sample"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_FULL_WIDTH = {"Location", "Proposal", "Applicant's Address", "Agent's Address"}


def render_application(
    application: ServedApplication, skin: Skin, *, with_documents: bool = True, with_summary: bool = True
) -> str:
    """Return an application's page; without its summary it has no form either."""
    documents = [(document, document_link(document)) for document in application.documents]
    groups = [
        (category, list(group)) for category, group in groupby(documents, key=lambda pair: pair[0].category)
    ]
    return TEMPLATES.get_template("display.html").render(
        skin=skin,
        reference=application.reference,
        summary_rows=_pair_fields(application.fields),
        groups=groups if with_documents and with_summary else None,
        constraints=application.constraints,
        consultees=application.consultees,
        with_summary=with_summary,
        with_forms=with_summary,
    )


def application_link(reference: str, skin: Skin) -> str:
    """Return the link to an application's page, relative to the site."""
    if skin.display_route == "query":
        return f"/Planning/Display?applicationNumber={quote(reference, safe='')}"
    return f"/Planning/Display/{quote(reference)}"


def document_link(document: ServedDocument) -> str:
    """Return the link to a document as the register writes it, relative to the site."""
    record_number, plan_id, image_id = document.document_id.split("-")
    query = {
        "module": "PLA",
        "recordNumber": record_number,
        "planId": plan_id,
        "imageId": image_id,
        "isPlan": str(document.is_plan),
        "fileName": document.file_name,
    }
    return f"/Document/Download?{urlencode(query, quote_via=quote)}"


def _pair_fields(fields: dict[str, str]) -> list[Sequence[tuple[str, str]]]:
    rows: list[Sequence[tuple[str, str]]] = []
    waiting: list[tuple[str, str]] = []
    for label, value in fields.items():
        if label in _FULL_WIDTH:
            rows += [waiting] if waiting else []
            rows.append([(label, value)])
            waiting = []
        else:
            waiting.append((label, value))
            if len(waiting) == 2:
                rows.append(waiting)
                waiting = []
    return [*rows, waiting] if waiting else rows
