"""The files of a review: written once, found again."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from planning_review.files import write_once
from planning_review.models import Frozen
from planning_review.report.assembly import dump_review
from planning_review.report.contract import Review
from planning_review.report.html import render_html
from planning_review.report.pictures import Picture


def write_review_files(
    review: Review, folder: Path, today: date, pictures: Mapping[str, Picture] | None = None
) -> dict[str, Path]:
    """Write `{review_id}_review.json`, `.md` and `.html` into the folder; returns the path of each.

    pictures are those of its quotes, which stand in the folder already. Files that are there stay as they
    are, but the review counts as the newest from now on.
    """
    stem = f"{review.review_id}_review"
    paths = {
        "json": write_once(folder / f"{stem}.json", dump_review(review)),
        "md": write_once(folder / f"{stem}.md", review.review.full_markdown),
        "html": write_once(folder / f"{stem}.html", render_html(review, today, pictures)),
    }
    paths["json"].touch()
    return paths


def find_newest_review(folder: Path) -> Path | None:
    """Return the review that was made last in an application's folder."""
    reviews = sorted(folder.glob("rev_*_review.json"), key=lambda path: path.stat().st_mtime_ns)
    return reviews[-1] if reviews else None


def picture_stem(document_id: str) -> str:
    """Return what the names of the pictures of a document begin with, by which they are found again."""
    return f"page_{hashlib.sha256(document_id.encode()).hexdigest()[:12]}"


def artifact_key(kind: str, council: str, reference: str) -> str:
    """Return the name under which a run shows something of an application: a-z, 0-9 and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", f"{kind}-{council}-{reference}".lower())


class WrittenReview(Frozen):
    """A review and the local paths of its files."""

    review: Review
    json_path: Path
    md_path: Path
    html_path: Path
    picture_paths: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files, the page last."""
        return *self.picture_paths, self.json_path, self.md_path, self.html_path
