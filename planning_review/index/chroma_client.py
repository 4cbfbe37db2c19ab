"""Reach Chroma, in a folder of our own or on a server, and say plainly what is wrong where we can't."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import httpx
from filelock import FileLock, Timeout

from planning_review.errors import IndexMismatch, PermanentError, TransientError, UsageError

if TYPE_CHECKING:
    import chromadb
    from chromadb.api.client import Client
    from chromadb.config import Settings

_SQLITE_MAGIC = b"SQLite format 3\x00"
_PROBE_SECONDS = 10.0
_ANSWER_SECONDS = 120.0  # Chroma's own client waits for ever


@dataclass(frozen=True)
class IndexPlace:
    """Where an index is, and what mends it there, for messages. Holds nothing secret."""

    name: str
    remedy: str

    @classmethod
    def of_folder(cls, folder: Path) -> "IndexPlace":
        """Return the place of an index in a folder."""
        return cls(
            f"The index in {folder}",
            f"Remove it with `rm -r {folder}` and give the same command again: the extracted text is "
            "kept elsewhere, and the index is filled from it.",
        )

    @classmethod
    def of_server(cls, host: str, port: int) -> "IndexPlace":
        """Return the place of an index on a Chroma server."""
        return cls(
            f"The Chroma server at {host}:{port}",
            "Start it with `chroma run`, or correct PLANNING_CHROMA_URL (without it, the index is a local "
            "folder), then give the same command again.",
        )

    @contextmanager
    def explain_errors(self) -> Iterator[None]:
        """Turn what Chroma and its transport raise into errors that say what to do."""
        from chromadb.errors import ChromaError

        try:
            yield
        except httpx.HTTPError as error:
            raise TransientError(
                f"{self.name} did not answer ({type(error).__name__}). {self.remedy}"
            ) from error
        except ChromaError as error:
            raise PermanentError(f"{self.name} can't be used: {error}. {self.remedy}") from error
        except Exception as error:
            # An answer that Chroma's HTTP client does not know becomes a bare Exception.
            if type(error) is not Exception:
                raise
            raise TransientError(f"{self.name} answered with an error: {error}. {self.remedy}") from error


def lock_folder(folder: Path, lock_path: Path, wait_seconds: float, tell: Callable[[str], None]) -> FileLock:
    """Take the folder for this process; where another has it, tell so and wait, then raise TransientError.

    A second process that has the folder open never sees what the first one adds, without an error.
    The system gives the lock back when its holder dies. Any thread may release it.
    """
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(
            f"The index in {folder} is in use by another process: waiting for it, at most "
            f"{wait_seconds:.0f} seconds. To use it from several at once, start `chroma run --path {folder}` "
            "and set PLANNING_CHROMA_URL to its address."
        )
        try:
            lock.acquire(timeout=wait_seconds)
        except Timeout:
            raise TransientError(
                f"The index in {folder} was still in use by another process after "
                f"{wait_seconds:.0f} seconds (lock file {lock_path}). Wait for that process or stop it, then "
                "give the same command again."
            ) from None
    return lock


def open_folder(folder: Path) -> "Client":
    """Open the index in a folder, made where it is absent; the folder must be locked already."""
    place = IndexPlace.of_folder(folder)
    _check_folder(folder, place)
    folder.mkdir(parents=True, exist_ok=True)
    import chromadb

    with place.explain_errors():
        try:
            return cast("Client", chromadb.PersistentClient(path=folder, settings=_chroma_settings()))
        except AttributeError as error:
            # What Chroma raises from the second time on that a process opens a folder it could not open.
            raise PermanentError(f"{place.name} can't be opened. {place.remedy}") from error


def open_server(url: str) -> "tuple[Client, IndexPlace]":
    """Open the index on a Chroma server (`http://127.0.0.1:8000`), or raise TransientError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.path.strip("/") or "@" in parts.netloc:
        # The value is not repeated: it may hold a password.
        raise UsageError(
            "PLANNING_CHROMA_URL must be the address of a Chroma server and nothing more, such as "
            "http://127.0.0.1:8000."
        )
    place = IndexPlace.of_server(host, port)
    with place.explain_errors():
        answer = httpx.get(f"{parts.scheme}://{parts.netloc}/api/v2/heartbeat", timeout=_PROBE_SECONDS)
        if answer.status_code != httpx.codes.OK or "heartbeat" not in answer.text:
            raise PermanentError(
                f"{place.name} is none that this project knows: its /api/v2/heartbeat answered "
                f"{answer.status_code}. {place.remedy}"
            )
        import chromadb

        is_https = parts.scheme == "https"
        client = cast(
            "Client", chromadb.HttpClient(host=host, port=port, ssl=is_https, settings=_chroma_settings())
        )
        for session in _http_sessions(client):
            session.timeout = httpx.Timeout(_ANSWER_SECONDS)
        return client, place


