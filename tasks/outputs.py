"""Tasks that write what people read: the review's files, the letter's, and the run's artifacts."""

from collections.abc import Sequence
from datetime import date
from importlib.metadata import version

from prefect import task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from planning_review import __version__
from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.models import Application, DocumentState
from planning_review.report.assembly import assemble_review
from planning_review.report.contract import ReviewedDocument
from planning_review.report.output_files import WrittenReview, artifact_key, write_review_files
from planning_review.rules.judgement import Judgement
from run.context import RunContext, current_run


@task(
    name="write-review",
    task_run_name="{application.reference} write the review",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def write_review(
    application: Application,
    judgement: Judgement,
    documents: Sequence[ReviewedDocument],
    today: date,
) -> WrittenReview:
    """Put the review together from the judgement and today's facts, and write its files."""
    run = current_run()
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
    paths = write_review_files(review, run.output_dir, today)
    return WrittenReview(review=review, json_path=paths["json"], md_path=paths["md"], html_path=paths["html"])


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
    """Show the review itself, and a link to its page, in Prefect's UI."""
    create_markdown_artifact(
        key=artifact_key("review", run.council.code, run.reference),
        markdown=written.review.review.full_markdown,
    )
    create_link_artifact(
        key=artifact_key("page", run.council.code, run.reference),
        link=page_url or written.html_path.as_uri(),
        link_text="The review as a page",
    )
