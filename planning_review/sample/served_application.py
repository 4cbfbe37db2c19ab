"""What the small register serves: applications and their documents, or a folder of files as one."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from planning_review.errors import UsageError
from planning_review.models import Frozen

LISTING_NAME = "listing.json"


class ServedDocument(Frozen):
    """A document and its bytes, which are either given or read from a file when asked for.

    document_id is recordNumber-planId-imageId. size is printed as it stands, or made from the
    bytes where it is None.
    """

    document_id: str = Field(pattern=r"^\d+-\d+-\d+$")
    title: str
    file_name: str
    category: str | None
    listed_date: date
    drawing_number: str = ""
    size: str | None = None
    content: bytes | None = None
    path: Path | None = None

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.content is None) == (self.path is None):
            raise ValueError("a served document has either content or path")
        return self

    @property
    def is_plan(self) -> bool:
        """Whether the register keeps it with the plans."""
        return bool(self.category) and str(self.category).endswith("Plans")

    @property
    def printed_size(self) -> str:
        """The size as the register prints it."""
        if self.size is not None:
            return self.size
        return format_size(len(self.content) if self.content is not None else self._file().stat().st_size)

    def read_bytes(self) -> bytes:
        """Return the document's bytes."""
        return self.content if self.content is not None else self._file().read_bytes()

    def _file(self) -> Path:
        assert self.path is not None  # noqa: S101 (the validator holds it)
        return self.path


class ServedApplication(Frozen):
    """An application: the labels and values of its summary, as printed, and its documents."""

    reference: str
    fields: dict[str, str]
    documents: tuple[ServedDocument, ...] = ()
    constraints: tuple[str, ...] = ()
    consultees: tuple[tuple[str, str, str, str], ...] = ()


class ListingEntry(Frozen):
    """A document of listing.json; file is relative to the folder."""

    document_id: str
    title: str
    category: str | None
    listed_date: date
    drawing_number: str = ""
    size: str | None = None
    file: str
    file_name: str | None = None


class Listing(Frozen):
    """listing.json: how a folder of files is shown as an application."""

    reference: str | None = None
    fields: dict[str, str] = Field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    consultees: tuple[tuple[str, str, str, str], ...] = ()
    documents: tuple[ListingEntry, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the folder's listing, an empty one where it has none."""
        path = folder / LISTING_NAME
        return cls.model_validate_json(path.read_bytes()) if path.exists() else cls()

    def write(self, folder: Path) -> None:
        """Write the listing into its folder."""
        text = json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False)
        (folder / LISTING_NAME).write_text(text + "\n", encoding="utf-8")


def format_size(size_bytes: int) -> str:
    """Return a size as Cherwell's register prints it: `150 KB`, `5.2 MB`."""
    if size_bytes < 1_000_000:
        return f"{max(1, round(size_bytes / 1024))} KB"
    return f"{size_bytes / 1024**2:.1f} MB"


DEFAULT_REFERENCE = "26/00001/F"
_DEFAULT_CATEGORY = "Supporting Documents"


def serve_folder(folder: Path, reference: str | None = None) -> ServedApplication:
    """Return an application whose documents are the files of a folder.

    A sub-folder is the category of its files. `listing.json`, where there is one, gives the
    application's fields and the documents that it names, in its order; the other files follow.
    Document ids come from the paths, so that they stay when files are added. Hidden files are
    left out. Raises UsageError where there is no such folder, no file in it, or where the listing
    names a file that is not there.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder. Give the folder that holds the documents.")
    listing = Listing.read(folder)
    reference = reference or listing.reference or DEFAULT_REFERENCE
    documents = [
        ServedDocument(
            **entry.model_dump(exclude={"file", "file_name"}),
            file_name=entry.file_name or Path(entry.file).name,
            path=_require_file(folder, entry.file),
        )
        for entry in listing.documents
    ]
    listed = {entry.file for entry in listing.documents}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and name not in listed | {LISTING_NAME}:
            documents.append(_describe_file(folder, path, reference))
    if not documents:
        raise UsageError(f"{folder} holds no files. Put the documents of the application into it.")
    # The register shows a category once, with all of its documents.
    order = list(dict.fromkeys(document.category for document in documents))
    documents.sort(key=lambda document: order.index(document.category))
    return ServedApplication(
        reference=reference,
        fields={"Application Number": reference, **(listing.fields or _default_fields(folder))},
        documents=tuple(documents),
        constraints=listing.constraints,
        consultees=listing.consultees,
    )


def _require_file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise UsageError(
            f"{folder / LISTING_NAME} names {name}, which is not in the folder. Correct the listing."
        )
    return path


def _describe_file(folder: Path, path: Path, reference: str) -> ServedDocument:
    name = path.relative_to(folder)
    digest = int.from_bytes(hashlib.sha256(name.as_posix().encode()).digest()[:8], "big")
    record = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:4], "big") % 900_000 + 100_000
    return ServedDocument(
        document_id=f"{record}-{digest % 9_000_000 + 1_000_000}-{digest // 9_000_000 % 900_000 + 1}",
        title=" ".join(path.stem.replace("_", " ").split()),
        file_name=path.name,
        category=name.parts[0] if len(name.parts) > 1 else _DEFAULT_CATEGORY,
        listed_date=datetime.fromtimestamp(path.stat().st_mtime, UTC).date(),
        path=path.resolve(),
    )


def _default_fields(folder: Path) -> dict[str, str]:
    return {
        "Application Type": "Full Planning Permission",
        "Status": "Under consideration",
        "Location": "",
        "Proposal": f"Documents of the folder {folder.resolve().name}",
        "Received Date": "",
        "Decision": "",
    }
