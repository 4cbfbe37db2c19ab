"""The task that judges an application by what was read of it."""

from datetime import date

from prefect import task

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.ocr import ocr_version
from planning_review.errors import ExtractionError
from planning_review.index.search import ApplicationIndex
from planning_review.models import Application, Frozen
from planning_review.policy.editions import editions_in_force
from planning_review.review.contract import Judgement, ReviewedDocument
from planning_review.review.reviewer import ReadDocument
from planning_review.review.reviewers import make_reviewer
from tasks.policies import judge_key
from tasks.progress import tell
from tasks.run_context import RunContext, current_run


class BasisDocument(Frozen):
    """A searchable document, as far as a judgement depends on it."""

    document_id: str
    sha256: str
    title: str
    category: str | None
    document_type: str


class JudgementBasis(Frozen):
    """All that a judgement depends on: equal bases have equal judgements."""

    reference: str
    council: str
    proposal: str | None
    application_type: str | None
    decision_date: date | None
    documents: tuple[BasisDocument, ...]
    extractor: str
    ocr: str
    chunker: str
    embedder: str
    policy_editions: dict[str, str]
    model: str
    reviewer: str


def make_basis(
    run: RunContext, application: Application, documents: list[ReviewedDocument], model: str, today: date
) -> JudgementBasis:
    """Gather what the judgement of an application by its indexed documents depends on."""
    return JudgementBasis(
        reference=application.reference,
        council=application.council,
        proposal=application.proposal,
        application_type=application.application_type,
        decision_date=application.decision_date,
        documents=tuple(
            BasisDocument(
                document_id=document.document_id,
                sha256=document.sha256 or "",
                title=document.title,
                category=document.category,
                document_type=document.document_type,
            )
            for document in documents
        ),
        extractor=EXTRACTOR_VERSION,
        ocr=ocr_version(),
        chunker=CHUNKER_VERSION,
        embedder=run.embedder.version,
        policy_editions=editions_in_force(application.decision_date or today),
        model=model,
        reviewer=make_reviewer(model).version,
    )


@task(name="judge-application", task_run_name="{basis.reference} judge", cache_key_fn=judge_key)
def judge_application(basis: JudgementBasis, application: Application, today: date) -> Judgement:
    """Hold an application's documents against policy."""
    run = current_run()
    documents = []
    for member in basis.documents:
        text = run.texts.find(member.sha256)
        if text is None:
            raise ExtractionError(
                f"The text of {member.title} is no longer in {run.settings.text_dir}. "
                "Run the same command again: it will be read anew."
            )
        documents.append(
            ReadDocument(
                document_id=member.document_id,
                title=member.title,
                category=member.category,
                document_type=member.document_type,
                text=text,
            )
        )
    with run.timed("judge"):
        index = ApplicationIndex(
            run.store, run.embedder, basis.reference, {member.document_id for member in basis.documents}
        )
        judgement = make_reviewer(basis.model).judge(application, documents, index.search_many, today)
    tell("judged", basis.reference, judgement.overall_rating)
    return judgement
