"""What the flows take and give: the forms in Prefect's UI and the lines of `--json`."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema, field_validator, model_validator

from planning_review.errors import UsageError
from planning_review.letter.contract import Stance, Tone
from planning_review.models import Frozen
from planning_review.references import REFERENCE_PATTERN, parse_reference
from planning_review.register.councils import list_councils
from planning_review.register.pasted import read_pasted
from planning_review.settings import load_settings

Include = Literal["consultees", "comments"]
Stage = Literal["download", "extract", "review"]

EVIDENCE_MODEL = "evidence"

COUNCILS: list[JsonValue] = [*list_councils()]
"""Shown as a choice in the form."""


def _checked_reference(text: str) -> str:
    try:
        return parse_reference(text)
    except UsageError as error:
        raise ValueError(str(error)) from None


# The pattern is for forms alone: Prefect's page refuses what does not fit before it makes a run. The address
# of an application's page fits too, and is read before anything else is.
_FORM_PATTERN = (
    rf"{REFERENCE_PATTERN}|"
    r"^\s*https?://\S+(/[Dd]isplay/|[?&](applicationNumber|[Rr]eference|refVal|FOLDER1_REF|ref)=)\S+\s*$"
)
Reference = Annotated[
    str,
    AfterValidator(_checked_reference),
    WithJsonSchema({"type": "string", "pattern": _FORM_PATTERN}),
]


def find_council() -> str:
    """Return the council that is meant where none is named: the settings', as for every command."""
    return load_settings().council


def find_model() -> str:
    """Return who judges where nobody is named: the settings' reviewer, as for every command."""
    return load_settings().review_model


class OfAnApplication(Frozen):
    """What names an application: its reference, or the address of its page, which names the council too."""

    @model_validator(mode="before")
    @classmethod
    def _read_address(cls, given: Any) -> Any:
        text = given.get("reference") if isinstance(given, dict) else None
        if not isinstance(text, str) or "://" not in text:
            return given
        try:
            reference, council = read_pasted(text, given.get("council"), load_settings().register_url)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return {**given, "reference": reference, **({"council": council} if council else {})}


class ReviewParameters(OfAnApplication):
    """What one review run is asked to do."""

    reference: Reference = Field(
        description="The application's reference on the council's register, such as 25/00284/F, or the "
        "address of its page there.",
        json_schema_extra={"position": 0},
    )
    council: str = Field(
        default_factory=find_council,
        description="The council's short name; PLANNING_COUNCIL where it is empty.",
        json_schema_extra={"position": 1, "enum": COUNCILS},
    )
    include: tuple[Include, ...] = Field(
        (),
        description="Documents that are left out unless asked for: consultees' responses, public comments.",
        json_schema_extra={"position": 2},
    )
    model: str = Field(
        default_factory=find_model,
        description="Who judges: 'evidence' (rules, no key needed), or a model's name such as "
        "'anthropic:claude-sonnet-5-5'; PLANNING_REVIEW_MODEL where it is empty.",
        json_schema_extra={"position": 3},
    )
    refresh: tuple[Stage, ...] = Field(
        (),
        description="Stages to do again although their results are there.",
        json_schema_extra={"position": 4},
    )
    documents_folder: str | None = Field(
        None,
        description="A folder of files that a person saved, used instead of the register's documents: on the "
        "worker's machine, below its data folder or one that PLANNING_FORM_FOLDERS names.",
        json_schema_extra={"position": 5},
    )
    decisions: str | None = Field(
        None,
        description="A person's word on the findings, as YAML (docs/people-decisions.md). It is kept: later "
        "reviews of the application have it without being told again.",
        json_schema_extra={"position": 6},
    )
    proposal: str | None = Field(
        None,
        max_length=5_000,
        description="What is proposed, in the application's words: for a folder of saved files without a "
        "page of the register.",
        json_schema_extra={"position": 7},
    )
    site_address: str | None = Field(
        None,
        max_length=500,
        description="The site's address, for such a folder.",
        json_schema_extra={"position": 8},
    )
    application_type: str | None = Field(
        None,
        max_length=200,
        description="The kind of application, such as 'Full' or 'Outline', for such a folder.",
        json_schema_extra={"position": 9},
    )


