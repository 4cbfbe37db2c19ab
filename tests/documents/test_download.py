"""A document's way from a register to its place, through the real client over HTTP."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from planning_review.documents.download import bytes_in_place, download_document, remove_parts
from planning_review.documents.manifest import ManifestFile
from planning_review.errors import DocumentGone, NotADocument, RegisterUnavailable
from planning_review.models import FileKind, ListedDocument, StoredFile
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council

FOLDER = "25_00284_F"
PDF = b"%PDF-1.7\n" + b"a page" * 50_000


@dataclass
class Answer:
    body: bytes
    status: int = 200
    content_type: str = "application/pdf"
    announced_bytes: int | None = None
    when_half_sent: Callable[[], None] = lambda: None


@dataclass
class Register:
    """A register that serves documents by their imageId, and counts what it is asked for."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def listed(self, image_id: str, title: str = "Plan", document_id: str | None = None) -> ListedDocument:
        return ListedDocument(
            document_id=document_id or f"1-2-{image_id}",
            title=title,
            register_url=f"{self.url}/Document/Download?module=PLA&imageId={image_id}",
        )


@pytest.fixture
def register() -> Iterator[Register]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            image_id = parse_qs(urlsplit(self.path).query)["imageId"][0]
            served.requests.append(image_id)
            answer = served.answers.get(image_id, Answer(b"gone", 404))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            length = len(answer.body) if answer.announced_bytes is None else answer.announced_bytes
            self.send_header("Content-Length", str(length))
            self.end_headers()
            half = len(answer.body) // 2
            self.wfile.write(answer.body[:half])
            answer.when_half_sent()
            self.wfile.write(answer.body[half:])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Register(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(register: Register, tmp_path: Path) -> Iterator[AtriumClient]:
    with AtriumClient(
        get_council("cherwell", register.url),
        locks_dir=tmp_path / "locks",
        interval_seconds=0,
        contact=None,
        pages_dir=tmp_path / "pages",
    ) as client:
        yield client


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"


@pytest.fixture
def manifest(tmp_path: Path) -> ManifestFile:
    return ManifestFile(tmp_path / "output" / "manifest.json", "25/00284/F", "cherwell", FOLDER)


def files_in(raw: Path) -> dict[str, bytes]:
    return {path.relative_to(raw).as_posix(): path.read_bytes() for path in raw.rglob("*") if path.is_file()}


def test_a_document_gets_its_place_and_its_record(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    seen: list[set[str]] = []
    register.answers["a"] = Answer(PDF, when_half_sent=lambda: seen.append(set(files_in(raw))))
    document = register.listed("a", "Transport Assessment.pdf")
    manifest.register([register.listed("z"), document])
    stored = download_document(client, document, manifest, raw)
    assert stored == StoredFile(
        document_id="1-2-a",
        index=2,
        key=f"{FOLDER}/002_Transport_Assessment.pdf",
        sha256=hashlib.sha256(PDF).hexdigest(),
        size_bytes=len(PDF),
        kind=FileKind.PDF,
    )
    assert files_in(raw) == {stored.key: PDF}
    assert manifest.stored_file("1-2-a") == stored
    assert bytes_in_place(stored, raw)
    # Until it was whole, it stood beside its place under another name.
    assert all(name.endswith(".part") for names in seen for name in names)


def test_the_ending_comes_from_the_bytes(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    register.answers["a"] = Answer(b"\xff\xd8\xff\xe0 jpeg", content_type="application/pdf")
    stored = download_document(client, register.listed("a", "Site Plan.pdf"), manifest, raw)
    assert stored.key == f"{FOLDER}/001_Site_Plan.jpg"


@pytest.mark.parametrize(
    ("body", "found"),
    [(b"<!DOCTYPE html><html><body>Error</body></html>", "web page"), (b"", "empty file")],
)
def test_what_is_no_document_is_refused_and_nothing_is_kept(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile, body: bytes, found: str
) -> None:
    register.answers["a"] = Answer(body)
    document = register.listed("a", "Travel Plan")
    with pytest.raises(NotADocument) as caught:
        download_document(client, document, manifest, raw)
    for part in (found, "Travel Plan", "1-2-a", document.register_url, "--refresh download"):
        assert part in str(caught.value)
    assert files_in(raw) == {}
    assert manifest.stored_file("1-2-a") is None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"", 404), DocumentGone),
        (Answer(b"busy", 503), RegisterUnavailable),
        (Answer(PDF, announced_bytes=len(PDF) + 10), RegisterUnavailable),
    ],
)
def test_a_failed_download_leaves_nothing(
    register: Register,
    client: AtriumClient,
    raw: Path,
    manifest: ManifestFile,
    answer: Answer,
    error: type[Exception],
) -> None:
    register.answers["a"] = answer
    with pytest.raises(error):
        download_document(client, register.listed("a"), manifest, raw)
    assert files_in(raw) == {}
    assert manifest.stored_file("1-2-a") is None


