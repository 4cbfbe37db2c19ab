"""The language of rules: phrases, plain words, figures with their owners, and cues."""

import re
from pathlib import Path

import pytest

from planning_review.rules.cues import Context, find_cues
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.quantities import read_change, read_quantities
from planning_review.rules.words import FOLDER, compile_phrases
from planning_review.text.phrases import PhraseLists
from planning_review.yaml_files import read_yaml
from tests.support.evidence_helpers import judge_pages

OWNERS = ("shared path", "footway", "path", "carriageway")


@pytest.mark.parametrize(
    ("phrase", "text", "is_found"),
    [
        ("shared path", "a shared path of 2 m", True),
        ("shared path", "shared paths", True),
        ("shared path", "shared pathway", False),
        ("consult*", "after consultation", True),
        ("=close", "closes", False),
        ("step|stair free", "stair free", True),
        ("no ... lit", "no part of it is lit", True),
        ("no ... lit", "no ; it is lit", False),
        ("no ... lit", "no a b c d e lit", False),
        ("no ...8 lit", "no a b c d e lit", True),
        ("new? path", "path", True),
        ("N m", "2.5 m", True),
        ("NNN dwelling", "50 dwellings", False),
        ("NNN dwelling", "150 dwellings", True),
        ("wide <way>", "wide cycle tracks", True),
        ("comma and", "lit , and", True),
    ],
)
def test_phrases_say_what_they_look_for(phrase, text, is_found):
    lists = PhraseLists({"way": "cycle track, path"})
    assert bool(lists.compile(phrase).search(f" {text} ")) is is_found


def test_a_list_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="nothing"):
        PhraseLists({}).compile("<nothing>")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Shared footway/cycleway", "shared footway cycleway"),
        ("two and a half metres", "2.5 m"),
        ("1,350mm", "1.35 m"),
        ("1.9 km", "1900 m"),
        ("from 3.1 per cent to 3.4%", "from 3.1 % to 3.4 %"),
        ("the national speed limit", "the 60 mph speed limit"),
        ("10² m", "10 squared m"),
        ("the 150th dwelling", "the 150 dwelling"),
        ("racks (112 no.)", "racks ( 112 )"),
        ("one in twenty", "1 in 20"),
    ],
)
def test_text_is_read_as_plain_words(text, plain):
    assert write_plainly(text) == f" {plain} "


@pytest.mark.parametrize(
    ("sentence", "owner", "low", "high", "bound"),
    [
        ("A 2.5m shared path will run beside the footway.", "shared path", 2.5, 2.5, "exact"),
        ("The path along the road will be 3 m wide.", "path", 3.0, 3.0, "exact"),
        ("A footway of at least 2.0 metres", "footway", 2.0, 2.0, "at least"),
        ("The path narrows to 1.5-1.8 m.", "path", 1.5, 1.8, "exact"),
        ("The footway will be widened from 1.2m to 2.0m.", "footway", 2.0, 2.0, "exact"),
        ("The path will be no more than 3.0 m wide.", "path", 3.0, 3.0, "at most"),
    ],
)
def test_a_figure_has_its_owner_and_its_bound(sentence, owner, low, high, bound):
    (quantity,) = read_quantities(write_plainly(sentence), "m", OWNERS)
    assert (quantity.owner, quantity.low, quantity.high, quantity.bound) == (owner, low, high, bound)


@pytest.mark.parametrize(
    ("text", "change"),
    [("Bicycle | 2.1 | 2.2 | 2.4", 0.3), ("from 4% to 12% of trips by cycle", 8.0), ("at 4% of trips", None)],
)
def test_a_share_of_journeys_changes_from_its_first_figure_to_its_last(text, change):
    found = read_change(write_plainly(text))
    assert (round(found.change, 1) if found else None) == change


@pytest.mark.parametrize(
    ("sentence", "target", "means"),
    [
        ("The path will not be lit", "lit", {"denied"}),
        ("No lamp is proposed, but the path will be lit", "lit", set()),
        ("Option B, with a lit path, was set aside", "lit", {"rejected"}),
        ("LTN 1/20 advises that paths are lit", "lit", {"standard"}),
        ("Residents commented that the path is lit", "lit", {"reported"}),
        ("The existing lit path is 2 m wide", "lit", {"existing"}),
        ("If funds allow the path will be lit", "lit", {"conditional"}),
        ("The path may be lit", "lit", {"possible"}),
        ("Works delivered by others include a lit path", "lit", {"by_others"}),
    ],
)
def test_a_cue_reaches_as_far_as_its_row_says(sentence, target, means):
    words = write_plainly(sentence)
    span = re.search(rf"\b{target} ", words).span()
    found = {cue.means for cue in find_cues(words, *span, Context())} - {"absent"}
    assert found == means


