"""`planning-review search` and its filters, as a user runs it."""

from datetime import date
from pathlib import Path

import pytest

from cli.commands.search import _print_passage
from planning_review.index.search import FoundPassage
from planning_review.report.output_files import write_review_files
from planning_review.settings import load_settings
from tests.support.handmade_review import make_document, make_review
from tests.support.kept_documents import KERBS, REFERENCE, STORES, keep_document, name_pages, planning_review

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two documents in the index, and a review that tells their types."""
    folder = tmp_path_factory.mktemp("search")
    settings = load_settings(PLANNING_DATA_DIR=folder / "data", _env_file=None)
    lengthy = " ".join([KERBS] * 12)
    keep_document(settings, "Transport Assessment", f"Kerb radii. {lengthy}", STORES)
    keep_document(settings, "Design and Access Statement", STORES.replace("Every", "Each"))
    review = make_review(
        documents=(
            make_document("9-1-1", "Transport Assessment", document_type="transport_assessment"),
            make_document("9-1-2", "Design and Access Statement", document_type="design_and_access"),
        )
    )
    write_review_files(review, settings.output_dir / "25_00284_F", date(2026, 11, 20))
    done = planning_review(folder, "index", "rebuild")
    assert done.status == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("options", "documents"),
    [
        ((), {"9-1-1", "9-1-2"}),
        (("--type", "design_and_access"), {"9-1-2"}),
        (("--type", "design_and_access", "--type", "transport_assessment"), {"9-1-1", "9-1-2"}),
        (("--document", "9-1-1"), {"9-1-1"}),
        (("--document", "9-1-1", "--type", "design_and_access"), set()),
        (("--type", "travel_plan"), set()),
        (("--document", "9-9-9"), set()),
        (("--pages", "2"), {"9-1-1"}),
        (("--pages", "5-9"), set()),
    ],
)
def test_only_what_is_asked_for_is_searched(
    folder: Path, options: tuple[str, ...], documents: set[str]
) -> None:
    found = planning_review(folder, "search", REFERENCE, "store for bicycles", "--json", *options)
    assert found.status == 0, found.stderr
    assert {document_id for document_id, _ in name_pages(found)} == documents


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--type", "novel"), "transport_assessment"),
        (("--pages", "0"), "3-9"),
        (("--pages", "9-3"), "3-9"),
        (("--pages", "three"), "3-9"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(folder: Path, options: tuple[str, ...], told: str) -> None:
    refused = planning_review(folder, "search", REFERENCE, "bicycles", *options)
    assert refused.status == 2
    assert told in refused.stderr
    assert refused.stdout == ""


def test_a_long_passage_is_shown_in_part_and_told_whole(folder: Path) -> None:
    shown = planning_review(folder, "search", REFERENCE, "kerb radii", "--limit", "1")
    told = planning_review(folder, "search", REFERENCE, "kerb radii", "--limit", "1", "--json")
    place, passage, link = shown.stdout.rstrip().splitlines()
    assert "Transport Assessment (9-1-1), page" in place
    assert passage.endswith("…")
    assert link.strip().endswith("9-1-1#page=1")
    (row,) = told.line
    assert len(row["text"]) > 400 > len(shown.stdout)


def test_types_are_those_of_a_review(folder: Path, tmp_path: Path) -> None:
    refused = planning_review(tmp_path, "search", REFERENCE, "bicycles", "--type", "travel_plan")
    assert refused.status == 2
    assert f"planning-review review {REFERENCE}" in refused.stderr


@pytest.mark.parametrize("query", ["", "   ", "?!", '"*" (-)'])
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_query_without_a_word_is_refused(folder: Path, query: str, options: tuple[str, ...]) -> None:
    refused = planning_review(folder, "search", REFERENCE, query, *options)
    assert refused.status == 2
    assert "no word or figure" in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize(
    "query", ["storfa ddiogel i feiciau wrth y tŷ", '"a AND b*" NEAR(', "store " * 830, "-- text:bicycles ^"]
)
def test_any_words_are_a_query(folder: Path, query: str) -> None:
    found = planning_review(folder, "search", REFERENCE, "--json", "--", query)
    assert found.status == 0, found.stderr
    assert found.stdout.count("\n") == 1
    assert {document_id for document_id, _ in name_pages(found)} == {"9-1-1", "9-1-2"}


def test_it_is_said_when_nothing_stands_on_the_pages_asked_for(folder: Path) -> None:
    told = planning_review(folder, "search", REFERENCE, "bicycles", "--pages", "5-9")
    assert (told.status, told.stdout) == (0, "")
    assert "5-9" in told.stderr


def test_the_part_of_a_passage_that_answers_is_shown_and_commands_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lengthy = " ".join([KERBS] * 6)
    place = {"document_id": "9-1-1", "title": "Plan\x1b[2J", "page_start": 3, "page_end": 4}
    text = f"{lengthy}\nThe path is\x9b2J narrow. Two bikes can pass.\n{lengthy}"
    passage = FoundPassage(**place, text=text, score=0.5)
    _print_passage(passage, "can bicycles or cycles pass", None)
    first, second, _ = capsys.readouterr().out.split("\n", 2)
    assert first == "0.50  Plan[2J (9-1-1), pages 3 to 4"
    assert "Two bikes can pass." in second
    assert second.strip().startswith("… ")
    assert second.endswith(" …")
    assert second.isprintable()
    assert len(second) < 320
    _print_passage(passage, "zebra", None)
    assert f"      {KERBS}" in capsys.readouterr().out
    _print_passage(passage.model_copy(update={"text": f"{lengthy} Two bikes can pass."}), "bike", None)
    assert capsys.readouterr().out.endswith(f"{KERBS} Two bikes can pass.\n\n")
