"""Passages worth reading: how they are ranked, what one holds, and that they need no model."""

import pytest

from planning_review.rules import verifier
from planning_review.rules.citations import find_quote
from planning_review.rules.cues import Context, find_cues
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.sentences import LONGEST_QUOTE
from planning_review.rules.verifier import LABELLED, list_signs, load_weights, read_signs
from tests.support.evidence_helpers import judge_pages, make_document

ODD = "The side gate on the cycle route is opened by a key code that is given to employees only."
PLAIN = [
    "The homes will be of brick with roofs of slate.",
    "The basin is a metre deep and dry in summer.",
    "The model shows a queue of four vehicles in the morning.",
    "Working hours on the site will be from eight to six.",
]


def score(sentences, by_meaning=True):
    words = [write_plainly(sentence) for sentence in sentences]
    signs = [read_signs(w, {cue.means for cue in find_cues(w, 0, len(w), Context())}) for w in words]
    return list(verifier.score_by_meaning(sentences, signs) if by_meaning else verifier.score_by_signs(signs))


@pytest.mark.parametrize("by_meaning", [True, False])
def test_what_a_reviewer_would_raise_scores_above_the_rest_of_a_report(by_meaning):
    odd, *plain = score([ODD, *PLAIN], by_meaning)
    assert odd > max(plain)


def test_meaning_finds_what_no_sign_tells():
    hidden, plain = "Children will have to judge the gaps in the traffic for themselves.", PLAIN[0]
    by_meaning, by_signs = score([hidden, plain]), score([hidden, plain], by_meaning=False)
    assert by_meaning[0] - by_meaning[1] > by_signs[0] - by_signs[1]


def test_without_the_embedding_model_the_signs_decide(monkeypatch):
    monkeypatch.setattr(verifier, "has_model", lambda folder: False)
    assert score([ODD]) == score([ODD], by_meaning=False)


def test_the_weights_are_those_of_the_signs_and_fit_the_labelled_sentences():
    weights = load_weights()
    assert weights.signs == list_signs()
    assert len(weights.with_meaning) == 384 + len(weights.signs_only)
    right = 0
    for name, is_raised in (("raise", True), ("comply", False), ("quiet", False)):
        sentences = (LABELLED / f"{name}.txt").read_text(encoding="utf-8").splitlines()[:40]
        right += [value > 0 for value in score(sentences)].count(is_raised)
    assert right >= 0.75 * 120


def test_a_passage_holds_likely_neighbours_and_stands_on_its_page():
    page = f"{ODD} Riders without the code will have to carry their bicycles over the stile beside it."
    pages = [page, *PLAIN]
    judgement = judge_pages(pages)
    assert judgement.worth_reading
    for passage in judgement.worth_reading:
        assert len(passage.quote) <= LONGEST_QUOTE
        assert passage.why
        assert find_quote(passage.quote, make_document(pages).text.pages, passage.page).verified
    quoted = {c.quote for line in judgement.policy_compliance for c in line.citations}
    assert all(passage.quote not in quoted for passage in judgement.worth_reading)


def test_there_are_at_most_forty_for_a_hundred_pages():
    page = " ".join(f"Gate {n} on the cycle route is opened by a key code for employees." for n in range(40))
    assert len(judge_pages([page, "", "", "", ""]).worth_reading) == 5
