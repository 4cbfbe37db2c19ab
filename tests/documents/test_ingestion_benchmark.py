"""The benchmark of ingestion runs, and what it says it measured is what it was given."""

import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pymupdf
import pytest

pytestmark = pytest.mark.slow

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "ingestion.py"
PAGES = {
    "transport.pdf": [
        "A cycle track 3 metres wide runs beside the main road to the station and its stands.",
        "Water from the roofs drains into a basin in the south, which holds a storm of a hundred years.",
    ],
    "design.pdf": ["Bats were found in the barn, and its hedges and trees are kept as their way to feed."],
}


def test_every_step_is_measured_on_the_files_given(tmp_path: Path) -> None:
    for name, sentences in PAGES.items():
        document = pymupdf.open()
        for sentence in sentences:
            document.new_page().insert_textbox((60, 60, 540, 780), f"{sentence} " * 25, fontsize=11)
        document.save(tmp_path / name)
    options = ["--rounds", "1", "--passages", "3", "--scans", "1", "--json"]
    done = subprocess.run(
        [sys.executable, BENCHMARK, "--documents", tmp_path, *options], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert (figures["files"], figures["pages"]) == (2, 3)
    # A page has more than 440 tokens, a passage at most 220.
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
