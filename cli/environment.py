"""The environment that Prefect has to find before it is imported."""

import os

from blocks.keys import RESULTS_BLOCK
from blocks.redaction import install_redaction
from blocks.s3_config import use_ca_bundle
from cli.server.connection import require_named_server
from cli.server.local_server import ensure_server, use_named_server, use_own_server
from cli.telling import tell_step
from planning_review.errors import StorageConfigError
from planning_review.folders import require_folders
from planning_review.settings import Settings


def prepare_prefect(settings: Settings, *, is_terminal: bool, wait_seconds: float = 0) -> str:
    """Point Prefect at a server and at the data folder; returns the address of the server's UI.

    The server in PREFECT_API_URL is used where there is one, else the data folder's own is started. One
    that is named and does not answer is waited for wait_seconds. Raises PlanningReviewError where it
    does not answer then, or where the data folder can't be used, and StorageConfigError, before any server
    is started, where S3 settings do not work. Must be called before anything imports Prefect.
    """
    require_folders(settings)
    if settings.uses_bucket:
        use_ca_bundle(settings)
    _set_defaults(settings, is_terminal=is_terminal)

    def use_server(url: str) -> None:
        use_own_server(settings, url)
        install_redaction(settings, [os.environ["PREFECT_API_AUTH_STRING"]])
        if not settings.s3_storage_block:
            _try_storage(settings)

    if url := use_named_server(settings):
        install_redaction(settings, filter(None, [os.environ.get("PREFECT_API_AUTH_STRING")]))
        tell_step(f"Looking for the Prefect server {url}")
        require_named_server(url, wait_seconds)
        _try_storage(settings)
    else:
        ensure_server(settings, use_server)
        if settings.s3_storage_block:
            # A saved block can only be read from a server that runs.
            _try_storage(settings)
    tell_step("Loading Prefect")
    return os.environ["PREFECT_API_URL"].removesuffix("/api")


def _set_defaults(settings: Settings, *, is_terminal: bool) -> None:
    defaults = {
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_LOCAL_STORAGE_PATH": str(settings.results_dir),
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
        # Pickles of another version of the code can't be read back; JSON of a model can.
        "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
        "DO_NOT_TRACK": "1",
        # By which the server notices that a run is gone (automations/); Prefect's shortest.
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        # Cancel reaches a worker at once over a websocket; where that is cut, after 120 s by default.
        "PREFECT_WORKER_CANCELLATION_POLL_SECONDS": "10",
        # What the logic and the storage have to say belongs to the run's log too.
        "PREFECT_LOGGING_EXTRA_LOGGERS": "planning_review,run,blocks",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    }
    if settings.uses_bucket:
        # Results go where another machine finds them; save_result_blocks makes the block.
        defaults["PREFECT_DEFAULT_RESULT_STORAGE_BLOCK"] = f"s3-bucket/{RESULTS_BLOCK}"
    if is_terminal:
        # The live lines tell the story there; the run's own log keeps every word.
        defaults["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def _try_storage(settings: Settings) -> None:
    if settings.uses_bucket:
        # Imported here since it takes a second, which a run without a bucket has no use for.
        from blocks.check import check_storage

        tell_step("Trying the storage")
        check_storage(settings)


def list_run_settings() -> dict[str, str]:
    """Return those of Prefect's settings that every run of this project needs, wherever it runs.

    To be called after prepare_prefect.
    """
    names = (
        "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT",
        "PREFECT_RESULTS_DEFAULT_SERIALIZER",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY",
        "PREFECT_LOGGING_EXTRA_LOGGERS",
        # Prefect's own storage of results finds it there.
        "AWS_CA_BUNDLE",
    )
    return {name: os.environ[name] for name in names if name in os.environ}


def save_result_blocks(settings: Settings) -> None:
    """Save the block that runs with S3 keep their results in, or see that it is there.

    Without S3 nothing happens. Raises StorageConfigError where a saved block is used for documents
    and the one for results was never saved: a run that starts without it would never end.
    """
    if not settings.uses_bucket:
        return
    from blocks.registration import save_blocks
    from blocks.s3_client import find_block

    if settings.s3_endpoint_url:
        save_blocks(settings)
    elif find_block(RESULTS_BLOCK) is None:
        raise StorageConfigError(
            f"The block s3-bucket/{RESULTS_BLOCK} is not on the Prefect server. Save it once with the "
            "S3_* settings: planning-review blocks save"
        )
