"""People's decisions on an application's findings: kept here and, with S3, where other machines find them."""

from datetime import date

from planning_review.decisions.apply import apply_decisions
from planning_review.decisions.file import (
    FILE_NAME,
    check_decisions,
    load_kept_decisions,
    parse_decisions,
    read_text,
    save_decisions,
)
from planning_review.decisions.model import Decisions, date_decisions, merge_decisions
from planning_review.errors import ObjectNotFound
from planning_review.rules.judgement import Judgement
from run.context import RunContext


def settle_decisions(run: RunContext, given: str | None, judgement: Judgement, today: date) -> Judgement:
    """Return the judgement with all that people ever said of its findings; what they say now is kept.

    given is the text of a decisions file. A copy goes into the private part of the bucket. Raises
    UsageError for a file that is none, and StorageUnavailable where the bucket may take it later.
    """
    new = check_decisions(given, "The decisions given", run.reference) if given else None
    here, stored = load_kept_decisions(run.output_dir), _fetch(run)
    decisions = _merge_by_day(stored, here)
    if new:
        decisions = merge_decisions(decisions, new) if decisions else new
    if decisions is None:
        return judgement
    decisions = date_decisions(decisions, judgement, today)
    if decisions != here:
        save_decisions(run.output_dir, decisions)
    if decisions != stored:
        _share(run)
    return apply_decisions(judgement, decisions, today)


def _merge_by_day(stored: Decisions | None, here: Decisions | None) -> Decisions | None:
    """Return the decisions of two machines; on a finding that both name, the later day holds."""
    if stored is None or here is None:
        return stored or here
    days = {decision.finding: decision.decided_on or date.min for decision in stored.findings}
    later = [d for d in here.findings if (d.decided_on or date.min) >= days.get(d.finding, date.min)]
    return merge_decisions(stored, here.model_copy(update={"findings": tuple(later)}))


def _key(run: RunContext) -> str:
    return f"decisions/{run.folder}.yaml"


def _fetch(run: RunContext) -> Decisions | None:
    if run.texts.private is None:
        return None
    path = run.output_dir / ".decisions.stored"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        run.texts.private.download_to(_key(run), path)
        return parse_decisions(read_text(path), f"{_key(run)} in the bucket")
    except ObjectNotFound:
        return None
    finally:
        path.unlink(missing_ok=True)


def _share(run: RunContext) -> None:
    if run.texts.private is not None:
        run.texts.private.upload(run.output_dir / FILE_NAME, _key(run))
