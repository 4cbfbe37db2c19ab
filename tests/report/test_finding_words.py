"""What was found stays data to the end: words are made of it once, and no code reads them."""

import ast
import json
from pathlib import Path
from string import Formatter

import pytest

from planning_review.decisions.apply import apply_decisions
from planning_review.decisions.model import Decisions, FindingDecision
from planning_review.letter.composition import compose_letter
from planning_review.model.checking import CheckedFinding
from planning_review.model.merging import merge_line
from planning_review.models import Application
from planning_review.report import assembly
from planning_review.report.assembly import dump_review, load_review
from planning_review.report.contract import Review
from planning_review.report.finding_words import (
    WORDS,
    describe_finding,
    describe_in_table,
    describe_without_verdict,
    has_dropped_citation,
)
from planning_review.report.markdown import render_markdown
from planning_review.report.presentation import group_lines
from planning_review.rules.judgement import Judgement
from tests.support.evidence_helpers import TODAY, judge_documents, line_of, make_document
from tests.support.handmade_review import APPLICATION, NARROW, SLOW, make_line
from tests.support.handmade_review import make_document as make_reviewed_document

ROOT = Path(__file__).parents[2]
PACKAGES = ("planning_review", "blocks", "run", "tasks", "flows", "cli")
STANCES = ("object", "support", "conditional", "neutral")
PAGES = [
    "The shared path will be 1.8 m wide. The path will be unlit. Footways will be 2.0 m wide.",
    "A travel plan will be provided. The cycle route will be laid in gravel. Lighting may be considered.",
    "The shared path will be 3.5 m wide. Streets are designed for 20 mph.",
    "One cycle space per ten dwellings and 4 cycle spaces are proposed.",
]
NEW_FIELDS = {
    "aspects": (
        "groups",
        "also_not_met",
        "is_unproven",
        "is_decided",
        "dropped_quotes",
        "dropped_citations",
    ),
    "policy_compliance": (
        "findings",
        "unquoted",
        "contradicted_by",
        "nearest",
        "later_edition",
        "model",
        "dropped_citations",
        "place",
        "needs_check",
        "also_met",
    ),
}
"""What review.json had not before findings were data."""


def judge() -> Judgement:
    """Return a judgement that people and a model had their say on."""
    documents = [
        make_document(PAGES, document_id="1-1-1", title="Transport Assessment", ocr=True),
        make_document(["The cycle track will be unlit."], document_id="9-9-9", title="Not listed"),
    ]
    judgement = judge_documents(documents)
    said = CheckedFinding("residential-speed", "not met", "Humps are missing.", (SLOW,), 2)
    lines = [
        merge_line(line, said if line.requirement_id == said.requirement_id else None, {}).shown
        for line in judgement.policy_compliance
    ]
    findings = (
        FindingDecision(finding="shared-path-width", verdict="confirmed", note="Seen on site"),
        FindingDecision(finding="surface", verdict="dismissed", note="Superseded"),
        FindingDecision(finding="travel-plan", verdict="corrected", compliant=False, note="None is there"),
    )
    return apply_decisions(
        judgement.model_copy(update={"policy_compliance": tuple(lines)}),
        Decisions(reference="25/00284/F", by="A. Volunteer", findings=findings),
        TODAY,
    )


def assemble() -> Review:
    return assembly.assemble_review(
        application=Application(**APPLICATION),
        judgement=judge(),
        documents=[make_reviewed_document("1-1-1", "Transport Assessment")],
        status="complete",
        seconds={},
        versions={},
    )


def list_points(review: Review) -> list[object]:
    """Return what the letters of every stance are made of, but for their texts."""
    letters = [
        compose_letter(review, stance=stance, letter_date=TODAY, groups=("A",), most_words=5000)
        for stance in STANCES
    ]
    return [letter.model_copy(update={"letter_id": "", "review_id": ""}) for letter in letters]


def leave_out_texts(review: Review) -> object:
    """Return a review's body without the words that the report made."""
    body = review.review.model_dump(mode="json")
    for aspect in body["aspects"]:
        del aspect["key_issue"], aspect["analysis"]
    for line in body["policy_compliance"]:
        del line["notes"]
    for document in body["key_documents"]:
        del document["summary"]
    for field in ("summary", "recommendations", "full_markdown"):
        del body[field]
    return body


def list_groups(review: Review) -> list[tuple[str, list[str]]]:
    groups = group_lines(review.review.policy_compliance)
    return [(word, [line.requirement_id for line in lines]) for word, lines in groups]


