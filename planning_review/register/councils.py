"""The councils, as data: `councils.yaml` beside this module."""

import difflib
import re
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from planning_review.errors import UsageError
from planning_review.references import SAMPLE_COUNCIL
from planning_review.register.by_hand import FINDER_URL
from planning_review.register.platform import Council, Country
from planning_review.text.folding import fold_label
from planning_review.yaml_files import read_yaml

_OF_THE_LIST = {"mark", "also", "tried"}
"""Fields of an entry that say how it is known, and nothing of its register."""

_UNLISTED = re.compile(r"other-([a-z][a-z-]{1,40})")


@cache
def _read_councils() -> dict[str, dict[str, Any]]:
    councils: dict[str, dict[str, Any]] = read_yaml(
        files("planning_review.register").joinpath("councils.yaml")
    )
    return councils


def list_councils() -> list[str]:
    """Return the codes of the known councils, sorted."""
    return sorted(_read_councils())


def list_paced_councils(council: str) -> list[str]:
    """Return the councils whose pace machines share from the start: the given one, and those not from "
    "lists."""
    return sorted({council, *(code for code, entry in _read_councils().items() if "mark" not in entry)})


def get_council(code: str, register_url: str | None = None) -> Council:
    """Return a council by its code, its address replaced by register_url where one is given.

    A code `other-NAME` is of a council that is not listed: it is taken to be in England, and documents
    saved by hand can be reviewed. Raises UsageError for an unknown code and for an address that no
    register can have.
    """
    known = _find_council(code)
    if register_url is not None:
        known = {**known, "register_url": _check_register_url(register_url)}
    elif known["register_url"] is None:
        known = {**known, "register_url": FINDER_URL}
    own = {name: known[name] for name in Council.model_fields if name in known}
    options = {name: value for name, value in known.items() if name not in own.keys() | _OF_THE_LIST}
    return Council(code=code.strip().lower(), options=options, **own)


def name_council(code: str) -> str:
    """Return a council's name, whether its address is known or not; the code where no name is known.

    A review may be of a council that only another release knows.
    """
    try:
        return str(_find_council(code)["name"])
    except UsageError:
        return code


def list_policy_sources(code: str) -> list[str]:
    """Return the names of a council's own policy sources. Raises UsageError for an unknown code."""
    return list(_find_council(code).get("policy_sources", []))


def find_country(code: str) -> Country:
    """Return the country whose national policy a council decides by. Raises UsageError like get_council."""
    country: Country = _find_council(code).get("country", "England")
    return country


def find_councils(words: str) -> list[dict[str, Any]]:
    """Return the entries, each with its code, whose name, code or address has all of the words; sorted."""
    wanted = [fold_label(word) for word in words.replace("-", " ").split()]
    found = []
    for code in list_councils():
        entry = {**_read_councils()[code], "code": code}
        text = fold_label(f"{code} {entry['name']} {entry['register_url'] or ''}")
        if code != SAMPLE_COUNCIL and all(word in text for word in wanted):
            found.append(entry)
    return found


def find_council_of(url: str) -> str | None:
    """Return the code of the council whose register an address is on; None where none is known."""
    best: tuple[int, str] | None = None
    for code, entry in _read_councils().items():
        for address in (entry["register_url"], *entry.get("also", ())):
            if address and code != SAMPLE_COUNCIL and _is_below(url, address):
                # The longest: several councils may share a host.
                best = max(best or (0, ""), (len(address), code))
    return best[1] if best else None


def _is_below(url: str, address: str) -> bool:
    try:
        there, here = urlsplit(url), urlsplit(address)
        path, own = there.path.casefold(), here.path.casefold()
        return there.hostname == here.hostname and (path == own or path.startswith(f"{own}/"))
    except ValueError:
        return False


def _find_council(code: str) -> dict[str, Any]:
    wanted = code.strip().lower()
    if known := _read_councils().get(wanted):
        return known
    if unlisted := _UNLISTED.fullmatch(wanted):
        name = f"{unlisted[1].replace('-', ' ').title()} (not listed)"
        return {"name": name, "platform": "other", "register_url": None}
    near = [entry["code"] for entry in find_councils(wanted)] or difflib.get_close_matches(
        wanted, list_councils(), n=5
    )
    said = f" Did you mean {', '.join(near[:8])}?" if near else ""
    raise UsageError(
        f"{code[:60]!r} is not a known council.{said} `planning-review councils WORDS` finds one. For one "
        "that is "
        "not listed, name it other-NAME and review documents that you saved: --council other-NAME "
        "--documents "
        "FOLDER."
    )


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
