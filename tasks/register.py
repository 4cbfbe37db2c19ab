"""Tasks that ask the register: the application, and each of its documents."""

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from planning_review.documents.download import download_document as fetch_into_place
from planning_review.documents.saved_folder import copy_saved, read_saved_folder
from planning_review.models import ApplicationPage, ListedDocument, StoredFile
from run.context import current_run
from run.progress import tell
from tasks.task_policies import (
    REGISTER_RETRIES,
    REGISTER_RETRY_DELAYS,
    REGISTER_RETRY_JITTER,
    can_help,
    download_key,
)


@task(
    name="fetch-application",
    task_run_name="{reference} read the register",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=REGISTER_RETRIES,
    retry_delay_seconds=REGISTER_RETRY_DELAYS,
    retry_jitter_factor=REGISTER_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def fetch_application(reference: str, council: str, documents_folder: str | None) -> ApplicationPage:
    """Read the application's page, or the folder that a person saved in its place."""
    run = current_run()
    with run.timed("register"):
        if documents_folder:
            return read_saved_folder(Path(documents_folder), reference, run.platform)
        return run.client.fetch_application(reference)


@task(
    name="download-document",
    task_run_name="{reference} download {document.title}",
    cache_key_fn=download_key,
    retries=REGISTER_RETRIES,
    retry_delay_seconds=REGISTER_RETRY_DELAYS,
    retry_jitter_factor=REGISTER_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def download_document(
    document: ListedDocument, reference: str, council: str, documents_folder: str | None
) -> StoredFile:
    """Bring one document's bytes into place; nothing is asked for what is there already."""
    run = current_run()
    if (stored := run.in_place(document)) is not None:
        return stored
    with run.timed("download"):
        if documents_folder:
            stored = copy_saved(document, Path(documents_folder), run.files.manifest, run.files.root)
        else:
            stored = fetch_into_place(
                run.client, document, run.files.manifest, run.files.root, run.files.holds_document
            )
    run.fetched.add(document.document_id)
    tell("fetched", document.title, f"{stored.size_bytes:,} bytes")
    return stored
