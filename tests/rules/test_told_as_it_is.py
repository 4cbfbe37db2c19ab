"""What is told as it is, with no word of a proposal, is the scheme's only under a heading of the proposal."""

import pytest

from tests.support.evidence_helpers import judge_pages


def find_breaches(page: str) -> set[str]:
    lines = judge_pages([page]).policy_compliance
    return {line.requirement_id for line in lines if line.compliant is False}


STATED = "The shared path beside the canal is 1.6 m wide and is used by people walking and cycling."


@pytest.mark.parametrize(
    ("heading", "is_breach"),
    [
        ("2.1 The canal towards the town", False),
        ("4.2 Proposed walking and cycling links", True),
        ("5.3 Street design", True),
    ],
)
def test_a_heading_tells_whether_what_is_told_as_it_is_is_proposed(heading: str, is_breach: bool) -> None:
    assert ("shared-path-width" in find_breaches(f"{heading}\n\n{STATED}")) is is_breach


def test_what_will_be_is_proposed_under_any_heading() -> None:
    page = "2.1 The canal towards the town\n\nThe shared path beside the canal will be 1.6 m wide."
    assert "shared-path-width" in find_breaches(page)


@pytest.mark.parametrize(
    "sentence",
    [
        "The shared path over the viaduct dates from 1974 and is 1.6 m wide.",
        "The shared path, opened in 1998, is 1.6 m wide at the lock.",
        "The shared path is 1.6 m wide and is unaffected by the scheme.",
        "The shared path is 1.6 m wide there and lies outside the red line.",
        "The 1.6 m shared path runs over land belonging to the water company.",
    ],
)
def test_what_is_old_or_on_others_land_is_no_breach(sentence: str) -> None:
    assert find_breaches(sentence) == set()
    assert "shared-path-width" in find_breaches("The shared path will be 1.6 m wide.")


@pytest.mark.parametrize(
    ("heading", "sentence", "requirement_id"),
    [
        ("4.2 Proposed cycle path to the river", "No lighting is proposed.", "lighting"),
        ("4.2 Link to the canal", "All of the fall will be taken in a pitch of 1 in 14.", "gradient"),
    ],
)
def test_a_sentence_that_names_no_facility_is_on_that_of_its_heading(
    heading: str, sentence: str, requirement_id: str
) -> None:
    assert requirement_id in find_breaches(f"{heading}\n\n{sentence}")
    assert find_breaches(sentence) == set()
    assert find_breaches(f"4.2 Proposed building\n\n{sentence}") == set()
    elsewhere = sentence.replace(".", " in the car park.")
    assert find_breaches(f"{heading}\n\n{elsewhere}") == set()


def test_headings_below_each_other_are_two() -> None:
    stores = "5.2 Cycle parking\n\nThe cycle store will be reached by a flight of twelve steps."
    silenced = f"5 PARKING\n5.1 Car parking\nCar parking will be in the deck.\n{stores}"
    assert "cycle-parking-access" in find_breaches(silenced)
