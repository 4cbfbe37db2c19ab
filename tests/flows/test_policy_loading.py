"""`planning-review policies`: files and addresses into the index, by the flow itself."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from planning_review.errors import NotADocument, PermanentError, TransientError, UsageError
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.opening import open_policies_index
from planning_review.index.policy_store import PolicyStore
from planning_review.policy.editions_to_load import list_wanted_editions
from planning_review.policy.fetching import fetch_policy
from planning_review.policy.recognition import name_edition
from planning_review.settings import load_settings
from planning_review.yaml_files import read_yaml
from tests.support.commands import Command, run_module
from tests.support.document_files import write_text_pdf
from tests.support.file_server import Answer, FileServer, serve_files

ROOT = Path(__file__).parents[2]
HINT = "Get the file from its page."


def write_framework_pdf(path: Path, edition: str = "December 2024") -> Path:
    pages = [f"National Planning Policy Framework\n{edition}"]
    for start in range(1, 41, 8):
        pages.append(
            "\n".join(
                f"{n}. Development number {n} should give priority to people who walk and cycle."
                for n in range(start, start + 8)
            )
        )
    return write_text_pdf(path, pages)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serve_files() as server:
        yield server


def read_index(folder: Path) -> dict[tuple[str, str], int]:
    """Return how many passages of each edition stand in a data folder's index."""
    settings = load_settings(PLANNING_DATA_DIR=folder / "data")
    with open_policies_index(settings, tell=print) as index:
        loaded = PolicyStore(index, MiniLMEmbedder()).list_loaded()
    return {(e.source, e.edition): e.passages for e in loaded}


def test_a_file_that_says_what_it_is_is_loaded_and_listed(command: Command, tmp_path: Path) -> None:
    path = write_framework_pdf(tmp_path / "some name.pdf")
    result = command("policies", "load", "some name.pdf", "--json")
    assert result.status == 0, result.stderr
    (loaded,) = result.line["policies"]
    assert (loaded["source"], loaded["edition"], loaded["state"]) == ("NPPF", "December 2024", "loaded")
    assert loaded["passages"] == 41
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (tmp_path / "data" / "policies" / f"{digest}.pdf").read_bytes() == path.read_bytes()
    assert read_index(tmp_path) == {("NPPF", "December 2024"): 41}

    listed = {(row["source"], row["edition"]): row for row in command("policies", "list", "--json").line}
    assert listed["NPPF", "December 2024"]["loaded"]
    assert listed["NPPF", "December 2024"]["in_force"] == "on 12 December 2024"
    assert not listed["NPPF", "August 2026"]["loaded"]
    assert listed["NPPF", "August 2026"]["file_url"].startswith("https://")
    assert listed["Manual for Streets 2", "September 2010"]["used_in_reviews"] is False
    assert listed["Manual for Streets 2", "September 2010"]["in_force"] is None
    assert listed["Bicester LCWIP", "2020"]["page_url"].startswith("https://www.oxfordshire.gov.uk/")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such-file.pdf",), "is not there"),
        (("all", "--source", "NPPF"), "do not go with `all`"),
        (("plan.txt", "--source", "Atlantis Plan"), "no policy source that is known"),
        (("plan.txt", "--source", "NPPF", "--edition", "May 1066"), "no edition 'May 1066'"),
        (("plan.txt", "--edition", "December 2024"), "needs --source"),
        (("all", "--council", "atlantis"), "not a known council"),
    ],
)
def test_bad_usage_ends_with_2_before_anything_runs(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "plan.txt").write_text("1. A plan.")
    result = command("policies", "load", *arguments)
    assert (result.status, message in result.stderr) == (2, True), result.stderr
    assert not (tmp_path / "data").exists()


