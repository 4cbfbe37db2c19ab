"""The judgement and what it is made of: findings by requirement, aspects, and how they came about."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from pydantic import Field

from planning_review.models import Frozen
from planning_review.policy.basis import PolicyBasis
from planning_review.policy.editions import Mark
from planning_review.policy.requirements import Verdict
from planning_review.policy.sources import Kind

Rating = Literal["red", "amber", "green"]
OverallRating = Literal["red", "amber", "green", "none"]
"""none: nothing in the application that policy could judge, or too little."""
Status = Literal["proposed", "existing", "by_others", "elsewhere", "rejected"]
"""Whose the thing is that a fact is of: this scheme's, there today, others', another site's, nobody's."""
Commitment = Literal["firm", "hedged", "conditional", "possible"]


class Decision(Frozen):
    """A person's word on a finding. by is the name or initials they gave."""

    verdict: Literal["confirmed", "corrected", "dismissed"]
    decided_on: date
    by: str | None = None
    note: str = ""


class SuspiciousPassage(Frozen):
    """Words in a document that speak to whoever judges it, not to its readers. They change nothing."""

    document_id: str
    page: int
    quote: str
    reason: str
    part: str | None = None
    part_page: int | None = None


class Difference(Frozen):
    """Where a model judged otherwise than the evidence reviewer; the worse of the two stands.

    subject is "overall", an aspect's name or a requirement_id.
    """

    subject: str
    evidence: str
    model: str
    stands: str


class StageUse(Frozen):
    """What one stage of a model's review used. cost_usd is None where the model's price is not known."""

    stage: str
    requests: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None


class Citation(Frozen):
    """A verbatim quote; page is 1-based. verified is the citation gate's word, never a model's.

    corrected_from is the page that was cited first, where the quote stands on another. part is that of the
    document (`attachment 2`), where it has such, and part_page the page in it: page is counted on from the
    document's own.
    """

    document_id: str
    page: int
    quote: str
    verified: bool
    corrected_from: int | None = None
    part: str | None = None
    part_page: int | None = None


class Fact(Frozen):
    """What a document states of walking or cycling, judged or not.

    cues are the words that decided what it is taken for. place is the street, block or phase, where the
    text names one.
    """

    fact_id: str
    subject: str
    attribute: str
    value: str
    status: Status
    commitment: Commitment
    place: str | None = None
    cues: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()


class LocalPolicy(Frozen):
    """A sentence of a loaded local policy, word for word, and where it stands; kind is its source's."""

    source: str
    edition: str
    paragraph: str
    quote: str
    kind: Kind


class Contradiction(Frozen):
    """Two statements on the same thing in the same place that can't both hold, or a promise that one lacks.

    contradiction_id is made of its quotes: a person decides by it. requirement_id is a requirement that the
    matter belongs to, "" where there is none. Reviews of earlier releases have neither.
    """

    subject: str
    place: str
    text: str
    citations: tuple[Citation, ...]
    contradiction_id: str = ""
    requirement_id: str = ""
    is_left_out: bool = False
    decision: Decision | None = None


class WorthReading(Frozen):
    """A passage that a reviewer of walking and cycling should read, without a verdict."""

    document_id: str
    page: int
    quote: str
    why: str
    score: float
    part: str | None = None
    part_page: int | None = None


class Pointer(Frozen):
    """What somebody other than the applicant says of walking or cycling: shown, and judged by nothing."""

    speaker: str
    document_id: str
    page: int
    quote: str
    part: str | None = None
    part_page: int | None = None


class ParkingSum(Frozen):
    """Cycle spaces that a standard asks for, beside those that the documents state.

    is_least: more may be asked, as not all sizes are told. stated is None where no number is stated;
    stated_is_most: several numbers are, and this is all of them together. compliant is None where neither can
    be said. sum_words is the sum as a person would do it by hand.
    """

    uses: tuple[str, ...]
    required_long: int
    required_short: int
    is_least: bool
    stated: int | None
    stated_is_most: bool
    compliant: bool | None
    policy_source: str
    edition: str
    place: str | None
    lines: tuple[str, ...]
    rates: tuple[str, ...]
    sum_words: str
    citations: tuple[Citation, ...] = ()

    @property
    def required(self) -> int:
        """All spaces asked for."""
        return self.required_long + self.required_short


