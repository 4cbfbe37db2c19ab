"""The council's terms, which stand before the search on some registers and before every page on others.

They are accepted as a visitor does, and again when the acceptance runs out. Older ones take an empty
POST, newer ones the hidden fields of their form.
"""

from typing import NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

from planning_review.errors import RegisterLayoutError
from planning_review.register.forms import collect_controls
from planning_review.register.page_text import find_elements, parse_html
from planning_review.register.platform import Council

MOST_ACCEPTANCES = 3

_FORM = "//form[contains(translate(@action, 'ACDEILMNPRST', 'acdeilmnprst'), '/disclaimer/accept')]"
_DEFAULT_ACTION = "/Disclaimer/Accept"


class Acceptance(NamedTuple):
    """What accepts the terms: where to, and the fields to send, none for an empty body."""

    url: str
    fields: tuple[tuple[str, str], ...]


def shows_terms(body: bytes, url: str, council: Council) -> bool:
    """Return whether a page is the council's terms in place of what was asked for."""
    path = urlsplit(url).path.removeprefix(urlsplit(council.register_url).path)
    if path.casefold().startswith("/disclaimer"):
        return True
    root = parse_html(body)
    return root is not None and bool(root.xpath(_FORM))


def read_acceptance(body: bytes, url: str) -> Acceptance:
    """Return how the terms on a page are accepted."""
    root = parse_html(body)
    forms = [] if root is None else list(find_elements(root, _FORM))
    action = forms[0].get("action", "") if forms else _DEFAULT_ACTION
    target, query = urljoin(url, action), urlsplit(url).query
    fields = tuple(
        (each.name, each.value)
        for each in (collect_controls(forms[0]) if forms else ())
        if each.kind == "hidden"
    )
    names = {name.casefold() for name in (*parse_qs(urlsplit(target).query), *dict(fields))}
    if "returnurl" not in names and query:
        target = f"{target.partition('?')[0]}?{query}"
    return Acceptance(target, fields)


def explain_terms_that_stay(url: str) -> RegisterLayoutError:
    """Return the error for terms that were accepted and still stand in the way."""
    return RegisterLayoutError(
        f"The council's terms were accepted {MOST_ACCEPTANCES} times and still stand in the way of "
        f"{url}. Open it in a browser; documents saved there can be reviewed with --documents FOLDER."
    )
