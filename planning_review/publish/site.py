"""Where an index stands: what its links are, and what its feed is known by."""

from uuid import NAMESPACE_URL, uuid5

from planning_review.models import Frozen
from planning_review.publish.catalogue import CatalogueEntry
from planning_review.references import reference_folder

INDEX_NAME = "index.html"
FEED_NAME = "feed.xml"
CALENDAR_NAME = "deadlines.ics"
SITE_FILES = (INDEX_NAME, FEED_NAME, CALENDAR_NAME)


class Site(Frozen):
    """The folder that holds an index, its feed and the reviews' pages.

    base_url is the folder's public address with a slash at its end, "" for files on a disk. scope
    names the folder wherever its address may lead: identifiers rest on it, so it must not change when
    the address does. page_folder is where an application's folder holds its pages: "" or `output/`.
    """

    group_name: str
    scope: str
    base_url: str = ""
    page_folder: str = ""

    def page_path(self, entry: CatalogueEntry) -> str:
        """Return the way from the index to a review's page."""
        folder = reference_folder(entry.reference, entry.council)
        return f"{folder}/{self.page_folder}{entry.page_name}"

    def address(self, path: str) -> str:
        """Return the whole address of a file below the folder; its path alone on a disk."""
        return f"{self.base_url}{path}"

    def make_urn(self, *names: str) -> str:
        """Return an identifier that is the same at every call for the same names."""
        return uuid5(NAMESPACE_URL, "\n".join(("planning-review", self.scope, *names))).urn