class Omission(Frozen):
    """What an application of this kind and size should say and does not.

    read_whole: every document that would hold it was read, and the list of documents is whole; else it is
    only not found in what could be read, and why_open says why. is_asked: the application may leave it to a
    later stage, so it is asked for and not held against it. check is what a person should look at before they
    rely on it. citations are of what the documents speak of instead: of cars, where cycles are kept nowhere.
    """

    omission_id: str
    requirement_id: str
    title: str
    expected_in: tuple[str, ...]
    read_whole: bool
    text: str
    is_asked: bool = False
    is_core: bool = True
    why_open: str | None = None
    check: str = ""
    citations: tuple[Citation, ...] = ()
    decision: Decision | None = None

    @property
    def is_claimed(self) -> bool:
        """Whether it is held against the application."""
        is_dismissed = self.decision is not None and self.decision.verdict == "dismissed"
        return self.read_whole and not self.is_asked and not is_dismissed


class Place(Frozen):
    """A page of a document, which goes by its title."""

    title: str
    page: int
    part: str | None = None
    part_page: int | None = None


class LineFinding(Frozen):
    """What a passage states of a requirement, with its quote and its document's title.

    severity orders breaches, the gravest highest. ocr: the page was read by OCR. where is the street or
    block that the statement names. check says why a person has to look at it: no verified source decides.
    """

    verdict: Verdict
    detail: str
    title: str
    citation: Citation
    severity: int = 0
    ocr: bool = False
    where: str | None = None
    check: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands."""
        cited = self.citation
        return Place(title=self.title, page=cited.page, part=cited.part, part_page=cited.part_page)


class LaterEdition(Frozen):
    """An edition that may already have been in force, and why that is not known."""

    edition: str
    note: str


class ModelFinding(Frozen):
    """What a model says of a requirement: where its quotes stand, and how many were not found.

    disputed: it holds that the rules are wrong here. citations are the quotes that it says so by.
    """

    verdict: Literal["met", "not met", "no evidence", "disputed"]
    reason: str
    places: tuple[Place, ...] = ()
    dropped_quotes: int = 0
    citations: tuple[Citation, ...] = ()


class ComplianceLine(Frozen):
    """One requirement held against the documents. compliant is None where there is no evidence.

    findings are what the rules found and quote, all of one verdict, and unquoted how many more there
    are; contradicted_by complies where they breach. nearest is where a reader may look on where nothing
    was found. model is what a model says of it, decision a person's word. dropped_citations named no
    document of the application. mark tells how the requirement's own figures are known
    (planning_review.policy.editions.Mark).

    also_met is what meets it in other places where it is not met in one. place is the street or block,
    where all that is quoted names the same one. needs_check: what is found
    rests on no figure or demand of a verified source; it is shown and carries no rating. disputed: a model
    holds that the rules are wrong; until a person decides it carries no rating either.

    notes says all that in words, for readers of review.json: the report writes it, and nothing reads it.
    Only of reviews of earlier releases, which have no findings (None), it is all that there is.
    """

    requirement_id: str
    requirement: str
    policy_source: str
    edition: str
    paragraph: str
    compliant: bool | None
    notes: str = ""
    citations: tuple[Citation, ...] = ()
    mark: Mark | None = None
    decision: Decision | None = None
    findings: tuple[LineFinding, ...] | None = None
    unquoted: int = 0
    contradicted_by: LineFinding | None = None
    nearest: tuple[Place, ...] = ()
    later_edition: LaterEdition | None = None
    model: ModelFinding | None = None
    dropped_citations: int = 0
    place: str | None = None
    needs_check: bool = False
    disputed: bool = False
    also_met: tuple[LineFinding, ...] = ()

    @property
    def by_rules(self) -> bool | None:
        """What the rules make of it, whatever a model or a person says."""
        verdict = self.findings[0].verdict if self.findings else "noted"
        return None if verdict == "noted" else verdict == "met"

    @property
    def is_breach_by_model(self) -> bool:
        """Return whether a model found it not met, with a quote that stands, where the rules did not."""
        if self.model is None or self.by_rules is False:
            return False
        return self.model.verdict == "not met" and bool(self.model.places)

    @property
    def is_dismissed(self) -> bool:
        """Return whether a person dismissed the finding."""
        return self.decision is not None and self.decision.verdict == "dismissed"


class PageBox(Frozen):
    """A part of a page: left, top, right and bottom in hundredths of its width and height."""

    left: int = 0
    top: int = 0
    right: int = 100
    bottom: int = 100


class Picture(Frozen):
    """A part of a page that a model was shown. file is its name beside the review, once it is written.

    scale and legend are what the page's own words say of them, "" where they say nothing.
    """

    document_id: str
    page: int
    box: PageBox
    scale: str = ""
    legend: str = ""
    file: str | None = None


class OtherMatter(Frozen):
    """What a model raises beyond the requirements: it carries no rating.

    kind: a statement, a comparison of two statements, something missing from documents that were read whole,
    or what a picture shows. Its policy is a loaded paragraph or a requirement's. read_whole names the
    documents in which something is missing. needs_check says why a person has to look at it before a final
    letter may hold it, "" where its quotes are enough.
    """

    matter_id: str
    kind: Literal["statement", "comparison", "missing", "picture"]
    title: str
    text: str
    ask: str = ""
    policy_source: str
    edition: str
    paragraph: str
    citations: tuple[Citation, ...] = ()
    pictures: tuple[Picture, ...] = ()
    read_whole: tuple[str, ...] = ()
    needs_check: str = ""
    decision: Decision | None = None


class Look(Frozen):
    """One look of a model beyond what it was sent: what it asked for, and what it was given."""

    stage: str
    tool: str
    asked: str
    given: str


class LetterTexts(Frozen):
    """A model's words for a letter, sentence by sentence held against their sources.

    opening speaks of the findings in of; harms and asks are by requirement.
    """

    opening: str = ""
    of: tuple[str, ...] = ()
    harms: dict[str, str] = Field(default_factory=dict)
    asks: dict[str, str] = Field(default_factory=dict)


class LineGroups(Frozen):
    """Requirements by what was found of them, each once: their ids.

    breaches has the core requirements first; noted are stated but unsettled.
    """

    breaches: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()


class Aspect(Frozen):
    """One side of an application. rating is None where nothing was found to judge it by.

    key_issue and analysis are a model's own texts, empty where it wrote none: the report words those
    from groups, and adds the breaches that a model's analysis leaves out (also_not_met), that its rating
    rests on no quote that stands (is_unproven), and what was dropped. is_decided: it was concluded anew
    after a person's word on a line. Reviews of earlier releases have no groups.
    """

    name: str
    rating: Rating | None
    key_issue: str = ""
    analysis: str = ""
    citations: tuple[Citation, ...] = ()
    decision: Decision | None = None
    groups: LineGroups | None = None
    also_not_met: tuple[str, ...] = ()
    is_unproven: bool = False
    is_decided: bool = False
    dropped_quotes: int = 0
    dropped_citations: int = 0


class ReadingCount(Frozen):
    """How much was read for a judgement."""

    documents: int
    pages: int
    ocr_pages: int


class ChosenDocument(Frozen):
    """A document to open first: how often it is quoted, and how often on what is not met."""

    document_id: str
    document_type: str
    quotes: int
    breach_quotes: int


class Judgement(Frozen):
    """What a reviewer concluded: everything that depends on the evidence alone, as data.

    summary is a model's own, empty where the report is to word it from groups and reading, which is
    None where what was read is not told. recommendations are the requirements' own for what is not met,
    not_stated the core requirements that nothing settles, own_recommendations a model's. judged_on is
    the day of the judgement (Europe/London) and stays when the judgement comes from the cache. notices
    are what a reader must know of how it was made: that a model was used, or that one gave no review.
    """

    model: str
    judged_on: date
    overall_rating: OverallRating
    summary: str = ""
    aspects: tuple[Aspect, ...]
    policy_compliance: tuple[ComplianceLine, ...]
    groups: LineGroups = LineGroups()
    reading: ReadingCount | None = None
    facts: tuple[Fact, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    worth_reading: tuple[WorthReading, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    omissions: tuple[Omission, ...] = ()
    core_expected: int = 0
    cycle_parking: tuple[ParkingSum, ...] = ()
    unconfirmed_standards: tuple[str, ...] = ()
    local_policies: dict[str, tuple[LocalPolicy, ...]] = Field(default_factory=dict)
    recommendations: tuple[str, ...] = ()
    not_stated: tuple[str, ...] = ()
    own_recommendations: tuple[str, ...] = ()
    suggested_conditions: tuple[str, ...] = ()
    key_documents: tuple[ChosenDocument, ...] = ()
    policy_editions: dict[str, str] = Field(default_factory=dict)
    prompt_version: str
    tokens: dict[str, int] = Field(default_factory=dict)
    cost_usd: float | None = None
    stages: tuple[StageUse, ...] = ()
    policy_basis: tuple[PolicyBasis, ...] = ()
    suspicious: tuple[SuspiciousPassage, ...] = ()
    differences: tuple[Difference, ...] = ()
    other_matters: tuple[OtherMatter, ...] = ()
    looks: tuple[Look, ...] = ()
    letter_texts: LetterTexts = LetterTexts()
    notices: tuple[str, ...] = ()

    def with_notices(self, notices: Sequence[str]) -> Self:
        """Return it with more that a reader must know, before the rest of that."""
        return self.model_copy(update={"notices": (*notices, *self.notices)})
