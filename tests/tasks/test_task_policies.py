"""The identity of each task's result, and how often it is tried: wrong ones cost somebody else."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.states import Failed

from planning_review.errors import (
    BotChallenge,
    DocumentGone,
    RegisterThrottled,
    RegisterUnavailable,
    StorageUnavailable,
    StorageUploadError,
)
from planning_review.models import Application, DocumentState, FileKind, ListedDocument, StoredFile
from planning_review.parameters import EVIDENCE_MODEL, ReviewParameters
from planning_review.report.contract import ReviewedDocument
from planning_review.settings import load_settings
from run import judgement
from run.judgement import make_basis
from tasks import ingestion, register, scan, storage, task_policies

STORED = StoredFile(
    document_id="1-2-3",
    index=1,
    key="26_00042_F/001_Plan.pdf",
    sha256="a" * 64,
    size_bytes=9,
    kind=FileKind.PDF,
)
LISTED = ListedDocument(
    document_id="1-2-3",
    title="Plan",
    listed_date=date(2026, 11, 1),
    size_listed="1 KB",
    register_url="https://register.example/1",
)
BUCKET = {"S3_ENDPOINT_URL": "https://s3.example", "S3_BUCKET": "mine", "S3_KEY_PREFIX": "planning"}
APPLICATION = Application(
    reference="26/00042/F",
    council="cherwell",
    proposal="Erection of 40 dwellings",
    register_url="https://register.example",
)
REVIEWED = ReviewedDocument(
    document_id="1-2-3",
    title="Plan",
    category="Documents",
    document_type="travel_plan",
    url="https://register.example/1",
    register_url="https://register.example/1",
    sha256="a" * 64,
    size_bytes=9,
    pages=1,
    ocr_pages=0,
    state=DocumentState.INDEXED,
    reason=None,
)
TODAY = date(2026, 11, 24)


def make_run(**settings: str) -> Any:
    return SimpleNamespace(
        settings=load_settings(**(BUCKET | settings)),
        embedder=SimpleNamespace(version="minilm-1"),
        store=SimpleNamespace(collection_id="c1"),
        folder="26_00042_F",
    )


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The run that the keys ask; what it has can be changed."""
    run = make_run()
    monkeypatch.setattr(task_policies, "current_run", lambda: run)
    return run


def key_of(make_key: Any, **parameters: Any) -> str:
    return str(make_key(None, parameters))


def test_one_thing_costs_the_register_four_requests_and_the_bucket_three_puts() -> None:
    for asks_the_register in (
        register.fetch_application,
        register.download_document,
        scan.look_at_application,
    ):
        assert 1 + asks_the_register.retries == 4
    for asks_the_bucket in (storage.upload_document, storage.upload_output, storage.upload_pictures):
        assert 1 + asks_the_bucket.retries == 3
    # The search tries each page again itself.
    assert scan.search_register.retries == 0
    every = (
        *vars(register).values(),
        *vars(storage).values(),
        *vars(scan).values(),
        *vars(ingestion).values(),
    )
    tried_again = [task for task in every if getattr(task, "retries", 0)]
    assert len(tried_again) == 8
    assert {task.retry_condition_fn for task in tried_again} == {task_policies.can_help}


@pytest.mark.parametrize(
    ("error", "helps"),
    [
        (RegisterUnavailable("503"), True),
        (RegisterThrottled("429"), True),
        (StorageUnavailable("no answer"), True),
        (BotChallenge("it wants a person"), False),
        (DocumentGone("410"), False),
        (StorageUploadError("key", 1, "403"), False),
        (ValueError("a fault of ours"), False),
    ],
)
def test_only_what_may_pass_is_tried_again(error: Exception, helps: bool) -> None:
    assert task_policies.can_help(None, None, Failed(data=error)) is helps


@pytest.mark.parametrize(
    "change",
    [{"document_id": "1-2-4"}, {"listed_date": date(2026, 11, 2)}, {"size_listed": "2 KB"}],
)
def test_a_download_is_known_by_what_the_register_lists(change: dict[str, Any]) -> None:
    key = key_of(task_policies.download_key, council="cherwell", document=LISTED)
    other = LISTED.model_copy(update=change)
    assert key_of(task_policies.download_key, council="cherwell", document=other) != key
    assert key_of(task_policies.download_key, council="wychavon", document=LISTED) != key
    renamed = LISTED.model_copy(update={"title": "Plan A", "register_url": "https://moved.example/1"})
    assert key_of(task_policies.download_key, council="cherwell", document=renamed) == key


def test_a_reading_is_known_by_the_bytes_and_what_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [key_of(task_policies.extract_key, stored=STORED)]
    elsewhere = STORED.model_copy(update={"document_id": "9-9-9", "index": 7, "key": "26_00001_F/007_B.pdf"})
    assert key_of(task_policies.extract_key, stored=elsewhere) == keys[0]
    keys.append(key_of(task_policies.extract_key, stored=STORED.model_copy(update={"sha256": "b" * 64})))
    monkeypatch.setattr(task_policies, "ocr_version", lambda: "tesseract 9 pixels 9")
    keys.append(key_of(task_policies.extract_key, stored=STORED))
    monkeypatch.setattr(task_policies, "EXTRACTOR_VERSION", "next")
    keys.append(key_of(task_policies.extract_key, stored=STORED))
    assert len(set(keys)) == 4


