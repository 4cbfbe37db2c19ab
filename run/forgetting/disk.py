"""The places on this disk: documents, outputs, texts, results, what is left of runs, and the index."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from planning_review.dates import london_today
from planning_review.files import replace_file
from planning_review.index.chroma_client import close_client
from planning_review.index.erasing import IndexedRows, clear_unused, erase_rows, find_rows, pack_folder
from planning_review.index.opening import open_policies_index
from planning_review.publish.local_site import publish_on_disk
from planning_review.publish.site import SITE_FILES
from planning_review.report.html import LETTERS_NAME
from planning_review.report.output_files import picture_stem
from planning_review.report.pictures import is_picture_of
from planning_review.settings import Settings
from run.forgetting.place import Files, Look, Place, read_bytes
from run.forgetting.subject import Subject, names_document, read_manifest

MANIFEST_STEM = "manifest"
MANIFEST_NAME = f"{MANIFEST_STEM}.json"
_OUTPUT = re.compile(r"((?:rev|let)_[0-9]{8}_[0-9a-f]+_(?:review|letter))\.[a-z]+")


def list_disk_places(settings: Settings, subject: Subject) -> list[Place]:
    """Return the places below the data and the temporary folder, in the order in which they are emptied."""
    is_whole = subject.document_id is None
    record_name = f"review-{subject.folder.replace('/', '-')}.run"
    reference = subject.reference.encode()

    def is_document(key: str, path: Path) -> bool:
        return subject.is_in_folder(key) if is_whole else key.removesuffix(".part") in subject.keys

    def is_output(key: str, path: Path) -> bool:
        return subject.is_entry(key) or is_output_of(
            key, subject, lambda name: read_bytes(path.with_name(name))
        )

    def is_copy(key: str, path: Path) -> bool:
        inside = key.partition("/")[2]
        return subject.is_entry(inside) or (inside in SITE_FILES and subject.is_shown(read_bytes(path)))

    return [
        Files("documents", [settings.raw_dir, settings.temp_dir], is_document),
        Files("texts", [settings.text_dir], lambda key, path: path.name.lstrip(".")[:64] in subject.sha256s),
        Files(
            "results of tasks", [settings.results_dir], lambda key, path: subject.is_named(read_bytes(path))
        ),
        Files(
            "pages and messages kept",
            [settings.pages_dir, settings.notices_dir],
            lambda key, path: is_whole and reference in read_bytes(path),
        ),
        Passages(settings, subject),
        Files("outputs", [settings.output_dir], is_output),
        Files("copies of the bucket's catalogue", [settings.data_dir / "bucket-catalogue"], is_copy),
        ManifestEntry(settings.output_dir / subject.folder / MANIFEST_NAME, subject),
        Site(settings, subject),
        Files("locks", [settings.locks_dir], lambda key, path: is_whole and path.name == record_name),
    ]


def is_output_of(key: str, subject: Subject, read: Callable[[str], bytes]) -> bool:
    """Return whether a file of the application's outputs is to go; read gives another of its folder.

    Of a document they are the reviews and letters that name it, in all their forms, the list of letters,
    which the next run makes anew, the pictures of its pages, and what is left of manifests. The manifest
    itself stays, and so do people's decisions.
    """
    if subject.document_id is None or not subject.is_in_folder(key):
        return subject.is_in_folder(key)
    name = key.rpartition("/")[2]
    if found := _OUTPUT.match(name):
        # Without its JSON, as after an erasing that was ended halfway, nothing tells what it names.
        content = read(f"{found[1]}.json")
        return not content or names_document(content, subject.document_id)
    is_picture = name.startswith(f"{picture_stem(subject.document_id)}_") or any(
        is_picture_of(name, sha256) for sha256 in subject.sha256s
    )
    if name == LETTERS_NAME or is_picture:
        return True
    return name.startswith(f"{MANIFEST_STEM}.") and name != MANIFEST_NAME


class Passages:
    """The index: passages of the council, made by any embedder."""

    name = "index"

    def __init__(self, settings: Settings, subject: Subject) -> None:
        self._settings, self._subject = settings, subject

    def look(self) -> Look:
        """Look through every row of the council's collections."""
        rows = self.find()
        found = {(row.collection, row.document_id) for row in rows.found}
        lines = tuple(f"{collection}: passages of {document}" for collection, document in sorted(found))
        where = " on the server" if self._settings.chroma_url else ""
        stays = (
            "the Chroma server's own files hold what it deleted until they are packed: with the server "
            "stopped, `chroma vacuum --path FOLDER`"
            if self._settings.chroma_url
            else ""
        )
        return Look(f"{rows.rows} passages in {rows.collections} collections{where}", lines, stays)

    def find(self) -> IndexedRows:
        """Return the rows that are there."""
        if not self._is_there:
            return IndexedRows((), 0, 0)
        subject = self._subject
        with open_policies_index(self._settings, tell=lambda text: None) as index:
            rows = find_rows(index, subject.council, subject.reference, subject.document_id)
            if index.lock:
                close_client(index.client)
                clear_unused(self._settings.chroma_dir)
            return rows

    def erase(self) -> None:
        """Erase the rows, and in a folder of our own what Chroma keeps of them."""
        if not self._is_there:
            return
        subject = self._subject
        with open_policies_index(self._settings, tell=lambda text: None) as index:
            erase_rows(index, subject.council, subject.reference, subject.document_id)
            if index.lock:
                # Packed before the lock is given back, and not while Chroma has it open.
                close_client(index.client)
                pack_folder(self._settings.chroma_dir)

    @property
    def _is_there(self) -> bool:
        return bool(self._settings.chroma_url) or self._settings.chroma_dir.is_dir()


class ManifestEntry:
    """A document's line in the manifest: its number stays taken, so that no link leads to another."""

    name = "manifest"

    def __init__(self, path: Path, subject: Subject) -> None:
        self._path, self._subject = path, subject

    def look(self) -> Look:
        """Look at the document's line."""
        if self._subject.document_id is None or not self._path.is_file():
            return Look("no manifest that stays")
        content = self._path.read_bytes()
        found = forget_entry(content, self._subject.document_id) is not None
        return Look("1 manifest", (f"{self._path}: its line",) if found else ())

    def erase(self) -> None:
        """Empty the document's line."""
        if self._subject.document_id is not None and self._path.is_file():
            new = forget_entry(self._path.read_bytes(), self._subject.document_id)
            if new is not None:
                replace_file(self._path, new)


class Site:
    """The index page, the feed and the calendar of this data folder."""

    name = "index page, feed and calendar"

    def __init__(self, settings: Settings, subject: Subject) -> None:
        self._settings, self._subject = settings, subject

    def look(self) -> Look:
        """Look for the reviews that are to go."""
        paths = [self._settings.output_dir / name for name in SITE_FILES]
        there = [path for path in paths if path.is_file()]
        found = tuple(str(path) for path in there if self._subject.is_shown(path.read_bytes()))
        return Look(f"{len(there)} files", found)

    def erase(self) -> None:
        """Make them anew from the entries that are left."""
        if self.look().found:
            publish_on_disk(self._settings, [], datetime.now(UTC), london_today())


def forget_entry(manifest: bytes, document_id: str) -> str | None:
    """Return a manifest without what it says of a document; None where it says nothing, or is damaged."""
    parsed = read_manifest(manifest)
    new = parsed and parsed.without(document_id)
    return None if new is None or new == parsed else f"{new.model_dump_json(indent=2)}\n"
