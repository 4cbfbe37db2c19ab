"""A register on Public Access, scanned and reviewed from one end to the other as a user does."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from planning_review.dates import london_today
from tests.support.applications import FACTS, make_pdf
from tests.support.commands import CommandResult
from tests.support.idox_register import IdoxCase, IdoxFile, IdoxServer, Ways
from tests.support.platform_command import run_on_platform

HOMES = IdoxCase(
    "26/00001/FUL",
    received=london_today() - timedelta(days=3),
    validated=london_today() - timedelta(days=2),
    files=tuple(
        IdoxFile(
            7000 + n,
            f"Transport Statement {n}",
            "Supporting Documents",
            content=make_pdf("Introduction", fact),
        )
        for n, fact in enumerate(FACTS[:2])
    ),
)
TREES = [
    IdoxCase(
        f"26/{n:05}/TCA",
        proposal="Crown reduction of one oak tree",
        address="1 High Road",
        received=HOMES.received,
    )
    for n in range(100, 112)
]


@pytest.fixture
def on_idox(prefect_url: str, no_deployments: None, tmp_path: Path):
    """Run `planning-review` where the sample's council has such a register."""

    def run(server: IdoxServer, *arguments: str) -> CommandResult:
        return run_on_platform("idox", server.url, arguments, prefect_url, tmp_path)

    return run


def test_a_scan_finds_and_reviews_and_a_review_asks_for_six_pages(on_idox) -> None:
    with IdoxServer([HOMES, *TREES], Ways(needs_referer=True)) as server:
        scanned = on_idox(server, "scan", "--json")
        assert scanned.status == 0, scanned.stderr
        assert scanned.line["total_printed"] == 13
        assert [row["reference"] for row in scanned.line["found"] if row["interesting"]] == [HOMES.reference]
        # robots.txt; by each date a form and two pages of a list; the tabs, by the key that the list gave;
        # the review's six pages and its files.
        in_scan = len(server.asked)
        reviewed = on_idox(server, "review", HOMES.reference, "--refresh", "download", "--json")
        assert reviewed.status == 0, reviewed.stderr
        assert len(server.asked) - in_scan == 6 + len(HOMES.files)
        assert in_scan == 1 + 3 + 3 + 4 + 6 + len(HOMES.files)
    review = json.loads(Path(reviewed.line["review_json"]).read_text())
    assert [row["state"] for row in review["documents"]] == ["indexed", "indexed"]
    assert review["application"]["register_url"].endswith(f"&keyVal={HOMES.key}")
    assert any("2.0m wide" in str(line["citations"]) for line in review["review"]["policy_compliance"])


def test_documents_kept_elsewhere_are_named(on_idox) -> None:
    with IdoxServer([HOMES], Ways(keeps_documents_elsewhere=True)) as server:
        reviewed = on_idox(server, "review", HOMES.reference, "--json")
    assert reviewed.status == 1
    assert "activeTab=externalDocuments" in reviewed.stderr
    assert "--documents FOLDER" in reviewed.stderr
