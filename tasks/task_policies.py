"""The retries of tasks, and what makes a result the same: every decorator in this package names these."""

import hashlib
import json
from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.tasks import Task, exponential_backoff

from planning_review.documents.chunking import CHUNKER_VERSION
from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.errors import TransientError
from planning_review.rules.judgement import Judgement
from run.context import current_run
from run.stopping import is_stopping

REGISTER_RETRIES = 3
"""With the first try, four requests in all: the most that one thing may cost the register."""

REGISTER_RETRY_DELAYS = exponential_backoff(backoff_factor=2)
REGISTER_RETRY_JITTER = 0.5

STORAGE_RETRIES = 2
"""With the first try, three PUTs in all."""

STORAGE_RETRY_DELAYS = exponential_backoff(backoff_factor=1)
STORAGE_RETRY_JITTER = 0.5


def can_help(task: Task[Any, Any], task_run: TaskRun, state: State[Any]) -> bool:
    """Return whether trying again may mend what ended in this state."""
    try:
        error = state.result(raise_on_failure=False)
    except Exception as unexpected:  # noqa: BLE001 - a result that can't be read is no reason to retry
        error = unexpected
    return isinstance(error, TransientError) and not is_stopping()


def _key(name: str, *identity: object, version: int = 1) -> str:
    """Return `name/v1/hash`: readable in the results folder, and never shared by two tasks.

    The version is that of the result's own shape: raise it where kept results no longer open.
    """
    text = json.dumps(identity, default=str, sort_keys=True)
    return f"{name}/v{version}/{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def download_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Identify a download: the council, the document, and its date and size as listed."""
    document = parameters["document"]
    return _key(
        "download_document",
        parameters["council"],
        document.document_id,
        document.listed_date,
        document.size_listed,
    )


def extract_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Identify a reading: the bytes, and the versions of what read them."""
    return _key("extract_document", parameters["stored"].sha256, EXTRACTOR_VERSION, ocr_version())


def upload_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Identify an upload: the bytes, and the place in the bucket."""
    stored = parameters["stored"]
    return _key("upload_document", stored.sha256, *_identify_bucket(), stored.key)


def upload_output_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Identify an output's upload: the bytes, and the place in the bucket."""
    path = parameters["path"]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return _key("upload_output", sha256, *_identify_bucket(), current_run().folder, path.name)


def _identify_bucket() -> tuple[str | None, ...]:
    settings = current_run().settings
    return (
        settings.s3_endpoint_url,
        settings.s3_bucket,
        settings.s3_storage_block,
        settings.s3_key_prefix,
        settings.s3_public_base_url,
    )


def index_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Identify an indexing: where the text goes and all that shaped it."""
    run = current_run()
    stored = parameters["stored"]
    return _key(
        "index_document",
        parameters["council"],
        parameters["reference"],
        stored.document_id,
        stored.sha256,
        EXTRACTOR_VERSION,
        ocr_version(),
        CHUNKER_VERSION,
        run.embedder.version,
        run.store.collection_id,
    )


def judge_key(context: TaskRunContext, parameters: dict[str, Any]) -> str:
    """Identify a judgement: the evidence it rests on and the rules that it was made by."""
    # A kept judgement names its class. One that was kept under another name can't be read back as one.
    kept_as = f"{Judgement.__module__}.{Judgement.__qualname__}"
    return _key("judge_application", kept_as, parameters["basis"].model_dump(mode="json"), version=2)