def close_client(client: "Client") -> None:
    """Close a client and its connections, which Chroma 1.5.9 leaves open. A second call does nothing."""
    client.close()
    for session in _http_sessions(client):
        session.close()


def _http_sessions(client: "Client") -> list[httpx.Client]:
    """Return the connections of a client of a server: its own and those of the admin client inside it."""
    servers = [getattr(owner, "_server", None) for owner in (client, client._admin_client)]
    sessions = [getattr(server, "_session", None) for server in servers]
    return [session for session in sessions if isinstance(session, httpx.Client)]


def open_collection(
    client: "Client", place: IndexPlace, stem: str, identity: dict[str, str | int]
) -> "chromadb.Collection":
    """Open or make the collection, which is named for what its vectors depend on, and check that it is so.

    stem is what its name begins with, for people who look into the index.
    """
    from chromadb.errors import NotFoundError

    name = name_collection(stem, identity)
    try:
        collection = client.get_collection(name, embedding_function=None)
    except NotFoundError:
        collection = client.get_or_create_collection(
            name, metadata=identity, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
    found = {key: (collection.metadata or {}).get(key) for key in identity}
    space = (collection.configuration_json.get("hnsw") or {}).get("space")
    if found != identity or space != "cosine":
        council = identity.get("council")
        remedy = (
            f"`planning-review index rebuild --council {council}` makes it anew, from the extracted text, "
            "which is kept elsewhere."
        )
        raise IndexMismatch(
            f"{place.name} has a collection {name} that was made in another way: {found} with distance "
            f"{space}, where {identity} with cosine is needed. {remedy if council else place.remedy}"
        )
    return collection


def name_collection(stem: str, identity: dict[str, str | int]) -> str:
    """Return the name of the collection with an identity."""
    stem = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:40] or "council"
    digest = hashlib.sha256(repr(sorted(identity.items())).encode()).hexdigest()
    return f"{stem}-{digest[:12]}"


def _check_folder(folder: Path, place: IndexPlace) -> None:
    """Raise PermanentError for a folder that Chroma would take, or fail in, though it is not Chroma's."""
    database = folder / "chroma.sqlite3"
    if folder.exists() and not folder.is_dir():
        raise PermanentError(f"{place.name} is not a folder but a file. {place.remedy}")
    if database.is_file():
        with database.open("rb") as file:
            magic = file.read(len(_SQLITE_MAGIC))
        # An empty one is what a process leaves that was killed while it made the index.
        if magic not in (b"", _SQLITE_MAGIC):
            raise PermanentError(f"{place.name} is damaged: {database.name} is no database. {place.remedy}")
    elif folder.is_dir() and any(folder.iterdir()):
        raise PermanentError(
            f"{folder} holds files but no index ({database.name} is missing). If they are another "
            "program's, set PLANNING_DATA_DIR to another folder; if they are the remains of an index, "
            f"remove them with `rm -r {folder}` and give the same command again."
        )


def _chroma_settings() -> "Settings":
    from chromadb.config import Settings

    # Without the file's name Chroma reads the project's own .env.
    return Settings(_env_file=None, anonymized_telemetry=False)
