"""The page stands alone, tells the rating and the deadline first, and takes no text for markup."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from handmade_review import (
    BUCKET,
    HOSTILE,
    NARROW,
    REGISTER,
    make_citation,
    make_document,
    make_hostile_review,
    make_line,
    make_review,
)
from lxml import html

from planning_review.review.contract import Aspect, Review
from planning_review.review.html import render_html
from planning_review.review.presentation import plain_text

TODAY = date(2026, 11, 23)


def parse(review: Review, today: date = TODAY) -> html.HtmlElement:
    return html.document_fromstring(render_html(review, today))


def read(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def find(page: html.HtmlElement, path: str) -> html.HtmlElement:
    (element,) = page.xpath(path)
    return element


@pytest.mark.parametrize("review", [make_review(), make_hostile_review()], ids=["plain", "hostile"])
def test_page_needs_nothing_else(review: Review) -> None:
    text = render_html(review, TODAY)
    page = html.document_fromstring(text)

    assert not page.xpath("//script | //img | //iframe | //link | //object | //embed | //form | //base")
    assert not page.xpath("//@src | //@srcset | //@data | //@action | //@style")
    assert not [name for name in page.xpath("//@*") if name.attrname.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for href in page.xpath("//@href"):
        if href.startswith("#"):
            assert href[1:] in ids
        else:
            assert href.startswith((f"{BUCKET}/", f"{REGISTER}/"))
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert "default-src 'none'" in policy


def test_hostile_text_is_shown_as_it_is() -> None:
    page = parse(make_hostile_review())

    quotes = [read(element) for element in page.xpath("//blockquote")]
    assert f"“{plain_text(HOSTILE)}”" in quotes
    assert "\u202e" not in page.text_content()
    assert read(find(page, "//h1")) == plain_text(HOSTILE)


def test_rating_reason_and_deadline_come_first() -> None:
    page = parse(make_review())

    start = read(find(page, "//main"))[:260]
    assert start.startswith(
        "Rating Red: serious concerns Comments By 12 December 2026 19 days left on 23 November"
    )
    assert "The cycle track is too narrow." in start
    verdict = find(page, "//section[contains(@class, 'verdict')]")
    assert verdict.xpath(".//*[local-name()='svg'][@aria-hidden='true']")
    assert find(page, "//title").text == "25/00284/F: red. Cycling review"


@pytest.mark.parametrize(
    ("end", "headline", "detail"),
    [
        (TODAY, "By 23 November 2026", "The last day"),
        (TODAY + timedelta(days=1), "By 24 November 2026", "1 day left on 23 November 2026"),
        (TODAY - timedelta(days=1), "Closed on 22 November 2026", "yesterday"),
        (TODAY - timedelta(days=9), "Closed on 14 November 2026", "9 days ago"),
        (None, "No date given", "ask the case officer"),
    ],
)
def test_deadline(end: date | None, headline: str, detail: str) -> None:
    page = parse(make_review(application={"consultation_end": end}))

    text = read(find(page, "//div[@class='when']"))
    assert text.startswith(f"Comments {headline}")
    assert detail in text


def test_decided_application_has_no_deadline() -> None:
    page = parse(make_review(application={"decision": "Refused", "decision_date": date(2026, 11, 3)}))

    assert read(find(page, "//div[@class='when']")) == "Comments Already decided Refused on 3 November 2026"


def test_quote_stands_beside_its_source() -> None:
    page = parse(make_review())

    figure = page.xpath("//article//figure")[0]
    assert read(find(figure, "./blockquote")) == f"“{NARROW.quote}”"
    link = find(figure, "./figcaption/a")
    assert read(link) == "Transport Assessment, page 12"
    assert link.get("href") == f"{BUCKET}/1-1-1.pdf#page=12"


def test_quote_is_printed_once() -> None:
    other = make_citation("Only in the table.", page=2)
    lines = (make_line("crossings", False, NARROW, other),)
    page = parse(make_review(judgement={"policy_compliance": lines}))

    assert [read(quote) for quote in page.xpath("//table//blockquote")] == ["“Only in the table.”"]
    assert "Transport Assessment, page 12" in read(find(page, "//table[@class='policy']"))


def test_unverified_quotes_are_marked() -> None:
    stray = make_citation("Never said.", verified=False)
    aspect = Aspect(name="Routes", rating="red", key_issue="", analysis="", citations=(stray, NARROW))
    only_stray = aspect.model_copy(update={"citations": (stray,)})

    page = parse(make_review(judgement={"aspects": (aspect,)}))
    assert read(find(page, "//article//figure[@class='unverified']")).endswith(
        "Not verified: this quote was not found on that page."
    )
    assert "no quote under this aspect" not in read(page)
    assert "no quote under this aspect" in read(parse(make_review(judgement={"aspects": (only_stray,)})))


def test_policy_is_grouped_by_result() -> None:
    table = find(parse(make_review()), "//table[@class='policy']")

    rows = [read(row) for row in table.xpath("./tbody/tr/th")]
    assert [row.split(" Note")[0] for row in rows] == [
        "Not met (1)",
        "What one-way-track-width asks",
        "Met (1)",
        "What residential-speed asks",
        "No evidence (1)",
        "What lighting asks",
    ]
    assert read(table.xpath("./tbody/tr/td")[0]) == "LTN 1/20 (July 2020), Table 5-2"


def test_incomplete_review_says_so_before_the_rating() -> None:
    failed = make_document("1-1-2", "Travel Plan", state="failed", reason="the register answered 503")
    review = make_review(status="incomplete", documents=[make_document("1-1-1", "Assessment"), failed])

    page = parse(review)
    assert read(find(page, "//main")).startswith("This review is incomplete.")
    assert "Travel Plan. Failed: the register answered 503" in read(page)
    assert "incomplete" not in read(parse(make_review()))


def test_every_document_is_listed() -> None:
    documents = [
        make_document("1-1-1", "Transport Assessment"),
        make_document("1-1-2", "Comment", state="left_out", reason="public comment", pages=None),
    ]
    page = parse(make_review(documents=documents))

    rows = [[read(cell) for cell in row] for row in page.xpath("//table[not(@class)]/tbody/tr")]
    assert rows == [
        ["Transport Assessment", "Supporting Documents", "40", "Read"],
        ["Comment", "Supporting Documents", "–", "Left out: public comment"],
    ]
    assert "public comment (1): Comment" in read(page)


def test_the_maker_is_named() -> None:
    assert "No language model took part." in read(parse(make_review()))
    by_model = read(parse(make_review(judgement={"model": "anthropic:some-model", "cost_usd": 0.123})))
    assert "a language model (anthropic:some-model)" in by_model
    assert "US$ 0.12" in by_model


def test_page_can_be_walked_without_eyes() -> None:
    page = parse(make_review())

    assert page.get("lang") == "en-GB"
    assert page.xpath("//body/*[1]/@href") == ["#review"]
    assert len(page.xpath("//h1")) == len(page.xpath("//main")) == 1
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not page.xpath("//th[not(@scope)]")
    for labelled in page.xpath("//@aria-labelledby"):
        assert page.xpath("//*[@id=$name]", name=labelled)