def test_a_heading_tells_what_stands_there_today():
    words = write_plainly("The path is 1.2 m wide")
    span = re.search("1.2 m ", words).span()
    chapter = Context((write_plainly("3 EXISTING CONDITIONS"), write_plainly("3.4 Walking")))
    assert [cue.means for cue in find_cues(words, *span, chapter)] == ["existing"]


@pytest.mark.parametrize(
    ("sentence", "status", "commitment"),
    [
        ("The shared path will be 3.5m wide.", "proposed", "firm"),
        ("The existing shared path is 1.8m wide.", "existing", "firm"),
        ("A shared path 3.5m wide may be provided.", "proposed", "possible"),
        ("Had Option C been pursued, the shared path would have been 2.0m wide.", "rejected", "firm"),
    ],
)
def test_a_fact_says_whose_it_is_how_firm_and_which_words_decided(sentence, status, commitment):
    facts = [f for f in judge_pages([sentence]).facts if f.attribute == "width"]
    assert {(f.subject, f.status, f.commitment) for f in facts} == {("shared path", status, commitment)}
    assert all(f.cues and f.citations[0].quote == sentence for f in facts)


@pytest.mark.parametrize(
    "sentence",
    [
        "The 2016 consent for the mill to the north allowed a staggered crossing with guardrail.",
        "That layout offered a 1.1m footway and no route for cycles.",
        "Others complained of the stile on the way to the church.",
        "The inspector at the Hill Farm inquiry held an unlit path to be no real choice.",
        "The gate across the bridleway has been locked since 2014.",
        "Inside, a ramp of 1 in 11 joins the two floors.",
        "The outfall is reached by a ramp of 1 in 5.",
        "There will be no lighting beside the wood, and no path runs within 20m of it.",
        "The car driver share is to be brought from 71% down to 60%.",
    ],
)
def test_what_others_said_had_or_built_and_what_is_no_way_is_no_fault_of_the_scheme(sentence):
    lines = judge_pages([sentence]).policy_compliance
    assert [line.requirement_id for line in lines if line.compliant is not None] == []


def test_what_an_authority_builds_by_its_own_programme_is_no_merit_of_the_scheme():
    built = "{} will install a toucan crossing on Mill Lane."
    facts = {
        who: {f.status for f in judge_pages([built.format(who)]).facts if f.attribute == "crossing"}
        for who in ("Network Rail", "The applicant")
    }
    assert facts == {"Network Rail": {"by_others"}, "The applicant": {"proposed"}}


@pytest.mark.parametrize(
    ("sentence", "requirement"),
    [
        ("A footway is offered on one side of the avenue only.", "footway-continuity"),
        ("The footbridge is to open following occupation of around the 180th home.", "late-works"),
        ("Pedestrians will use a crossing of the A30 in two movements.", "crossing-stages"),
    ],
)
def test_a_fault_in_other_words_is_still_told(sentence, requirement):
    lines = judge_pages([sentence]).policy_compliance
    assert requirement in [line.requirement_id for line in lines if line.compliant is False]


def test_a_fact_knows_its_place():
    (fact,) = (
        f for f in judge_pages(["A 3.0m footway will run along Mill Lane."]).facts if f.attribute == "width"
    )
    assert fact.place == "Mill Lane"


def test_rules_are_phrases_that_anybody_can_read():
    """A raw regular expression is no rule: none stands in the data that reads sentences."""
    cells = [
        text
        for path in sorted(FOLDER.rglob("*.yaml"))
        if path.name != "suspicious.yaml"
        for text in _list_texts(read_yaml(Path(path)))
    ]
    assert len(cells) > 300
    assert [text for text in cells if re.search(r"\\[bdswW]|\(\?|\[\^|\{\d", text)] == []


def test_every_rule_compiles():
    for path in FOLDER.glob("facts/*.yaml"):
        for row in read_yaml(path):
            for phrases in (*row.get("values", {}).values(), *row.get("denied", {}).values()):
                compile_phrases(phrases)


def _list_texts(data):
    if isinstance(data, dict):
        return [text for value in data.values() for text in _list_texts(value)]
    if isinstance(data, list):
        return [text for value in data for text in _list_texts(value)]
    return [data] if isinstance(data, str) else []
