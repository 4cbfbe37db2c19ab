"""A machine of its own for one application, and what can be seen of its runs from outside."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from planning_review.documents.text_store import TextStore
from planning_review.index.opening import open_council_store
from planning_review.index.passage_store import StoredPassage
from planning_review.references import reference_folder
from planning_review.sample.atrium import RegisterServer
from planning_review.sample.served import ServedDocument
from planning_review.settings import Settings
from tests.conftest import CommandResult, run_command, start_command
from tests.flows.test_review_flow import REFERENCE, make_application
from tests.flows.test_storage_flow import Bucket, make_bucket
from tests.support.deployed import Deployed
from tests.support.s3_server import FaultProxy, run_proxy
from tests.support.server_api import call_server

REVIEW = "review-application/review"
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Site:
    """One application with its register, its bucket, and the folders of a machine that reviews it.

    proxy stands before the bucket, chroma before the Chroma server; without one the index is a folder.
    """

    folder: Path
    reference: str
    register: RegisterServer
    bucket: Bucket
    proxy: FaultProxy
    api_url: str
    chroma: FaultProxy | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def key(self) -> str:
        return reference_folder(self.reference, "cherwell")

    @property
    def documents(self) -> Sequence[ServedDocument]:
        application = self.register.find_application(self.reference)
        assert application is not None
        return application.documents

    @property
    def variables(self) -> dict[str, str]:
        """What a run here is started with; by TMPDIR its processes are known."""
        index = {"PLANNING_CHROMA_URL": self.chroma.url} if self.chroma else {}
        return {
            **self.bucket.variables(self.register, self.proxy.url),
            **index,
            "S3_PUBLIC_BASE_URL": self.bucket.link("").rstrip("/"),
            "PLANNING_DATA_DIR": str(self.data),
            "PLANNING_TEMP_DIR": str(self.folder / "temp"),
            "PLANNING_WORKERS": "1",
            "PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": f"local-file-system/{self.bucket.name}",
            "TMPDIR": str(self.folder / "tmp"),
        }

    def start(self) -> "subprocess.Popen[str]":
        """Start a review by the command line."""
        return start_command(("review", self.reference, "--json"), self.api_url, self.folder, self.variables)

    def review(self) -> CommandResult:
        """Review by the command line, to the end."""
        return run_command(("review", self.reference, "--json"), self.api_url, self.folder, self.variables)

    def start_deployed(self, deployed: Deployed) -> str:
        """Ask the deployment for a run here; returns its id."""
        deployment = deployed.api("GET", f"/deployments/name/{REVIEW}")["id"]
        asked = {
            "parameters": {"parameters": {"reference": self.reference}},
            "job_variables": {"env": self.variables},
        }
        return str(deployed.api("POST", f"/deployments/{deployment}/create_flow_run", asked)["id"])

    def mend(self) -> None:
        """Let the bucket and the Chroma server answer again."""
        self.proxy.mend()
        if self.chroma:
            self.chroma.mend()

    def read_run_id(self) -> str | None:
        """Return the id of the run that has the application, or had it when it was killed."""
        path = self.data / "locks" / f"review-{self.key}.run"
        return path.read_text() or None if path.is_file() else None

    def api(self, method: str, path: str, body: object = None) -> Any:
        """Call Prefect's API and return what it answers."""
        return call_server(method, f"{self.api_url}{path}", body).raise_for_status().json()

    def read_states(self, run_id: str) -> list[str]:
        """Return the names of all states that a run went through."""
        found = self.api("GET", f"/flow_run_states/?flow_run_id={run_id}")
        return [state["name"] for state in sorted(found, key=lambda state: state["timestamp"])]

    def read_task_states(self, run_id: str) -> dict[str, str]:
        """Return the state of each task of a run, by the task's name without the reference."""
        asked = {"flow_runs": {"id": {"any_": [run_id]}}, "limit": 200}
        tasks = self.api("POST", "/task_runs/filter", asked)
        return {task["name"].removeprefix(f"{self.reference} "): task["state_name"] for task in tasks}

    def find_text(self, document: ServedDocument) -> Path:
        """Return where a document's text is kept on this machine."""
        return TextStore(self.data / "text").path(sha256(document.read_bytes()).hexdigest())

    def find_processes(self) -> dict[int, str]:
        """Return what works here now: the command line of each process of a run, by its id."""
        mark = f"TMPDIR={self.folder / 'tmp'}".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes():
                    command = (process / "cmdline").read_bytes()
                    found[int(process.name)] = command.replace(b"\0", b" ").decode()
            except OSError:
                # It has ended between the two looks.
                continue
        return found

    def load_index(self) -> tuple[list[StoredPassage], list[str]]:
        """Return the application's passages, and the ids of all rows that the index has."""
        chroma_url = self.chroma.url if self.chroma else None
        settings = Settings(_env_file=None, PLANNING_DATA_DIR=self.data, PLANNING_CHROMA_URL=chroma_url)
        with open_council_store(settings, "cherwell", tell=print) as store:
            rows = store._collection.get(where={"reference": self.reference}, include=[])
            return store.load_passages(self.reference), sorted(rows["ids"])

    def read_review(self) -> dict[str, Any]:
        """Return the one review that was written here."""
        (path,) = (self.data / "output" / self.key).glob("rev_*_review.json")
        review: dict[str, Any] = json.loads(path.read_text())
        return review

    def list_half_written(self) -> list[Path]:
        """Return the files that were not written to their end."""
        paths = [path for name in ("data", "temp", "tmp") for path in (self.folder / name).rglob("*")]
        files = [path for path in paths if path.is_file()]
        return [
            path for path in files if _is_partial(path) or (path.suffix == ".json" and not _is_json(path))
        ]

    def list_scratch(self) -> list[Path]:
        """Return the workers' own temporary folders."""
        return list((self.folder / "tmp").glob("planning-review-*"))


