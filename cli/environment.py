"""What Prefect has to find in the environment before it is imported."""

import os

from cli.server import ensure_server
from planning_review.settings import Settings


def prepare_prefect(settings: Settings, *, is_terminal: bool) -> str:
    """Point Prefect at a server and at the data folder; returns the address of the server's UI.

    The server in PREFECT_API_URL is used where there is one, else the data folder's own is started.
    Must be called before anything imports Prefect.
    """
    if not os.environ.get("PREFECT_API_URL"):
        server = ensure_server(settings)
        os.environ["PREFECT_API_URL"] = f"{server.url}/api"
        # The profile in the person's home may name another server, and its own settings.
        os.environ["PREFECT_HOME"] = str(settings.prefect_dir)
    os.environ.setdefault("PREFECT_SERVER_ALLOW_EPHEMERAL_MODE", "false")
    os.environ.setdefault("PREFECT_LOCAL_STORAGE_PATH", str(settings.results_dir))
    os.environ.setdefault("PREFECT_RESULTS_PERSIST_BY_DEFAULT", "true")
    # Pickles of another version of the code can't be read back; JSON of a model can.
    os.environ.setdefault("PREFECT_RESULTS_DEFAULT_SERIALIZER", "json")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if is_terminal:
        # The live lines tell the story there; the run's own log keeps every word.
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    return os.environ["PREFECT_API_URL"].removesuffix("/api")
