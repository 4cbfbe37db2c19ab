"""A letter says what the review's structure says for its stance, each point with its evidence."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from markdown_it import MarkdownIt
from pydantic import ValidationError

from planning_review.errors import UsageError
from planning_review.letter.citing import name_paragraph
from planning_review.letter.composition import MAX_WORDS, MOST_POINTS, compose_letter, count_words
from planning_review.letter.contract import Letter
from planning_review.letter.points import LONGEST_QUOTE_WORDS
from planning_review.letter.rendering import dump_letter, render_letter_markdown
from planning_review.letter.word_document import render_letter_docx
from planning_review.parameters import LetterParameters
from planning_review.policy.arguments import load_arguments
from planning_review.policy.expectations import expectations_by_id, load_expectations
from planning_review.policy.requirements import Requirement, load_requirements
from planning_review.report.contract import Review
from planning_review.report.finding_words import WORDS
from planning_review.report.html import render_html
from planning_review.rules.judgement import (
    Aspect,
    ComplianceLine,
    Contradiction,
    Decision,
    Fact,
    LocalPolicy,
    Omission,
    Pointer,
)
from tests.support.handmade_review import (
    BUCKET,
    HOSTILE,
    NARROW,
    SLOW,
    make_citation,
    make_hostile_review,
    make_line,
    make_review,
)

DAY = date(2026, 11, 23)
STANCES = ("object", "support", "conditional", "neutral")


def compose(review: Review | None = None, **options: Any) -> Letter:
    facts: dict[str, Any] = {"stance": "object", "letter_date": DAY, "groups": ("Wheels for All",)}
    return compose_letter(review or make_review(), **facts | options)


def list_requirements(letter: Letter) -> list[str]:
    return [name for point in letter.points for name in point.requirements]


@pytest.mark.parametrize(
    ("stance", "requirements", "conditions"),
    [
        ("object", ["one-way-track-width"], 0),
        ("support", ["residential-speed"], 0),
        ("conditional", ["one-way-track-width"], 1),
        ("neutral", ["one-way-track-width"], 0),
    ],
)
def test_stance_chooses_the_points(stance: str, requirements: list[str], conditions: int) -> None:
    letter = compose(stance=stance)

    assert list_requirements(letter) == requirements
    assert len(letter.conditions) == conditions
    assert (letter.ground is not None) == (stance == "object")


@pytest.mark.parametrize("tone", ["formal", "accessible"])
@pytest.mark.parametrize("stance", STANCES)
def test_letter_is_whole_in_every_stance_and_tone(stance: str, tone: str) -> None:
    letter = compose(stance=stance, tone=tone)
    text = render_letter_markdown(letter)

    assert "Wheels for All" in text
    assert "25/00284/F" in text
    assert "{" not in text
    assert "NPPF" not in text
    for point in letter.points:
        (quoted,) = point.citations
        assert f"“{quoted.quote}”" in text
        assert f"[Transport Assessment, page {quoted.page}][1]" in text
        assert f"[1]: {BUCKET}/1-1-1.pdf#page={quoted.page}\n" in text
        assert "Table 5-2 of Local Transport Note 1/20" in point.policy_words
        assert bool(point.harm) == (stance != "support")
        assert point.ask
    assert letter.words == count_words(letter) <= MAX_WORDS
    assert Letter.model_validate_json(dump_letter(letter)) == letter


def test_the_opening_says_what_to_do_and_why_in_two_sentences() -> None:
    opening = compose().opening
    assert "asks the council to refuse it" in opening
    assert opening.count(". ") + opening.endswith(".") == 2
    assert "a one-way cycle track is too narrow" in opening


def test_an_objection_has_its_ground_and_the_plan() -> None:
    ground = compose().ground
    assert ground is not None
    assert "Table 5-2 of LTN 1/20" in ground
    assert "Section 38(6)" in ground
    assert "Cherwell Local Plan 2011-2031 Part 1" in ground


def test_other_stances_welcome_what_is_good() -> None:
    assert SLOW.quote.rstrip(".") in compose(stance="conditional").welcome
    assert SLOW.quote.rstrip(".") in compose(stance="neutral").welcome
    assert compose(stance="object").welcome == ""


def test_a_condition_has_its_reason_and_place() -> None:
    line = make_line("surface", False, NARROW, place="Mill Lane")
    letter = compose(make_review(judgement={"policy_compliance": (line,)}), stance="conditional")
    (condition,) = letter.conditions
    assert condition.reason.startswith("so that")
    assert condition.place == "Mill Lane"
    assert "Place: Mill Lane. Reason: so that" in render_letter_markdown(letter)


def make_varied_review() -> Review:
    requirements = [requirement for requirement in load_requirements() if requirement.mark == "A"]
    lines = tuple(
        make_line(
            requirement.id,
            False,
            make_citation(f"Statement number {n}.", page=n + 1),
            requirement=requirement.requirement,
            policy_source="LTN 1/20" if n % 2 else "ATE planning toolkit",
            edition="July 2020" if n % 2 else "undated",
            paragraph="Table 5-2" if n % 2 else "criterion 7",
        )
        for n, requirement in enumerate(requirements)
    )
    return make_review(judgement={"policy_compliance": lines})


@pytest.mark.parametrize("stance", ["object", "conditional", "neutral"])
def test_nothing_in_a_letter_is_said_twice(stance: str) -> None:
    letter = compose(make_varied_review(), stance=stance, most_words=2000)
    assert len(letter.points) == MOST_POINTS
    for sentences in (
        [point.harm for point in letter.points],
        [point.ask for point in letter.points],
        [quoted.quote for point in letter.points for quoted in point.citations],
    ):
        assert len(sentences) == len(set(sentences))
    for quoted in (citation.quote for point in letter.points for citation in point.citations):
        assert render_letter_markdown(letter).count(quoted) == 1
    frames = [re.sub(r"“.*?”|page \d+", "", point.proposal) for point in letter.points]
    assert len(frames) == len(set(frames))


def test_a_letter_keeps_to_its_length_and_drops_the_weakest() -> None:
    letter = compose(make_varied_review(), most_words=500)
    assert letter.words <= 500
    longer = compose(make_varied_review(), most_words=2000)
    assert list_requirements(letter) == list_requirements(longer)[: len(list_requirements(letter))]
    assert "further" not in render_letter_markdown(letter)


def test_matters_of_one_cause_are_one_point() -> None:
    lines = (
        make_line("shared-path-width", False, NARROW),
        make_line("shared-use-avoided", False, make_citation("It is shared.")),
        make_line("lighting", False, NARROW),
    )
    (point,) = compose(make_review(judgement={"policy_compliance": lines})).points
    assert point.requirements == ("shared-path-width", "shared-use-avoided")
    assert len(point.citations) == 2


INTERNAL = (
    "compare the quote",
    "compare it with the page",
    "The worse statement decides",
    "contradict",
    "requirement_id",
    "--decisions",
    "TO CHECK",
    "no verified source",
    "Nearest passages",
    "planning-review",
    "No evidence",
    "needs_a_person",
    "DRAFT",
)


@pytest.mark.parametrize("stance", STANCES)
def test_no_word_for_the_volunteer_reaches_a_final_letter(stance: str, tmp_path: Path) -> None:
    """Every note of the product is put into the review; none may be in the letter."""
    notes = [template.split("{")[0].strip() for template in WORDS.values()]
    told = tuple(note for note in notes if len(note.split()) > 3)
    line = make_line(
        "surface", False, NARROW, detail="DETAIL FOR THE VOLUNTEER", unquoted=3, requirement="It is hard."
    )
    met = make_line("residential-speed", True, SLOW, detail="ANOTHER DETAIL", requirement="All go slowly.")
    silent = make_line("lighting", None)
    review = make_review(
        judgement={"policy_compliance": (line, met, silent), "notices": ("A NOTICE",), "summary": "A SUMMARY"}
    )
    letter = compose(review, stance=stance, final=True)
    render_letter_docx(letter, tmp_path / "letter.docx")
    word = "\n".join(p.text for p in Document(str(tmp_path / "letter.docx")).paragraphs)
    for text in (render_letter_markdown(letter), word):
        for note in (*INTERNAL, *told, "DETAIL", "A NOTICE", "A SUMMARY"):
            assert note not in text, note
        assert not any(requirement.id in text for requirement in load_requirements() if "-" in requirement.id)


def make_scanned() -> ComplianceLine:
    line = make_line("surface", False, NARROW)
    assert line.findings
    return line.model_copy(
        update={"findings": tuple(f.model_copy(update={"ocr": True}) for f in line.findings)}
    )


def test_what_a_person_has_to_check_is_marked_in_the_draft_and_blocks_the_final_letter() -> None:
    review = make_review(judgement={"policy_compliance": (make_scanned(),)})
    draft = compose(review)
    assert "TO CHECK FIRST" in render_letter_markdown(draft)
    assert "surface" in render_letter_markdown(draft)
    with pytest.raises(UsageError, match=r"can't be final yet.*surface.*--decisions"):
        compose(review, final=True)


def test_nobody_is_invented_who_writes() -> None:
    draft = compose(groups=())
    text = render_letter_markdown(draft).replace("\\", "")
    assert "Set ADVOCACY_GROUP_NAME" in text
    assert draft.signed_by == "[name of your group]"
    with pytest.raises(UsageError, match="nobody has said who writes it"):
        compose(groups=(), final=True)
    assert "ADVOCACY_GROUP_NAME" not in render_letter_markdown(compose())


def test_a_person_who_confirmed_it_unblocks_the_final_letter() -> None:
    confirmed = make_scanned().model_copy(
        update={"decision": Decision(verdict="confirmed", decided_on=DAY, by="A")}
    )
    letter = compose(make_review(judgement={"policy_compliance": (confirmed,)}), final=True)
    assert letter.status == "final"
    assert "TO CHECK" not in render_letter_markdown(letter)


def make_omission(expectation_id: str, **changes: Any) -> Omission:
    row = expectations_by_id()[expectation_id]
    facts: dict[str, Any] = {
        "omission_id": f"missing-{row.id}",
        "requirement_id": row.requirement_id,
        "title": row.title,
        "expected_in": row.expected_in,
        "read_whole": True,
        "text": row.text,
    }
    return Omission(**facts | changes)


def test_silence_is_a_ground_by_itself() -> None:
    review = make_review(
        judgement={
            "policy_compliance": (),
            "omissions": tuple(make_omission(row.id) for row in load_expectations()),
        }
    )
    review = review.model_copy(
        update={"documents": (*review.documents, review.documents[0].model_copy(update={"title": "Plan"}))}
    )
    letter = compose(review)
    assert "all two documents" not in letter.points[0].proposal
    assert "both documents of the application" in letter.points[0].proposal
    assert 3 <= len(letter.points) <= MOST_POINTS
    assert letter.ground is not None
    assert "information is insufficient: the application leaves out a forecast" in letter.ground
    assert "comes without a transport assessment or statement, a travel plan" in letter.ground
    assert all(point.harm and point.ask and point.policy for point in letter.points)
    assert 350 <= letter.words <= MAX_WORDS
    assert {o.omission_id for o in letter.omissions} == {n for p in letter.points for n in p.requirements}


def test_what_the_documents_speak_of_instead_is_quoted_in_the_point() -> None:
    quoted = make_citation("There will be 480 car parking spaces.", page=2)
    omission = make_omission("cycle-parking", citations=(quoted,))
    review = make_review(judgement={"policy_compliance": (), "omissions": (omission,)})
    (point,) = compose(review).points
    assert "does say: “There will be 480 car parking spaces.”" in point.proposal
    assert [citation.page for citation in point.citations] == [2]


def test_documents_that_differ_are_a_point_which_a_person_confirms() -> None:
    one, other = make_citation("The path will be 3.0 m."), make_citation("The path will be 2.5 m.", page=4)
    found = Contradiction(
        subject="the width of a shared path",
        place="Mill Road",
        text="3.0 m, and 2.5 m",
        citations=(one, other),
        contradiction_id="differs-0123abcd",
        requirement_id="shared-path-width",
    )
    review = make_review(judgement={"policy_compliance": (), "contradictions": (found,)})
    (point,) = compose(review).points
    assert point.title == "The documents do not agree on the width of a shared path at Mill Road"
    assert [citation.page for citation in point.citations] == [one.page, 4]
    assert "Table 6-3" in point.policy_words
    with pytest.raises(UsageError, match="differs-0123abcd"):
        compose(review, final=True)
    decisions = {"decision": Decision(verdict="confirmed", decided_on=DAY, by="A")}
    review = make_review(
        judgement={"policy_compliance": (), "contradictions": (found.model_copy(update=decisions),)}
    )
    letter = compose(review, final=True)
    assert "cannot be certain what it would permit" in (letter.ground or "")
    decisions = {"decision": Decision(verdict="dismissed", decided_on=DAY, by="A")}
    review = make_review(judgement={"contradictions": (found.model_copy(update=decisions),)})
    assert not any("differs-0123abcd" in point.requirements for point in compose(review).points)


def test_a_point_quotes_the_local_plan_and_the_ground_names_it() -> None:
    own = LocalPolicy(
        source="Cherwell Local Plan 2011-2031 Part 1",
        edition="July 2015",
        paragraph="Policy TST 1",
        quote="Surfaces shall be hard and smooth.",
        kind="development plan",
    )
    line = make_line("surface", False, NARROW)
    review = make_review(
        judgement={"policy_compliance": (line,), "local_policies": {"surface": (own,), "lighting": (own,)}}
    )
    letter = compose(review)
    words = letter.points[0].policy_words
    named = "Policy TST 1 of the Cherwell Local Plan 2011-2031 Part 1"
    assert f"{named} (July 2015) says: “Surfaces shall be hard and smooth.”" in words
    ground = letter.ground or ""
    assert f"we have quoted {named}." in ground
    assert "TST 1" not in ground.partition("Section 38(6)")[0]
    assert "“Surfaces shall be hard and smooth.”" in render_html(review, DAY)


def test_conditions_are_promised_only_where_there_are_some() -> None:
    for names, promised in ((("transport-assessment",), 0), (("transport-assessment", "cycle-parking"), 1)):
        omissions = tuple(make_omission(name) for name in names)
        review = make_review(judgement={"policy_compliance": (), "omissions": omissions})
        letter = compose(review, stance="conditional")
        assert len(letter.conditions) == promised
        assert ("the conditions at the end of this letter" in letter.opening) == bool(promised)


def test_one_check_of_several_points_is_told_once() -> None:
    omissions = tuple(make_omission(row.id, check="the list") for row in load_expectations())
    letter = compose(make_review(judgement={"policy_compliance": (), "omissions": omissions}))
    text = render_letter_markdown(letter)
    assert text.count("TO CHECK FIRST") == 1
    assert all(name in text for point in letter.points for name in point.requirements)


@pytest.mark.parametrize("changes", [{"read_whole": False, "why_open": "x"}, {"is_asked": True}])
def test_what_is_not_claimed_is_in_no_letter(changes: dict[str, Any]) -> None:
    review = make_review(judgement={"omissions": (make_omission("cycle-parking", **changes),)})
    assert compose(review).omissions == ()


def test_silence_in_a_folder_that_somebody_saved_is_checked_first() -> None:
    omission = make_omission("cycle-parking", check="that these are all the documents")
    review = make_review(judgement={"policy_compliance": (), "omissions": (omission,)})
    assert "see that these are all the documents" in render_letter_markdown(compose(review))
    with pytest.raises(UsageError, match="missing-cycle-parking"):
        compose(review, final=True)


def test_what_others_say_can_carry_a_point_of_the_same_place() -> None:
    line = make_line(
        "crossings",
        False,
        make_citation("An uncontrolled crossing of Mill Lane is proposed."),
        place="Mill Lane",
    )
    pointer = Pointer(
        speaker="the highway authority",
        document_id="1-1-1",
        page=3,
        quote="The uncontrolled crossing proposed on Mill Lane is not acceptable.",
    )
    review = make_review(judgement={"policy_compliance": (line,), "pointers": (pointer,)})
    (point,) = compose(review).points
    assert "The highway authority says of this" in point.harm
    elsewhere = pointer.model_copy(
        update={"quote": "The uncontrolled crossing on Long Row is not acceptable."}
    )
    review = make_review(judgement={"policy_compliance": (line,), "pointers": (elsewhere,)})
    assert "highway authority" not in compose(review).points[0].harm


@pytest.mark.parametrize(
    ("paragraph", "named"),
    [
        ("8.3", "section 8.3"),
        ("11.3.2", "paragraph 11.3.2"),
        ("1.6.1(2), 6.5.6", "paragraphs 1.6.1(2) and 6.5.6"),
        ("TR6(1), TR6(2)", "Policies TR6(1) and TR6(2)"),
        ("DP3(2)(d),(f)", "Policy DP3(2)(d) and (f)"),
        ("117(a)", "paragraph 117(a)"),
        ("Table 5-2, Table 6-3", "Tables 5-2 and 6-3"),
        ("criterion 9", "criterion 9"),
        ("chapter 11", "chapter 11"),
        ("critical issues", "the part on critical issues"),
    ],
)
def test_paragraphs_are_named_as_one_says_them(paragraph: str, named: str) -> None:
    assert name_paragraph(paragraph) == named


def test_a_long_quote_is_cut_round_what_decided() -> None:
    words = [f"word{n}" for n in range(90)]
    words[70] = "narrow"
    quote = " ".join(words)
    fact = Fact(
        fact_id="f",
        subject="s",
        attribute="a",
        value="v",
        status="proposed",
        commitment="firm",
        cues=("narrow",),
        citations=(make_citation(quote),),
    )
    line = make_line("surface", False, make_citation(quote))
    (point,) = compose(make_review(judgement={"policy_compliance": (line,), "facts": (fact,)})).points
    assert "narrow" in point.citations[0].quote
    assert len(point.citations[0].quote.split()) <= LONGEST_QUOTE_WORDS + 2


def test_each_requirement_has_its_own_argument() -> None:
    arguments = load_arguments()
    assert set(arguments) == {requirement.id for requirement in load_requirements()}
    for field in ("harm", "ask", "reason", "asks_for"):
        said = [getattr(argument, field) for argument in arguments.values()]
        assert len(said) == len(set(said)), field


def test_tones_differ() -> None:
    formal, accessible = compose(tone="formal"), compose(tone="accessible")
    assert formal.opening != accessible.opening
    assert formal.letter_id != accessible.letter_id


def test_only_verified_quotes_are_used() -> None:
    stray = make_citation("Never said.", verified=False)
    lines = (
        make_line("crossings", False, stray),
        make_line("surface", False, stray, NARROW),
        make_line("lighting", False),
        make_line("gradient", False, NARROW, dropped_citations=1),
    )
    letter = compose(make_review(judgement={"policy_compliance": lines}))

    (point,) = letter.points
    assert point.requirements == ("surface",)
    assert [quoted.quote for quoted in point.citations] == [NARROW.quote]
    assert "Never said." not in dump_letter(letter)


@pytest.mark.parametrize(
    ("stance", "compliant", "message"),
    [
        ("object", True, "no requirement that is not met .* Choose --stance neutral"),
        ("support", False, "no requirement that is met .* Choose --stance neutral"),
        ("conditional", True, "suggests no condition"),
        ("neutral", None, "nothing to put in a letter"),
    ],
)
def test_stance_without_ground_is_refused(stance: str, compliant: bool | None, message: str) -> None:
    review = make_review(
        judgement={
            "policy_compliance": (make_line("surface", compliant, NARROW),),
            "suggested_conditions": (),
        }
    )

    with pytest.raises(UsageError, match=message):
        compose(review, stance=stance)


@pytest.mark.parametrize(
    ("register", "given", "salutation", "closing"),
    [
        ("Ms Jane Smith", None, "Dear Ms Smith", "Yours sincerely"),
        ("Jane Smith", None, "Dear Jane Smith", "Yours sincerely"),
        ("Dr Anna van der Berg", None, "Dear Dr Anna van der Berg", "Yours sincerely"),
        ("Mr Patel", None, "Dear Mr Patel", "Yours sincerely"),
        ("Jane Smith", "Mr Tom Ellis", "Dear Mr Ellis", "Yours sincerely"),
        ("Jane Smith", "", "Dear Jane Smith", "Yours sincerely"),
        (None, None, "Dear Sir or Madam", "Yours faithfully"),
        ("Not Allocated", None, "Dear Sir or Madam", "Yours faithfully"),
        ("Unassigned", None, "Dear Sir or Madam", "Yours faithfully"),
        ("-", None, "Dear Sir or Madam", "Yours faithfully"),
        ("x" * 81, None, "Dear Sir or Madam", "Yours faithfully"),
    ],
)
def test_officer_is_addressed(register: str | None, given: str | None, salutation: str, closing: str) -> None:
    letter = compose(make_review(application={"case_officer": register}), officer=given)

    assert (letter.salutation, letter.closing) == (salutation, closing)
    assert (letter.officer is None) == (closing == "Yours faithfully")
    assert letter.recipient[-2:] == ("Planning Department", "Cherwell District Council")
    assert letter.recipient[0] == (letter.officer or "Planning Department")


def test_letter_names_a_council_whose_register_has_no_address_here() -> None:
    review = make_review().model_copy(update={"council": "leicester"})
    assert compose(review).recipient[-1] == "Leicester City Council"


def test_one_point_is_never_left_out() -> None:
    line = make_line("surface", False, make_citation("word " * 900))
    assert len(compose(make_review(judgement={"policy_compliance": (line,)})).points) == 1


def test_a_day_that_is_none_is_refused_before_any_work() -> None:
    assert LetterParameters(reference="25/00284/F", date="2028-02-29").date == "2028-02-29"
    with pytest.raises(ValidationError, match="there is no day 2026-02-29"):
        LetterParameters(reference="25/00284/F", date="2026-02-29")


def test_draft_until_final() -> None:
    draft, final = compose(), compose(final=True)

    assert render_letter_markdown(draft).startswith("**DRAFT: not sent.")
    assert "DRAFT" not in render_letter_markdown(final)
    assert draft.letter_id != final.letter_id
    assert re.fullmatch(r"let_20261123_[0-9a-f]{8}", draft.letter_id)
    assert compose().letter_id == draft.letter_id


def test_reservations_are_told() -> None:
    plain = " ".join(compose().closing_paragraphs)
    assert "could" not in plain
    assert "language model" not in plain
    review = make_review(status="incomplete", judgement={"model": "anthropic:some-model"})
    told = " ".join(compose(review).closing_paragraphs)
    assert "Not all of the documents published with the application could be read" in told
    assert "(anthropic:some-model)" in told


def as_heading(requirement: Requirement) -> str:
    return requirement.breach_note[:1].upper() + requirement.breach_note[1:]


def test_point_is_named_after_its_requirement() -> None:
    (requirement, *_) = load_requirements()
    aspect = Aspect(name=requirement.aspect, rating="red", key_issue="", analysis="", citations=(NARROW,))
    lines = (make_line(requirement.id, False, NARROW), make_line("long-gone", False, SLOW))
    letter = compose(make_review(judgement={"aspects": (aspect,), "policy_compliance": lines}))

    assert [point.title for point in letter.points] == [as_heading(requirement), "Long gone"]


def test_core_requirements_come_first_then_the_worst_aspects() -> None:
    core = next(requirement for requirement in load_requirements() if requirement.core)
    others = [r for r in load_requirements() if not r.core and r.aspect != core.aspect]
    amber = others[0]
    red = next(requirement for requirement in others if requirement.aspect != amber.aspect)
    ratings = {core.aspect: "green", amber.aspect: "amber", red.aspect: "red"}
    aspects = tuple(
        Aspect(name=name, rating=rating, key_issue="", analysis="") for name, rating in ratings.items()
    )
    lines = tuple(
        make_line(requirement.id, False, make_citation(f"Statement {requirement.id}."))
        for requirement in (amber, red, core)
    )
    letter = compose(make_review(judgement={"aspects": aspects, "policy_compliance": lines}))

    assert [point.title for point in letter.points] == [as_heading(each) for each in (core, red, amber)]


def test_hostile_text_stays_text_in_markdown() -> None:
    letter = compose(make_hostile_review(), groups=(HOSTILE,), officer="# [Jane](javascript:x)")
    tokens = MarkdownIt("commonmark").parse(render_letter_markdown(letter))
    tokens += [child for token in tokens for child in token.children or []]

    kinds = {token.type for token in tokens}
    assert not kinds & {"html_inline", "html_block", "image", "code_inline", "heading_open", "fence"}
    links = {token.attrs["href"] for token in tokens if token.type == "link_open"}
    assert links == {f"{BUCKET}/1-1-1.pdf#page=12"}


def test_word_document_holds_the_letter(tmp_path: Path) -> None:
    letter = compose(stance="conditional")
    render_letter_docx(letter, tmp_path / "letter.docx")
    document = Document(str(tmp_path / "letter.docx"))

    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[0].startswith("DRAFT")
    assert texts[3] == "Dear Ms Smith"
    assert any(f"Transport Assessment, page 12, says: “{NARROW.quote}”" in text for text in texts)
    assert any(text.startswith(letter.conditions[0].text) and "Reason: " in text for text in texts)
    assert texts[-3:-1] == ["Yours sincerely", "Wheels for All"]
    assert texts[-1].startswith("Read for this letter: Transport Assessment")
    links = [link.url for paragraph in document.paragraphs for link in paragraph.hyperlinks]
    assert links == [f"{BUCKET}/1-1-1.pdf#page=12"]
    assert document.core_properties.author == "Wheels for All"


def test_word_document_takes_hostile_text(tmp_path: Path) -> None:
    letter = compose(make_hostile_review(), groups=(HOSTILE,), final=True)
    render_letter_docx(letter, tmp_path / "letter.docx")

    document = Document(str(tmp_path / "letter.docx"))
    assert not any("DRAFT" in paragraph.text for paragraph in document.paragraphs)
    assert any("<script>alert(1)</script>" in paragraph.text for paragraph in document.paragraphs)


def test_several_groups_write_together() -> None:
    letter = compose(groups=("Wheels for All", "Castlebrook Cyclists", "Mill Lane Residents"))

    assert letter.opening.startswith(
        "Wheels for All, Castlebrook Cyclists and Mill Lane Residents object to this application and ask "
    )
    assert letter.signed_by == "Wheels for All, Castlebrook Cyclists and Mill Lane Residents"


def test_confirmed_findings_come_first() -> None:
    core = next(requirement for requirement in load_requirements() if requirement.core)
    confirmed = make_line("weak", False, NARROW, requirement="What weak asks")
    confirmed = confirmed.model_copy(update={"decision": Decision(verdict="confirmed", decided_on=DAY)})
    review = make_review(judgement={"policy_compliance": (make_line(core.id, False, SLOW), confirmed)})

    assert list_requirements(compose(review))[0] == "weak"


def test_corrected_finding_is_told_in_the_words_of_the_person() -> None:
    decision = Decision(verdict="corrected", decided_on=DAY, by="A. Volunteer", note="The plan shows 2.4 m.")
    line = make_line("surface", False, NARROW).model_copy(
        update={
            "decision": decision,
        }
    )
    letter = compose(make_review(judgement={"policy_compliance": (line,)}))

    assert letter.points[0].proposal.endswith("The plan shows 2.4 m.")


def test_dismissed_finding_is_in_no_letter() -> None:
    decision = Decision(verdict="dismissed", decided_on=DAY)
    line = make_line("surface", None, NARROW).model_copy(update={"decision": decision})
    other = make_line("lighting", False, NARROW)
    letter = compose(make_review(judgement={"policy_compliance": (line, other)}))

    assert list_requirements(letter) == ["lighting"]
