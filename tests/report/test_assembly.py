"""The review is put together from the judgement and facts, and keeps its identity."""

import os
import re
from datetime import date
from pathlib import Path

import pytest

from planning_review.errors import PermanentError, UsageError
from planning_review.report.assembly import dump_review, load_review
from planning_review.report.finding_words import WORDS
from planning_review.report.html import render_html
from planning_review.report.links import page_link
from planning_review.report.markdown import render_markdown
from planning_review.report.output_files import find_newest_review, write_review_files
from planning_review.rules.judgement import ChosenDocument
from planning_review.text.shortening import count_words
from tests.support.handmade_review import BUCKET, NARROW, make_citation, make_document, make_line, make_review


def test_facts_come_from_the_documents() -> None:
    chosen = [
        ChosenDocument(document_id=name, document_type="travel_plan", quotes=3, breach_quotes=1)
        for name in ("1-1-1", "9-9-9")
    ]
    review = make_review(judgement={"key_documents": chosen})

    (key_document,) = review.review.key_documents
    assert key_document.title == "Transport Assessment"
    assert key_document.category == "Supporting Documents"
    assert key_document.summary == (
        "Quoted 3 times, 1 of them on a requirement that is not met; it is the travel plan."
    )
    assert key_document.url == f"{BUCKET}/1-1-1.pdf"
    assert review.application_ref == review.application.reference == "25/00284/F"
    assert review.review.full_markdown == render_markdown(review)
    assert review.review_id in review.review.full_markdown.replace("\\", "")


def test_id_is_the_day_of_the_judgement_and_a_hash() -> None:
    assert re.fullmatch(r"rev_20261123_[0-9a-f]{8}", make_review().review_id)
    assert make_review(judgement={"judged_on": date(2026, 12, 1)}).review_id.startswith("rev_20261201_")


def test_time_and_cost_leave_the_id_alone() -> None:
    dear = make_review(seconds={"ingest": 9.87654}, judgement={"tokens": {"input": 5}, "cost_usd": 0.4})

    assert dear.review_id == make_review().review_id
    assert dear.review.full_markdown.replace("- Used by the model: 5 input; US\\$ 0.40\n", "") == (
        make_review().review.full_markdown
    )
    assert dear.metadata.seconds == {"ingest": 9.877}


def test_summary_and_markdown_keep_their_lengths() -> None:
    long = {"summary": "It is too narrow. " * 60}
    review = make_review(judgement=long)
    assert len(review.review.summary.split()) == 120
    short = make_review(judgement=long, most_summary_words=9)
    assert short.review.summary == "It is too narrow. It is too narrow."
    full = make_review().review.full_markdown
    assert count_words(make_review(most_words=110).review.full_markdown) < count_words(full)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "incomplete"},
        {"judgement": {"summary": "Another summary."}},
        {"application": {"consultation_end": date(2026, 12, 13)}},
        {"documents": [make_document("1-1-1", "Transport Assessment", url=f"{BUCKET}/other.pdf")]},
        {"versions": {"ocr": "5.3"}},
    ],
)
def test_other_content_is_another_review(changes: dict[str, object]) -> None:
    assert make_review(**changes).review_id != make_review().review_id


def test_citation_of_an_unknown_document_is_dropped_and_marked() -> None:
    stray = make_citation("From nowhere.", document_id="9-9-9")
    crossings = make_line("crossings", False, NARROW).model_copy(update={"citations": (NARROW, stray)})
    review = make_review(judgement={"policy_compliance": (crossings,)})

    (line,) = review.review.policy_compliance
    assert line.citations == (NARROW,)
    assert line.dropped_citations == 1
    assert line.notes == (
        f"Not met: note on crossings (Transport Assessment, page 12). {WORDS['dropped citation']}"
    )
    assert "From nowhere." not in dump_review(review)


def test_review_survives_its_file(tmp_path: Path) -> None:
    review = make_review(judgement={"summary": "Größe – «zitiert» \u202e"})
    path = tmp_path / "review.json"
    path.write_text(dump_review(review), encoding="utf-8")

    assert load_review(path) == review
    assert dump_review(load_review(path)) == dump_review(review)
    assert dump_review(review).endswith("}\n")
    assert "Größe" in dump_review(review)


