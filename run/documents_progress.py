"""The bar in Prefect's page that says how many of a run's documents are done with."""

import time

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from planning_review.report.output_files import artifact_key
from run.context import RunContext

INTERVAL_SECONDS = 2
"""Each change is a request to the server: no more of them than a person can follow."""


class DocumentsProgress:
    """Counts documents up to a total, and shows it."""

    def __init__(self, run: RunContext, total: int) -> None:
        self._total = total
        self._done = 0
        self._shown_at = time.monotonic()
        self._artifact_id = create_progress_artifact(
            progress=0.0 if total else 100.0,
            key=artifact_key("progress", run.council.code, run.reference),
            description=self._describe(),
        )

    def advance(self) -> None:
        """Count one document more."""
        self._done += 1
        now = time.monotonic()
        if self._done == self._total or now - self._shown_at > INTERVAL_SECONDS:
            self._shown_at = now
            update_progress_artifact(
                self._artifact_id, progress=100 * self._done / self._total, description=self._describe()
            )

    def _describe(self) -> str:
        return f"{self._done} of {self._total} documents are stored and read, or cannot be."
