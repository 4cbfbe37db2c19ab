"""The decisions kept with an application's outputs, for its later reviews and its letter."""

from pathlib import Path

from planning_review.decisions.file import dump_decisions, parse_decisions, read_text
from planning_review.decisions.model import Decisions
from planning_review.report.output_files import replace_file

FILE_NAME = "decisions.yaml"


def load_kept_decisions(folder: Path) -> Decisions | None:
    """Read what is kept in an application's output folder, None where nothing is.

    Decisions on findings that no release knows any more stay. UsageError where the file is damaged.
    """
    path = folder / FILE_NAME
    return parse_decisions(read_text(path), str(path)) if path.exists() else None


def save_decisions(folder: Path, decisions: Decisions) -> Path:
    """Write the decisions into an application's output folder, in place of those kept before."""
    return replace_file(folder / FILE_NAME, dump_decisions(decisions))
