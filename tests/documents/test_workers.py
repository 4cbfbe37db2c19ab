"""The pool of worker processes: its limits, its end, and what it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import ExtractionError
from planning_review.models import DocumentState, DocumentText, FileKind
from tests.support.document_files import (
    PARKING,
    write_docx,
    write_endless_pdf,
    write_noise_picture,
    write_scanned_pdf,
    write_text_pdf,
)
from tests.support.worker_processes import children, names, wait_until

pytestmark = pytest.mark.slow


def read(pool: ExtractionPool, path: Path) -> DocumentText:
    return pool.read_document(path, "0" * 64, sniff_kind(path))


def cpu_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(process.cpu_times().user)
    return 0.0


def is_tesseract_at_work(pid: int | None = None) -> bool:
    """Say whether a tesseract is past its first words: then it is silent for ten seconds on a large
    picture of noise, and can't end for want of a reader."""
    return any(names([process]) == ["tesseract"] and cpu_seconds(process) > 2 for process in children(pid))


def test_no_process_is_started_before_the_first_document_and_pymupdf_never_here(tmp_path: Path) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [PARKING])
    script = (
        "import sys, psutil; from pathlib import Path\n"
        "from planning_review.documents.workers.pool import ExtractionPool\n"
        "from planning_review.models import FileKind\n"
        "with ExtractionPool(2) as pool:\n"
        "    print(len(psutil.Process().children()))\n"
        "    print(pool.read_document(Path(sys.argv[1]), 'x', FileKind.PDF).state)\n"
        "print(len(psutil.Process().children()), 'pymupdf' in sys.modules)\n"
    )
    # Run from standard input: there is no main module that a worker could import again.
    done = subprocess.run(
        [sys.executable, "-", str(path)],
        input=script,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert done.stdout.split("\n")[:3] == ["0", "indexed", "0 False"]
    assert done.stderr == ""


def test_eight_threads_share_two_workers(tmp_path: Path) -> None:
    paths = [write_text_pdf(tmp_path / f"{n}.pdf", [f"Document {n} says: {PARKING}"]) for n in range(20)]
    with ExtractionPool(2) as pool:
        with ThreadPoolExecutor(8) as threads:
            texts = list(threads.map(lambda path: read(pool, path), paths))
        assert len(children()) <= 2
    assert [f"Document {n} says" in text.pages[0].text for n, text in enumerate(texts)] == [True] * 20


def test_the_pages_of_one_scan_are_shared_by_the_workers(tmp_path: Path) -> None:
    path = write_scanned_pdf(tmp_path / "a.pdf", [f"{PARKING}\n\n" * 4] * 6)
    with ExtractionPool(2) as pool, ThreadPoolExecutor(1) as thread:
        reading = thread.submit(read, pool, path)
        both_at_work = wait_until(lambda: names(children()).count("tesseract") == 2 or reading.done())
        assert both_at_work
        assert not reading.done()
        assert reading.result().ocr_pages == 6


def test_a_page_without_end_stops_at_its_limit_and_the_worker_is_replaced(tmp_path: Path) -> None:
    path = write_endless_pdf(tmp_path / "a.pdf")
    with ExtractionPool(1, text_seconds=1.0) as pool:
        read(pool, write_text_pdf(tmp_path / "warm.pdf", ["Up and running."]))
        started = time.monotonic()
        text = read(pool, path)
        assert 1.0 <= time.monotonic() - started < 60
        assert text.state is DocumentState.DAMAGED
        assert "longer than 1 s" in (text.reason or "")
        assert read(pool, write_text_pdf(tmp_path / "b.pdf", [PARKING])).state is DocumentState.INDEXED
    assert children() == []


def test_the_pages_before_and_after_an_endless_one_are_kept(tmp_path: Path) -> None:
    path = write_endless_pdf(tmp_path / "a.pdf", before=["First page.", "Second page."], after=["Last page."])
    with ExtractionPool(1, text_seconds=1.0, seconds_a_page=0.5) as pool:
        text = read(pool, path)
    assert text.state is DocumentState.INDEXED
    assert [page.text for page in text.pages] == ["First page.", "Second page.", "", "Last page."]
    assert text.reason == "page 3: reading it took longer than 1 s"
    assert text.page_count == 4


def test_the_time_that_quick_pages_left_over_is_not_an_endless_one_s(tmp_path: Path) -> None:
    path = write_endless_pdf(tmp_path / "a.pdf", before=["A quick page."] * 60)
    with ExtractionPool(1, text_seconds=1.0) as pool:
        text = read(pool, path)
    assert text.reason == "page 61: reading it took longer than 1 s"


def test_ocr_stops_at_its_limit_and_the_other_pages_go_on(tmp_path: Path) -> None:
    slow = write_noise_picture(tmp_path / "slow.png", 4000)
    with ExtractionPool(1, ocr_seconds=1.0) as pool:
        text = read(pool, slow)
        assert (text.state, text.ocr_pages) == (DocumentState.STORED, 0)
        assert "took longer than" in (text.reason or "")
        assert "tesseract" not in names(children())


def test_a_machine_that_gives_no_time_reads_the_same_later_and_nothing_meanwhile(tmp_path: Path) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [PARKING] * 3)
    with ExtractionPool(1, text_seconds=0.1) as pool, ThreadPoolExecutor(1) as thread:
        whole = read(pool, path)
        (worker,) = children()
        worker.suspend()
        reading = thread.submit(read, pool, path)
        # Past its limit by the clock, of which the worker had nothing.
        psutil.wait_procs([worker], timeout=0.5)
        worker.resume()
        assert reading.result() == whole
        worker.suspend()
        with pytest.raises(
            ExtractionError, match=r"^a\.pdf was not read: this machine gave its reader 0 s in 2 s"
        ):
            read(pool, path)
        assert read(pool, path) == whole


