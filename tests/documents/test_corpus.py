"""The whole corpus through the real worker processes: states and reasons as expected, nothing left behind."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.models import DocumentState, DocumentText
from tests.support.corpus import CASES, ENDLESS, Case
from tests.support.document_files import PARKING, write_text_pdf

pytestmark = pytest.mark.slow

SHORT_SECONDS = 1.5


def read_all(pool: ExtractionPool, folder: Path, cases: Sequence[Case]) -> dict[str, DocumentText]:
    """Make the files, then read them six at a time, as a run does with a whole application."""

    def read(path: Path) -> tuple[str, DocumentText]:
        return path.name, pool.read_document(path, "0" * 64, sniff_kind(path))

    paths = [folder / case.name for case in cases]
    for case, path in zip(cases, paths, strict=True):
        case.make(path)
    with ThreadPoolExecutor(6) as threads:
        return dict(threads.map(read, paths))


def living_workers() -> list[int]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "documents.workers.process" in " ".join(process.cmdline()) or process.name() == "tesseract":
                found.append(process.pid)
    return found


def differences(case: Case, text: DocumentText) -> list[str]:
    """Return what is not as it has to be."""
    found = []
    if text.state is not case.state:
        found.append(f"{text.state.value} and not {case.state.value}")
    if case.reason is None and text.reason is not None:
        found.append("a reason where none was expected")
    if case.reason is not None and not re.search(case.reason, text.reason or ""):
        found.append(f"a reason without {case.reason!r}")
    everything = "\n\n".join(page.text for page in text.pages)
    if case.text not in everything:
        found.append(f"no {case.text!r} in {everything[:200]!r}")
    if re.search(r"[\x00\ud800-\udfff]", everything):
        found.append("characters that no store can keep")
    if re.search(r"\w+Error\b|Fz\w+|Exception", text.reason or ""):
        found.append("a name of an exception in the reason")
    return [f"{case.name}: {what} (reason: {text.reason})" for what in found]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DocumentText]:
    folder = tmp_path_factory.mktemp("corpus")
    with ExtractionPool(workers=2) as pool:
        texts = read_all(pool, folder, CASES)
        # Behind all that was thrown at it, the pool reads a good file.
        after = write_text_pdf(folder / "after.pdf", [PARKING])
        texts["after"] = pool.read_document(after, "0" * 64, sniff_kind(after))
    assert living_workers() == []
    return texts


def test_the_corpus_is_large_and_each_file_in_it_once() -> None:
    names = [case.name for case in (*CASES, *ENDLESS)]
    assert len(names) == len(set(names)) >= 100


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_state_and_reason(outcome: dict[str, DocumentText], case: Case) -> None:
    assert differences(case, outcome[case.name]) == []


def test_the_pool_goes_on_with_good_files(outcome: dict[str, DocumentText]) -> None:
    assert (outcome["after"].state, outcome["after"].reason) == (DocumentState.INDEXED, None)


def test_a_file_without_end_costs_its_limit_and_nothing_else(tmp_path: Path) -> None:
    good = write_text_pdf(tmp_path / "good.pdf", [PARKING])
    with ExtractionPool(
        workers=2, text_seconds=SHORT_SECONDS, seconds_a_page=0.5, ocr_seconds=SHORT_SECONDS
    ) as pool:
        # Their start is no part of the limits.
        pool.read_document(good, "0" * 64, sniff_kind(good))
        texts = read_all(pool, tmp_path, ENDLESS)
        found = [line for case in ENDLESS for line in differences(case, texts[case.name])]
        assert found == []
        assert pool.read_document(good, "0" * 64, sniff_kind(good)).reason is None
    assert [page.text for page in texts["endless.pdf"].pages] == ["First page.", "", "Last page."]
    assert living_workers() == []
