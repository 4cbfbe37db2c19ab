"""How the small register looks: the shapes that the same platform's pages take, as data."""

from typing import Literal

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
    date_input: Literal["text", "date"] = "text"
    form_action: Literal["/Search/Results", "/Search/SiteResults"] = "/Search/Results"
    results: Literal["table", "cards"] = "table"
    heading_tag: Literal["th", "td"] = "th"
    columns: tuple[Column, ...] = _FOUR_COLUMNS
    total: Literal["tab", "heading"] = "tab"
    shows_empty_table: bool = False
    redirects_single_match: bool = True
    page_sizes: tuple[int, ...] = (10, 25, 50, 100, 250)


CHERWELL = Skin(
    name="cherwell",
    columns=(
        Column(heading="Reference No.▶", mobile_heading="Reference No.", field="Reference"),
        Column(heading="Location▶", mobile_heading="Location", field="Location"),
        Column(heading="Proposal▶", mobile_heading="Proposal", field="Proposal"),
        Column(heading="Status▲", mobile_heading="Status", field="Status"),
    ),
)
