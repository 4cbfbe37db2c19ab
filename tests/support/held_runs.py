"""Runs held in one stage, each on a machine of its own, and what can be seen of them from outside."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pymupdf

from planning_review.documents.text_store import TextStore
from planning_review.index.opening import open_council_store
from planning_review.index.passage_store import StoredPassage
from planning_review.references import reference_folder
from planning_review.sample.served_application import ServedDocument
from planning_review.settings import Settings
from tests.support.applications import FACTS, REFERENCE, make_application, make_document, make_pdf
from tests.support.buckets import Bucket, make_bucket
from tests.support.commands import CommandResult, run_command, start_command
from tests.support.deployed import Deployed, deploy_on
from tests.support.document_files import PARKING, write_endless_pdf, write_scanned_pdf
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.s3_server import SILENT, FaultProxy, run_proxy, run_s3_server
from tests.support.server_api import call_server
from tests.support.shared_servers import run_chroma_server

REVIEW = "review-application/review"
_PAUSE_SECONDS = 0.1
HELD_SECONDS = 120.0
_WORKER_START_SECONDS = 1.5
_SLOW_PAGES = 4
_LONG_PAGES = 60


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


@contextmanager
def open_surroundings(api_url: str, folder: Path) -> Iterator[tuple[str, str, Deployed]]:
    """Serve S3 and an index, and start a worker; yields the servers' addresses and the worker's machine."""
    with (
        run_s3_server() as s3_url,
        run_chroma_server(folder) as chroma_url,
        deploy_on(api_url, folder / "worker", {"PREFECT_WORKER_QUERY_SECONDS": "1"}) as deployed,
    ):
        remove_turns(api_url)
        yield s3_url, chroma_url, deployed


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


IsReached = Callable[[], bool]
Hold = Callable[[Site], IsReached]
"""Makes the next run at a site stay in one stage; what it returns says whether the run is there."""


def make_short_documents() -> list[ServedDocument]:
    """Return three documents that are read at once."""
    return [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS[:3], start=1)]


def make_slow_document(number: int, folder: Path) -> ServedDocument:
    """Return a document over which MuPDF takes some seconds."""
    page = pymupdf.open(write_endless_pdf(folder / f"page-{number}.pdf", [PARKING], forms=6))
    document = pymupdf.open()
    for _ in range(_SLOW_PAGES):
        document.insert_pdf(page)
    return make_document(number, bytes(document.tobytes()), "Slow drawings")


def make_scan(number: int, folder: Path) -> ServedDocument:
    """Return a page over which tesseract takes some seconds."""
    path = write_scanned_pdf(folder / f"scan-{number}.pdf", [f"{PARKING}\n" * 6])
    return make_document(number, path.read_bytes(), "Scanned letter")


def make_long_document(number: int) -> ServedDocument:
    """Return a document that is read at once and takes some seconds to embed."""
    pages = [f"Section {n}. {f'{FACTS[n % len(FACTS)]} ' * 20}" for n in range(_LONG_PAGES)]
    return make_document(number, make_pdf(*pages), "Long statement")


def hold_page(site: Site) -> IsReached:
    """Let the register take its time over the application's page."""
    path = f"/Planning/Display/{site.reference}"
    site.register.set_fault(path, Fault(kind="slow", seconds=HELD_SECONDS, times=1))
    before = len(site.register.requests)
    return lambda: any(request.path == path for request in site.register.requests[before:])


def hold_download(site: Site) -> IsReached:
    """Let the third document come slowly; reached in the middle of it."""
    third = site.documents[2]
    site.register.set_fault(third.document_id, Fault(kind="slow", seconds=HELD_SECONDS, times=1))
    return lambda: any((site.folder / "temp").rglob(f"{third.document_id}.*.part"))


def hold_manifest(site: Site) -> IsReached:
    """Leave the manifest's upload unanswered: the first, before any document's."""
    return _hold_requests(site.proxy, "PUT", f"{site.key}/manifest.json")


def hold_upload(site: Site) -> IsReached:
    """Leave the second document's upload unanswered."""
    return _hold_requests(site.proxy, "PUT", f"{site.key}/002_")


def hold_text(site: Site) -> IsReached:
    """Leave the uploads of texts unanswered: what was read is not indexed yet."""
    return _hold_requests(site.proxy, "PUT", "/results/text/")


def hold_outputs(site: Site) -> IsReached:
    """Leave the uploads of the review's files unanswered, which are all written by then."""
    return _hold_requests(site.proxy, "PUT", f"{site.key}/output/rev_")


def hold_adding(site: Site) -> IsReached:
    """Leave the Chroma server's answer to new passages out."""
    assert site.chroma is not None
    return _hold_requests(site.chroma, "POST", "/add")


def hold_judging(site: Site) -> IsReached:
    """Leave the Chroma server's answers to the reviewer's questions out."""
    assert site.chroma is not None
    return _hold_requests(site.chroma, "POST", "/query")


def watch_reading(site: Site) -> IsReached:
    """Wait until all are stored and a worker has been busy for longer than it takes to start."""
    return lambda: (
        all(site.proxy.count_stored(f"{site.key}/{n:03d}_") for n in range(1, len(site.documents) + 1))
        and any(
            "documents.workers.process" in command and _read_cpu_seconds(process) > _WORKER_START_SECONDS
            for process, command in site.find_processes().items()
        )
    )


def watch_ocr(site: Site) -> IsReached:
    """Wait for tesseract at a page."""
    return lambda: any(
        command.startswith("tesseract") and "--version" not in command
        for command in site.find_processes().values()
    )


def watch_embedding(site: Site) -> IsReached:
    """Wait until the server knows that the long document is being indexed."""
    before = site.read_run_id()

    def is_reached() -> bool:
        run_id = site.read_run_id()
        if run_id in (None, before):
            return False
        return site.read_task_states(str(run_id)).get("index Long statement") == "Running"

    return is_reached


def _hold_requests(proxy: FaultProxy, method: str, part: str) -> IsReached:
    before = len(proxy.spoiled)
    proxy.fail_path(method, part, SILENT)
    return lambda: len(proxy.spoiled) > before


def _read_cpu_seconds(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
