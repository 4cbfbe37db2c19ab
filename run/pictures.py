"""The pictures of a review's quotes: drawn once from the stored page, kept beside the review."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from pydantic import Field

from planning_review.documents.pages.marked import PICTURE_KINDS, PICTURE_SUFFIX
from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import PlanningReviewError
from planning_review.files import replace_file
from planning_review.models import FileKind, Frozen, StoredFile, WordPlace
from planning_review.report.pictures import Picture, Quoted, identify, list_quoted, picture_prefix
from planning_review.rules.judgement import Judgement
from run.context import RunContext

DRAWING_VERSION = 1
"""Part of a picture's name: raise it where the same quote is drawn otherwise."""


class DrawnQuotes(Frozen):
    """The pictures beside a review, by planning_review.report.pictures.identify, and how many are missing.

    Missing are those that could not be drawn; a quote whose words were not found on its page has none.
    """

    pictures: dict[str, Picture] = Field(default_factory=dict)
    missing: int = 0

    @property
    def notices(self) -> tuple[str, ...]:
        """What a reader of the review must know."""
        if not self.missing:
            return ()
        quotes = "1 quote has" if self.missing == 1 else f"{self.missing} quotes have"
        return (f"{quotes} no picture of the page, which could not be drawn: open the document.",)


def draw_judged_quotes(run: RunContext, judgement: Judgement) -> DrawnQuotes:
    """Draw the quotes of a judgement that have no picture yet; what fails is told and costs nothing else."""
    by_page: dict[tuple[str, int], list[Quoted]] = defaultdict(list)
    for quoted in list_quoted(judgement):
        by_page[quoted.document_id, quoted.page].append(quoted)
    paths: dict[str, Path] = {}
    missing = 0
    brought: dict[str, StoredFile] = {}
    # Each waits for a worker process: as many wait at once as there are.
    with run.timed("draw"), ThreadPoolExecutor(run.settings.workers) as waiting:
        jobs: list[tuple[StoredFile, int, int, Future[None]]] = []
        for (document_id, page), quotes in by_page.items():
            stored = run.files.manifest.stored_file(document_id)
            if stored is None or stored.kind not in PICTURE_KINDS:
                continue
            named = {quoted.quote: run.output_dir / _name(stored, page, quoted.quote) for quoted in quotes}
            paths.update((identify(quoted), named[quoted.quote]) for quoted in quotes)
            wanted = [(quote, path) for quote, path in named.items() if not _is_there(run, path)]
            if not wanted:
                continue
            if not run.files.is_local(stored):
                brought[stored.key] = stored
            try:
                file = run.files.open_local(stored)
                places = run.texts.find_places(stored.sha256).get(page, ())
            except (PlanningReviewError, OSError) as error:
                missing += len(wanted)
                _tell_undrawn(stored, page, error)
                continue
            job = waiting.submit(_draw_page, run.drawer, file, stored.kind, page, wanted, places)
            jobs.append((stored, page, len(wanted), job))
        for stored, page, count, job in jobs:
            try:
                job.result()
            except (PlanningReviewError, OSError, ValueError) as error:
                missing += count
                _tell_undrawn(stored, page, error)
        pictures = {name: picture for name, path in paths.items() if (picture := _open(path))}
    # A file that was here before is kept for a reason: its upload failed, and there may be no other copy.
    for stored in brought.values():
        run.files.remove_local(stored)
    return DrawnQuotes(pictures=pictures, missing=missing)


def settle_drawing(state: State[DrawnQuotes]) -> DrawnQuotes:
    """Return what was drawn; a drawing that failed as a whole takes nothing from the review."""
    if state.is_completed():
        drawn: DrawnQuotes = state.result()
        return drawn
    get_run_logger().warning("The review has no pictures of its quotes: %s", state.message)
    return DrawnQuotes()


def tell_unstored(state: State[int]) -> None:
    """Say in the log that pictures were not stored; the page shows their quotes all the same."""
    if not state.is_completed():
        get_run_logger().warning("Pictures of quotes were not uploaded and are kept here: %s", state.message)


def list_pictures(run: RunContext, drawn: DrawnQuotes) -> list[Path]:
    """Return the files of pictures, each once."""
    return [run.output_dir / name for name in dict.fromkeys(p.name for p in drawn.pictures.values())]


def _name(stored: StoredFile, page: int, quote: str) -> str:
    """Return the name of a quote's picture: the same for the same bytes, page and words."""
    identity = f"{DRAWING_VERSION}\n{page}\n{quote}"
    words = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return f"{picture_prefix(stored.sha256)}{words}.{PICTURE_SUFFIX}"


def _is_there(run: RunContext, path: Path) -> bool:
    """Return whether a picture is on this disk, brought from the bucket where that has it."""
    key = run.files.make_output_key(path)
    if not path.is_file() and run.files.holds_key(key):
        run.files.storage.download_to(key, path)
    return path.is_file()


def _tell_undrawn(stored: StoredFile, page: int, error: Exception) -> None:
    get_run_logger().warning("Page %s of %s: no picture. %s", page, stored.key, error)


def _draw_page(
    drawer: ExtractionPool,
    file: Path,
    kind: FileKind,
    page: int,
    wanted: Sequence[tuple[str, Path]],
    places: Sequence[WordPlace],
) -> None:
    drawn = drawer.draw_quotes(file, kind, page, [quote for quote, _ in wanted], places)
    for (_, path), picture in zip(wanted, drawn, strict=True):
        # Empty where the words are not on the page, so that nobody looks for them again.
        replace_file(path, base64.b64decode(picture.data))


def _open(path: Path) -> Picture | None:
    if not path.is_file() or not path.stat().st_size:
        return None
    with Image.open(path) as image:
        return Picture(name=path.name, width=image.width, height=image.height)
