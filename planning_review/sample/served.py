"""What the small register serves: applications, their documents, and the faults it can be given."""

import json
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from planning_review.models import Frozen

LISTING_NAME = "listing.json"
_SHAPING_KINDS = {"no-documents", "no-summary", "wrong-total", "repeated-page", "lost-session"}


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


class Fault(Frozen):
    """Something that goes wrong with an answer.

    times is how many answers it spoils, None for all. Kinds: `status` answers with the status
    (and Retry-After where retry_after is given); `reset` closes without an answer; `cut` announces
    the whole length and sends half; `slow` spreads the body over `seconds`; `html` and `empty` come
    instead of the document; `challenge` is the wall for robots (202, or 405 with status=405);
    `no-documents` leaves the documents out of the application's page, and `no-summary` the summary
    and every form too. In the search, `wrong-total` prints one match too many on the first page of
    results, `repeated-page` shows the rows of the page before, and `lost-session` forgets the visitor
    before the answer is made.
    """

    kind: Literal[
        "status",
        "reset",
        "cut",
        "slow",
        "html",
        "empty",
        "challenge",
        "no-documents",
        "no-summary",
        "wrong-total",
        "repeated-page",
        "lost-session",
    ]
    times: int | None = Field(None, ge=1)
    status: int | None = None
    retry_after: str | None = None
    seconds: float = 0

    @property
    def shapes_page(self) -> bool:
        """Whether the answer is a page all the same, with something wrong in it."""
        return self.kind in _SHAPING_KINDS

    @model_validator(mode="after")
    def _knows_its_status(self) -> Self:
        if self.kind == "status" and self.status is None:
            raise ValueError("a fault of kind 'status' needs a status")
        return self


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