class DocumentCounts(Frozen):
    """Documents of a run. downloaded were fetched in it, reused were not; ingested are searchable."""

    listed: int = 0
    selected: int = 0
    downloaded: int = 0
    reused: int = 0
    uploaded: int = 0
    ingested: int = 0
    failed: int = 0


class ReviewOutcome(Frozen):
    """The line that `review --json` prints; paths are local files, absent things null.

    output_urls holds the public link of each output by its ending: json, md, html.
    """

    reference: str
    council: str
    review_id: str | None = None
    flow_run_id: str | None = None
    state: str | None = None
    review_json: str | None = None
    review_md: str | None = None
    review_html: str | None = None
    output_urls: dict[str, str | None] | None = None
    documents: DocumentCounts | None = None
    seconds: float | None = None


class LetterParameters(OfAnApplication):
    """What one letter run is asked to write. date is today's where it is not given."""

    reference: Reference = Field(
        description="The reference of an application that has a review, or its page's address.",
        json_schema_extra={"position": 0},
    )
    council: str = Field(
        default_factory=find_council,
        description="The council's short name; PLANNING_COUNCIL where it is empty.",
        json_schema_extra={"position": 1, "enum": COUNCILS},
    )
    stance: Stance = Field(
        "neutral", description="What the letter argues for.", json_schema_extra={"position": 2}
    )
    tone: Tone = Field("formal", description="How it is worded.", json_schema_extra={"position": 3})
    officer: str | None = Field(
        None,
        description="The case officer's name; the register's where it is empty.",
        json_schema_extra={"position": 4},
    )
    date: str | None = Field(
        None,
        description="The letter's date as YYYY-MM-DD; today where it is empty.",
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        json_schema_extra={"position": 5},
    )
    final: bool = Field(False, description="Drop the DRAFT mark.", json_schema_extra={"position": 6})
    groups: tuple[str, ...] = Field(
        (),
        description="The groups in whose name it is written; ADVOCACY_GROUP_NAME where there are none.",
        json_schema_extra={"position": 7},
    )

    @field_validator("date")
    @classmethod
    def _is_a_day(cls, text: str | None) -> str | None:
        try:
            return text and datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValueError(f"there is no day {text}") from None


class LetterOutcome(Frozen):
    """The line that `letter --json` prints; paths are local files, absent things null.

    output_urls holds the public link of each output by its ending: json, md, docx.
    """

    letter_id: str | None = None
    letter_json: str | None = None
    letter_md: str | None = None
    letter_docx: str | None = None
    output_urls: dict[str, str | None] | None = None


ALL_POLICIES = "all"


class PolicyParameters(Frozen):
    """Which policy documents one run is to load."""

    document: str = Field(
        ALL_POLICIES,
        description="'all' fetches every document whose address is known; else the path or the address "
        "(https://) of one document: a PDF, or text (.txt, .md).",
        min_length=1,
        json_schema_extra={"position": 0},
    )
    source: str | None = Field(
        None,
        description="Which policy source the document is, such as NPPF; empty where it says so itself.",
        json_schema_extra={"position": 1},
    )
    edition: str | None = Field(
        None,
        description="Its edition, such as December 2024; empty where it says so itself.",
        json_schema_extra={"position": 2},
    )
    council: str = Field(
        default_factory=find_council,
        description="The council whose own sources are loaded beside the national ones; PLANNING_COUNCIL "
        "where it is empty.",
        json_schema_extra={"position": 3, "enum": COUNCILS},
    )
    refresh: bool = Field(
        False,
        description="Fetch documents again that are loaded already.",
        json_schema_extra={"position": 4},
    )


class PolicyResult(Frozen):
    """What became of one edition.

    by_hand: no address is known, so that a person gets the file, from page_url where that is known.
    may_work_later says of a failure that the same command may succeed.
    """

    source: str | None
    edition: str | None
    state: Literal["loaded", "unchanged", "by_hand", "failed"]
    passages: int = 0
    reason: str | None = None
    page_url: str | None = None
    may_work_later: bool = False


class PolicyOutcome(Frozen):
    """The line that `policies load --json` prints."""

    policies: tuple[PolicyResult, ...] = ()


class MaintenanceParameters(Frozen):
    """What a maintenance is asked to do."""

    days: int = Field(
        90,
        ge=0,
        description="Runs and results older than this are removed.",
        json_schema_extra={"position": 0},
    )
