"""How a run ends by what became of its documents, and what its state and its counts tell."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.objects import State

from blocks.storage import LocalStorageBackend
from planning_review.models import DocumentState
from planning_review.report.contract import ReviewedDocument
from planning_review.report.output_files import WrittenReview
from run.outcome import end_run
from tests.support.handmade_review import make_review

COMMAND = "planning-review review 26/00042/F"


def make_document(number: int, state: DocumentState) -> ReviewedDocument:
    is_stored = state not in (DocumentState.LEFT_OUT, DocumentState.GONE, DocumentState.FAILED)
    return ReviewedDocument(
        document_id=f"1-2-{number}",
        title=f"Statement {number}",
        category="Documents",
        document_type="other",
        url=f"https://register.example/{number}",
        register_url=f"https://register.example/{number}",
        sha256="a" * 64 if is_stored else None,
        size_bytes=9 if is_stored else None,
        pages=None,
        ocr_pages=None,
        state=state,
        reason="why",
    )


def end(*states: DocumentState, is_written: bool = True) -> State[Any]:
    run: Any = SimpleNamespace(
        files=SimpleNamespace(storage=LocalStorageBackend()),
        command=COMMAND,
        find_page_url=lambda page: None,
        reference="26/00042/F",
        council=SimpleNamespace(code="cherwell"),
        fetched={"1-2-1"},
    )
    documents = [make_document(number, state) for number, state in enumerate(states, start=1)]
    path = Path("review.json")
    written = WrittenReview(review=make_review(), json_path=path, md_path=path, html_path=path)
    return end_run(run, documents, written if is_written else None, {}, None, [], 1.0)


@pytest.mark.parametrize("state", ["damaged", "locked", "unsupported", "gone"])
def test_a_document_that_cannot_be_read_is_a_warning_that_the_state_names(state: str) -> None:
    ended = end(DocumentState.INDEXED, DocumentState(state), DocumentState.LEFT_OUT)
    assert (ended.name, ended.is_completed()) == ("CompletedWithWarnings", True)
    assert ended.message
    assert f"without 1 {state}; the review says why." in ended.message
    assert f"`{COMMAND}`" in ended.message


def test_drawings_without_text_and_documents_left_out_are_no_warning() -> None:
    ended = end(DocumentState.INDEXED, DocumentState.STORED, DocumentState.LEFT_OUT)
    assert (ended.name, ended.is_completed()) == ("Completed", True)


def test_a_document_that_is_missing_fails_the_run_whatever_else_there_is() -> None:
    ended = end(DocumentState.INDEXED, DocumentState.LOCKED, DocumentState.FAILED)
    assert ended.is_failed()
    assert ended.message
    assert "1 document is still missing; the review is incomplete." in ended.message
    assert f"`{COMMAND}`" in ended.message
    outcome = ended.data.outcome
    assert outcome.state == "Failed"
    assert outcome.documents.model_dump() == {
        "listed": 3,
        "selected": 3,
        "downloaded": 1,
        "reused": 1,
        "uploaded": 0,
        "ingested": 1,
        "failed": 1,
    }


def test_without_a_document_that_could_be_read_there_is_no_review() -> None:
    ended = end(DocumentState.DAMAGED, DocumentState.GONE, is_written=False)
    assert ended.is_failed()
    assert ended.message
    assert "InsufficientEvidence" in ended.message
    assert "(1 damaged, 1 gone)" in ended.message
