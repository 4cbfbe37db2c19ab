"""A review is as short as was asked, and says what it left to its tables."""

import pytest
from markdown_it import MarkdownIt

from planning_review.policy.requirements import ASPECTS, load_requirements
from planning_review.report.markdown import render_markdown
from planning_review.report.wording import word_aspect
from planning_review.rules.judgement import Aspect
from planning_review.text.shortening import count_words, first_sentence, shorten_text
from tests.support.evidence_helpers import judge_pages
from tests.support.handmade_review import make_citation, make_document, make_line, make_review

SENTENCE = "The two-way cycle track beside the main street is 1.8 m wide over its whole length. "


def make_long_review(findings=70, **changes):
    """Return a review with breaches of every kind and long words on each."""
    quotes = [make_citation(f"{SENTENCE}It is number {n}.", page=n + 1) for n in range(findings)]
    return make_review(
        judgement={
            "aspects": tuple(
                Aspect(
                    name=name,
                    rating="red",
                    key_issue="Too narrow.",
                    analysis=SENTENCE * 6,
                    citations=quotes[:3],
                )
                for name in ASPECTS
            ),
            "policy_compliance": tuple(
                make_line(f"line-{n}", False, quote, detail=SENTENCE * 2) for n, quote in enumerate(quotes)
            ),
            "recommendations": (SENTENCE,) * findings,
            "suggested_conditions": (SENTENCE * 2,) * findings,
            "summary": "It is too narrow.",
        },
        **changes,
    )


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("# One two\n\nThree – four.", 4),
        ("1. one\n- two\n> “three four”\n>\n> Source: [five, page 6](https://a.org/x.pdf#page=6)", 9),
        ("| a | b |\n|---|---|\n| c | d |\n\nafter", 1),
        ("## Key documents\n\n- one two\n\n## Recommendations\n\n- three", 2),
        ("## Left out, and why\n\n- one\n## All documents\n\ntwo\n\n### Three\n\nfour", 2),
        ("3.0 m, 25/00284/F & 5 %", 4),
        ("", 0),
    ],
)
def test_what_counts_as_a_word(markdown, words):
    assert count_words(markdown) == words


def test_a_review_of_the_largest_kind_keeps_within_its_words():
    text = render_markdown(make_long_review())

    assert count_words(text) <= 1500
    assert len(text.split()) > 4000
    # What gave way stands in the tables.
    assert text.count("It is number 69.") == 1
    assert text.count(f"| 70 | {SENTENCE}") == 2
    assert "24 quotes and part of the analysis are left to the review's page" in text


@pytest.mark.parametrize("most_words", [350, 700, 1500, 4000, 100000])
def test_more_room_is_used_and_never_exceeded(most_words):
    text = render_markdown(make_long_review(findings=12), most_words)
    assert count_words(text) <= most_words
    if most_words == 100000:
        assert "To keep this short" in text  # at most two quotes under an aspect, whatever the room
        assert "8 quotes are left to the review's page" in text
        assert "part of the analysis" not in text


def test_quotes_give_way_then_conditions_then_the_analysis_then_other_advice():
    review = make_long_review(findings=12)
    full = count_words(render_markdown(review, 100000))
    seen = []
    for most_words in range(full, 200, -40):
        text = render_markdown(review, most_words)
        state = (
            text.count("> “"),
            text.count(" ".join([SENTENCE.strip()] * 6) + "\n"),
            "1. The two-way" in text,
            "- The two-way" in text,
        )
        if state not in seen:
            seen.append(state)
    assert seen == [
        # Three of them are those of the gravest findings, which give way last.
        (19, 8, True, True),
        (11, 8, True, True),
        (11, 8, False, True),
        (11, 0, False, True),
        (0, 0, False, True),
        (0, 0, False, False),
    ]


def test_what_moves_to_a_table_is_a_table():
    html = MarkdownIt("commonmark").enable("table").render(render_markdown(make_long_review()))
    assert html.count("<td>70</td>") == 2


def test_an_application_without_transport_content_gets_a_short_review():
    judgement = judge_pages(["The shop front will be painted blue and the sign will be of oak."])
    fields = {name: getattr(judgement, name) for name in type(judgement).model_fields}
    documents = [make_document("1-2-3", "Statement")]
    text = make_review(judgement=fields, documents=documents).review.full_markdown

    assert count_words(text) < 350
    assert text.count("which is not a breach") <= 2
    assert text.count("It is not a breach") == 1
    assert text.count("###") == 2
    assert len(load_requirements()) > 30


def test_an_aspect_says_the_worst_first_and_quotes_two():
    pages = [
        "The path will climb at 1 in 12. The cycle route will be laid in gravel. "
        "The shared path will be 1.8 m wide. The two-way cycle track will be 1.5 m wide. "
        "The one-way cycle track will be 1.0 m wide."
    ]
    judgement = judge_pages(pages)
    lines = {line.requirement_id: line for line in judgement.policy_compliance}
    routes = word_aspect(judgement.aspects[0], lines)

    assert len(routes.citations) == 2
    assert "1.0 m wide" in routes.citations[0].quote
    assert routes.key_issue == "A one-way cycle track is too narrow."
    assert routes.analysis.startswith("Width of one-way cycle tracks: not met; 1.0 m stated")
    assert "Also not met: " in routes.analysis
    assert "gradient of routes" in routes.analysis.split("Also not met: ")[1]
    assert len(routes.analysis.split()) < 120


@pytest.mark.parametrize(
    ("text", "words", "short"),
    [
        ("One two. Three four.", 4, "One two. Three four."),
        ("One two. Three four.", 3, "One two."),
        ("One two three four.", 2, "One two …"),
        ("A width of 3.0 m. Next.", 5, "A width of 3.0 m."),
        ("See Fig. 3, p. 4. Then more.", 5, "See Fig. 3, p. 4."),
        ("Anything.", 0, ""),
    ],
)
def test_texts_are_cut_at_sentences(text, words, short):
    assert shorten_text(text, words) == short


def test_first_sentence():
    assert first_sentence("Not met: 1.8 m (TA, page 4). Read by OCR.") == "Not met: 1.8 m (TA, page 4)."
