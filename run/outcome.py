"""The end of a review run: its counts, its state, and what a person can do next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from planning_review.errors import PlanningReviewError
from planning_review.models import DocumentState, Frozen
from planning_review.parameters import DocumentCounts, ReviewOutcome
from planning_review.publish.local_site import PublishedIndex
from planning_review.report.contract import ReviewedDocument
from planning_review.report.output_files import WrittenReview
from run.context import RunContext


class RunIncomplete(PlanningReviewError):
    """The data of a failed state, for which Prefect takes nothing but an exception.

    outcome is what the flow would have returned. It is there in the process that ran the flow; an error
    read back from stored results has its message alone.
    """

    def __init__(self, message: str, outcome: Frozen | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome


_WARNING_STATES = (
    DocumentState.DAMAGED,
    DocumentState.LOCKED,
    DocumentState.UNSUPPORTED,
    DocumentState.GONE,
)


def end_run(
    run: RunContext,
    documents: Sequence[ReviewedDocument],
    written: WrittenReview | None,
    links: Mapping[Path, str | None],
    index: PublishedIndex | None,
    warnings: Sequence[str],
    seconds: float,
    *,
    is_model_missing: bool = False,
) -> State[ReviewOutcome]:
    """Return the run's final state, with its outcome in its data and the next command in its message."""
    states = Counter(document.state for document in documents)
    problems = [f"{states[state]} {state.value}" for state in _WARNING_STATES if states[state]]
    if run.files.storage.is_remote:
        get_run_logger().info("s3_upload_total_seconds=%.1f", run.seconds["upload"])
        uploads_failed = _count_failed_uploads(documents) + sum(link is None for link in links.values())
        problems += [f"{uploads_failed} uploads"] if uploads_failed else []
        problems += [] if run.is_manifest_stored else ["the newest manifest in the bucket"]
    if is_model_missing:
        problems.append("the model, which gave no judgement")
    if index and index.problem:
        problems.append("its line in the index of all reviews")
    again = f"To try again: `{run.command}`. Only what is missing is done."
    failed = states[DocumentState.FAILED]
    if written is None:
        name = "Failed"
        message = (
            f"InsufficientEvidence: no document of {run.reference} could be read "
            f"({_describe(states)}), so there is nothing to judge and no review was written. {again}"
        )
    elif failed:
        name = "Failed"
        missing = "1 document is" if failed == 1 else f"{failed} documents are"
        message = f"{missing} still missing; the review is incomplete. {again}"
    elif problems:
        name = "CompletedWithWarnings"
        message = f"Reviewed, without {', '.join(problems)}; the review says why. {again}"
    else:
        name = "Completed"
        message = f"Reviewed: {written.review.review.overall_rating}."
    outcome = ReviewOutcome(
        reference=run.reference,
        council=run.council.code,
        review_id=written.review.review_id if written else None,
        flow_run_id=str(flow_run.id),
        state=name,
        review_json=str(written.json_path) if written else None,
        review_md=str(written.md_path) if written else None,
        review_html=str(written.html_path) if written else None,
        output_urls={path.suffix.removeprefix("."): link for path, link in links.items()},
        documents=_count(run, documents, states),
        seconds=round(seconds, 1),
    )
    page_link = (links.get(written.html_path) or run.find_page_url(written.html_path)) if written else None
    full_message = " ".join([message, *([f"The page: {page_link}"] if page_link else []), *warnings])
    if name == "Failed":
        return Failed(message=full_message, data=RunIncomplete(full_message, outcome))
    return Completed(name=name, message=full_message, data=outcome)


def _count(
    run: RunContext, documents: Sequence[ReviewedDocument], states: Counter[DocumentState]
) -> DocumentCounts:
    selected = len(documents) - states[DocumentState.LEFT_OUT]
    stored = sum(document.sha256 is not None for document in documents)
    return DocumentCounts(
        listed=len(documents),
        selected=selected,
        downloaded=len(run.fetched),
        reused=stored - len(run.fetched),
        uploaded=sum(_has_public_link(document) for document in documents),
        ingested=states[DocumentState.INDEXED],
        failed=states[DocumentState.FAILED],
    )


def _has_public_link(document: ReviewedDocument) -> bool:
    return document.sha256 is not None and document.url != document.register_url


def _count_failed_uploads(documents: Sequence[ReviewedDocument]) -> int:
    return sum(
        document.sha256 is not None and document.url == document.register_url for document in documents
    )


def _describe(states: Counter[DocumentState]) -> str:
    return ", ".join(f"{count} {state.value}" for state, count in sorted(states.items())) or "none listed"