def reword(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a sign in the place of every word of the report's own."""
    for name, sentence in WORDS.items():
        parts = [f"@{{{field}}}" if field else "@" for _, field, _, _ in Formatter().parse(sentence)]
        monkeypatch.setitem(WORDS, name, "".join(parts))
    monkeypatch.setattr(assembly, "summarise", lambda judgement: "@")
    monkeypatch.setattr(assembly, "recommend", lambda judgement, proposal: ("@",))
    monkeypatch.setattr(assembly, "describe_key_document", lambda chosen: "@")
    texts = {"key_issue": "@", "analysis": "@"}
    monkeypatch.setattr(
        assembly, "word_aspect", lambda aspect, lines, unread=(): aspect.model_copy(update=texts)
    )


def test_other_words_change_no_point_of_a_letter_and_nothing_of_a_review(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = assemble()
    assert {word for word, _ in list_groups(before)} == {
        "Not met",
        "Not settled",
        "Met",
        "Dismissed",
        "No evidence",
    }
    points, structure, groups = list_points(before), leave_out_texts(before), list_groups(before)

    reword(monkeypatch)
    after = assemble()

    assert line_of(judge(), "shared-path-width").compliant is False
    assert describe_finding(line_of(judge(), "shared-path-width")).startswith("@1.8 m stated")
    assert list_points(after) == points
    assert leave_out_texts(after) == structure
    assert list_groups(after) == groups


def test_a_line_of_which_a_citation_was_dropped_is_in_no_letter() -> None:
    review = assemble()
    lighting = next(each for each in review.review.policy_compliance if each.requirement_id == "lighting")

    assert lighting.compliant is False
    assert lighting.dropped_citations == 1
    assert has_dropped_citation(lighting)
    letter = compose_letter(review, stance="object", letter_date=TODAY, groups=("A",), most_words=5000)
    assert "lighting" not in {name for point in letter.points for name in point.requirements}


def test_a_review_of_an_earlier_release_still_opens_and_gives_the_same_letters(tmp_path: Path) -> None:
    review = assemble()
    data = json.loads(dump_review(review))
    for part, fields in NEW_FIELDS.items():
        for item in data["review"][part]:
            for field in fields:
                del item[field]
    path = tmp_path / "rev_1_review.json"
    path.write_text(json.dumps(data), encoding="utf-8")

    old = load_review(path)

    assert all(line.findings is None for line in old.review.policy_compliance)
    for stance in STANCES:
        letters = [
            compose_letter(each, stance=stance, letter_date=TODAY, groups=("A",)) for each in (old, review)
        ]
        assert letters[0] == letters[1]
        assert letters[0].points
    # What an older aspect says is not known to be its findings' words again: so it stands.
    told, _, by_aspect = render_markdown(old).partition("## Aspect by aspect")
    assert told == render_markdown(review).partition("## Aspect by aspect")[0]
    assert all(aspect.name in by_aspect for aspect in old.review.aspects)


def test_an_old_line_is_told_by_its_notes() -> None:
    silent = (
        "No evidence found: no document that was read states anything that settles this. "
        "That is not a breach."
    )
    line = make_line("surface", None, notes=f"{silent} Nearest passages: Assessment, page 4.")
    assert describe_in_table(line) == "Nearest passages: Assessment, page 4."
    assert describe_finding(line) == line.notes
    breach = make_line("surface", False, NARROW, notes="Not met: gravel (Plan, page 2).")
    assert describe_without_verdict(breach) == "gravel (Plan, page 2)."
    assert not has_dropped_citation(breach)
    dropped = "A citation was dropped: it named no document of this application."
    assert has_dropped_citation(make_line("surface", False, NARROW, notes=f"Not met: gravel. {dropped}"))


def test_notes_are_read_where_old_reviews_are_and_nowhere_else() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        # What a reader notes of a file is no sentence on a finding.
        if path.parent.parent.name != "documents" and path.parent.name != "documents"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "notes"
    }
    assert readers == {"planning_review/report/old_reviews.py"}


@pytest.mark.parametrize("scanned", ["the breach", "what contradicts it"])
def test_a_quote_from_a_scanned_page_is_to_be_compared_with_it_on_whichever_side_it_stands(
    scanned: str,
) -> None:
    line = make_line("one-way-track-width", False, NARROW)
    other = make_line("one-way-track-width", True, SLOW)
    assert line.findings
    assert other.findings
    breach, met = line.findings[0], other.findings[0]
    if scanned == "the breach":
        breach = breach.model_copy(update={"ocr": True})
    else:
        met = met.model_copy(update={"ocr": True})
    read = line.model_copy(update={"findings": (breach,), "contradicted_by": met})
    assert describe_finding(read).endswith(WORDS["ocr"])
    assert WORDS["ocr"] not in describe_finding(
        line.model_copy(update={"contradicted_by": other.findings[0]})
    )
