"""A person's word on the findings of a review, and what older and newer decisions make together."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import model_validator

from planning_review.errors import UsageError
from planning_review.models import Frozen
from planning_review.policy.requirements import ASPECTS
from planning_review.rules.judgement import Judgement


class FindingDecision(Frozen):
    """A verdict on one finding: a requirement_id, or an aspect's name for all that it holds not met.

    compliant is what holds instead, given with `corrected` and with nothing else. decided_on and
    quotes are filled in by date_decisions: quotes are those that the finding rested on that day.
    """

    finding: str
    verdict: Literal["confirmed", "corrected", "dismissed"]
    note: str = ""
    compliant: bool | None = None
    by: str | None = None
    decided_on: date | None = None
    quotes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _compliant_belongs_to_corrected(self) -> "FindingDecision":
        if (self.verdict == "corrected") != (self.compliant is not None):
            raise ValueError(
                "`compliant: true` or `compliant: false` goes with `verdict: corrected`, only there"
            )
        if self.finding in ASPECTS and self.compliant is False:
            raise ValueError("name the requirement that is not met: an aspect has no line of its own")
        return self


class Decisions(Frozen):
    """The decisions on one application's findings. by is who took those that name nobody."""

    reference: str
    by: str | None = None
    findings: tuple[FindingDecision, ...] = ()

    @model_validator(mode="after")
    def _one_decision_a_finding(self) -> "Decisions":
        names = [decision.finding for decision in self.findings]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"there are two decisions on {twice}")
        return self


def merge_decisions(older: Decisions, newer: Decisions) -> Decisions:
    """Return the decisions of both; on a finding that both name, the newer one holds.

    One that says the same as the older keeps the day on which it was taken first.
    """
    if older.reference != newer.reference:
        raise UsageError(f"Decisions on {newer.reference} cannot be added to those on {older.reference}.")
    merged = {decision.finding: decision for decision in older.findings}
    for decision in newer.findings:
        before = merged.get(decision.finding)
        if before is None or _word(before) != _word(decision):
            merged[decision.finding] = decision
    return Decisions(reference=newer.reference, by=newer.by or older.by, findings=tuple(merged.values()))


def date_decisions(decisions: Decisions, judgement: Judgement, on_date: date) -> Decisions:
    """Give the decisions that have no day theirs, with the quotes that their finding rests on.

    judgement is the reviewer's, before any decision is applied to it.
    """
    quotes: Mapping[str, tuple[str, ...]] = {
        line.requirement_id: tuple(citation.quote for citation in line.citations)
        for line in judgement.policy_compliance
    }
    return decisions.model_copy(
        update={
            "findings": tuple(
                decision
                if decision.decided_on
                else decision.model_copy(
                    update={"decided_on": on_date, "quotes": quotes.get(decision.finding, ())}
                )
                for decision in decisions.findings
            )
        }
    )


def _word(decision: FindingDecision) -> tuple[object, ...]:
    return decision.verdict, decision.compliant, decision.note, decision.by
