"""Documents made searchable in a folder of their own, by the project's own pipeline."""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openpyxl import Workbook

from planning_review.documents.chunking import CHUNKER_VERSION, cut_chunks
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.index.council_store import open_store
from planning_review.index.embedding import Embedder
from planning_review.index.passage_store import PassageStore
from planning_review.models import DocumentText, FileKind
from planning_review.policy.splitting import LabelledPassage, split_policy
from planning_review.references import SAMPLE_REFERENCE
from planning_review.sample.application import build_sample
from planning_review.sample.served_application import Listing

SPREADSHEET_ID = "204417-900001-1"
SPREADSHEET_TITLE = "Schedule of cycle stores and parking courts"

_SHEETS = Path(__file__).with_name("spreadsheet")


Files = dict[str, tuple[str, Path]]
"""Titles and files by document id."""


def build_sample_files(folder: Path) -> Files:
    """Build the sample with a spreadsheet beside it in a folder, and return its documents."""
    build_sample(folder)
    files = {
        entry.document_id: (entry.title, folder / entry.file) for entry in Listing.read(folder).documents
    }
    files[SPREADSHEET_ID] = (SPREADSHEET_TITLE, _write_spreadsheet(folder / "schedule.xlsx"))
    return files


@contextmanager
def open_index(
    folder: Path, embedder: Embedder, files: Files
) -> Iterator[tuple[PassageStore, dict[str, DocumentText]]]:
    """Read documents, cut them, embed them and index them under the sample's reference in a folder.

    Yields the index, open, and what was read of each document by its id.
    """
    texts = _read_documents({document_id: path for document_id, (_, path) in files.items()})
    with open_store(
        folder=folder / "chroma",
        lock_path=folder / "chroma.lock",
        embedder_version=embedder.version,
        dimension=embedder.dimension,
        chunker_version=CHUNKER_VERSION,
        council="sample",
    ) as store:
        for document_id, text in texts.items():
            chunks = cut_chunks(text, embedder.count_tokens)
            store.add_document(
                SAMPLE_REFERENCE,
                document_id,
                files[document_id][0],
                text.sha256,
                EXTRACTOR_VERSION,
                chunks,
                embedder.embed([chunk.text for chunk in chunks]),
            )
        yield store, texts


def read_policy(file: Path, embedder: Embedder) -> list[LabelledPassage]:
    """Return a policy document's passages, cut as `policies load` cuts them."""
    if sniff_kind(file) is FileKind.TEXT:
        return split_policy([file.read_text(encoding="utf-8")], embedder.count_tokens)
    pages = _read_documents({"policy": file})["policy"].pages
    return split_policy([page.text for page in pages], embedder.count_tokens)


def _write_spreadsheet(path: Path) -> Path:
    """Write the tables of spreadsheet/ as one workbook, a sheet each, in the order of their names."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for source in sorted(_SHEETS.glob("*.csv")):
        sheet = workbook.create_sheet(source.stem.partition("_")[2].replace("_", " ").capitalize())
        with source.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
    workbook.save(path)
    return path


def _read_documents(paths: dict[str, Path]) -> dict[str, DocumentText]:
    with ExtractionPool(workers=2) as pool:
        return {
            document_id: pool.read_document(
                path, hashlib.sha256(path.read_bytes()).hexdigest(), sniff_kind(path)
            )
            for document_id, path in paths.items()
        }
