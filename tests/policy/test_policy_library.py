"""The record of loaded policy documents."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from planning_review.models import FileKind
from planning_review.policy.library import KeptPolicy, PolicyLibrary


def test_documents_recorded_at_the_same_time_are_all_remembered(tmp_path: Path) -> None:
    def record(number: int) -> None:
        kept = KeptPolicy(
            source="NPPF", edition=f"{number}", council=None, sha256="0" * 64, kind=FileKind.PDF
        )
        PolicyLibrary(tmp_path).record(kept)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(record, range(40)))
    recorded = json.loads((tmp_path / "policies.json").read_text())
    assert sorted(int(row["edition"]) for row in recorded) == list(range(40))
