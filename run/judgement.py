"""The judgement of one run: all that it depends on, and how it comes about."""

import hashlib
from collections.abc import Sequence
from datetime import date

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.documents.classes.page_rules import load_page_rules
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.errors import ExtractionError
from planning_review.index.policy_index import PolicyIndex
from planning_review.index.policy_store import PolicyStore
from planning_review.index.search import ApplicationIndex
from planning_review.models import Application, DocumentState, Frozen
from planning_review.parameters import EVIDENCE_MODEL, ReviewParameters
from planning_review.policy.basis import PolicyBasis, choose_editions
from planning_review.policy.library import KeptPolicy, PolicyLibrary
from planning_review.report.contract import ReviewedDocument
from planning_review.rules.judge_files import FILES_CHECK
from planning_review.rules.judgement import Judgement
from planning_review.rules.local_policies import find_local_policies
from planning_review.rules.reviewer import ReadDocument, ReadingAccount, UnreadDocument
from run.context import RunContext
from run.progress import tell
from run.reviewers import make_reviewer
from run.seen_pages import make_draw


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
    account: ReadingAccount
    extractor: str
    ocr: str
    chunker: str
    embedder: str
    policy_basis: tuple[PolicyBasis, ...]
    policy_texts: str
    model: str
    reviewer: str


def make_basis(
    run: RunContext,
    application: Application,
    documents: Sequence[ReviewedDocument],
    parameters: ReviewParameters,
    today: date,
) -> JudgementBasis:
    """Gather what the judgement of an application by its listed documents depends on."""
    model = parameters.model
    chosen = choose_editions(application.decision_date, application.valid_date, today, application.council)
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
            if document.state is DocumentState.INDEXED
        ),
        account=_account_for(documents, is_saved=parameters.documents_folder is not None),
        extractor=EXTRACTOR_VERSION,
        ocr=ocr_version(),
        chunker=CHUNKER_VERSION,
        embedder=run.embedder.version,
        policy_basis=chosen,
        policy_texts=_version_local(_list_local(run, chosen))
        if model == EVIDENCE_MODEL
        else _open_policies(run, chosen).version,
        model=model,
        reviewer=make_reviewer(model, run.settings).version,
    )


def judge_documents(
    run: RunContext, basis: JudgementBasis, application: Application, today: date
) -> Judgement:
    """Hold an application's documents against policy."""
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
        reviewer = make_reviewer(basis.model, run.settings, make_draw(run))
        if basis.model == EVIDENCE_MODEL:
            judgement = reviewer.judge(
                application, documents, index.search_many, today, account=basis.account
            )
        else:
            policies = _open_policies(run, basis.policy_basis)
            judgement = reviewer.judge(
                application, documents, index.search_many, today, policies, basis.account
            )
            judgement = _note_missing_policies(judgement, policies)
        judgement = _cite_local(run, basis, judgement)
    tell("judged", basis.reference, judgement.overall_rating)
    return judgement


def _account_for(documents: Sequence[ReviewedDocument], *, is_saved: bool) -> ReadingAccount:
    """Return what was not read of what is listed; what others wrote can't hold what the applicant says."""
    others = load_page_rules().not_the_applicants
    return ReadingAccount(
        list_doubt="",
        check=FILES_CHECK if is_saved else "",
        unread=tuple(
            UnreadDocument(
                title=document.title,
                document_type=document.document_type,
                reason=document.reason or document.state.value.replace("_", " "),
            )
            for document in documents
            if document.state is not DocumentState.INDEXED and document.document_type not in others
        ),
    )


def is_stand_in(basis: JudgementBasis, judgement: Judgement) -> bool:
    """Return whether a model was to judge and gave nothing, so that the rules did."""
    return basis.model != judgement.model


def _open_policies(run: RunContext, chosen: Sequence[PolicyBasis]) -> PolicyIndex:
    return PolicyIndex(PolicyStore(run.store.index, run.embedder), run.embedder, chosen, run.council.code)


def _list_local(run: RunContext, chosen: Sequence[PolicyBasis]) -> list[KeptPolicy]:
    """Return the loaded editions of the council's own and its county's policies that apply."""
    wanted = {(basis.source, basis.edition) for basis in chosen}
    kept = PolicyLibrary(run.settings.policies_dir).list_kept()
    return [k for k in kept if k.council == run.council.code and (k.source, k.edition) in wanted]


def _version_local(local: Sequence[KeptPolicy]) -> str:
    """Return a short hash of loaded editions, "" where there are none."""
    identity = "|".join(f"{kept.source} {kept.edition} {kept.sha256}" for kept in local)
    return hashlib.sha256(identity.encode()).hexdigest()[:12] if identity else ""


def _cite_local(run: RunContext, basis: JudgementBasis, judgement: Judgement) -> Judgement:
    """Return a judgement with what the loaded local policies say on the requirements' matters."""
    local = {(kept.source, kept.edition) for kept in _list_local(run, basis.policy_basis)}
    if not local:
        return judgement
    store = PolicyStore(run.store.index, run.embedder)
    loaded = [e for e in store.list_loaded() if (e.source, e.edition) in local and e.council]
    found = find_local_policies([row.passage for row in store.load_passages(loaded)])
    return judgement.model_copy(update={"local_policies": found})


def _note_missing_policies(judgement: Judgement, policies: PolicyIndex) -> Judgement:
    """Tell the reader which policies the model judged by without their own text."""
    if not policies.missing or judgement.model == EVIDENCE_MODEL:
        return judgement
    names = ", ".join(f"{basis.source} ({basis.edition})" for basis in policies.missing)
    notice = (
        f"The model had no text of these policies, only the requirements in our own words: {names}. "
        "`planning-review policies load all` loads them."
    )
    return judgement.model_copy(update={"notices": (*judgement.notices, notice)})
