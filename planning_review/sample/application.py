"""The invented application: what the register says of it, and its documents built into a folder."""

from pathlib import Path
from typing import Any

from planning_review.references import SAMPLE_REFERENCE
from planning_review.sample.served_application import Listing, ListingEntry, format_size
from planning_review.yaml_files import read_yaml

_APPLICATION_FILE = Path(__file__).with_name("application.yaml")


def build_sample(folder: Path) -> None:
    """Write the sample's documents and their `listing.json` into a folder.

    The same bytes each time. Takes some seconds and loads PyMuPDF into this process.
    """
    # What draws and typesets is slow to import, and the reference alone is wanted more often.
    from planning_review.sample.documents import Order, build_document

    folder.mkdir(parents=True, exist_ok=True)
    described: dict[str, Any] = read_yaml(_APPLICATION_FILE)
    entries = []
    for row in described.pop("documents"):
        builder = row.pop("builder", None)
        path = folder / row["file"]
        if builder is not None:
            build_document(builder, Order(path, row["document_id"], row["title"]))
        entries.append(ListingEntry(**row, size=format_size(path.stat().st_size)))
    Listing.model_validate({**described, "reference": SAMPLE_REFERENCE, "documents": entries}).write(folder)
