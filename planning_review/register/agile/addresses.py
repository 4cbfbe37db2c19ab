"""Where an Agile register is asked, and where people find what it answers.

Many councils share one interface: a header says whose register is meant. The council's own portal makes its
pages of that by a script, and answers any address with the same empty page.
"""

import re
from urllib.parse import quote, urlencode

from planning_review.models import Frozen
from planning_review.register.http import is_loopback
from planning_review.register.platform import Council

_SHARED_API = "https://planningapi.agileapplications.co.uk/api"
SHARED_PACE = "agile-shared"
"""The register that is paced where councils share it: what is asked for one is asked of all."""


class AgileOptions(Frozen):
    """A council's options: whom the interface knows it as.

    api is the interface's own address where that is not the shared one, documents_elsewhere the site where
    a council keeps the documents that the interface does not list.
    """

    client: str
    api: str | None = None
    documents_elsewhere: str | None = None


def describe_api(council: Council) -> Council:
    """Return a council whose register's address is that of the interface."""
    own = AgileOptions.model_validate(council.options).api
    if own is None and is_loopback(council.register_url):
        own = f"{council.register_url}/api"
    return council.model_copy(update={"register_url": own or _SHARED_API})


def is_shared(api: Council) -> bool:
    """Return whether other councils' registers are asked at the same address."""
    return api.register_url == _SHARED_API


def make_headers(council: Council) -> dict[str, str]:
    """Return what every request has to say: without it the interface answers 401."""
    options = AgileOptions.model_validate(council.options)
    return {
        "Accept": "application/json",
        "x-client": options.client,
        "x-service": "PA",
        "x-product": "CITIZENPORTAL",
    }


def make_search_url(api: Council, criteria: dict[str, str]) -> str:
    """Return the address of a search."""
    return f"{api.register_url}/application/search?{urlencode(criteria)}"


def make_application_api_url(api: Council, number: str, part: str = "") -> str:
    """Return where the interface answers what it knows of an application, or one part of that."""
    return f"{api.register_url}/application/{quote(number, safe='')}{part}"


def make_page_url(council: Council, number: str) -> str:
    """Return the address of an application's page, for people."""
    return f"{council.register_url}/application-details/{quote(number, safe='')}"


def make_file_url(api: Council, digest: str) -> str:
    """Return where a document is, in the form that needs no header: a browser opens it."""
    client = AgileOptions.model_validate(api.options).client
    return f"{api.register_url}/application/document/{quote(client, safe='')}/{quote(digest, safe='')}"


def drop_client(url: str) -> str:
    """Return a document's address in the form that the portal's script uses, with the headers."""
    return re.sub(r"(/application/document/)[^/]+/([^/]+)$", r"\1\2", url)
