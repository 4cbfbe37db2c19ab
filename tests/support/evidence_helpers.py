"""Documents made of plain pages, judged by the evidence reviewer without an index."""

import hashlib
from datetime import date

from planning_review.models import Application, DocumentState, DocumentText, FileKind, PageText
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.rules_reviewer import EvidenceReviewer

TODAY = date(2026, 11, 23)


def make_pages(pages, ocr=False, ocr_confidence=None):
    return tuple(
        PageText(number=n, page_class="text", text=t, ocr=ocr, ocr_confidence=ocr_confidence)
        for n, t in enumerate(pages, 1)
    )


def make_document(
    pages,
    document_id="1-2-3",
    title="Transport Statement",
    category="Reports",
    document_type="transport_assessment",
    ocr=False,
    ocr_confidence=None,
):
    text = DocumentText(
        sha256=hashlib.sha256("".join(pages).encode()).hexdigest(),
        kind=FileKind.PDF,
        extractor="1",
        ocr="none",
        state=DocumentState.INDEXED,
        pages=make_pages(pages, ocr, ocr_confidence),
        page_count=len(pages),
    )
    return ReadDocument(document_id, title, category, document_type, text)


def find_nothing(queries, limit):
    return [[] for _ in queries]


def judge_documents(documents, decision_date=None, on_date=TODAY, search=find_nothing):
    application = Application(
        reference="25/00001/F",
        council="cherwell",
        register_url="https://example.org/1",
        decision_date=decision_date,
    )
    return EvidenceReviewer().judge(application, documents, search, on_date)


def judge_pages(pages, **how):
    return judge_documents([make_document(pages)], **how)


def line_of(judgement, requirement_id):
    return next(line for line in judgement.policy_compliance if line.requirement_id == requirement_id)
