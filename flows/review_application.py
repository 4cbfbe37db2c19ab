"""Review one planning application: register, documents, evidence, judgement, review."""

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, unmapped
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from planning_review.dates import london_today
from planning_review.documents.saved_folder import fill_in
from planning_review.documents.selection import choose_documents, hide_names
from planning_review.errors import InsufficientEvidence
from planning_review.models import Application, DocumentState, ListedDocument
from planning_review.parameters import ReviewOutcome, ReviewParameters, Stage
from planning_review.publish.local_site import PublishedIndex
from planning_review.report.output_files import WrittenReview
from planning_review.rules.judgement import Judgement
from planning_review.settings import load_settings
from run.batches import DocumentLine
from run.context import RunContext, open_run
from run.decisions import settle_decisions
from run.documents import Journey, settle_document
from run.form_paths import check_form_path
from run.judgement import JudgementBasis, is_stand_in, make_basis
from run.outcome import end_run
from run.outputs import (
    collect_links,
    find_links,
    list_missing,
    publish_documents,
    publish_review,
    settle_index,
    tell_unlisted,
)
from run.pictures import DrawnQuotes, list_pictures, settle_drawing, tell_unstored
from run.progress import tell, tell_problems
from run.rate_limits import hold_council_turn
from tasks.ingestion import extract_document, index_document
from tasks.letter import list_letters
from tasks.register import download_document, fetch_application
from tasks.review import draw_quotes, judge_application, publish_index, write_review
from tasks.storage import upload_document, upload_output, upload_pictures

# No thread waits for another task, so that these are enough; and no more than these share Prefect's client,
# which keeps 8 connections: beyond, its pool closes some that are in use (encode/httpcore #1110).
THREADS: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=8)


@flow(
    name="review-application",
    flow_run_name="{parameters.reference} review ({parameters.council})",
    task_runner=THREADS,
    persist_result=True,
)
def review_application(parameters: ReviewParameters) -> State[ReviewOutcome]:
    """Review one application.

    Ends Completed, Completed as `CompletedWithWarnings`, or Failed where a retry can help. The
    state's data is a ReviewOutcome, or a RunIncomplete that has one. Writes the review's files and
    the manifest under the data folder.
    """
    started, today = time.monotonic(), london_today()
    check_form_path(parameters.documents_folder, load_settings())
    asked = {"reference": parameters.reference, "council": parameters.council}
    # A saved file may have changed without a sign in any listing: it is always copied again.
    refresh: set[Stage] = {*parameters.refresh, *(("download",) if parameters.documents_folder else ())}
    with open_run(load_settings(), **asked, refresh=refresh) as run, hold_council_turn(run.council.code):
        page = fetch_application(**asked, documents_folder=parameters.documents_folder)
        page = fill_in(page, parameters.model_dump(include={"proposal", "site_address", "application_type"}))
        if page.documents_elsewhere:
            raise InsufficientEvidence(
                f"The register has the documents of {parameters.reference} on another site, which is not "
                f"read: {page.documents_elsewhere}. Save them from there in a folder, and review that with "
                "--documents FOLDER."
            )
        if not page.documents_available:
            raise InsufficientEvidence(
                f"The register shows no documents section for {parameters.reference}, which means that "
                f"its documents are unavailable now, not that there are none. Look at "
                f"{page.application.register_url}, and run the same command again later."
            )
        selection = choose_documents(page.documents, parameters.include)
        choices = hide_names(selection.choices, page.application.register_url)
        warnings = (*page.warnings, *run.files.manifest.describe_unlisted(page.documents))
        run.files.manifest.register([choice.document for choice in choices])
        selected = [choice.document for choice in choices if choice.selected]
        tell("chosen", parameters.reference, f"{len(selected)} of {len(page.documents)} documents")

        journeys = bring_in_documents(run, selected, parameters)
        documents = [settle_document(choice, journeys.get(choice.document.document_id)) for choice in choices]
        tell_problems(documents)
        publish_documents(run, documents)
        written, links, index, is_by_rules_alone = None, {}, None, False
        if any(document.state == DocumentState.INDEXED for document in documents):
            basis = make_basis(run, page.application, documents, parameters, today)
            judgement = judge(basis, page.application, today, again="review" in parameters.refresh)
            is_by_rules_alone = is_stand_in(basis, judgement)
            judgement = settle_decisions(run, parameters.decisions, judgement, today).with_notices(warnings)
            drawn = settle_drawing(draw_quotes(parameters.reference, judgement, return_state=True))
            judgement = judgement.with_notices(drawn.notices)
            written = write_review(page.application, judgement, documents, today, drawn.pictures)
            tell_unlisted(list_letters(parameters.reference, return_state=True))
            links = upload_review(run, written, drawn)
            publish_review(run, written, links[written.html_path])
            index = publish_catalogue(run, written, links[written.html_path])
        ended = time.monotonic()
        return end_run(
            run,
            documents,
            written,
            links,
            index,
            (*selection.warnings, *warnings),
            ended - started,
            is_model_missing=is_by_rules_alone,
        )


