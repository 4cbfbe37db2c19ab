"""How well the evidence reviewer reads sentences by people who never saw its phrases."""

from datetime import date
from pathlib import Path

import yaml

from planning_review.models import Application, DocumentState, DocumentText, FileKind, PageText
from planning_review.review.evidence import EvidenceReviewer
from planning_review.review.reviewer import ReadDocument

SENTENCES = yaml.safe_load((Path(__file__).parent / "data" / "blind_sentences.yaml").read_text())


def find_breaches(title: str, sentence: str) -> set[str]:
    """Return the requirements that a document of one sentence is said to breach."""
    page = PageText(number=1, page_class="text", text=sentence)
    text = DocumentText(
        sha256="0" * 64,
        kind=FileKind.PDF,
        extractor="test",
        ocr="none",
        state=DocumentState.INDEXED,
        pages=(page,),
        page_count=1,
    )
    document = ReadDocument(
        document_id="1-2-3", title=title, category="Supporting Documents", document_type="other", text=text
    )
    application = Application(
        reference="26/00001/F", council="cherwell", register_url="https://example.org/26/00001/F"
    )
    judgement = EvidenceReviewer().judge(
        application, [document], lambda queries, limit: [[] for _ in queries], date(2026, 11, 23)
    )
    return {line.requirement_id for line in judgement.policy_compliance if line.compliant is False}


def test_precision_and_recall_on_sentences_written_without_sight_of_the_phrases() -> None:
    found = missed = invented = 0
    for row in SENTENCES:
        breaches = find_breaches(row["document"], row["sentence"])
        if row["breach"]:
            found += row["requirement_id"] in breaches
            missed += row["requirement_id"] not in breaches
        else:
            invented += bool(breaches)
    precision, recall = found / (found + invented), found / (found + missed)
    print(f"precision {precision:.2f}, recall {recall:.2f}")
    assert found + missed == 20
    assert precision >= 0.95
    assert recall >= 0.8
