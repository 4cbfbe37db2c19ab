"""The catalogue's data: one small entry for each review of an application that was published.

An entry is a file that nobody ever changes, under a key of its own:
`catalogue/{council}/{reference}/{time}_{review_id}.json`. A newer review is another file, so two runs
can't take each other's entry away whatever the order of their writes, and which one counts can be
told from the keys alone: the one judged last, and of those the one published last.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from planning_review.errors import UsageError
from planning_review.references import parse_reference, reference_folder
from planning_review.report.contract import Review
from planning_review.report.presentation import judged_on, plain_text
from planning_review.rules.judgement import OverallRating

CATALOGUE_FOLDER = "catalogue"

_MAX_PROPOSAL_CHARACTERS = 1000
_MAX_SUMMARY_CHARACTERS = 1500
_MAX_NAME_CHARACTERS = 160

_KEY = re.compile(r"catalogue/[a-z0-9-]+/[A-Z0-9._-]+/(\d{8}T\d{6}Z)_rev_(\d{8})_[0-9a-f]{8}\.json")


def _is_own_form(reference: str) -> str:
    try:
        is_own_form = parse_reference(reference) == reference
    except UsageError:
        is_own_form = False
    if not is_own_form:
        raise ValueError("not in the register's own form")
    return reference


class CatalogueEntry(BaseModel):
    """What the index and the feed say of one review.

    updated_at is when it was published (UTC, whole seconds); an application's later entry always has
    a later one. Fields that a newer release may add are passed over, so that its entries stay in the
    index of an older one. The patterns make the links built from an entry safe wherever it comes from.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    council: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")
    reference: Annotated[str, AfterValidator(_is_own_form)]
    review_id: str = Field(pattern=r"^rev_[0-9]{8}_[0-9a-f]{8}$")
    status: Literal["complete", "incomplete"]
    overall_rating: OverallRating
    proposal: str | None
    site_address: str | None
    parish: str | None
    ward: str | None
    consultation_end: date | None
    decision: str | None
    decision_date: date | None
    register_url: str
    summary: str
    judged_on: date
    updated_at: datetime

    @property
    def folder(self) -> str:
        """The folder of the application's entries."""
        return f"{CATALOGUE_FOLDER}/{self.council}/{reference_folder(self.reference)}"

    @property
    def key(self) -> str:
        """The entry's own key: a path below the output folder, and an object key without its prefix."""
        return f"{self.folder}/{self.updated_at:%Y%m%dT%H%M%SZ}_{self.review_id}.json"

    @property
    def page_name(self) -> str:
        """The file name of the review's page."""
        return f"{self.review_id}_review.html"


def make_entry(review: Review, updated_at: datetime) -> CatalogueEntry:
    """Return the entry of a review; long texts are cut short at a word."""
    application = review.application
    return CatalogueEntry(
        council=review.council,
        reference=review.application_ref,
        review_id=review.review_id,
        status=review.status,
        overall_rating=review.review.overall_rating,
        proposal=_shorten(application.proposal, _MAX_PROPOSAL_CHARACTERS),
        site_address=_shorten(application.site_address, _MAX_NAME_CHARACTERS),
        parish=_shorten(application.parish, _MAX_NAME_CHARACTERS),
        ward=_shorten(application.ward, _MAX_NAME_CHARACTERS),
        consultation_end=application.consultation_end,
        decision=_shorten(application.decision, _MAX_NAME_CHARACTERS),
        decision_date=application.decision_date,
        register_url=application.register_url,
        summary=_shorten(review.review.summary, _MAX_SUMMARY_CHARACTERS) or "",
        judged_on=judged_on(review),
        updated_at=updated_at.astimezone(UTC).replace(microsecond=0),
    )


def make_next_entry(review: Review, keys: Iterable[str], now: datetime) -> CatalogueEntry | None:
    """Return the entry by which a review takes its application's place in the catalogue.

    None where it has that place already, or a review that was judged later has it. The new entry is
    later than any of the application's among the keys, whatever the clocks of the machines say.
    """
    entry = make_entry(review, now)
    own = group_keys(keys).get(entry.folder)
    if not own:
        return entry
    if own[0].endswith(f"_{review.review_id}.json") or _read_key(own[0])[0] > _read_key(entry.key)[0]:
        return None
    latest = max(_read_time(key) for key in own)
    updated_at = max(entry.updated_at, latest + timedelta(seconds=1))
    return entry.model_copy(update={"updated_at": updated_at})


def group_keys(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return the keys of entries by their folder, the one that counts first; other keys are left out."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        if _KEY.fullmatch(key):
            groups[key.rpartition("/")[0]].append(key)
    return {folder: sorted(members, key=_read_key, reverse=True) for folder, members in groups.items()}


def supersedes(key: str, keys: Iterable[str]) -> bool:
    """Say whether an entry would take its application's place among the keys."""
    own = group_keys(keys).get(key.rpartition("/")[0])
    return not own or _read_key(key) > _read_key(own[0])


def dump_entry(entry: CatalogueEntry) -> str:
    """Return the text of an entry's file."""
    return entry.model_dump_json(indent=1) + "\n"


def parse_entry(content: bytes, key: str) -> CatalogueEntry | None:
    """Read an entry's file; None where it is damaged, or not the entry that its key says."""
    try:
        entry = CatalogueEntry.model_validate_json(content)
        return entry if entry.key == key else None
    except ValidationError:
        return None


def _read_key(key: str) -> tuple[str, str, str]:
    """Return what decides between entries of an application: judged, published, and the rest."""
    found = _KEY.fullmatch(key)
    if found is None:
        raise LookupError(f"{key!r} is not the key of an entry")
    return found[2], found[1], key


def _read_time(key: str) -> datetime:
    return datetime.strptime(_read_key(key)[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _shorten(text: str | None, characters: int) -> str | None:
    shown = plain_text(text or "")
    if len(shown) <= characters:
        return shown or None
    return f"{shown[:characters].rpartition(' ')[0] or shown[:characters]} …"
