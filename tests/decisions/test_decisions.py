"""A person's word on a finding: how it is read, kept, and what follows from it in a review."""

from datetime import date

import pytest

from planning_review.decisions.apply import apply_decisions
from planning_review.decisions.file import (
    check_decisions,
    dump_decisions,
    load_kept_decisions,
    read_text,
    save_decisions,
)
from planning_review.decisions.model import Decisions, FindingDecision, date_decisions, merge_decisions
from planning_review.errors import UsageError
from planning_review.report.finding_words import describe_finding
from planning_review.report.wording import recommend, summarise, word_aspect
from planning_review.rules.judgement import Judgement
from tests.support.evidence_helpers import judge_pages, line_of

REFERENCE = "25/00001/F"
DAY = date(2026, 11, 24)
PAGES = [
    "The shared path will be 1.8 m wide. The path will be unlit.",
    "A travel plan will be provided. Footways will be 2.0 m wide.",
]


def decide(*findings, reference=REFERENCE):
    return Decisions(
        reference=reference,
        findings=tuple(FindingDecision(by="A. Volunteer", **finding) for finding in findings),
    )


def aspect_of(judgement, name):
    """Return an aspect in words."""
    lines = {line.requirement_id: line for line in judgement.policy_compliance}
    return word_aspect(next(aspect for aspect in judgement.aspects if aspect.name == name), lines)


@pytest.fixture
def judgement() -> Judgement:
    return judge_pages(PAGES)


def load_decisions(path):
    return check_decisions(read_text(path), str(path), REFERENCE)


