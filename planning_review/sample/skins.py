"""How the small register looks: the shapes in which councils wear the same platform, as data.

Cherwell's is the default. The others gather what was seen at other councils into as few skins as hold
it all; a skin with one thing changed is `get_skin("cherwell").model_copy(update={...})`.
"""

from typing import Literal

from planning_review.errors import UsageError
from planning_review.models import Frozen


class Column(Frozen):
    """A column of the results table: its heading, the label its cells hide, the field it shows.

    field is a label of the application's summary, or `Reference`.
    """

    heading: str
    mobile_heading: str
    field: str


_FOUR_COLUMNS = (
    Column(heading="Application Number", mobile_heading="Application No.", field="Reference"),
    Column(heading="Location", mobile_heading="Location", field="Location"),
    Column(heading="Proposal", mobile_heading="Proposal", field="Proposal"),
    Column(heading="Status", mobile_heading="Status", field="Status"),
)


class Skin(Frozen):
    """The differences between one council's pages and another's.

    display_route is the address of an application's page, as a path or with `?applicationNumber=`.
    summary is the markup of its fields, groups that of the headings in its documents table.
    link_attribute is where a document's address stands until a script has run. unknown_status answers a
    reference that there is not. form_action takes the search form. results are rows of a table or cards,
    heading_tag the cells of the table's first row; total says where the number of matches is printed.
    An empty page_sizes means that ten a page is all there is.
    """

    name: str
    display_route: Literal["path", "query"] = "path"
    summary: Literal["cells", "labels", "grid"] = "cells"
    groups: Literal["heading", "strong"] = "heading"
    link_attribute: Literal["href", "data-disabled-link"] = "href"
    unknown_status: Literal[200, 404] = 200
    has_disclaimer: bool = False
    date_input: Literal["text", "date"] = "text"
    form_action: Literal["/Search/Results", "/Search/SiteResults"] = "/Search/Results"
    results: Literal["table", "cards"] = "table"
    heading_tag: Literal["th", "td"] = "th"
    columns: tuple[Column, ...] = _FOUR_COLUMNS
    total: Literal["tab", "heading"] = "tab"
    shows_empty_table: bool = False
    redirects_single_match: bool = True
    page_sizes: tuple[int, ...] = (10, 25, 50, 100, 250)


_SKINS = (
    Skin(
        name="cherwell",
        columns=(
            Column(heading="Reference No.▶", mobile_heading="Reference No.", field="Reference"),
            Column(heading="Location▶", mobile_heading="Location", field="Location"),
            Column(heading="Proposal▶", mobile_heading="Proposal", field="Proposal"),
            Column(heading="Status▲", mobile_heading="Status", field="Status"),
        ),
    ),
    # Wychavon, Malvern Hills: the form goes elsewhere, headings are plain cells, links wait for a script.
    Skin(
        name="site-results",
        summary="labels",
        link_attribute="data-disabled-link",
        form_action="/Search/SiteResults",
        heading_tag="td",
        page_sizes=(),
    ),
    Skin(
        name="older-groups",
        groups="strong",
        columns=(
            Column(heading="Date Received", mobile_heading="Date Received", field="Received Date"),
            Column(heading="Application Number", mobile_heading="Application No.", field="Reference"),
            Column(heading="Type", mobile_heading="Type", field="Application Type"),
            Column(heading="Proposal", mobile_heading="Proposal", field="Proposal"),
            Column(heading="Address", mobile_heading="Address", field="Location"),
            Column(heading="Parish", mobile_heading="Parish", field="Parish"),
            Column(heading="Status", mobile_heading="Status", field="Status"),
        ),
        total="heading",
        shows_empty_table=True,
        redirects_single_match=False,
        page_sizes=(),
    ),
    Skin(
        name="details-grid",
        summary="grid",
        unknown_status=404,
        has_disclaimer=True,
        date_input="date",
        shows_empty_table=True,
    ),
    # North Warwickshire, the newer front end.
    Skin(
        name="cards",
        display_route="query",
        summary="labels",
        link_attribute="data-disabled-link",
        has_disclaimer=True,
        date_input="date",
        results="cards",
        total="heading",
        redirects_single_match=False,
    ),
)

SKINS = {skin.name: skin for skin in _SKINS}


def get_skin(name: str) -> Skin:
    """Return a skin by its name, or raise UsageError."""
    if name not in SKINS:
        raise UsageError(f"{name!r} is not a skin of the small register. There are: {', '.join(SKINS)}.")
    return SKINS[name]
