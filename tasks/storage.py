"""Tasks that store documents and outputs in the bucket."""

from collections.abc import Sequence
from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from planning_review.models import StoredFile
from run.context import current_run

# Results that earlier versions kept name it as a class of this module.
from run.documents import Uploaded
from tasks.task_policies import (
    STORAGE_RETRIES,
    STORAGE_RETRY_DELAYS,
    STORAGE_RETRY_JITTER,
    can_help,
    upload_key,
    upload_output_key,
)


@task(
    name="upload-document",
    task_run_name="{reference} upload {title}",
    cache_key_fn=upload_key,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def upload_document(stored: StoredFile, title: str, reference: str) -> Uploaded:
    """Store one document right after its download; what the bucket holds is not sent again."""
    run = current_run()
    with run.timed("upload"):
        return Uploaded(url=run.files.upload(stored))


@task(
    name="upload-output",
    task_run_name="{reference} upload {path.name}",
    cache_key_fn=upload_output_key,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def upload_output(path: Path, reference: str) -> Uploaded:
    """Store one file of a review or a letter under the application's output folder."""
    run = current_run()
    with run.timed("upload"):
        return Uploaded(url=run.files.upload_output(path))


@task(
    name="upload-pictures",
    task_run_name="{reference} upload the pictures of quotes",
    # What the bucket holds is not sent again.
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def upload_pictures(paths: Sequence[Path], reference: str) -> int:
    """Store the pictures of a review's quotes beside it, before its page; returns how many there are."""
    run = current_run()
    with run.timed("upload"):
        for path in paths:
            run.files.upload_output(path)
    return len(paths)