@pytest.mark.parametrize("damage", ["", "{", '{"review_id": "rev"}', "[1]", "\x00"])
def test_damaged_file_is_named(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "rev_1_review.json"
    path.write_text(damage)

    with pytest.raises(PermanentError, match=r"rev_1_review\.json is damaged.*planning-review review"):
        load_review(path)


def test_absent_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no review at .*planning-review review"):
        load_review(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://a.org/x.pdf", "https://a.org/x.pdf#page=3"),
        ("https://a.org/x.PDF#old", "https://a.org/x.PDF#page=3"),
        ("https://a.org:9000/b/x.docx", "https://a.org:9000/b/x.docx"),
        (
            "https://a.org/Document/Download?isPlan=False&fileName=Travel Plan (1).pdf",
            "https://a.org/Document/Download?isPlan=False&fileName=Travel%20Plan%20%281%29.pdf#page=3",
        ),
        ("https://a.org/d?fileName=a%20b.pdf", "https://a.org/d?fileName=a%20b.pdf#page=3"),
        ("https://a.org/100%.pdf", "https://a.org/100%25.pdf#page=3"),
        ("https://a.org/خطة.jpg", "https://a.org/%D8%AE%D8%B7%D8%A9.jpg"),
        ('https://a.org/"><b>|]`.png', "https://a.org/%22%3E%3Cb%3E%7C%5D%60.png"),
        ("javascript:alert(1)", ""),
        ("JAVASCRIPT:alert(1)//x.pdf", ""),
        ("javascript://a.org/%0aalert(1)", ""),
        ("ftp://a.org/x.pdf", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("//a.org/x.pdf", ""),
        ("https://council.gov.uk@evil.org/x.pdf", ""),
        ("https://council.gov.uk\\@evil.org/x.pdf", ""),
        ("https://[half", ""),
        ("https:///x.pdf", ""),
        ("", ""),
    ],
)
def test_links_open_or_are_none(url: str, link: str) -> None:
    assert page_link(url, 3) == link


def test_a_review_that_is_made_again_is_the_newest_again(tmp_path: Path) -> None:
    by_rules, by_model = make_review(), make_review(judgement={"model": "anthropic:some-model"})
    paths = [write_review_files(review, tmp_path, date(2026, 11, 23)) for review in (by_rules, by_model)]
    for made_at, written in zip((1_000_000, 2_000_000), paths, strict=True):
        os.utime(written["json"], (made_at, made_at))
    before = paths[0]["json"].read_bytes()
    assert find_newest_review(tmp_path) == paths[1]["json"]

    write_review_files(by_rules, tmp_path, date(2026, 11, 24))
    assert find_newest_review(tmp_path) == paths[0]["json"]
    assert paths[0]["json"].read_bytes() == before


_UNREAD = "pages 4, 9: writing that is drawn or pictured on it could not be read"


def test_an_aspect_without_evidence_tells_what_was_not_read_of_where_it_should_stand() -> None:
    partly = make_document("1-1-1", "Transport Assessment", document_type="transport_assessment")
    partly = partly.model_copy(update={"reason": _UNREAD})
    trees = make_document("2-2-2", "Trees", document_type="arboriculture", state="damaged", reason="cut off")
    review = make_review(documents=[partly, trees])
    told = f"It may stand in what was not read: Transport Assessment ({_UNREAD})."

    routes, streets, delivery = review.review.aspects
    assert delivery.analysis == f"Nothing found. {told}"
    assert "not read" not in routes.analysis + streets.analysis
    assert f"Nothing was found on: Delivery. {told}" in review.review.full_markdown
    assert f"Nothing was found on: Delivery. {told}" in render_html(review, date(2026, 11, 24))


def test_what_was_read_whole_is_not_told_of_an_aspect_without_evidence() -> None:
    left_out = make_document("2-2-2", "Plan", document_type="drawing", state="left_out", reason="a copy")
    review = make_review(documents=[make_document("1-1-1", "Transport Assessment"), left_out])
    assert review.review.aspects[-1].analysis == "Nothing found."
    assert "Nothing was found on: Delivery.\n\n## " in review.review.full_markdown


def test_of_many_documents_not_read_three_are_named() -> None:
    locked = [
        make_document(f"{n}-1-1", f"Note {n}", document_type="other", state="locked", reason="a password")
        for n in range(1, 6)
    ]
    analysis = make_review(documents=locked).review.aspects[-1].analysis
    assert "Note 3 (a password); and 2 more." in analysis
    assert "Note 4" not in analysis


def test_documents_that_could_not_be_had_are_told_in_the_first_lines() -> None:
    documents = [
        make_document("1-1-1", "Transport Assessment"),
        make_document("1-1-2", "Travel Plan", state="gone", sha256=None, reason="gone"),
        make_document("1-1-3", "Site Layout", state="damaged", sha256=None, reason="a web page"),
        make_document("1-1-4", "Letter", state="left_out", sha256=None, reason="left out"),
    ]
    review = make_review(documents=documents)
    said = "2 of the 3 documents chosen to be read could not be had: this review rests on the other 1."
    assert said in review.review.full_markdown.partition("## ")[0]
    assert said in review.review.notices[0]
    assert make_review().review.notices == ()
    assert make_review(judgement={"notices": ("By rules.",)}).review.notices == ("By rules.",)
