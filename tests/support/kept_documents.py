"""Documents whose text is kept and not indexed yet, and commands that need no Prefect server."""

import hashlib
from datetime import date
from pathlib import Path

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.manifest import ManifestFile
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.text_store import TextStore
from planning_review.models import DocumentState, DocumentText, FileKind, ListedDocument, PageText
from planning_review.references import reference_folder
from planning_review.settings import Settings
from tests.support.commands import CommandResult, run_command

REFERENCE = "25/00284/F"


KERBS = "The side roads have kerb radii of ten metres, so that a refuse vehicle can turn."


STORES = "Every home has a secure and covered store for its bicycles beside the front door."


def keep_document(
    settings: Settings,
    title: str,
    *pages: str,
    reference: str = REFERENCE,
    council: str = "cherwell",
    is_text_kept: bool = True,
) -> str:
    """Record a document in its application's manifest, and its text in the text store; returns its id."""
    sha256 = hashlib.sha256(f"{title} {pages}".encode()).hexdigest()
    folder = reference_folder(reference, council)
    manifest = ManifestFile(settings.output_dir / folder / "manifest.json", reference, council, folder)
    document_id = f"9-1-{len(manifest.snapshot().documents) + 1}"
    listed = ListedDocument(
        document_id=document_id,
        title=title,
        listed_date=date(2026, 10, 1),
        register_url=f"https://register.example/{document_id}",
    )
    manifest.record_download(listed, sha256=sha256, size_bytes=10, kind=FileKind.PDF)
    if is_text_kept:
        TextStore(settings.text_dir).save(
            DocumentText(
                sha256=sha256,
                kind=FileKind.PDF,
                extractor=EXTRACTOR_VERSION,
                ocr=ocr_version(),
                state=DocumentState.INDEXED if any(pages) else DocumentState.STORED,
                pages=tuple(
                    PageText(number=number, page_class="text" if page else "drawing", text=page)
                    for number, page in enumerate(pages, start=1)
                ),
                page_count=len(pages),
            )
        )
    return document_id


def planning_review(tmp_path: Path, *arguments: str, **variables: str) -> CommandResult:
    """Run a command that needs no Prefect server: at this address there is none."""
    return run_command(arguments, "http://127.0.0.1:9/api", tmp_path, variables)


def name_pages(found: CommandResult) -> list[tuple[str, int]]:
    return [(row["document_id"], row["page_start"]) for row in found.line]