@pytest.mark.parametrize(
    "setting",
    [
        {"S3_ENDPOINT_URL": "https://other.example"},
        {"S3_BUCKET": "another"},
        {"S3_KEY_PREFIX": "other"},
        {"S3_STORAGE_BLOCK": "ours"},
        {"S3_PUBLIC_BASE_URL": "https://files.example"},
    ],
)
def test_an_upload_is_known_by_the_bytes_and_the_place_in_the_bucket(
    run: Any, setting: dict[str, str], tmp_path: Path
) -> None:
    page = tmp_path / "rev_1_review.html"
    page.write_text("a page")

    def make_keys(stored: StoredFile = STORED) -> list[str]:
        return [
            key_of(task_policies.upload_key, stored=stored),
            key_of(task_policies.upload_output_key, path=page),
        ]

    before = make_keys()
    assert make_keys() == before
    for change in ({"sha256": "b" * 64}, {"key": "26_00042_F/002_Plan.pdf"}):
        assert make_keys(STORED.model_copy(update=change))[0] != before[0]
    run.settings = make_run(**setting).settings
    assert not {*make_keys()} & {*before}
    page.write_text("another page")
    assert make_keys()[1] not in before


def test_an_indexing_is_known_by_where_it_goes_and_all_that_shaped_it(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_key(
        stored: StoredFile = STORED, council: str = "cherwell", reference: str = "26/00042/F"
    ) -> str:
        return key_of(task_policies.index_key, stored=stored, council=council, reference=reference)

    keys = [make_key(), make_key(council="wychavon"), make_key(reference="26/00043/F")]
    keys += [
        make_key(STORED.model_copy(update=change)) for change in ({"sha256": "b" * 64}, {"document_id": "9"})
    ]
    run.store.collection_id = "c2"
    keys.append(make_key())
    run.embedder.version = "minilm-2"
    keys.append(make_key())
    for name in ("EXTRACTOR_VERSION", "CHUNKER_VERSION"):
        monkeypatch.setattr(task_policies, name, "next")
        keys.append(make_key())
    monkeypatch.setattr(task_policies, "ocr_version", lambda: "tesseract 9 pixels 9")
    keys.append(make_key())
    assert len(set(keys)) == 10


def make_judge_key(application: Application = APPLICATION, today: date = TODAY, **document: Any) -> str:
    return make_key_of([REVIEWED.model_copy(update=document)], application, today)


def make_key_of(
    documents: list[ReviewedDocument],
    application: Application = APPLICATION,
    today: date = TODAY,
    folder: str | None = None,
) -> str:
    parameters = ReviewParameters(
        reference=application.reference,
        council=application.council,
        model=EVIDENCE_MODEL,
        documents_folder=folder,
    )
    basis = make_basis(make_run(), application, documents, parameters, today)
    return key_of(task_policies.judge_key, basis=basis)


def test_a_judgement_is_made_anew_for_what_could_not_be_read() -> None:
    """By it alone silence is told from not having looked."""
    lost = REVIEWED.model_copy(
        update={"document_id": "9-9-9", "state": DocumentState.LOCKED, "reason": "locked"}
    )
    comment = lost.model_copy(update={"document_type": "public_comment"})
    assert make_key_of([REVIEWED, lost]) != make_key_of([REVIEWED])
    assert make_key_of([REVIEWED, comment]) == make_key_of([REVIEWED])
    assert make_key_of([REVIEWED], folder="/saved") != make_key_of([REVIEWED])


@pytest.mark.parametrize(
    "document",
    [
        {"document_id": "1-2-4"},
        {"sha256": "b" * 64},
        {"title": "Planning policy"},
        {"category": "Consultation Responses"},
        {"document_type": "consultee_response"},
    ],
)
def test_a_judgement_is_made_anew_for_another_document(document: dict[str, Any]) -> None:
    assert make_judge_key(**document) != make_judge_key()


def test_a_judgement_is_made_anew_on_a_day_of_other_policy_and_by_another_reader_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = make_judge_key()
    assert make_judge_key(today=date(2026, 11, 25)) == known
    # Where a document lies and what its links are is put together afresh each run.
    assert make_judge_key(url="https://files.example/1", reason="3 pages by OCR") == known
    keys = [known, make_judge_key(today=date(2025, 6, 1))]
    for change in ({"decision_date": TODAY}, {"proposal": "A barn"}, {"application_type": "Full"}):
        keys.append(make_judge_key(APPLICATION.model_copy(update=change)))
    for name in ("EXTRACTOR_VERSION", "CHUNKER_VERSION"):
        monkeypatch.setattr(judgement, name, "next")
        keys.append(make_judge_key())
    monkeypatch.setattr(judgement, "ocr_version", lambda: "tesseract 9 pixels 9")
    keys.append(make_judge_key())
    assert len(set(keys)) == 8