def bring_in_documents(
    run: RunContext, documents: Sequence[ListedDocument], parameters: ReviewParameters
) -> dict[str, Journey]:
    """Map download, upload, reading and indexing over the documents; returns the tasks of each.

    Each stage is mapped over the documents that are ready for it and need it, with the results of the
    one before: the first is stored and read while later ones are fetched. With S3, no more are under way
    than the temporary folder may hold.
    """
    line = DocumentLine(run, documents)
    reference, council = unmapped(parameters.reference), unmapped(parameters.council)
    for ready in line.walk():
        needs, journeys = ready.needs, ready.journeys
        titles = [journey.document.title for journey in journeys]
        stored = [journey.stored.result() for journey in journeys if journey.stored]
        tasks: Sequence[PrefectFuture[Any]]
        if ready.step == "stored":
            tasks = download_document.with_options(refresh_cache=needs.download).map(
                [journey.document for journey in journeys],
                reference,
                council,
                unmapped(parameters.documents_folder),
            )
        elif ready.step == "uploaded":
            tasks = upload_document.with_options(refresh_cache=needs.upload).map(stored, titles, reference)
        elif ready.step == "text":
            tasks = extract_document.with_options(refresh_cache=needs.reading).map(stored, titles, reference)
        else:
            texts = [journey.text.result() for journey in journeys if journey.text]
            tasks = index_document.with_options(refresh_cache=needs.indexing).map(
                stored, texts, titles, reference, council
            )
        line.begin(ready, tasks)
    return line.journeys


def judge(basis: JudgementBasis, application: Application, today: date, *, again: bool) -> Judgement:
    """Return the judgement: the cached one, unless it is wanted again or stands in for a model's."""
    state = judge_application.with_options(refresh_cache=again)(basis, application, today, return_state=True)
    judgement: Judgement = state.result()
    if state.name == "Cached" and is_stand_in(basis, judgement):
        judgement = judge_application.with_options(refresh_cache=True)(basis, application, today)
    return judgement


def upload_review(run: RunContext, written: WrittenReview, drawn: DrawnQuotes) -> dict[Path, str | None]:
    """Store the review's files in the bucket, where there is one; returns each one's public link.

    The pictures go first, so that no page shows one that is not there yet.
    """
    if run.files.storage.is_remote:
        stored = upload_pictures(list_pictures(run, drawn), run.reference, return_state=True)
        tell_unstored(stored)
    links = find_links(run, list(written.paths))
    missing = list_missing(run, links)
    # What was stored once and is gone, or was changed, is stored again whatever is cached.
    uploads = upload_output.with_options(refresh_cache=True).map(missing, unmapped(run.reference))
    return links | collect_links(missing, uploads)


def publish_catalogue(run: RunContext, written: WrittenReview, page_url: str | None) -> PublishedIndex:
    """Publish index and feed with a review in them; page_url is its page's public link, if it has one."""
    state = publish_index(run.reference, written, page_url is not None, return_state=True)
    return settle_index(run, state, page_url)
