"""What several machines share: a Prefect server on Postgres, and a Chroma server, each of a test's own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from cli.server.background import find_free_port, start_background, stop_background

_POSTGRES_USER = "postgres"


def find_postgres() -> Path | None:
    """Return the folder of Postgres's own programs, the newest version's; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@contextmanager
def run_postgres(programs: Path, folder: Path) -> Iterator[str]:
    """Serve an empty database on 127.0.0.1; yields its address for Prefect. The log is in the folder."""
    # Postgres refuses to run as root, and its user can't enter the folders of pytest.
    as_user = ["runuser", "-u", _POSTGRES_USER, "--"] if os.geteuid() == 0 else []
    port = find_free_port()
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as home:
        if as_user:
            shutil.chown(home, _POSTGRES_USER)
        data = f"{home}/data"
        initdb = [programs / "initdb", "-D", data, "-U", _POSTGRES_USER, "-A", "trust", "--no-sync"]
        subprocess.run(
            [*as_user, *initdb, "-E", "UTF8", "--locale", "C"], check=True, capture_output=True, cwd=home
        )
        serve = [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", "-F"]
        address = f"127.0.0.1:{port}"
        is_ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        with _run(
            [*as_user, *map(str, serve)],
            folder / "postgres.json",
            address,
            lambda _: subprocess.run(is_ready, check=False).returncode == 0,
        ):
            yield f"postgresql+asyncpg://{_POSTGRES_USER}@{address}/{_POSTGRES_USER}"


@contextmanager
def run_prefect_server(database_url: str, folder: Path) -> Iterator[str]:
    """Serve Prefect on a database; yields the address of its API."""
    port = find_free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | {
        "PREFECT_API_DATABASE_CONNECTION_URL": database_url,
        "PREFECT_HOME": str(folder / "prefect-server"),
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start"]
    url = f"http://127.0.0.1:{port}/api"
    with _run(command, folder / "prefect.json", url, _answers("health"), environment):
        yield url


@contextmanager
def run_chroma_server(folder: Path) -> Iterator[str]:
    """Serve an empty index; yields the address for PLANNING_CHROMA_URL."""
    port = find_free_port()
    program = Path(sys.executable).with_name("chroma")
    command = [str(program), "run", "--path", str(folder / "chroma"), "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with _run(command, folder / "chroma.json", url, _answers("api/v2/heartbeat")):
        yield url


@contextmanager
def _run(
    command: Sequence[str],
    record: Path,
    url: str,
    is_ready: Callable[[str], bool],
    environment: Mapping[str, str] = os.environ,
) -> Iterator[None]:
    start_background(
        command,
        record=record,
        url=url,
        is_ready=is_ready,
        environment=environment,
        name=record.stem,
    )
    try:
        yield
    finally:
        stop_background(record)


def _answers(path: str) -> Callable[[str], bool]:
    def is_ready(url: str) -> bool:
        try:
            return httpx.get(f"{url}/{path}", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return is_ready
