"""A person's word on the findings of a review: the file they write, and what is kept of it.

docs/decisions.md tells people how the file is written.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError, model_validator

from planning_review.errors import UsageError
from planning_review.models import Frozen
from planning_review.policy.requirements import ASPECTS, load_requirements
from planning_review.review.contract import Judgement

MOST_BYTES = 1_000_000


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


def load_decisions(path: Path, reference: str | None = None) -> Decisions:
    """Read a person's file; every decision in it carries its author.

    UsageError names the line and field that is wrong, an unknown finding with the nearest known one,
    and a file that is about another application than reference.
    """
    decisions = read_decisions_file(path)
    known = {*(requirement.id for requirement in load_requirements()), *ASPECTS}
    for decision in decisions.findings:
        if decision.finding not in known:
            near = get_close_matches(decision.finding, sorted(known), n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(
                f"{path}: there is no finding {decision.finding!r}.{hint} "
                "The review's page gives the name of each in its policy table."
            )
    if reference is not None and decisions.reference != reference:
        raise UsageError(
            f"{path} is about {decisions.reference}, not {reference}. Give the file of this application."
        )
    named = tuple(d.model_copy(update={"by": d.by or decisions.by}) for d in decisions.findings)
    return decisions.model_copy(update={"findings": named})


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


def dump_decisions(decisions: Decisions) -> str:
    """Return the file's text, as load_decisions reads it."""
    data = decisions.model_dump(mode="python", exclude_defaults=True)
    data["findings"] = [
        decision.model_dump(mode="json", exclude_defaults=True) for decision in decisions.findings
    ]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def read_decisions_file(path: Path) -> Decisions:
    """Read a file as it is written, its findings unchecked; UsageError names line and field."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is no decisions file: it is larger than {MOST_BYTES:,} bytes.")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The decisions {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no decisions file: it is not UTF-8 text.") from None
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{path}{line}: this is no YAML: {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: this is no YAML: {error}.") from None
    if not isinstance(data, dict):
        raise UsageError(
            f"{path}: this is no decisions file; it begins with `reference:`, `by:`, `findings:`."
        )
    try:
        return Decisions.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        line_number = _find_line(root, first["loc"])
        place = ".".join(map(str, first["loc"])) or "the file"
        reason = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{path}, line {line_number}: {place}: {reason}.") from None


def _word(decision: FindingDecision) -> tuple[object, ...]:
    return decision.verdict, decision.compliant, decision.note, decision.by


def _find_line(node: yaml.Node | None, location: Iterable[int | str]) -> int:
    """Return the line, from 1, of the deepest part of a location that the file has."""
    line = 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
