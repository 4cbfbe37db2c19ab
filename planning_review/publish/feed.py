"""The Atom feed (RFC 4287) of the reviews that were published last."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from lxml import etree

from planning_review.dates import format_date
from planning_review.publish.catalogue import CatalogueEntry
from planning_review.publish.site import FEED_NAME, INDEX_NAME, Site
from planning_review.register.councils import name_council
from planning_review.report.links import safe_link
from planning_review.report.presentation import RATING_WORDS, plain_text

MAX_ENTRIES = 100

_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a feed without entries: the element must be there."""

# What XML 1.0 has no way to hold, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_feed(entries: Iterable[CatalogueEntry], site: Site) -> bytes:
    """Return the feed, newest first; an application keeps its id, whatever review of it is the newest."""
    newest = sorted(entries, key=lambda entry: (entry.updated_at, entry.key), reverse=True)[:MAX_ENTRIES]
    feed = etree.fromstring(f'<feed xmlns="{_ATOM}" xml:lang="en-GB"/>')
    _add(feed, "id", site.make_urn())
    _add(feed, "title", "Cycling reviews of planning applications")
    _add(feed, "subtitle", "Planning applications, rated against cycling policy.")
    _add(feed, "updated", _format_time(newest[0].updated_at if newest else _NEVER))
    _add(_add(feed, "author"), "name", plain_text(site.group_name) or "Planning review")
    _add(feed, "link", rel="self", type="application/atom+xml", href=site.address(FEED_NAME))
    _add(feed, "link", rel="alternate", type="text/html", href=site.address(INDEX_NAME))
    for entry in newest:
        _add_entry(feed, entry, site)
    return etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _add_entry(feed: etree._Element, entry: CatalogueEntry, site: Site) -> None:
    item = _add(feed, "entry")
    rating = entry.overall_rating.capitalize()
    _add(item, "id", site.make_urn(entry.council, entry.reference))
    _add(item, "title", f"{rating}: {entry.reference}, {entry.site_address or name_council(entry.council)}")
    _add(item, "updated", _format_time(entry.updated_at))
    _add(item, "link", rel="alternate", type="text/html", href=site.address(site.page_path(entry)))
    if register_link := safe_link(entry.register_url):
        _add(item, "link", rel="related", type="text/html", href=register_link)
    _add(item, "category", term=entry.overall_rating, label=rating)
    _add(item, "summary", " ".join(_list_sentences(entry)), type="text")


def _list_sentences(entry: CatalogueEntry) -> list[str]:
    sentences = [
        f"{entry.overall_rating.capitalize()}: {RATING_WORDS[entry.overall_rating].lower()}.",
        f"{_describe_comments(entry)}.",
    ]
    if entry.status == "incomplete":
        sentences.append("This review is incomplete: not every document could be read.")
    if entry.proposal:
        sentences.append(entry.proposal if entry.proposal.endswith((".", "…")) else f"{entry.proposal}.")
    return [*sentences, entry.summary]


def _describe_comments(entry: CatalogueEntry) -> str:
    # No days left here: a feed is read on any day.
    if entry.decision:
        return f"Already decided: {plain_text(entry.decision)}"
    if entry.consultation_end is None:
        return "The register shows no date until which comments are taken"
    return f"Comments are taken until {format_date(entry.consultation_end)}"


def _format_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    if text is not None:
        element.text = _NOT_XML.sub("", plain_text(text))
    for attribute, value in attributes.items():
        element.set(attribute, value)
    return element
