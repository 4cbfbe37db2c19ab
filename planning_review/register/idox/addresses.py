"""The addresses of a Public Access register: its forms, an application's tabs, what a link leads to.

The register's own address ends in the software's path, which is each council's own
(`https://pa.example.gov.uk/online-applications`). An application's address holds a key that the register
made up: none can be made from a reference.
"""

import re
from typing import Literal
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from planning_review.models import Frozen
from planning_review.register.platform import Council

FormName = Literal["simple", "advanced"]

_APPLICATION_PAGE = re.compile(r"/applicationDetails\.do$", re.IGNORECASE)
_FILE = re.compile(r"/files/([0-9A-F]{32})/(?:[^?#]*/)?([^/?#]+)$", re.IGNORECASE)


class IdoxOptions(Frozen):
    """A council's options: there are none, all that differs is read from its pages."""


def make_form_url(council: Council, form: FormName) -> str:
    """Return the address of a search form."""
    return f"{council.register_url}/search.do?action={form}&searchType=Application"


def list_search_urls(council: Council) -> tuple[str, ...]:
    """Return where a search by dates goes: its form, its list, and the list's later pages."""
    names = ("advancedSearchResults.do?action=firstPage", "pagedSearchResults.do?action=page")
    return make_form_url(council, "advanced"), *(f"{council.register_url}/{name}" for name in names)


def make_tab_url(council: Council, key: str, tab: str) -> str:
    """Return the address of one tab of an application."""
    return f"{council.register_url}/applicationDetails.do?activeTab={tab}&keyVal={quote(key, safe='')}"


def find_key(url: str) -> str | None:
    """Return the key in the address of an application's tab; None for any other address."""
    parts = urlsplit(url)
    if not _APPLICATION_PAGE.search(parts.path):
        return None
    return next(iter(parse_qs(parts.query).get("keyVal", [])), None)


def split_file_address(url: str) -> tuple[str, str] | None:
    """Return the number and the name of the file that an address leads to; None for any other address."""
    found = _FILE.search(urlsplit(url).path)
    return (found[1].upper(), found[2]) if found else None


def resolve_address(page_url: str, target: str | None) -> str | None:
    """Return a link's target as an address; None for one that leads nowhere or cannot be understood."""
    target = (target or "").strip()
    if not target or target.startswith("#"):
        return None
    try:
        return urljoin(page_url, target)
    except ValueError:
        return None
