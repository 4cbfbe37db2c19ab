"""The addresses of a register: an application's page, and what a link on a page leads to."""

import re
from typing import Literal
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

from planning_review.models import Frozen
from planning_review.register.platform import Council

_PLANNING_PAGE = re.compile("/planning/display(/|$)", re.IGNORECASE)
_ANY_MODULES_PAGE = re.compile("/[^/]+/display(/|$)", re.IGNORECASE)


class AtriumOptions(Frozen):
    """A council's options: how an application's page is addressed, by its path or by a query."""

    display_route: Literal["path", "query"]


def make_application_url(council: Council, reference: str) -> str:
    """Return the address of an application's page."""
    page = f"{council.register_url}/Planning/Display"
    if AtriumOptions.model_validate(council.options).display_route == "query":
        return f"{page}?applicationNumber={quote(reference, safe='')}"
    return f"{page}/{quote(reference, safe='/')}"


def is_planning_page(url: str, council: Council) -> bool:
    """Return whether an address is a planning application's page on this register."""
    return council.serves(url) and bool(_PLANNING_PAGE.match(_own_path(url, council)))


def is_any_modules_page(url: str, council: Council) -> bool:
    """Return whether an address on this register is a page of any module's: planning's, appeals'."""
    return bool(_ANY_MODULES_PAGE.match(_own_path(url, council)))


def find_reference(url: str) -> str:
    """Return what the address of an application's page names."""
    parts = urlsplit(url)
    query = {name.casefold(): values for name, values in parse_qs(parts.query).items()}
    if "applicationnumber" in query:
        return query["applicationnumber"][0]
    return unquote(_PLANNING_PAGE.split(parts.path)[-1])


def resolve_address(page_url: str, target: str | None) -> str | None:
    """Return a link's target as an address; None for one that leads nowhere or cannot be understood."""
    target = (target or "").strip()
    if not target or target.startswith("#"):
        return None
    try:
        return urljoin(page_url, target)
    except ValueError:
        return None


def _own_path(url: str, council: Council) -> str:
    return urlsplit(url).path.removeprefix(urlsplit(council.register_url).path)
