"""Policy passages as rows of a Chroma collection: their metadata, and the way back."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any

from planning_review.index.passage_rows import without_surrogates
from planning_review.models import Frozen
from planning_review.policy.editions import Edition, last_day_of
from planning_review.policy.passages import PolicyPassage
from planning_review.policy.splitting import LabelledPassage

if TYPE_CHECKING:
    from chromadb.api.types import Where


class LoadedEdition(Frozen):
    """An edition whose passages stand in the index. sha256 is its file's; council None for a national one."""

    source: str
    edition: str
    council: str | None
    sha256: str
    passages: int


class StoredPolicyPassage(Frozen):
    """A policy passage with its row's id, and without a score yet."""

    id: str
    passage: PolicyPassage


def describe_edition(
    edition: Edition, council: str | None, sha256: str, passage_count: int
) -> dict[str, str | int]:
    """Return the metadata that all rows of an edition share. Chroma knows no null: it is "" here."""
    return {
        "source": edition.source,
        "edition": edition.edition,
        "council": council or "",
        "sha256": sha256,
        "in_force_from": write_day(edition.in_force_from),
        "in_force_to": write_day(last_day_of(edition)),
        "passage_count": passage_count,
    }


def describe_passage(passage: LabelledPassage, position: int) -> dict[str, str | int]:
    """Return a row's own metadata. position counts from 0 within its document."""
    return {
        "paragraph": without_surrogates(passage.paragraph),
        "heading": without_surrogates(passage.heading or ""),
        "page": passage.page,
        "position": position,
    }


def read_edition(row: Any) -> LoadedEdition:
    """Return the edition that a row's metadata names."""
    return LoadedEdition(
        source=row["source"],
        edition=row["edition"],
        council=row["council"] or None,
        sha256=row["sha256"],
        passages=row["passage_count"],
    )


def read_passage(text: str, row: Any) -> PolicyPassage:
    """Return a row as a passage, its score 0."""
    return PolicyPassage(
        source=row["source"],
        edition=row["edition"],
        paragraph=row["paragraph"],
        heading=row["heading"] or None,
        text=text,
        in_force_from=date.fromisoformat(row["in_force_from"]),
        in_force_to=_read_day(row["in_force_to"]),
        council=row["council"] or None,
        score=0.0,
    )


def where_edition(source: str, edition: str, council: str | None) -> "Where":
    """Return the filter for an edition's rows."""
    return {"$and": [{"source": source}, {"edition": edition}, {"council": council or ""}]}


def where_any(loaded: Collection[LoadedEdition]) -> "Where":
    """Return the filter for the rows of some editions, at least one."""
    clauses = [where_edition(e.source, e.edition, e.council) for e in loaded]
    return {"$or": clauses} if len(clauses) > 1 else clauses[0]


def write_day(day: date | None) -> str:
    """Return a day as metadata hold it."""
    return day.isoformat() if day else ""


def _read_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
