"""What benchmarks/ingestion.py measures with: its files, its two opponents, its clock and its scales."""

import hashlib
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.index.export_model import find_weights, write_onnx
from planning_review.models import DocumentText, FileKind

_SCAN_DPI = 200
_FULL_PAGE_CHARACTERS = 1200

T = TypeVar("T")


class Times(NamedTuple):
    """Medians of two that took turns. ratio is how many times faster ours was, turn by turn.

    Theirs is None, and the ratio, where they are not on this machine.
    """

    ours_seconds: float
    theirs_seconds: float | None
    ratio: float | None


class ChromaDefault(ONNXMiniLM_L6_V2):
    """Chroma's default embedding function itself, with the model where it looks, so that it fetches none.

    The float32 file is made from the same weights as the project's.
    """

    def __init__(self, scratch: Path) -> None:
        super().__init__()
        self.DOWNLOAD_PATH = scratch / "chroma"
        folder = self.DOWNLOAD_PATH / self.EXTRACTED_FOLDER_NAME
        folder.mkdir(parents=True)
        weights = find_weights()
        write_onnx(weights, folder / "model.onnx", quantized=False)
        for name in ("config", "special_tokens_map", "tokenizer_config", "tokenizer"):
            shutil.copy(weights / f"{name}.json", folder)
        shutil.copy(weights / "vocab.txt", folder)


def make_documents(folder: Path) -> Path:
    """Write the bundled sample's documents into a folder and return it."""
    return _run_apart(_build_sample, folder)


def find_pdfs(folder: Path) -> list[Path]:
    """Return the PDFs of a folder and its folders in the order of their names, or end the program."""
    files = [
        path for path in sorted(folder.rglob("*")) if path.is_file() and sniff_kind(path) is FileKind.PDF
    ]
    if len(files) < 2:
        raise SystemExit(
            f"{folder} has {len(files)} PDFs. Two workers need two at least: --documents FOLDER."
        )
    return files


def make_scans(files: Sequence[Path], texts: Sequence[DocumentText], count: int, target: Path) -> Path:
    """Write a PDF whose pages are pictures of pages full of text, from all over the files, and return it."""
    full = [
        (file, page.number)
        for file, text in zip(files, texts, strict=True)
        for page in text.pages
        if len(page.text) > _FULL_PAGE_CHARACTERS
    ]
    if len(full) < count:
        raise SystemExit(f"Only {len(full)} pages are full enough of text to be made scans: --scans N.")
    return _run_apart(_draw_scans, pick_evenly(full, count), target)


def read_all(pool: ExtractionPool, files: Sequence[Path]) -> list[DocumentText]:
    """Return the text of each file; all are handed to the pool at once, as a run does with its batches."""

    def read(file: Path) -> DocumentText:
        return pool.read_document(file, hashlib.sha256(file.read_bytes()).hexdigest(), FileKind.PDF)

    with ThreadPoolExecutor(len(files)) as threads:
        return list(threads.map(read, files))


def find_pdftotext(files: Sequence[Path], at_once: int) -> Callable[[], object] | None:
    """Return what brings the text of all files into this process by pdftotext, so many processes at once."""
    if shutil.which("pdftotext") is None:
        print("pdftotext is not installed (Debian: apt-get install poppler-utils).", file=sys.stderr)
        return None
    commands = [["pdftotext", "-q", str(file), "-"] for file in files]

    def run() -> None:
        with ThreadPoolExecutor(at_once) as threads:
            # Its status is not looked at: damaged files are read here as far as they can be, too.
            list(threads.map(lambda command: subprocess.run(command, capture_output=True), commands))

    return run


def take_turns(ours: Callable[[], object], theirs: Callable[[], object] | None, rounds: int) -> Times:
    """Run both so many times, each first in every other round."""
    if theirs is None:
        return Times(statistics.median(time_it(ours)[1] for _ in range(rounds)), None, None)
    seconds: dict[Callable[[], object], list[float]] = {ours: [], theirs: []}
    for number in range(rounds):
        for run in (ours, theirs) if number % 2 else (theirs, ours):
            seconds[run].append(time_it(run)[1])
    ratios = [b / a for a, b in zip(seconds[ours], seconds[theirs], strict=True)]
    return Times(
        statistics.median(seconds[ours]), statistics.median(seconds[theirs]), statistics.median(ratios)
    )


def time_it(run: Callable[[], T]) -> tuple[T, float]:
    """Return what a call returns, and its wall time in seconds."""
    started = time.perf_counter()
    answer = run()
    return answer, time.perf_counter() - started


def pick_evenly(items: Sequence[T], count: int) -> list[T]:
    """Return so many of the items, or all, from their whole length."""
    count = min(count, len(items))
    return [items[number * len(items) // count] for number in range(count)]


def read_peak_mb(*, of_workers: bool = False) -> float | None:
    """Return the most memory this process, or the largest of its workers, ever had resident.

    None where there is no /proc (on another system than Linux).
    """
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        return None
    processes = ["self"]
    if of_workers:
        processes = [pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()]
    return max(_read_peak_kib(pid) for pid in processes) * 1024 / 1e6


def _read_peak_kib(pid: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _run_apart(function: Callable[..., T], *arguments: object) -> T:
    """Call a function that loads PyMuPDF in a process of its own: a run's main process never does."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def _build_sample(folder: Path) -> Path:
    from planning_review.sample.application import build_sample

    build_sample(folder)
    return folder


def _draw_scans(pages: Sequence[tuple[Path, int]], target: Path) -> Path:
    import pymupdf

    scans = pymupdf.open()
    for file, number in pages:
        page = pymupdf.open(file)[number - 1]
        picture = page.get_pixmap(dpi=_SCAN_DPI, colorspace=pymupdf.csGRAY)
        scans.new_page(width=page.rect.width, height=page.rect.height).insert_image(page.rect, pixmap=picture)
    scans.save(target, deflate=True)
    return target
