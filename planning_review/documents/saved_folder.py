"""A folder of documents that a person saved, read as if the register had listed them."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from planning_review.documents.download import keep_part, make_part_path
from planning_review.documents.formats.table import drop_file_suffix
from planning_review.documents.manifest import SAVED_ID, ManifestFile
from planning_review.errors import (
    ApplicationNotFound,
    NotADocument,
    PageCut,
    RegisterLayoutError,
    UsageError,
)
from planning_review.models import Application, ApplicationPage, ListedDocument, StoredFile
from planning_review.register.platform import Platform

APPLICATION_PAGE = "application.html"
"""The register's page of the application, where a person saved that too."""

_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
# What a browser calls the pages that it saves, and the ending of the folder in which it puts what they show.
_PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
_PAGE_FOLDER = "_files"


def read_saved_folder(folder: Path, reference: str, platform: Platform) -> ApplicationPage:
    """Return the application with the folder's files as its documents.

    A sub-folder's name is the category of what it holds. Where the folder has an `application.html`,
    the application's facts come from it, and so does what it lists about a file of the same name.
    Raises UsageError for a folder that is missing or has no document.
    """
    register_url = platform.application_url(reference)
    if not folder.is_dir():
        raise UsageError(
            f"--documents {folder} is not a folder: make one, and save the application's documents from "
            f"{register_url} in it."
        )
    paths = list(_list_files(folder))
    if not paths:
        raise UsageError(
            f"--documents {folder} holds no document: save the application's documents from "
            f"{register_url} in it. Sub-folders may be named after the register's categories."
        )
    page = _read_application_page(folder / APPLICATION_PAGE, reference, platform)
    rows = {document.file_name.casefold(): document for document in page.documents if document.file_name}
    documents = tuple(_describe(path, folder, register_url, rows) for path in paths)
    return ApplicationPage(application=page.application, documents=documents, documents_available=True)


def fill_in(page: ApplicationPage, told: Mapping[str, str | None]) -> ApplicationPage:
    """Return the page with what a person told of the application; what they told stands in for the page's."""
    given = {name: value.strip() for name, value in told.items() if value and value.strip()}
    return page.model_copy(update={"application": page.application.model_copy(update=given)})


def copy_saved(
    document: ListedDocument, folder: Path, manifest: ManifestFile, folder_root: Path
) -> StoredFile:
    """Copy a document of read_saved_folder to `folder_root / key` and record it in the manifest.

    A web page that the person saved as one is a document: an objection, a page of a report. Raises
    NotADocument for one that stands under another name, as registers serve them in place of a document, for
    an empty file, one that is no longer there, and a link that leads out of the folder.
    """
    source = _find_source(document, folder)
    part_path = make_part_path(folder_root / manifest.folder, document.document_id)
    try:
        # Read once: the sum is that of the bytes copied, also when the file changes meanwhile.
        with source.open("rb") as reader, part_path.open("xb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
        with part_path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return keep_part(
            part_path,
            document,
            manifest,
            folder_root,
            sha256=sha256,
            size_bytes=part_path.stat().st_size,
            origin=_readable(str(source)),
            next_step="Save the document itself there and run the same command again.",
            may_be_page=source.suffix.lower() in _PAGE_SUFFIXES,
        )
    except OSError as error:
        if error.filename not in (str(source), source):
            raise
        raise NotADocument(
            f"{_readable(str(source))} cannot be read ({error.strerror}): check its permissions."
        ) from None
    finally:
        part_path.unlink(missing_ok=True)


def _list_files(folder: Path) -> Iterator[Path]:
    found: list[Path] = []
    for parent, folder_names, file_names in os.walk(folder):
        pages = {Path(name).stem for name in file_names if name.lower().endswith(_PAGE_SUFFIXES)}
        folder_names[:] = [
            name
            for name in folder_names
            if not name.startswith(".") and not _is_of_page(name, pages | {Path(APPLICATION_PAGE).stem})
        ]
        found += [Path(parent, name) for name in file_names if not _is_ignored(name)]
    return (path for path in sorted(found, key=_sort_key) if path != folder / APPLICATION_PAGE)


def _is_of_page(folder_name: str, pages: Set[str]) -> bool:
    """Return whether a browser keeps a saved page's pictures and scripts in a folder."""
    return folder_name.endswith(_PAGE_FOLDER) and folder_name.removesuffix(_PAGE_FOLDER) in pages


def _is_ignored(name: str) -> bool:
    return name.startswith((".", "~$")) or name.casefold() in _SYSTEM_FILES


def _sort_key(path: Path) -> tuple[list[str], str]:
    return [part.casefold() for part in path.parts], str(path)


def _read_application_page(path: Path, reference: str, platform: Platform) -> ApplicationPage:
    register_url = platform.application_url(reference)
    if not path.is_file():
        application = Application(
            reference=reference, council=platform.council.code, register_url=register_url
        )
        return ApplicationPage(application=application, documents=(), documents_available=False)
    try:
        return platform.parse_application(path.read_bytes(), reference)
    except (ApplicationNotFound, PageCut, RegisterLayoutError) as error:
        raise UsageError(
            f"{path} is not the register's page of {reference}: save {register_url} under that name, "
            f"or remove the file. What was found: {error}"
        ) from None


def _describe(path: Path, folder: Path, register_url: str, rows: dict[str, ListedDocument]) -> ListedDocument:
    relative = path.relative_to(folder)
    *groups, name = (_readable(part) for part in relative.parts)
    try:
        size_bytes = path.stat().st_size
    except OSError:
        size_bytes = None
    own = {
        "document_id": _make_document_id(relative),
        "file_name": name,
        "size_listed": None if size_bytes is None else f"{size_bytes} bytes",
        "size_bytes_listed": size_bytes,
    }
    if row := rows.get(name.casefold()):
        return row.model_copy(update=own)
    return ListedDocument.model_validate(
        own
        | {
            "title": drop_file_suffix(name).replace("_", " ").strip() or name,
            "category": " / ".join(groups).replace("_", " ") or None,
            "register_url": register_url,
        }
    )


def _readable(name: str) -> str:
    # A name need not be UTF-8, what is written from it must be.
    return os.fsencode(name).decode("utf-8", errors="replace")


def _make_document_id(relative: Path) -> str:
    return f"{SAVED_ID}{hashlib.sha256(os.fsencode(relative.as_posix())).hexdigest()[:12]}"


def _find_source(document: ListedDocument, folder: Path) -> Path:
    for path in _list_files(folder):
        if _make_document_id(path.relative_to(folder)) == document.document_id:
            resolved, shown = path.resolve(), _readable(str(path))
            if not resolved.is_relative_to(folder.resolve()):
                raise NotADocument(
                    f"{shown} is a link to a file outside the folder and is not followed: "
                    "copy the file itself there."
                )
            if not resolved.is_file():
                raise NotADocument(f"{shown} is not a file that can be read: put the document itself there.")
            return resolved
    raise NotADocument(
        f"{document.title[:80]!r} ({document.document_id}) is no longer in {folder}: "
        "put it back and run the same command again."
    )
