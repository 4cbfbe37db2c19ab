"""The pages of the small register's search: terms, form, results, and the pieces that paging fetches."""

from collections.abc import Sequence
from typing import NamedTuple

from planning_review.sample.pages import TEMPLATES, application_link
from planning_review.sample.search_criteria import ANY, Criteria
from planning_review.sample.served import ServedApplication
from planning_review.sample.skins import Column, Skin

_PLANNING = "PLA"


class Decoy(NamedTuple):
    """Another module's list, which looks like planning's. link_prefix is the address of its pages."""

    module: str
    title: str
    link_prefix: str
    rows: tuple[ServedApplication, ...]

    def is_asked_for(self, criteria: Criteria) -> bool:
        """Tell whether a search wants this module too."""
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
        with_forms=True, skin=skin, token=token, choices=choices, any_value=ANY
    )


def render_disclaimer(return_path: str) -> str:
    """Return the terms that are to be accepted before the search."""
    return TEMPLATES.get_template("disclaimer.html").render(return_path=return_path)


def render_results(
    matches: Sequence[ServedApplication],
    printed_total: int,
    decoys: Sequence[Decoy],
    page_size: int,
    skin: Skin,
) -> str:
    """Return the first page of results, with the other modules' tables after planning's."""
    tabs = [(_PLANNING, "Planning", printed_total, _list_page(matches, 1, 1, page_size, _PLANNING, skin))]
    tabs += [
        (d.module, d.title, len(d.rows), _list_page(d.rows, 1, 1, page_size, d.module, skin)) for d in decoys
    ]
    return TEMPLATES.get_template("results.html").render(
        with_forms=True, skin=skin, tabs=tabs, printed_total=printed_total, page_size=page_size
    )


def render_fragment(
    rows: Sequence[ServedApplication], shown: int, number: int, page_size: int, module: str, skin: Skin
) -> str:
    """Return the piece that takes the list's place: page `shown`, under the pager of page `number`."""
    page = _list_page(rows, shown, number, page_size, module, skin)
    return TEMPLATES.get_template("results_list.html").render(skin=skin, page=page)


def _list_page(
    rows: Sequence[ServedApplication], shown: int, number: int, page_size: int, module: str, skin: Skin
) -> dict[str, object]:
    prefixes = {decoy.module: decoy.link_prefix for decoy in DECOYS}
    last = -(-len(rows) // page_size)
    lines = []
    for application in rows[(shown - 1) * page_size : shown * page_size]:
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
