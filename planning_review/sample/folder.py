"""Any folder of files as an application of the register."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from planning_review.errors import UsageError
from planning_review.sample.served import LISTING_NAME, Listing, ServedApplication, ServedDocument

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
