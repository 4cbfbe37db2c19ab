"""The councils, as data: `councils.yaml` beside this module."""

from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import yaml

from planning_review.errors import UsageError
from planning_review.register.platform import Council, Country


@cache
def _read_councils() -> dict[str, dict[str, Any]]:
    text = files("planning_review.register").joinpath("councils.yaml").read_text(encoding="utf-8")
    councils: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return councils


def list_councils() -> list[str]:
    """Return the codes of the known councils, sorted."""
    return sorted(_read_councils())


def get_council(code: str, register_url: str | None = None) -> Council:
    """Return a council by its code, its address replaced by register_url where one is given.

    Raises UsageError for an unknown code, for a council whose address is not known here where none is
    given, and for an address that no register can have.
    """
    known = _find_council(code)
    if register_url is not None:
        known = {**known, "register_url": _check_register_url(register_url)}
    elif known["register_url"] is None:
        raise UsageError(
            f"The address of the register of {known['name']} is not known here. Find it on the council's "
            "website, set PLANNING_REGISTER_URL to it, and try `planning-review check register`."
        )
    own = {name: known[name] for name in Council.model_fields if name in known}
    options = {name: value for name, value in known.items() if name not in own}
    return Council(code=code.strip().lower(), options=options, **own)


def name_council(code: str) -> str:
    """Return a council's name, whether its address is known or not; the code where no name is known.

    A review may be of a council that only another release knows.
    """
    known = _read_councils().get(code)
    return known["name"] if known else code


def list_policy_sources(code: str) -> list[str]:
    """Return the names of a council's own policy sources. Raises UsageError for an unknown code."""
    return list(_find_council(code).get("policy_sources", []))


def find_country(code: str) -> Country:
    """Return the country whose national policy a council decides by. Raises UsageError like get_council."""
    country: Country = _find_council(code).get("country", "England")
    return country


def _find_council(code: str) -> dict[str, Any]:
    councils = _read_councils()
    known = councils.get(code.strip().lower())
    if known is None:
        raise UsageError(f"{code!r} is not a known council. Known: {', '.join(list_councils())}.")
    return known


def _check_register_url(register_url: str) -> str:
    url = register_url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    # The address itself stays out of the message: it may hold a password.
    if not usable or "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            "The register's address (PLANNING_REGISTER_URL) must look like https://register.example.gov.uk: "
            "http or https, a host, no user, password or query."
        )
    return url
