"""Local policies are found by paragraph in the loaded text, and quoted where they ask something."""

from datetime import date

import pytest

from planning_review.policy.passages import PolicyPassage
from planning_review.rules.local_policies import find_local_policies

PLAN = "Cherwell Local Plan 2011-2031 Part 1"
ASKS = "Proposals shall provide secure and covered parking for bicycles at homes and workplaces."


def make_passage(text, paragraph="Policy TST 1", heading="Transport and Connections", source=PLAN):
    return PolicyPassage(
        source=source,
        edition="July 2015",
        paragraph=paragraph,
        heading=heading,
        text=text,
        in_force_from=date(2015, 7, 1),
        in_force_to=None,
        council="cherwell",
        score=0.0,
    )


def test_the_sentence_of_the_policy_is_quoted_word_for_word():
    text = f"Growth is good.\n\uf0b7 {ASKS} \uf0b7 New buildings should have green roofs."
    (found,) = find_local_policies([make_passage(text)])["cycle-parking-secure"]
    assert (found.quote, found.paragraph, found.kind) == (ASKS, "Policy TST 1", "development plan")


@pytest.mark.parametrize(
    "passage",
    [
        make_passage(ASKS, paragraph="6.3.7"),
        make_passage(ASKS, heading="Land at Elm Farm"),
        make_passage("Many people in the district keep their bicycle parking in a shed."),
        make_passage(ASKS, source="Bicester LCWIP"),
        make_passage(ASKS, source="Cherwell Local Plan Review 2042"),
    ],
)
def test_support_sites_descriptions_and_plans_that_are_not_adopted_ask_nothing(passage):
    assert find_local_policies([passage]) == {}


def test_the_plan_and_the_county_are_each_quoted_once():
    county = make_passage(
        "Cycle parking must be near the door of each home.",
        "4.2",
        "Parking",
        "Oxfordshire parking standards",
    )
    found = find_local_policies([county, make_passage(ASKS), make_passage(f"{ASKS} It must be lit.")])
    assert [policy.source for policy in found["cycle-parking-quantity"]] == [
        PLAN,
        "Oxfordshire parking standards",
    ]
