"""What a killed run was writing when it ended: files that nobody finishes, removed by the next run."""

from pathlib import Path

from planning_review.documents.download import remove_parts

_SCRATCH = ("manifest.json.*.tmp", "manifest.stored*", ".rev_*", ".let_*")
"""The names under which the manifest and the outputs are written before they get their own."""


def remove_leftovers(documents_folder: Path, output_folder: Path) -> None:
    """Remove an application's half-written files. To be called with its lock held, before any work."""
    remove_parts(documents_folder)
    for pattern in _SCRATCH:
        for path in output_folder.glob(pattern):
            path.unlink(missing_ok=True)
