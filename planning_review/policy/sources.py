"""The policy sources as data, and which of them a council's reviews may use."""

from functools import cache
from pathlib import Path
from typing import Literal

from planning_review.models import Frozen
from planning_review.register.councils import find_country, list_policy_sources
from planning_review.register.platform import Country
from planning_review.yaml_files import read_yaml

Kind = Literal[
    "national policy",
    "guidance",
    "development plan",
    "emerging plan",
    "local transport plan",
    "county standard",
    "LCWIP",
    "none",
]

_FILE = Path(__file__).with_name("sources.yaml")


class Source(Frozen):
    """A policy source. `sources.yaml` explains the fields; found is where page_url stood."""

    name: str
    title: str
    publisher: str
    kind: Kind
    countries: tuple[Country, ...] = ("England",)
    local: bool = False
    shown: bool = True
    page_url: str | None
    found: str | None = None


@cache
def load_sources() -> dict[str, Source]:
    """Read every source, by name, in the order of the file."""
    rows = read_yaml(_FILE)
    return {row["name"]: Source(**row) for row in rows}


def list_usable_sources(council: str) -> list[Source]:
    """Return the sources that reviews of a council may use: its country's national ones and its own.

    What is listed for a person only is left out. Raises UsageError for an unknown council.
    """
    own, country = set(list_policy_sources(council)), find_country(council)
    return [
        source
        for source in load_sources().values()
        if source.shown and (source.name in own if source.local else country in source.countries)
    ]
