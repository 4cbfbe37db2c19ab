"""What the tests share: one real Prefect server, and the command line as a user runs it."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

# Before any test imports PyMuPDF: workers leave its layout network out, with which tables read otherwise.
import planning_review.documents.formats.pdf  # noqa: F401
from cli.server.local_server import ensure_server, stop_server
from cli.server.password import require_password
from planning_review.sample.application import build_sample
from planning_review.settings import load_settings
from tests.support.applications import serve_statements
from tests.support.commands import Command, CommandResult, run_command
from tests.support.faulty_register import RegisterServer
from tests.support.server_api import call_server, remember_password


def pytest_configure(config: pytest.Config) -> None:
    """Trust one authority in place of all the world's, here and in every process that is started.

    Each client reads them all, and each run makes some ten; none of them leaves this machine.
    """
    # The processes that run tests side by side have it from the one that started them.
    if not hasattr(config, "workerinput"):
        authorities = Path(certifi.where()).read_text(encoding="utf-8")
        first, end, _ = authorities.partition("-----END CERTIFICATE-----")
        folder = tempfile.TemporaryDirectory(prefix="planning-review-tests-")
        path = Path(folder.name) / "authority.pem"
        path.write_text(first + end + "\n", encoding="utf-8")
        os.environ["SSL_CERT_FILE"] = str(path)
        config.add_cleanup(folder.cleanup)


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The API address of a Prefect server of these tests' own, stopped with them."""
    settings = load_settings(PLANNING_DATA_DIR=tmp_path_factory.mktemp("prefect-server"))
    api_url = f"{ensure_server(settings).url}/api"
    remember_password(api_url, require_password(settings))
    yield api_url
    stop_server(settings)


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample's documents and listing, built once; nobody changes it."""
    path = tmp_path_factory.mktemp("sample")
    build_sample(path)
    return path


@pytest.fixture
def command(prefect_url: str, tmp_path: Path) -> Command:
    """Run `planning-review` in a process of its own, with a data folder of this test's own."""

    def run(*arguments: str, **variables: str) -> CommandResult:
        return run_command(arguments, prefect_url, tmp_path, variables)

    return run


@pytest.fixture
def register() -> Iterator[RegisterServer]:
    """A register with one application of four statements."""
    with serve_statements() as server:
        yield server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the server, and put the files with most of them first.

    Files run side by side, each in one process: so no long one is left over at the end. The order within
    a file stays.
    """
    needing = [item for item in items if "prefect_url" in getattr(item, "fixturenames", ())]
    for item in needing:
        item.add_marker(pytest.mark.slow)
    counts = Counter(item.path for item in needing)
    items.sort(key=lambda item: -counts[item.path])


@pytest.fixture
def no_deployments(prefect_url: str) -> None:
    """Leave no review deployment on the common server: a scan would hand its reviews to it."""
    found = call_server("GET", f"{prefect_url}/deployments/name/review-application/review")
    if found.is_success:
        call_server("DELETE", f"{prefect_url}/deployments/{found.json()['id']}")