def test_a_place_that_cannot_be_taken_leaves_no_part(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    register.answers["a"] = Answer(PDF)
    (raw / FOLDER / "001_Plan.pdf" / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match="001_Plan"):
        download_document(client, register.listed("a"), manifest, raw)
    assert files_in(raw) == {}
    stored = manifest.stored_file("1-2-a")
    assert stored is None or not bytes_in_place(stored, raw)


def test_equal_bytes_are_kept_once(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    register.answers |= {"a": Answer(PDF), "b": Answer(PDF)}
    first = download_document(client, register.listed("a", "First"), manifest, raw)
    second = download_document(client, register.listed("b", "Second"), manifest, raw)
    assert second.key == first.key
    assert second.document_id == "1-2-b"
    assert files_in(raw) == {first.key: PDF}
    assert bytes_in_place(second, raw)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"x" * len(PDF))])
def test_equal_bytes_are_kept_where_the_first_ones_are_lost(
    register: Register,
    client: AtriumClient,
    raw: Path,
    manifest: ManifestFile,
    damage: Callable[[Path], object],
) -> None:
    register.answers |= {"a": Answer(PDF), "b": Answer(PDF)}
    first = download_document(client, register.listed("a", "First"), manifest, raw)
    damage(raw / first.key)
    assert not bytes_in_place(first, raw)
    second = download_document(client, register.listed("b", "Second"), manifest, raw)
    assert files_in(raw) == {first.key: PDF}
    assert bytes_in_place(second, raw)


def test_equal_bytes_in_the_object_store_are_not_kept_again(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    register.answers |= {"a": Answer(PDF), "b": Answer(PDF)}
    first = download_document(client, register.listed("a"), manifest, raw)
    (raw / first.key).unlink()
    asked: list[str] = []

    def is_stored(key: str) -> bool:
        asked.append(key)
        return True

    second = download_document(client, register.listed("b"), manifest, raw, is_stored)
    assert (second.key, asked) == (first.key, [first.key])
    assert files_in(raw) == {}
    # Whoever fetches the first one again wants its bytes here.
    download_document(client, register.listed("a"), manifest, raw, is_stored)
    assert files_in(raw) == {first.key: PDF}


def test_a_lost_or_damaged_file_is_put_right_by_another_download(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    register.answers["a"] = Answer(PDF)
    stored = download_document(client, register.listed("a"), manifest, raw)
    (raw / stored.key).write_bytes(PDF[:-1])
    assert not bytes_in_place(stored, raw)
    assert download_document(client, register.listed("a"), manifest, raw) == stored
    assert files_in(raw) == {stored.key: PDF}


def test_changed_bytes_get_a_place_of_their_own(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    register.answers["a"] = Answer(PDF)
    old = download_document(client, register.listed("a"), manifest, raw)
    register.answers["a"] = Answer(PDF + b"amended")
    new = download_document(client, register.listed("a"), manifest, raw)
    assert files_in(raw) == {old.key: PDF, new.key: PDF + b"amended"}
    assert (old.key, new.key) == (f"{FOLDER}/001_Plan.pdf", f"{FOLDER}/002_Plan.pdf")


@pytest.mark.parametrize(
    "hostile", ["../../../up", "/abs", "a\0b", "x" * 2000, "مخطط", "🚲", "CON", "..", ""]
)
def test_hostile_ids_and_titles_stay_in_the_folder(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile, hostile: str
) -> None:
    register.answers["a"] = Answer(PDF)
    document = register.listed("a", hostile, f"{hostile}-1")
    stored = download_document(client, document, manifest, raw)
    assert list(files_in(raw)) == [stored.key]
    assert (raw / stored.key).parent == raw / FOLDER
    assert [path.name for path in raw.parent.iterdir() if path.suffix == ".part"] == []


def test_eight_threads_share_one_manifest(
    register: Register, client: AtriumClient, raw: Path, manifest: ManifestFile
) -> None:
    names = [str(n) for n in range(24)]
    # Every third document is the same file.
    bodies = {name: PDF if int(name) % 3 == 0 else PDF + name.encode() for name in names}
    register.answers |= {name: Answer(body) for name, body in bodies.items()}

    def fetch(name: str) -> StoredFile:
        return download_document(client, register.listed(name, f"Plan {name}"), manifest, raw)

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(fetch, names))
    assert files_in(raw) == {file.key: bodies[name] for file, name in zip(stored, names, strict=True)}
    assert len(files_in(raw)) == 17
    assert all(bytes_in_place(file, raw) for file in stored)
    assert sorted(register.requests) == sorted(names)


def test_parts_of_a_killed_run_are_removed(raw: Path) -> None:
    folder = raw / FOLDER
    assert remove_parts(folder) == 0
    folder.mkdir(parents=True)
    (folder / "1-2-a.0123.part").write_bytes(b"half")
    (folder / "001_Plan.pdf").write_bytes(b"whole")
    assert remove_parts(folder) == 1
    assert files_in(raw) == {f"{FOLDER}/001_Plan.pdf": b"whole"}
