"""What is to be forgotten, and by what its traces are known."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from planning_review.documents.manifest import Manifest
from planning_review.models import Frozen
from planning_review.references import reference_folder
from planning_review.settings import Settings

_SHA256 = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Subject(Frozen):
    """An application, or one document of it, with what its traces are known by.

    document_id is None for the whole application. known_sha256s and known_keys are of its bytes and files,
    others those that something else has too. review_ids are of the reviews that are to go.
    """

    council: str
    reference: str
    document_id: str | None = None
    document_ids: frozenset[str] = frozenset()
    known_sha256s: frozenset[str] = frozenset()
    known_keys: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    review_ids: frozenset[str] = frozenset()

    @property
    def sha256s(self) -> frozenset[str]:
        """The sha256s of bytes that nothing else has."""
        return self.known_sha256s - self.others

    @property
    def shared(self) -> frozenset[str]:
        """The sha256s of bytes that something else has too: what was read of them stays."""
        return self.known_sha256s & self.others

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its files, without those that stand for another document's bytes too."""
        return self.known_keys - self.others

    @property
    def folder(self) -> str:
        """The application's folder below raw, output and the bucket's prefix."""
        return reference_folder(self.reference, self.council)

    @property
    def name(self) -> str:
        """What it is called in a message."""
        whole = f"{self.reference} ({self.council})"
        return f"{self.document_id} of {whole}" if self.document_id else whole

    def is_in_folder(self, key: str) -> bool:
        """Return whether a key or a path below raw or output lies in the application's folder."""
        return key.startswith(f"{self.folder}/")

    def is_entry(self, key: str) -> bool:
        """Return whether a key is an entry of the catalogue that is to go."""
        if not key.startswith(f"catalogue/{self.council}/{reference_folder(self.reference)}/"):
            return False
        return self.document_id is None or any(f"_{each}." in key for each in self.review_ids)

    def is_named(self, content: bytes) -> bool:
        """Return whether what a task came to is about it. Whatever is taken away too much is done again."""
        return bool(self._trace.search(content))

    def is_shown(self, content: bytes) -> bool:
        """Return whether an index, a feed or a calendar shows a review that is to go."""
        return any(review_id.encode() in content for review_id in self.review_ids)

    def with_traces(
        self, files: Iterable["KnownFile"], others: Iterable[str] = (), review_ids: Iterable[str] = ()
    ) -> "Subject":
        """Return it with more that its traces are known by.

        files are of the whole application, others the sha256s that other applications have. What another
        document has too, stays: its text, and within the application its file.
        """
        known = list(files)
        mine = [each for each in known if self.document_id in (None, each.document_id)]
        rest = [each for each in known if each not in mine]
        return self.model_copy(
            update={
                "document_ids": self.document_ids | {each.document_id for each in mine},
                "known_sha256s": self.known_sha256s | {each.sha256 for each in mine if each.sha256},
                "known_keys": self.known_keys | {each.key for each in mine if each.key},
                "others": self.others.union(others, *({each.sha256, each.key} - {None} for each in rest)),
                "review_ids": self.review_ids | frozenset(review_ids),
            }
        )

    @property
    def _trace(self) -> re.Pattern[bytes]:
        # In JSON, which may stand in a string of JSON: a quote has any number of backslashes before it.
        quote = rb'\\*"'
        ids = [quote + re.escape(each.encode()) + quote for each in sorted(self.document_ids)]
        parts = [*ids, *(each.encode() for each in sorted(self.sha256s))]
        if self.document_id is None:
            parts.append(quote + re.escape(self.reference.encode()) + quote)
            folder = re.escape(self.folder.encode())
            parts += [quote + folder + b"/", b"/(output|raw)/" + folder + b"/", b"/" + folder + b"/output/"]
        return re.compile(b"|".join(parts) or b"(?!)")


class KnownFile(Frozen):
    """A document's bytes, as one of the records says."""

    document_id: str
    sha256: str | None = None
    key: str | None = None


def make_subject(settings: Settings, council: str, reference: str, document_id: str | None) -> Subject:
    """Return what is to be forgotten, with all that this data folder's files tell of its traces."""
    subject = Subject(
        council=council,
        reference=reference,
        document_id=document_id,
        document_ids=frozenset([document_id] if document_id else []),
    )
    folder = settings.output_dir / subject.folder
    known = [each for path in sorted(folder.glob("*json*")) for each in read_known_files(path.read_bytes())]
    known += find_stored_files(settings.results_dir, subject)
    others = {
        sha256
        for path in settings.output_dir.rglob("manifest.json*")
        if path.parent != folder
        for sha256 in list_sha256s(path.read_bytes())
    }
    return subject.with_traces(known, others, find_reviews(folder, document_id))


def read_known_files(content: bytes) -> list[KnownFile]:
    """Return the documents that a manifest or a review names; nothing of a damaged one or another file."""
    try:
        return list(_walk_documents(json.loads(content)))
    except (ValueError, TypeError, AttributeError, KeyError):
        return []


def list_sha256s(content: bytes) -> set[str]:
    """Return whatever looks like a sha256: of a damaged manifest too, what it needs is kept."""
    return {found.decode() for found in _SHA256.findall(content)}


def find_reviews(folder: Path, document_id: str | None) -> set[str]:
    """Return the ids of the reviews of an application's folder that name a document, or of all of them."""
    return {
        path.name.removesuffix("_review.json")
        for path in folder.glob("rev_*_review.json")
        if names_document(path.read_bytes(), document_id)
    }


def names_document(content: bytes, document_id: str | None) -> bool:
    """Return whether a review, a letter or a manifest names a document; all do where none is asked for."""
    return document_id is None or json.dumps(document_id, ensure_ascii=False).encode() in content


def find_stored_files(results_dir: Path, subject: Subject) -> list[KnownFile]:
    """Return the documents that results of downloads tell of, as where the manifest is gone."""
    found = (
        read_stored_file(path.read_bytes())
        for path in results_dir.glob("download_document/**/*")
        if path.is_file()
    )
    return [each for each in found if each and subject.is_in_folder(each.key or "")]


def read_stored_file(result: bytes) -> KnownFile | None:
    """Return the document that a download's result tells of."""
    try:
        data = json.loads(json.loads(result)["result"])["data"]
        return KnownFile(document_id=data["document_id"], sha256=data["sha256"], key=data["key"])
    except (ValueError, TypeError, KeyError):
        return None


def read_manifest(content: bytes) -> Manifest | None:
    """Return a manifest, None of a damaged one."""
    try:
        return Manifest.model_validate_json(content)
    except ValueError:
        return None


def _walk_documents(record: dict[str, Any]) -> Iterator[KnownFile]:
    for document in record.get("documents") or []:
        for version in (document, *(document.get("earlier") or [])):
            yield KnownFile(
                document_id=document["document_id"], sha256=version.get("sha256"), key=version.get("key")
            )