def test_what_can_not_be_loaded_ends_with_1_and_says_why(command: Command, tmp_path: Path) -> None:
    (tmp_path / "page.pdf").write_text("<!doctype html><html><title>Not found</title></html>")
    (tmp_path / "notes.txt").write_text("Some notes of a meeting.\n1. Nobody came.")
    (tmp_path / "plan.md").write_text("# Bicester Local Cycling and Walking Infrastructure Plan\nRide.")
    for arguments, message in (
        (("page.pdf", "--source", "NPPF", "--edition", "December 2024"), "is a web page, not a PDF"),
        (("notes.txt",), "does not say at its beginning which policy document it is"),
        (("plan.md", "--council", "fylde"), "is none of the sources of fylde"),
    ):
        result = command("policies", "load", *arguments, "--json")
        assert (result.status, message in result.stderr) == (1, True), result.stderr
        assert [row["state"] for row in result.line["policies"]] == ["failed"]


def test_all_loads_what_it_can_and_names_the_page_for_the_rest(
    prefect_url: str, tmp_path: Path, server: FileServer
) -> None:
    for edition in ("December 2024", "August 2026"):
        path = write_framework_pdf(tmp_path / "served.pdf", edition)
        server.answers[f"/{edition.replace(' ', '-')}.pdf"] = Answer(path.read_bytes())
    editions = read_yaml(ROOT / "planning_review" / "policy" / "editions.yaml")
    for row in editions:
        row.pop("file_url", None)
        if row["source"] == "NPPF" and row["edition"] in ("December 2023", "December 2024", "August 2026"):
            row["file_url"] = f"{server.url}/{row['edition'].replace(' ', '-')}.pdf"
    file = tmp_path / "editions.yaml"
    file.write_text(yaml.safe_dump(editions))

    first = load_all_from(file, prefect_url, tmp_path)
    states = {(row["source"], row["edition"]): row for row in first["policies"]}
    assert states["NPPF", "December 2024"]["state"] == "loaded"
    assert states["NPPF", "August 2026"]["state"] == "loaded"
    gone = states["NPPF", "December 2023"]
    assert gone["state"] == "failed"
    assert "answered 404" in gone["reason"]
    assert (
        "Get the file from https://www.gov.uk/guidance/national-planning-policy-framework" in gone["reason"]
    )
    assert states["Banbury LCWIP", "July 2023"]["state"] == "by_hand"
    assert 'policies load FILE --source "Banbury LCWIP"' in states["Banbury LCWIP", "July 2023"]["reason"]
    assert ("NPPF", "March 2012") not in states
    assert ("Manual for Streets 2", "September 2010") not in states
    assert set(read_index(tmp_path)) == {("NPPF", "December 2024"), ("NPPF", "August 2026")}

    again = load_all_from(file, prefect_url, tmp_path)
    states = {(row["source"], row["edition"]): row["state"] for row in again["policies"]}
    assert (states["NPPF", "December 2024"], states["NPPF", "August 2026"]) == ("unchanged", "unchanged")
    assert server.asked["/August-2026.pdf"] == 1

    # The index is gone: it is made again from the files that were kept.
    (tmp_path / "data" / "chroma").rename(tmp_path / "old-chroma")
    rebuilt = load_all_from(file, prefect_url, tmp_path)
    states = {(row["source"], row["edition"]): row["state"] for row in rebuilt["policies"]}
    assert states["NPPF", "August 2026"] == "loaded"
    assert server.asked["/August-2026.pdf"] == 1
    assert set(read_index(tmp_path)) == {("NPPF", "December 2024"), ("NPPF", "August 2026")}


def load_all_from(editions: Path, prefect_url: str, folder: Path) -> dict[str, Any]:
    arguments = (str(editions), "--json")
    done = run_module("tests.support.load_policies_from", arguments, prefect_url, folder, {})
    assert done.status == 0, done.stderr
    assert "CompletedWithWarnings" in done.stderr
    return done.line