def write(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_of_the_docs_is_read(tmp_path):
    path = write(
        tmp_path,
        """reference: 25/00001/F
by: A. Volunteer
findings:
  - finding: shared-path-width
    verdict: dismissed
    note: "Drawing 12 rev C shows 3.0 m: über alles"
  - finding: lighting
    verdict: corrected
    compliant: true
    by: B. Other
  - finding: Cycle parking
    verdict: confirmed
""",
    )
    decisions = load_decisions(path)

    assert [(d.finding, d.verdict, d.by) for d in decisions.findings] == [
        ("shared-path-width", "dismissed", "A. Volunteer"),
        ("lighting", "corrected", "B. Other"),
        ("Cycle parking", "confirmed", "A. Volunteer"),
    ]
    assert decisions.findings[0].note.endswith("über alles")
    assert load_decisions(write(tmp_path, dump_decisions(decisions))) == decisions


MERGES = "a0: &a0 {b: c}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 13)
)
"""A kilobyte that would be copied 9^12 times."""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "begins with `reference:`"),
        ("- a\n- b", "begins with `reference:`"),
        ("reference: [1\n", r"line \d+: this is no YAML"),
        ("a: " + "[" * 5000, "this is no YAML"),
        (MERGES, r"line \d+: this is no YAML: merge keys \(<<\) are not read here"),
        ("by: me\nfindings: []", r"line 1: reference: Field required"),
        ("reference: 25/00001/F\nfinding: []", r"line 2: finding: Extra inputs"),
        ("reference: 25/00001/F\nfindings: lighting", r"line 2: findings:"),
        (
            "reference: 25/00001/F\nfindings:\n- finding: lighting\n  verdict: confirmed\n"
            "- finding: surface\n  verdict: wrong\n",
            r"line 6: findings\.1\.verdict: Input should be 'confirmed'",
        ),
        ("reference: 25/00001/F\nfindings:\n- finding: lighting\n", r"line 3: findings\.0\.verdict: Field"),
        (
            "reference: 25/00001/F\nfindings:\n- finding: lighting\n  verdict: corrected\n",
            r"line 3: findings\.0: `compliant: true` or",
        ),
        (
            "reference: 25/00001/F\nfindings:\n- {finding: lighting, verdict: dismissed, compliant: true}\n",
            "goes with `verdict: corrected`",
        ),
        (
            "reference: 25/00001/F\nfindings:\n- {finding: lighting, verdict: confirmed}\n"
            "- {finding: lighting, verdict: dismissed}\n",
            "two decisions on lighting",
        ),
        (
            "reference: 25/00001/F\nfindings:\n- {finding: Delivery, verdict: corrected, compliant: false}\n",
            "name the requirement that is not met",
        ),
        (
            "reference: 25/00001/F\nfindings:\n- {finding: shared-path-widht, verdict: confirmed}\n",
            r"no finding 'shared-path-widht'\. Did you mean shared-path-width\?",
        ),
        (
            "reference: 25/00001/F\nfindings:\n- {finding: cycle parking, verdict: confirmed}\n",
            r"Did you mean Cycle parking\?",
        ),
        ("reference: 24/00001/F\nfindings: []\n", r"is about 24/00001/F, not 25/00001/F"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(text, message, tmp_path):
    with pytest.raises(UsageError, match=message) as caught:
        load_decisions(write(tmp_path, text))
    assert "mine.yaml" in str(caught.value)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_decisions(tmp_path / "none.yaml")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_decisions(tmp_path / "photo.jpg")
    with pytest.raises(UsageError, match="larger than"):
        load_decisions(write(tmp_path, "#" * 1_000_001))


def test_the_newer_word_holds_and_the_same_word_keeps_its_day():
    older = decide(
        {"finding": "lighting", "verdict": "dismissed", "decided_on": date(2026, 1, 1)},
        {"finding": "surface", "verdict": "confirmed", "decided_on": date(2026, 1, 1)},
        {"finding": "gradient", "verdict": "confirmed", "decided_on": date(2026, 1, 1)},
    )
    newer = decide(
        {"finding": "lighting", "verdict": "confirmed"}, {"finding": "surface", "verdict": "confirmed"}
    )
    merged = {d.finding: d for d in merge_decisions(older, newer).findings}

    assert merged["lighting"].verdict == "confirmed"
    assert merged["lighting"].decided_on is None
    assert merged["surface"].decided_on == merged["gradient"].decided_on == date(2026, 1, 1)
    with pytest.raises(UsageError, match="cannot be added"):
        merge_decisions(older, decide(reference="24/00009/F"))


def test_kept_decisions_come_back_findings_that_are_gone_too(tmp_path, judgement):
    folder = tmp_path / "25_00001_F"
    assert load_kept_decisions(folder) is None
    decisions = decide(
        {"finding": "lighting", "verdict": "dismissed", "note": "See the plan."},
        {"finding": "no-longer-there", "verdict": "confirmed"},
    )
    dated = date_decisions(decisions, judgement, DAY)
    path = save_decisions(folder, dated)

    assert path.name == "decisions.yaml"
    assert load_kept_decisions(folder) == dated
    assert dated.findings[0].decided_on == DAY
    assert dated.findings[0].quotes == ("The path will be unlit.",)
    assert date_decisions(dated, judgement, date(2027, 1, 1)) == dated


def test_a_dismissed_breach_counts_for_nothing_and_keeps_its_quotes(judgement):
    before = line_of(judgement, "shared-path-width")
    assert before.compliant is False
    assert judgement.overall_rating == "red"

    decided = apply_decisions(
        judgement, decide({"finding": "shared-path-width", "verdict": "dismissed", "note": "Old plan"}), DAY
    )
    line = line_of(decided, "shared-path-width")
    assert line.compliant is None
    assert line.citations == before.citations
    assert describe_finding(line).startswith(
        "Dismissed by A. Volunteer on 24 November 2026: Old plan. The review had"
    )
    assert "1.8 m stated" in describe_finding(line)
    routes = aspect_of(decided, "Cycle routes")
    assert routes.rating is None
    assert routes.citations == ()
    assert "Dismissed by a person: width of shared paths." in routes.analysis
    assert decided.overall_rating == "amber"
    assert summarise(decided).startswith("1 requirement is not met by what the documents state: lighting")
    assert "1 finding was dismissed by a person." in summarise(decided)
    assert summarise(decided).endswith("1 document was read, 2 pages in all.")
    assert not any("shared" in text for text in (*recommend(decided), *decided.suggested_conditions))
    assert decided.key_documents[0].breach_quotes == judgement.key_documents[0].breach_quotes - 1
    assert judgement == judge_pages(PAGES)


def test_dismissing_is_not_complying():
    # A core requirement that nothing is known of still stands in the way of a green.
    judgement = judge_pages(["The shared path will be 1.8 m wide."])
    decided = apply_decisions(
        judgement, decide({"finding": "shared-path-width", "verdict": "dismissed"}), DAY
    )
    assert decided.overall_rating == "none"
    assert "for policy to judge" in summarise(decided)


def test_a_correction_holds_both_ways(judgement):
    decided = apply_decisions(
        judgement,
        decide(
            {"finding": "shared-path-width", "verdict": "corrected", "compliant": True, "note": "3.0 m"},
            {"finding": "surface", "verdict": "corrected", "compliant": False, "note": "Drawn as gravel"},
        ),
        DAY,
    )
    width, surface = line_of(decided, "shared-path-width"), line_of(decided, "surface")
    assert width.compliant is True
    assert describe_finding(width).startswith(
        "Corrected to met by A. Volunteer on 24 November 2026: 3.0 m. The"
    )
    assert surface.compliant is False
    assert surface.citations == ()
    # A person's word carries a rating although no quote stands for it.
    assert aspect_of(decided, "Cycle routes").rating in ("amber", "red")
    assert "surface" in aspect_of(decided, "Cycle routes").analysis
    assert "surface" in summarise(decided)


def test_a_correction_that_changes_nothing_leaves_the_texts(judgement):
    found = {"finding": "shared-path-width", "verdict": "corrected", "compliant": False, "note": "1.7 m"}
    decided = apply_decisions(judgement, decide(found), DAY)
    assert describe_finding(line_of(decided, "shared-path-width")).startswith("Corrected to not met by")
    assert aspect_of(decided, "Cycle routes") == aspect_of(judgement, "Cycle routes")
    # Where another finding changes, all that is said follows from the lines as people left them.
    again = apply_decisions(judgement, decide(found, {"finding": "lighting", "verdict": "dismissed"}), DAY)
    assert "Corrected to not met by" in aspect_of(again, "Cycle routes").analysis


def test_a_confirmed_finding_is_marked_and_nothing_else(judgement):
    decided = apply_decisions(judgement, decide({"finding": "lighting", "verdict": "confirmed"}), DAY)

    line = line_of(decided, "lighting")
    assert (line.decision.verdict, line.decision.by, line.decision.decided_on) == (
        "confirmed",
        "A. Volunteer",
        DAY,
    )
    unmarked = decided.model_copy(
        update={
            "policy_compliance": tuple(
                each.model_copy(update={"decision": None}) for each in decided.policy_compliance
            )
        }
    )
    assert unmarked == judgement


def test_an_aspect_stands_for_all_that_it_holds_not_met(judgement):
    decided = apply_decisions(
        judgement,
        decide(
            {"finding": "Cycle routes", "verdict": "dismissed", "note": "Superseded"},
            {"finding": "lighting", "verdict": "confirmed"},
        ),
        DAY,
    )
    routes = aspect_of(decided, "Cycle routes")
    assert routes.decision.verdict == "dismissed"
    assert routes.rating is None
    assert line_of(decided, "shared-path-width").compliant is None
    assert line_of(decided, "lighting").compliant is False


def test_what_there_is_nothing_to_decide_on_is_told(judgement):
    decided = apply_decisions(
        judgement,
        decide(
            {"finding": "no-longer-there", "verdict": "dismissed"},
            {"finding": "gradient", "verdict": "dismissed"},
        ),
        DAY,
    )
    gone, silent = decided.notices
    assert gone == (
        "The decision on “no-longer-there” (dismissed by A. Volunteer on 24 November 2026) is kept, "
        "but this review has no such finding."
    )
    assert "gradient of routes" in silent
    assert "nothing was found this time" in silent
    assert decided.policy_compliance == judgement.policy_compliance


def test_a_decision_on_other_quotes_is_to_be_looked_at_again(judgement):
    decisions = date_decisions(
        decide({"finding": "shared-path-width", "verdict": "dismissed"}), judgement, date(2026, 11, 1)
    )
    assert apply_decisions(judgement, decisions, DAY).notices == ()
    (notice,) = apply_decisions(
        judge_pages([*PAGES, "The shared path by the school will be 1.5 m wide."]), decisions, DAY
    ).notices
    assert "dismissed by A. Volunteer on 1 November 2026" in notice
    assert "look at them again" in notice


def test_a_models_own_words_stay_where_no_line_changed(judgement):
    texts = {"key_issue": "The model's issue.", "analysis": "The model's words.", "rating": "red"}
    by_model = judgement.model_copy(
        update={
            "model": "anthropic:some-model",
            "summary": "The model's summary.",
            "aspects": tuple(aspect.model_copy(update=texts) for aspect in judgement.aspects),
        }
    )
    confirmed = apply_decisions(by_model, decide({"finding": "lighting", "verdict": "confirmed"}), DAY)
    assert confirmed.summary == by_model.summary
    assert confirmed.aspects == by_model.aspects

    decided = apply_decisions(by_model, decide({"finding": "shared-path-width", "verdict": "dismissed"}), DAY)
    assert aspect_of(decided, "Cycle routes").rating is None
    assert "model" not in aspect_of(decided, "Cycle routes").analysis
    assert aspect_of(decided, "Walking and inclusion").analysis == "The model's words."
    assert aspect_of(decided, "Walking and inclusion").rating == "red"
    assert decided.overall_rating == "red"
    assert "model" not in summarise(decided)
