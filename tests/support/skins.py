"""The shapes in which councils wear the same platform: the small register's own, and others.

The others gather what was seen at other councils into as few skins as hold it all; a skin with one thing
changed is `get_skin("cherwell").model_copy(update={...})`.
"""

from planning_review.sample.skin import CHERWELL, Column, Skin


class CouncilSkin(Skin):
    """A skin; has_disclaimer puts the council's terms before its search."""

    has_disclaimer: bool = False


_SKINS = (
    CouncilSkin(**dict(CHERWELL)),
    # Wychavon, Malvern Hills: the form goes elsewhere, headings are plain cells, links wait for a script.
    CouncilSkin(
        name="site-results",
        summary="labels",
        link_attribute="data-disabled-link",
        form_action="/Search/SiteResults",
        heading_tag="td",
        page_sizes=(),
    ),
    CouncilSkin(
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
    CouncilSkin(
        name="details-grid",
        summary="grid",
        unknown_status=404,
        has_disclaimer=True,
        date_input="date",
        shows_empty_table=True,
    ),
    # North Warwickshire, the newer front end.
    CouncilSkin(
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


def get_skin(name: str) -> CouncilSkin:
    """Return a skin by its name."""
    return SKINS[name]