def test_one_document_cannot_keep_ocr_for_itself_and_keeps_the_pages_that_were_read(tmp_path: Path) -> None:
    path = write_scanned_pdf(tmp_path / "a.pdf", [PARKING] * 4)
    with ExtractionPool(1, document_ocr_seconds=0.1) as pool:
        text = read(pool, path)
    # The worker may have begun the second page before the first one's time was known.
    assert text.state is DocumentState.INDEXED
    assert text.ocr_pages in (1, 2)
    assert "4: OCR of one document may take 0 s, which were used up" in (text.reason or "")


def test_a_document_that_needs_too_much_memory_is_damaged(tmp_path: Path) -> None:
    # Within the limit of what a part may unpack to, and a gigabyte once it is taken apart.
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "word/document.xml",
            b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            + b"<w:p/>" * 10_000_000
            + b"</w:body></w:document>",
        )
    with ExtractionPool(1, memory_bytes=450 * 1024**2) as pool:
        text = read(pool, path)
        assert text.state is DocumentState.DAMAGED
        assert "more memory than a document may have" in (text.reason or "")
        assert read(pool, write_docx(tmp_path / "a.docx")).state is DocumentState.INDEXED


def test_a_worker_killed_by_the_system_costs_its_page_only(tmp_path: Path) -> None:
    path = write_endless_pdf(tmp_path / "a.pdf", before=["First page."], after=["Last page."])
    with ExtractionPool(1, text_seconds=60) as pool, ThreadPoolExecutor(1) as thread:
        reading = thread.submit(read, pool, path)
        assert wait_until(lambda: any(cpu_seconds(process) > 2.5 for process in children()))
        children()[0].kill()
        text = reading.result()
    assert [page.text for page in text.pages] == ["First page.", "", "Last page."]
    assert "its reader stopped" in (text.reason or "")


def test_close_ends_everything_soon(tmp_path: Path) -> None:
    endless = write_endless_pdf(tmp_path / "a.pdf")
    slow = write_noise_picture(tmp_path / "slow.png", 5000)
    with ExtractionPool(2) as pool, ThreadPoolExecutor(8) as threads:
        readings = [threads.submit(read, pool, slow)]
        assert wait_until(is_tesseract_at_work, 60)
        readings += [threads.submit(read, pool, endless) for _ in range(3)]
        assert wait_until(lambda: len(children()) == 3 and min(map(cpu_seconds, children())) > 0.2)
        alive = children()
        assert len(alive) == 3
        started = time.monotonic()
        pool.close()
        assert time.monotonic() - started < 30
        assert [type(reading.exception(60)) for reading in readings] == [ExtractionError] * 4
    assert psutil.wait_procs(alive, timeout=30)[1] == []
    with pytest.raises(ExtractionError, match="closed"):
        read(pool, endless)


