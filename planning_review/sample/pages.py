"""The pages of the small register: an application, and the search with its form, results and their pieces."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader

from planning_review.sample.search_criteria import ANY, Criteria
from planning_review.sample.served_application import ServedApplication, ServedDocument
from planning_review.sample.skin import Column, Skin

TEMPLATES = Environment(
    loader=PackageLoader("planning_review.sample"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_FULL_WIDTH = {"Location", "Proposal", "Applicant's Address", "Agent's Address"}


def render_application(application: ServedApplication, skin: Skin) -> str:
    """Return an application's page."""
    documents = [(document, document_link(document)) for document in application.documents]
    groups = [
        (category, list(group)) for category, group in groupby(documents, key=lambda pair: pair[0].category)
    ]
    return TEMPLATES.get_template("display.html").render(
        skin=skin,
        reference=application.reference,
        summary_rows=_pair_fields(application.fields),
        groups=groups,
        constraints=application.constraints,
        consultees=application.consultees,
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


_PLANNING = "PLA"


class Decoy(NamedTuple):
    """Another module's list, which looks like planning's. link_prefix is the address of its pages."""

    module: str
    title: str
    link_prefix: str
    rows: tuple[ServedApplication, ...]

    def is_asked_for(self, criteria: Criteria) -> bool:
        """Return whether a search wants this module too."""
        return criteria.with_building_control if self.module == "BLD" else criteria.with_appeals


class Row(NamedTuple):
    """A line of a list: its address, and the values of the columns."""

    link: str
    reference: str
    cells: tuple[tuple[Column, str], ...]
    application: ServedApplication


def _invent_rows(count: int, suffix: str, proposal: str) -> tuple[ServedApplication, ...]:
    return tuple(
        ServedApplication(
            reference=f"26/{number:05}/{suffix}",
            fields={"Location": f"{number} Decoy Road, Sampleford", "Proposal": proposal, "Status": "Valid"},
        )
        for number in range(1, count + 1)
    )


DECOYS = (
    Decoy("BLD", "Building Control", "/BuildingControl/Display/", _invent_rows(12, "BN", "Re-roofing")),
    Decoy("APP", "Appeals", "/Appeals/Display/", _invent_rows(1, "REF", "Appeal against refusal")),
)


def render_form(applications: Sequence[ServedApplication], skin: Skin, token: str) -> str:
    """Return the search page, which is also the answer to a reference that is not known."""
    choices = {
        label: sorted({a.fields[label] for a in applications if a.fields.get(label)})
        for label in ("Parish", "Ward", "Application Type", "Decision")
    }
    return TEMPLATES.get_template("search.html").render(
        skin=skin, token=token, choices=choices, any_value=ANY
    )


def render_results(
    matches: Sequence[ServedApplication],
    decoys: Sequence[Decoy],
    page_size: int,
    skin: Skin,
) -> str:
    """Return the first page of results, with the other modules' tables after planning's."""
    tabs = [(_PLANNING, "Planning", len(matches), _list_page(matches, 1, page_size, _PLANNING, skin))]
    tabs += [
        (d.module, d.title, len(d.rows), _list_page(d.rows, 1, page_size, d.module, skin)) for d in decoys
    ]
    return TEMPLATES.get_template("results.html").render(
        skin=skin, tabs=tabs, printed_total=len(matches), page_size=page_size
    )


def render_fragment(
    rows: Sequence[ServedApplication], number: int, page_size: int, module: str, skin: Skin
) -> str:
    """Return the piece that takes the list's place: a page of it, by its number, and the pager."""
    page = _list_page(rows, number, page_size, module, skin)
    return TEMPLATES.get_template("results_list.html").render(skin=skin, page=page)


def _list_page(
    rows: Sequence[ServedApplication], number: int, page_size: int, module: str, skin: Skin
) -> dict[str, object]:
    prefixes = {decoy.module: decoy.link_prefix for decoy in DECOYS}
    last = -(-len(rows) // page_size)
    lines = []
    for application in rows[(number - 1) * page_size : number * page_size]:
        reference = application.reference
        link = prefixes[module] + reference if module in prefixes else application_link(reference, skin)
        values = {"Reference": reference, **application.fields}
        cells = tuple((column, values.get(column.field) or "-") for column in skin.columns)
        lines.append(Row(link, reference, cells, application))
    return {
        "lines": lines,
        "number": number,
        "last": last,
        "previous_target": f"/Search/ResultsPage/{number - 1}?module={module}" if number > 1 else None,
        "next_target": f"/Search/ResultsPage/{number + 1}?module={module}" if number < last else None,
    }