def _is_partial(path: Path) -> bool:
    return path.suffix in (".part", ".tmp", ".stored") or path.name.startswith((".rev_", ".let_"))


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


@contextmanager
def open_site(
    folder: Path,
    documents: Sequence[ServedDocument],
    s3_url: str,
    api_url: str,
    chroma_url: str | None = None,
    reference: str = REFERENCE,
) -> Iterator[Site]:
    """Serve an application with these documents to a machine that has done nothing yet."""
    (folder / "tmp").mkdir(parents=True)
    with ExitStack() as stack:
        site = Site(
            folder,
            reference,
            stack.enter_context(RegisterServer([make_application(*documents, reference=reference)])),
            make_bucket(s3_url),
            stack.enter_context(run_proxy(s3_url)),
            api_url,
            stack.enter_context(run_proxy(chroma_url)) if chroma_url else None,
        )
        _save_results_block(site)
        yield site


def _save_results_block(site: Site) -> None:
    """Let the site's runs keep their results to themselves: the block that runs save is one for a server."""
    kind = site.api("GET", "/block_types/slug/local-file-system")["id"]
    asked = {"block_schemas": {"block_type_id": {"any_": [kind]}}}
    schema = site.api("POST", "/block_schemas/filter", asked)[0]["id"]
    data = {"basepath": str(site.data / "results")}
    block = {"name": site.bucket.name, "block_type_id": kind, "block_schema_id": schema, "data": data}
    site.api("POST", "/block_documents/", block)


def wait_for(is_reached: Callable[[], object], what: str, seconds: float = 180.0) -> None:
    """Wait until something is so; fails after so many seconds."""
    pause = threading.Event()
    for _ in range(int(seconds / _PAUSE_SECONDS)):
        if is_reached():
            return
        pause.wait(_PAUSE_SECONDS)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def remove_turns(api_url: str) -> None:
    """Remove the limit on a council's reviews: a killed run keeps its turn for a minute."""
    found = call_server("DELETE", f"{api_url}/v2/concurrency_limits/review-cherwell")
    assert found.status_code in (204, 404), found.text
