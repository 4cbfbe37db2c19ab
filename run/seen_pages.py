"""Pages as pictures: for a model that wants to see one, and beside the review that rests on one."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from planning_review.documents.workers.drawing import Part, draw_part
from planning_review.errors import PlanningReviewError
from planning_review.report.output_files import picture_stem
from planning_review.rules.judgement import Judgement, PageBox, Picture
from run.context import RunContext


def make_draw(run: RunContext) -> Callable[[str, int, PageBox], bytes | None]:
    """Return what draws a part of a page of the run's documents; None where it can't be had."""

    def draw(document_id: str, page: int, box: PageBox) -> bytes | None:
        stored = run.files.manifest.stored_file(document_id)
        if stored is None:
            return None
        try:
            path = run.files.open_local(stored)
        except (PlanningReviewError, OSError):
            # A judgement without it is better than none, and the model is told.
            return None
        return draw_part(path, stored.kind, page, Part(box.left, box.top, box.right, box.bottom))

    return draw


def keep_seen_pages(run: RunContext, judgement: Judgement) -> tuple[Judgement, tuple[Path, ...]]:
    """Write the pictures that a judgement rests on beside its review; returns it with their names."""
    draw = make_draw(run)
    kept: dict[str, Path] = {}

    def keep(picture: Picture) -> Picture:
        name = f"{_name(picture)}.png"
        path = run.output_dir / name
        if not path.exists():
            png = draw(picture.document_id, picture.page, picture.box)
            if png is None:
                return picture
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png)
        kept[name] = path
        return picture.model_copy(update={"file": name})

    matters = tuple(
        matter.model_copy(update={"pictures": tuple(map(keep, matter.pictures))})
        for matter in judgement.other_matters
    )
    return judgement.model_copy(update={"other_matters": matters}), tuple(kept.values())


def _name(picture: Picture) -> str:
    """Return a picture's name: by what it shows, so that a review written again has the same."""
    shown = picture.model_dump_json(include={"document_id", "page", "box"})
    return f"{picture_stem(picture.document_id)}_{hashlib.sha256(shown.encode()).hexdigest()[:12]}"
