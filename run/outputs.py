"""The outputs of a run: the review's files and links, its line in the index, and Prefect's artifacts."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture, wait
from prefect.logging import get_run_logger

from planning_review import __version__
from planning_review.dates import london_today
from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.letter.contract import Letter
from planning_review.letter.page import write_letters_page
from planning_review.letter.rendering import render_letter_markdown
from planning_review.models import Application, DocumentState
from planning_review.publish.local_site import PublishedIndex, publish_on_disk
from planning_review.report.assembly import assemble_review
from planning_review.report.contract import ReviewedDocument
from planning_review.report.output_files import WrittenReview, artifact_key, write_review_files
from planning_review.report.pictures import Picture
from planning_review.rules.judgement import Judgement
from run.bucket_site import publish_in_bucket
from run.context import RunContext
from run.seen_pages import keep_seen_pages


def write_run_review(
    run: RunContext,
    application: Application,
    judgement: Judgement,
    documents: Sequence[ReviewedDocument],
    today: date,
    pictures: Mapping[str, Picture],
) -> WrittenReview:
    """Put the review together from the judgement and today's facts, and write its files."""
    judgement, seen = keep_seen_pages(run, judgement)
    any_failed = any(document.state == DocumentState.FAILED for document in documents)
    review = assemble_review(
        application=application,
        judgement=judgement,
        documents=documents,
        status="incomplete" if any_failed else "complete",
        seconds={stage: round(seconds, 2) for stage, seconds in sorted(run.seconds.items())},
        versions={
            "planning_review": __version__,
            "prefect": version("prefect"),
            "extractor": EXTRACTOR_VERSION,
            "ocr": ocr_version(),
            "chunker": CHUNKER_VERSION,
            "embedder": run.embedder.version,
        },
        most_words=run.settings.review_words,
        most_summary_words=run.settings.summary_words,
    )
    paths = write_review_files(review, run.output_dir, today, pictures)
    return WrittenReview(
        review=review,
        json_path=paths["json"],
        md_path=paths["md"],
        html_path=paths["html"],
        picture_paths=seen,
    )


def find_links(run: RunContext, paths: Sequence[Path]) -> dict[Path, str | None]:
    """Return the public link of each output that the bucket holds whole already; None for the others."""
    with ThreadPoolExecutor(max(len(paths), 1)) as pool:
        return dict(zip(paths, pool.map(run.files.find_output_link, paths), strict=True))


def list_missing(run: RunContext, links: Mapping[Path, str | None]) -> list[Path]:
    """Return the outputs that are to be stored: those without a link, where there is a bucket."""
    return [path for path, link in links.items() if link is None] if run.files.storage.is_remote else []


def collect_links(paths: Sequence[Path], uploads: Sequence[PrefectFuture[Any]]) -> dict[Path, str | None]:
    """Return the public link of each file of a review or a letter, once its upload has ended.

    The link is None where the upload failed, which fails no run: the file stays on this disk, and the log
    says so.
    """
    wait(list(uploads))
    links: dict[Path, str | None] = {}
    for path, future in zip(paths, uploads, strict=True):
        is_stored = future.state.is_completed()
        links[path] = future.result().url if is_stored else None
        if not is_stored:
            get_run_logger().warning("%s was not uploaded and is kept: %s", path, future.state.message)
    return links


def enter_in_index(run: RunContext, written: WrittenReview, *, has_public_page: bool) -> str:
    """Enter a review in the catalogue here and, where its page is public, in the bucket's; link or path."""
    now, today = datetime.now(UTC), london_today()
    path = publish_on_disk(run.settings, [written.review], now, today)
    if not run.files.storage.is_remote:
        return str(path)
    # Without its page the review stays out, and the rest of the index may still be made whole.
    reviews = [written.review] if has_public_page else []
    return publish_in_bucket(run.settings, run.files.storage, reviews, now, today) or str(path)


def settle_index(run: RunContext, state: State[str], page_url: str | None) -> PublishedIndex:
    """Return what became of the index by its task's state; page_url is the review's page in the bucket.

    Fails no run: what went wrong is in the log and in the answer's problem, with the next command.
    """
    again = f"To try again: `{run.command}`."
    if not state.is_completed():
        problem = f"The index of all reviews was not published: {state.message} {again}"
        get_run_logger().warning(problem)
        return PublishedIndex(location=None, problem=problem)
    if run.files.storage.is_remote and page_url is None:
        problem = f"The review is not in the bucket's index, as its page was not uploaded. {again}"
        get_run_logger().warning(problem)
        return PublishedIndex(location=state.result(), problem=problem)
    return PublishedIndex(location=state.result())


def publish_documents(run: RunContext, documents: Sequence[ReviewedDocument]) -> None:
    """Show a table of the documents in Prefect's UI, the ones left out last."""
    create_table_artifact(
        key=artifact_key("documents", run.council.code, run.reference),
        description="Every listed document: what became of it, and why.",
        table=[
            {
                "state": document.state.value,
                "title": document.title,
                "pages": "" if document.pages is None else document.pages,
                "reason": document.reason or "",
                "link": document.url,
            }
            for document in sorted(documents, key=lambda document: document.state == DocumentState.LEFT_OUT)
        ],
    )


def publish_review(run: RunContext, written: WrittenReview, page_url: str | None) -> None:
    """Show the review itself in Prefect's UI, and where its page is: a link that others can open, or words.

    A path makes no link: whoever reads Prefect's page sits elsewhere, and browsers refuse it.
    """
    page_url = page_url or run.find_page_url(written.html_path)
    markdown = written.review.review.full_markdown
    if page_url is None:
        markdown = f"{markdown}\n\nThe review as a page, on the machine that made it: `{written.html_path}`\n"
    create_markdown_artifact(
        key=artifact_key("review", run.council.code, run.reference),
        markdown=markdown,
    )
    if page_url:
        create_link_artifact(
            key=artifact_key("page", run.council.code, run.reference),
            link=page_url,
            link_text="The review as a page",
        )


def list_run_letters(run: RunContext) -> Path:
    """Write the page of the application's letters anew, and store it where there is a bucket."""
    run.files.fetch_letters(run.output_dir)
    path = write_letters_page(run.output_dir, run.reference, run.council.code, london_today())
    if run.files.storage.is_remote:
        run.files.replace_output(path)
    return path


def tell_unlisted(state: State[Path]) -> None:
    """Say in the log that the page of letters could not be made or stored; the letters stand all the same."""
    if not state.is_completed():
        get_run_logger().warning("The page that lists the letters is not the newest: %s", state.message)


def publish_letter(letter: Letter) -> None:
    """Show the letter in Prefect's UI."""
    create_markdown_artifact(
        key=artifact_key("letter", letter.council, letter.application_ref),
        markdown=render_letter_markdown(letter),
    )
