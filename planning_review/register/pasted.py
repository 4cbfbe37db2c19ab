"""What a person pastes in place of a reference: the address of an application's page on a register."""

from urllib.parse import parse_qsl, unquote, urlsplit

from planning_review.errors import UsageError
from planning_review.references import parse_reference
from planning_review.register.councils import find_council_of, get_council

_IN_QUERY = ("applicationnumber", "reference", "refval", "folder1_ref", "ref")


def read_pasted(text: str, council: str | None, register_url: str | None = None) -> tuple[str, str | None]:
    """Return the reference that a text is or that an address names, and its council where it says so.

    register_url is the setting's, which may be of no listed council. Raises UsageError for what is neither,
    for an address that names no reference, and for one on another council's register than was named.
    """
    plain = text.strip()
    if "://" not in plain:
        return parse_reference(plain), council
    if register_url and plain.casefold().startswith(register_url.rstrip("/").casefold()):
        found = council
    else:
        found = find_council_of(plain)
        if found is None:
            raise UsageError(
                f"{plain[:120]!r} is on no register that is known here. Give the application's reference, "
                "and its "
                "council with --council (`planning-review councils WORDS` finds one)."
            )
        if council and council.strip().lower() != found:
            raise UsageError(
                f"{plain[:120]!r} is on the register of {get_council(found).name}, and --council says "
                f"{council}: "
                "leave one of them out."
            )
    return _find_reference(plain), found


def _find_reference(address: str) -> str:
    parts = urlsplit(address)
    query = {name.casefold(): value for name, value in parse_qsl(parts.query)}
    named = next((query[name] for name in _IN_QUERY if query.get(name)), None)
    _, display, rest = parts.path.partition("/Display/")
    try:
        return parse_reference(named or (unquote(rest) if display else ""))
    except UsageError:
        raise UsageError(
            f"{address[:120]!r} does not name its application's reference: copy that from the page, such as "
            "25/00284/F, and name the council with --council."
        ) from None