def test_an_address_that_is_down_is_tried_again_and_fails_the_run(
    command: Command, tmp_path: Path, server: FileServer
) -> None:
    server.answers["/nppf.pdf"] = Answer(b"busy", 503)
    result = command("policies", "load", f"{server.url}/nppf.pdf", "--source", "nppf")
    assert result.status == 1
    assert "answered 503" in result.stderr
    assert server.asked["/nppf.pdf"] == 3
    server.answers["/nppf.pdf"] = Answer(write_framework_pdf(tmp_path / "x.pdf").read_bytes())
    assert command("policies", "load", f"{server.url}/nppf.pdf", "--source", "nppf").status == 0
    assert read_index(tmp_path) == {("NPPF", "December 2024"): 41}


def test_downloads_are_bounded_and_checked(tmp_path: Path, server: FileServer) -> None:
    server.answers = {
        "/ok.pdf": Answer(write_framework_pdf(tmp_path / "x.pdf").read_bytes()),
        "/moved.pdf": Answer(status=302, location="/ok.pdf"),
        "/file.pdf": Answer(status=302, location="file:///etc/hostname"),
        "/round.pdf": Answer(status=302, location="/round.pdf"),
        "/page.pdf": Answer(b"<!doctype html><title>Cookies</title>"),
        "/empty.pdf": Answer(b""),
        "/big.pdf": Answer(b"%PDF-1.7\n" + b"x" * 20_000),
        "/down.pdf": Answer(b"", 502),
    }
    target = tmp_path / "target.part"
    assert fetch_policy(f"{server.url}/moved.pdf", target, "tests", HINT).kind == "pdf"
    target.unlink()
    for path, kind in (
        ("/file.pdf", PermanentError),
        ("/round.pdf", TransientError),
        ("/page.pdf", NotADocument),
        ("/empty.pdf", NotADocument),
        ("/big.pdf", PermanentError),
        ("/none.pdf", PermanentError),
        ("/down.pdf", TransientError),
    ):
        with pytest.raises(kind, match=HINT):
            fetch_policy(f"{server.url}{path}", target, "tests", HINT, max_bytes=10_000)
        assert not target.exists()
    for address in ("ftp://127.0.0.1/nppf.pdf", "file:///etc/hostname", "https://", "http://[oops"):
        with pytest.raises(UsageError, match="no http or https address"):
            fetch_policy(address, target, "tests", HINT)


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("National Planning Policy Framework\nAugust 2026", ("NPPF", "August 2026")),
        ("Manual for Streets\n2007", ("Manual for Streets", "March 2007")),
        ("Manual for Streets 2\nWider application", ("Manual for Streets 2", "September 2010")),
        ("Local Transport Note 1/20\nCycle Infrastructure\nDesign\nJuly 2020", ("LTN 1/20", "July 2020")),
    ],
)
def test_a_document_is_known_by_its_title_and_edition(opening: str, expected: tuple[str, str]) -> None:
    edition = name_edition(None, None, opening)
    assert (edition.source, edition.edition) == expected


@pytest.mark.parametrize(
    "opening",
    [
        "Minutes of a meeting",
        "National Planning Policy Framework",
        "National Planning Policy Framework\nDecember 2024 replaces December 2023",
        "Manual for Streets and the National Planning Policy Framework, July 2021",
    ],
)
def test_a_document_that_is_not_certain_is_not_guessed(opening: str) -> None:
    with pytest.raises(UsageError, match="--edition"):
        name_edition(None, None, opening)


def test_recent_editions_are_wanted_and_old_ones_are_not() -> None:
    from datetime import date

    wanted = {(e.source, e.edition) for e in list_wanted_editions("cherwell", date(2026, 11, 24))}
    assert {("NPPF", e) for e in ("December 2023", "December 2024", "August 2026")} <= wanted
    assert ("NPPF", "July 2021") not in wanted
    assert ("Cherwell Local Plan 2011-2031 Part 1", "July 2015") in wanted
    assert "Cherwell Local Plan Review 2042" not in {source for source, _ in wanted}
    fylde = {e.source for e in list_wanted_editions("fylde", date(2026, 11, 24))}
    assert "Oxfordshire LTCP" not in fylde
