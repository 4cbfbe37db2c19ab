"""Measure what documents cost on their way into the index: text, OCR, passages, vectors, memory.

.venv/bin/python benchmarks/ingestion.py [--documents FOLDER] [--rounds N] [--passages N] [--scans N] [--json]

Reads every PDF of the folder (without one: the bundled sample's, made for it) in the project's own worker
processes, cuts the text into passages and embeds some of them. Text is measured beside `pdftotext` on the
same files in the same order, one after the other as it is run by hand and as many at once as there are
workers, and both bring the text to this process; vectors are measured beside Chroma's default embedding
function. The two of a pair take turns, and a ratio is the median of the turns' own: what else runs on the
machine disturbs both alike. A ratio over 1 says that the project is faster.
"""

import argparse
import json
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
from ingestion_parts import (
    ChromaDefault,
    find_pdfs,
    find_pdftotext,
    make_documents,
    make_scans,
    pick_evenly,
    read_all,
    read_peak_mb,
    take_turns,
    time_it,
)

from planning_review.documents.chunking import cut_chunks
from planning_review.documents.pages.ocr import NO_OCR, ocr_version
from planning_review.documents.workers import pool as workers
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.models import DocumentText

WORKERS = 2

Figures = dict[str, float | None]


def measure_text(files: list[Path], rounds: int) -> tuple[list[DocumentText], Figures]:
    """Return what was read of the files, scans left alone, and the pages a second."""
    # As on a machine without tesseract: OCR takes a thousand times as long, and has a figure of its own.
    with patch.object(workers, "ocr_version", return_value=NO_OCR), ExtractionPool(WORKERS) as pool:
        texts, cold_seconds = time_it(lambda: read_all(pool, files))
        times = take_turns(lambda: read_all(pool, files), find_pdftotext(files, 1), rounds)
        beside_two = take_turns(lambda: read_all(pool, files), find_pdftotext(files, WORKERS), rounds)
        peak_mb = read_peak_mb(of_workers=True)
    pages = sum(text.page_count for text in texts)
    return texts, {
        "pages": pages,
        "text: pages a second": pages / times.ours_seconds,
        "text: pages a second, start of the workers included": pages / cold_seconds,
        "text: pages a second by pdftotext": times.theirs_seconds and pages / times.theirs_seconds,
        "text: ratio to pdftotext, one file after the other": times.ratio,
        "text: ratio to pdftotext, two files at once": beside_two.ratio,
        "text: peak memory of the largest worker, MB": peak_mb,
    }


def measure_ocr(scans: Path, count: int) -> Figures:
    """Return how long one worker takes to read a page by OCR while the other one does the same."""
    if ocr_version() == NO_OCR:
        return {"OCR: seconds a page": None}
    with ExtractionPool(WORKERS) as pool:
        read_all(pool, [scans])  # starts the workers
        (text,), seconds = time_it(lambda: read_all(pool, [scans]))
        peak_mb = read_peak_mb(of_workers=True)
    if text.ocr_pages != count:
        raise SystemExit(f"Of {count} scans {text.ocr_pages} were read by OCR: {text.reason}")
    return {
        "OCR: seconds a page": seconds * min(WORKERS, count) / count,
        "OCR: peak memory of the largest worker, MB": peak_mb,
    }


def measure_passages(
    texts: list[DocumentText], embedder: MiniLMEmbedder, rounds: int
) -> tuple[list[str], Figures]:
    """Return all passages of the documents, and how many are cut in a second."""
    embedder.count_tokens(["loads the tokenizer"])
    cut = [
        time_it(lambda: [cut_chunks(text, embedder.count_tokens) for text in texts]) for _ in range(rounds)
    ]
    passages = [chunk.text for chunks in cut[0][0] for chunk in chunks]
    seconds = float(np.median([seconds for _, seconds in cut]))
    return passages, {"passages": len(passages), "passages: cut in a second": len(passages) / seconds}


def measure_vectors(passages: list[str], embedder: MiniLMEmbedder, scratch: Path, rounds: int) -> Figures:
    """Return how many passages are embedded in a second, and how near the vectors are to Chroma's."""
    vectors = embedder.embed(passages)
    peak_mb = read_peak_mb()  # before Chroma's model is in this process, too
    chroma = ChromaDefault(scratch)
    cosines = (vectors * np.asarray(chroma(passages))).sum(axis=1)
    times = take_turns(lambda: embedder.embed(passages), lambda: chroma(passages), rounds)
    return {
        "vectors: passages a second": len(passages) / times.ours_seconds,
        "vectors: passages a second by Chroma's default": times.theirs_seconds
        and len(passages) / times.theirs_seconds,
        "vectors: ratio to Chroma's default": times.ratio,
        "vectors: least cosine with Chroma's": float(cosines.min()),
        "peak memory of the main process, MB": peak_mb,
    }


def measure(arguments: argparse.Namespace, scratch: Path) -> Figures:
    """Return every figure, in the order in which a document passes the steps."""
    files = find_pdfs(arguments.documents or make_documents(scratch / "documents"))
    embedder = MiniLMEmbedder()
    texts, figures = measure_text(files, arguments.rounds)
    scans = make_scans(files, texts, arguments.scans, scratch / "scans.pdf")
    figures |= measure_ocr(scans, arguments.scans)
    passages, cutting = measure_passages(texts, embedder, arguments.rounds)
    embedding = measure_vectors(
        pick_evenly(passages, arguments.passages), embedder, scratch, arguments.rounds
    )
    return {"files": len(files), **figures, **cutting, **embedding}


def main() -> None:
    """Read the options, measure and print."""
    parser = argparse.ArgumentParser(description="Measure reading, OCR, cutting and embedding of documents.")
    parser.add_argument("--documents", type=Path, help="a folder with PDFs; else the sample's are made")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each pair")
    parser.add_argument("--passages", type=int, default=48, help="how many are embedded a turn")
    parser.add_argument("--scans", type=int, default=4, help="pages that are made scans and read by OCR")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ingestion-") as scratch:
        figures = measure(arguments, Path(scratch))
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:58} {'–' if figure is None else f'{figure:.4g}':>8}")


if __name__ == "__main__":
    main()
