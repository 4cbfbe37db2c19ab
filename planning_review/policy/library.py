"""The policy documents that were loaded, kept so that the index can be made again from them."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from planning_review.documents.pages.page_text import clean_text
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import ExtractionError, PermanentError
from planning_review.models import DocumentState, FileKind, Frozen
from planning_review.policy.fetching import PolicyFile

_RECORD = "policies.json"
_MAX_TEXT_BYTES = 20 * 1024 * 1024


class KeptPolicy(Frozen):
    """A document that was loaded: which edition it is, for which council (None: national), and its bytes."""

    source: str
    edition: str
    council: str | None
    sha256: str
    kind: FileKind


_RECORDS = TypeAdapter(tuple[KeptPolicy, ...])


class PolicyLibrary:
    """A folder with each document's bytes under `{sha256}.{ext}`, and a record of what they are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, sha256: str, kind: FileKind) -> Path:
        """Return where a document's bytes are kept."""
        return self._folder / f"{sha256}.{kind.value}"

    def make_part_path(self) -> Path:
        """Return a path in the folder, which is made, that nothing else uses."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f".{uuid4().hex}.part"

    def find(self, source: str, edition: str, council: str | None) -> PolicyFile | None:
        """Return the kept bytes of an edition, or None where there are none."""
        for kept in self._read():
            if (kept.source, kept.edition, kept.council) == (source, edition, council):
                path = self.path_of(kept.sha256, kept.kind)
                return PolicyFile(path, kept.sha256, kept.kind) if path.is_file() else None
        return None

    def list_kept(self) -> tuple[KeptPolicy, ...]:
        """Return what is kept, without looking at the files."""
        return self._read()

    def keep_bytes(self, file: PolicyFile) -> PolicyFile:
        """Put a document's bytes into the folder, and return them there; a part of ours is moved."""
        path = self.path_of(file.sha256, file.kind)
        part = file.path
        if part.parent != self._folder or part.suffix != ".part":
            part = self.make_part_path()
            shutil.copyfile(file.path, part)
        part.replace(path)
        return PolicyFile(path, file.sha256, file.kind)

    def record(self, kept: KeptPolicy) -> None:
        """Remember what a document is, in place of what was known of that edition and council.

        Safe beside another process that does the same.
        """
        key = (kept.source, kept.edition, kept.council)
        part = self.make_part_path()
        with FileLock(self._folder / f".{_RECORD}.lock"):
            others = [row for row in self._read() if (row.source, row.edition, row.council) != key]
            rows = sorted([*others, kept], key=lambda row: (row.source, row.edition, row.council or ""))
            with part.open("w", encoding="utf-8") as file:
                json.dump([row.model_dump(mode="json") for row in rows], file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._folder / _RECORD)

    def _read(self) -> tuple[KeptPolicy, ...]:
        path = self._folder / _RECORD
        try:
            return _RECORDS.validate_json(path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            raise PermanentError(
                f"{path} can't be read ({type(error).__name__}). Remove it: the documents are fetched again, "
                "and those that you loaded from files are to be loaded again."
            ) from error


def read_pages(file: PolicyFile, pool: ExtractionPool) -> Sequence[str]:
    """Return a document's text page by page; a text file is one page, or as many as form feeds make.

    Raises ExtractionError, with the reason, where a PDF gives no text.
    """
    if file.kind is FileKind.TEXT:
        # A policy document as text has no pages, and is longer than the reader of applications' files takes.
        with file.path.open("rb") as stream:
            data = stream.read(_MAX_TEXT_BYTES)
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        return [clean_text(page) for page in data.decode(encoding, "replace").split("\f")]
    text = pool.read_document(file.path, file.sha256, file.kind)
    if text.state is not DocumentState.INDEXED:
        raise ExtractionError(
            f"No text could be read of it: {text.reason}. Get the document again, or another copy."
        )
    return [page.text for page in text.pages]
