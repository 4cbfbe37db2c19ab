"""Retries do what failed and what depends on it, and nothing else: a row for each kind of failure.

Every retry by a worker is another worker's, from code of which an unrelated part has changed. With
a bucket the temporary folder is emptied before it.
"""

import json
from collections import Counter

import pytest

from tests.support.retry_bench import Bench, Row, count_passages, fill_table
from tests.support.retry_table import (
    ALWAYS,
    ALWAYS_IN_BUCKET,
    IN_BUCKET,
    IN_BUCKET_IN_ONE_PROCESS,
    IN_DATA_FOLDER,
    IN_DATA_FOLDER_IN_ONE_PROCESS,
    OUTPUTS,
    TITLES,
    Kind,
    all_of,
)

pytestmark = [pytest.mark.proof, pytest.mark.timeout(900)]
"""The first test waits for the whole table, with the machine to itself or not."""


Table = dict[str, dict[str, Row]]


@pytest.fixture(scope="module")
def table(prefect_url: str, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Both attempts of every row, by who retries and where results are, and the kind's name."""
    with Bench(prefect_url, tmp_path_factory.mktemp("retry-table")) as bench:
        parts = fill_table(bench)
        for row in (row for rows in parts.values() for row in rows):
            row.passages = count_passages(row)
    return {part: {row.kind.name: row for row in rows} for part, rows in parts.items()}


def name_of(kind: Kind) -> str:
    return kind.name


@pytest.mark.parametrize("kind", IN_DATA_FOLDER, ids=name_of)
def test_another_worker_with_results_in_the_data_folder(table: Table, kind: Kind) -> None:
    row = table["worker-local"][kind.name]
    check_row(row)
    check_changed_code_ran(row)


@pytest.mark.parametrize("kind", IN_BUCKET, ids=name_of)
def test_another_worker_with_results_in_s3_and_no_temporary_folder(table: Table, kind: Kind) -> None:
    row = table["worker-stored"][kind.name]
    check_row(row)
    check_changed_code_ran(row)


@pytest.mark.parametrize("kind", IN_DATA_FOLDER_IN_ONE_PROCESS, ids=name_of)
def test_same_process_with_results_in_the_data_folder(table: Table, kind: Kind) -> None:
    check_row(table["process-local"][kind.name])


@pytest.mark.parametrize("kind", IN_BUCKET_IN_ONE_PROCESS, ids=name_of)
def test_same_process_with_results_in_s3(table: Table, kind: Kind) -> None:
    check_row(table["process-stored"][kind.name])


def check_row(row: Row) -> None:
    """Hold a row's two attempts against what its kind of failure may cost."""
    kind, (first, retry) = row.kind, row.attempts
    assert first.state == kind.ends, first.message
    tried = Counter([*first.asked, *first.refused])
    assert {what: tried[what] for what in kind.tries} == kind.tries
    assert retry.state == "Completed", retry.message
    steps = ("download", "upload", "read", "index") if row.site.proxy else ("download", "read", "index")
    outputs = OUTPUTS if row.site.proxy else ()
    always = (*ALWAYS, *ALWAYS_IN_BUCKET) if row.site.proxy else ALWAYS
    ran = sorted([*always, *kind.ran])
    assert retry.list_tasks("Completed") == ran
    # What a document does not need has no task; after a download that was done anew, the rest comes cached.
    assert {*retry.list_tasks("Cached")} <= {*always, *all_of(*steps), "judge", *outputs} - {*ran}
    assert len(retry.tasks) == len(ran) + len(retry.list_tasks("Cached"))
    assert retry.asked == sorted(["page", *kind.asked])
    # The manifest is stored as often as it changes.
    assert sorted({*retry.stored}) == sorted({*kind.stored})
    for what in ("output", "text"):
        assert retry.stored.count(what) == list(kind.stored).count(what)
    assert retry.refused == []
    check_review(row)
    assert row.passages == {document.document_id: 1 for document in row.site.documents}


def check_review(row: Row) -> None:
    folder = row.site.data / "output" / row.site.key
    newest = max(folder.glob("rev_*_review.json"), key=lambda path: path.stat().st_mtime_ns)
    review = json.loads(newest.read_text())
    assert review["status"] == "complete"
    assert {document["title"]: document["state"] for document in review["documents"]} == dict.fromkeys(
        TITLES, "indexed"
    )


def check_changed_code_ran(row: Row) -> None:
    written_by = (row.site.data / "output" / row.site.key / "written-by.txt").read_text()
    assert written_by == str(row.site.folder.parents[1] / "code" / "run" / "outputs.py")
