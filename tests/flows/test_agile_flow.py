"""A register on Agile, scanned and reviewed from one end to the other as a user does."""

import json
from datetime import timedelta
from pathlib import Path

from planning_review.dates import london_today
from tests.support.agile_register import CLIENT, AgileCase, AgileFile, AgileServer
from tests.support.applications import FACTS, make_pdf
from tests.support.platform_command import run_on_platform

HOMES = AgileCase(
    20774,
    "P2026/0417/FUL",
    london_today() - timedelta(days=3),
    files=tuple(
        AgileFile(f"d1ge5t-{n}", f"Transport Statement {n}", content=make_pdf("Introduction", fact))
        for n, fact in enumerate(FACTS[:2])
    ),
)
TREES = [
    AgileCase(n, f"P2026/{n:04}/TCA", HOMES.registered, "Crown reduction of one oak tree")
    for n in range(100, 112)
]


def test_a_scan_finds_and_reviews(prefect_url: str, no_deployments: None, tmp_path: Path) -> None:
    with AgileServer([HOMES, *TREES]) as server:
        scanned = run_on_platform(
            "agile", server.url, ("scan", "--json"), prefect_url, tmp_path, client=CLIENT
        )
        assert scanned.status == 0, scanned.stderr
        assert scanned.line["total_printed"] == 13
        assert [row["reference"] for row in scanned.line["found"] if row["interesting"]] == [HOMES.reference]
        # robots.txt, a list by each date, the application to look at, the review's own three and its files.
        assert len(server.asked) == 1 + 2 + 3 + 3 + len(HOMES.files)
    [path] = (tmp_path / "data" / "output").rglob("*_review.json")
    review = json.loads(path.read_text())
    assert [row["state"] for row in review["documents"]] == ["indexed", "indexed"]
    assert review["application"]["register_url"] == f"{server.url}/application-details/20774"
