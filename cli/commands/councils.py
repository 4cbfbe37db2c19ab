"""`planning-review councils`: the councils known, what their registers run on, and what works for each."""

from typing import Any

import click

from cli.command import PrintJson
from planning_review.register.by_hand import FINDER_URL, ByHand
from planning_review.register.councils import find_councils, find_country, get_council
from planning_review.register.platform import get_platform

_KNOWN_BY = {"B": "two public lists agree on the address", "C": "one public list has the address"}


def show_councils(words: str, print_json: PrintJson | None) -> int:
    """Print the councils that have all of the words, or all of them; returns 0, 1 where there is none."""
    rows = [_describe(entry) for entry in find_councils(words)]
    if print_json:
        print_json(rows)
    elif not rows:
        click.echo(
            f"No council is known by {words[:60]!r}. One that is not listed can be named other-NAME: "
            "documents that "
            "you saved are reviewed with --council other-NAME --documents FOLDER.",
            err=True,
        )
    else:
        for row in rows:
            click.echo(
                f"{row['code']:30} {row['platform']:8} review: {row['review']}; scan: {row['scan']}. "
                f"{row['name']}, {row['country']}. {row['remark']} {row['register_url'] or ''}".rstrip()
            )
    return 0 if rows else 1


def _describe(entry: dict[str, Any]) -> dict[str, Any]:
    council = get_council(entry["code"])
    is_read = not isinstance(get_platform(council), ByHand)
    is_tried = bool(entry.get("tried"))
    remarks = []
    if not is_read:
        remarks.append(f"Its register runs on {council.platform}, which is not read: save the documents.")
    elif council.platform == "idox":
        remarks.append(
            "Its robots.txt decides about a scan, and most keep programs out: check register says."
        )
    if entry["register_url"] is None:
        remarks.append(f"The register's address is not known here: {FINDER_URL} leads to it.")
    elif not is_tried:
        known = _KNOWN_BY.get(entry.get("mark", ""), "its address is from public links")
        remarks.append(f"Nobody has tried it with this program ({known}): check register first.")
    return {
        "code": council.code,
        "name": council.name,
        "platform": council.platform,
        "register_url": entry["register_url"],
        "country": find_country(council.code),
        "tried": is_tried,
        "review": "yes" if is_read else "saved documents",
        # Of 116 that were read, 105 keep programs from the search: none is promised.
        "scan": "yes" if is_read and council.platform != "idox" else "no",
        "remark": " ".join(remarks),
    }