SCRIPT = """
import sys, threading
from pathlib import Path
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.workers.pool import ExtractionPool
pool = ExtractionPool(2)
paths = [Path(name) for name in sys.argv[1:]]
threads = [
    threading.Thread(target=pool.read_document, args=(path, "x", sniff_kind(path)), daemon=True)
    for path in paths
]
for thread in threads:
    thread.start()
sys.stdin.readline()
"""


@pytest.mark.parametrize("ending", ["killed", "leaves without closing"])
def test_nothing_outlives_the_main_process(tmp_path: Path, ending: str) -> None:
    endless = write_endless_pdf(tmp_path / "a.pdf")
    slow = write_noise_picture(tmp_path / "slow.png", 5000)
    main = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(endless), str(slow)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert wait_until(lambda: is_tesseract_at_work(main.pid), 60)
        alive = children(main.pid)
        assert len(alive) == 3
        if ending == "killed":
            main.send_signal(signal.SIGKILL)
        else:
            main.communicate(b"\n", timeout=10)
        assert psutil.wait_procs(alive, timeout=3)[1] == []
    finally:
        main.kill()
        main.communicate()


def test_a_file_that_is_not_there_is_our_own_fault(tmp_path: Path) -> None:
    with (
        ExtractionPool(1) as pool,
        pytest.raises(ExtractionError, match=r"No such file.*run the same command"),
    ):
        pool.read_document(tmp_path / "gone.pdf", "x", FileKind.PDF)


def test_a_worker_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_text_pdf(tmp_path / "a.pdf", [PARKING])
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no module named pymupdf >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with ExtractionPool(1) as pool, pytest.raises(ExtractionError, match="no module named pymupdf"):
        read(pool, path)


def test_workers_hold_no_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY", "a-secret")
    with ExtractionPool(1) as pool:
        read(pool, write_text_pdf(tmp_path / "a.pdf", [PARKING]))
        (worker,) = children()
        environment = worker.environ()
    assert "S3_SECRET_ACCESS_KEY" not in environment
    assert environment["OMP_THREAD_LIMIT"] == "1"


def test_without_tesseract_scans_are_stored_with_the_reason(tmp_path: Path) -> None:
    scan = write_scanned_pdf(tmp_path / "a.pdf", [PARKING, PARKING])
    script = (
        "import sys; from pathlib import Path\n"
        "from planning_review.documents.workers.pool import ExtractionPool\n"
        "from planning_review.models import FileKind\n"
        "with ExtractionPool(1) as pool:\n"
        "    print(pool.read_document(Path(sys.argv[1]), 'x', FileKind.PDF).model_dump_json())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(scan)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        timeout=600,
        check=True,
    )
    text = DocumentText.model_validate_json(done.stdout)
    assert (text.state, text.ocr) == (DocumentState.STORED, "none")
    assert text.reason == "pages 1, 2: needs OCR, and tesseract is not installed"


def test_scratch_folders_of_killed_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    host = socket.gethostname()
    abandoned, ours, elsewhere = (
        tmp_path / name
        for name in (
            f"planning-review-{host}-{gone.pid}-abc",
            f"planning-review-{host}-{os.getpid()}-abc",
            f"planning-review-another-{host}-{gone.pid}-abc",
        )
    )
    for folder in (abandoned, ours, elsewhere):
        folder.mkdir()
        (folder / "page.png").touch()
    with ExtractionPool(1) as pool:
        assert read(pool, write_text_pdf(tmp_path / "a.pdf", [PARKING])).pages
        assert not abandoned.exists()
        assert ours.exists()
        assert elsewhere.exists()
