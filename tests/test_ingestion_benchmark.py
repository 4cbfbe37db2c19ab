"""The benchmark of ingestion runs, and what it says it measured is what it was given."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pymupdf

BENCHMARK = Path(__file__).parent.parent / "benchmarks" / "ingestion.py"
PAGES = {"transport.pdf": 2, "design.pdf": 1}


def test_every_step_is_measured_on_the_files_given(tmp_path: Path) -> None:
    for name, count in PAGES.items():
        document = pymupdf.open()
        for number in range(count):
            words = f"Page {number} of {name}: a cycle track 3 metres wide runs beside the main road. " * 25
            document.new_page().insert_textbox((60, 60, 540, 780), words, fontsize=11)
        document.save(tmp_path / name)
    options = ["--rounds", "1", "--passages", "2", "--scans", "1", "--json"]
    done = subprocess.run(
        [sys.executable, BENCHMARK, "--documents", tmp_path, *options], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["files"], figures["pages"]) == (2, 3)
    # 25 sentences a page of some 20 tokens, and at most 220 tokens a passage.
    assert figures["passages"] >= 6
    # Both embed the same texts with the same weights, in their order: only int8 lies between them.
    assert figures["vectors: least cosine with Chroma's"] > 0.97
    programs = {"pdftotext": "pdftotext", "OCR: ": "tesseract"}
    absent = [mark for mark, program in programs.items() if shutil.which(program) is None]
    for name, figure in figures.items():
        if not any(mark in name for mark in absent):
            assert math.isfinite(figure), name
            assert figure > 0, name


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARK, "--documents", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "has 0 PDFs" in done.stderr
    assert "Traceback" not in done.stderr
