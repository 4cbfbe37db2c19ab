"""Which edition an application is judged by, and the reason that a review gives for it."""

from datetime import date

import pytest

from planning_review.errors import UsageError
from planning_review.policy.basis import PolicyBasis, choose_editions
from planning_review.policy.editions import Edition, load_editions

TODAY = date(2026, 11, 24)


def basis_of(
    source: str, decided: date | None = None, valid: date | None = None, council: str = "cherwell"
) -> PolicyBasis:
    (found,) = [b for b in choose_editions(decided, valid, TODAY, council) if b.source == source]
    return found


@pytest.mark.parametrize(
    ("decided", "edition", "reason"),
    [
        (date(2024, 11, 1), "December 2023", "in force on the day of the decision, 1 November 2024"),
        (date(2025, 2, 1), "December 2024", "in force on the day of the decision, 1 February 2025"),
        (None, "August 2026", "in force today, undecided"),
        (date(2012, 3, 1), None, "before the first edition, which came into force on 27 March 2012"),
        (
            date(2023, 12, 19),
            "September 2023",
            "in force on the day of the decision, 19 December 2023; the December 2023 edition may already "
            "have been in force, as the day on which it came into force is not confirmed",
        ),
    ],
)
def test_the_edition_of_the_day_of_the_decision_counts(
    decided: date | None, edition: str | None, reason: str
) -> None:
    basis = basis_of("NPPF", decided)
    assert (basis.edition, basis.reason) == (edition, reason)


def test_the_edition_at_validity_is_information_where_it_is_another() -> None:
    assert basis_of("NPPF", date(2025, 2, 1), date(2024, 6, 1)).at_validity == "December 2023"
    assert basis_of("NPPF", date(2025, 2, 1), date(2025, 1, 6)).at_validity is None
    assert basis_of("NPPF", None, date(2025, 1, 6)).edition == "August 2026"


@pytest.mark.parametrize(
    ("source", "decided", "edition", "reason"),
    [
        (
            "Cherwell Local Plan Review 2042",
            None,
            None,
            "no edition in force: an emerging plan, submitted for examination on 31 July 2025",
        ),
        (
            "Oxfordshire parking standards",
            None,
            "October 2022",
            "in force today, undecided; a later edition may have replaced it since 16 December 2025, which "
            "is not confirmed",
        ),
        (
            "Inclusive Mobility",
            date(2021, 5, 1),
            None,
            "before the first edition known here, which came into force in 2022",
        ),
        ("Kidlington LCWIP", date(2021, 5, 1), None, "before the first edition known here"),
        (
            "Oxfordshire Street Design Guide",
            date(2021, 9, 15),
            None,
            "no edition in force for certain; the September 2021 edition may already have been in force, as "
            "the day on which it came into force is not confirmed",
        ),
    ],
)
def test_local_sources_have_their_reasons_too(
    source: str, decided: date | None, edition: str | None, reason: str
) -> None:
    basis = basis_of(source, decided)
    assert (basis.edition, basis.reason) == (edition, reason)


def test_only_what_a_review_of_the_council_may_use() -> None:
    cherwell = {basis.source for basis in choose_editions(None, None, TODAY, "cherwell")}
    assert {"NPPF", "LTN 1/20", "Oxfordshire LTCP", "Bicester LCWIP"} <= cherwell
    assert {"Manual for Streets 2", "Good practice", "Design and Placemaking guidance"}.isdisjoint(cherwell)
    fylde = {basis.source for basis in choose_editions(None, None, TODAY, "fylde")}
    assert fylde == {source for source in cherwell if not source.startswith(("Cherwell", "Oxford"))} - {
        "Bicester LCWIP",
        "Kidlington LCWIP",
        "Banbury LCWIP",
    }
    with pytest.raises(UsageError, match="not a known council"):
        choose_editions(None, None, TODAY, "atlantis")


def test_the_policy_of_england_is_none_of_wales() -> None:
    welsh = choose_editions(None, None, TODAY, "vale-of-glamorgan")
    assert [basis.source for basis in welsh] == ["Manual for Streets"]


@pytest.mark.parametrize("decided", [None, date(2011, 1, 1), date(2019, 1, 1), date(2024, 1, 1)])
def test_a_date_from_memory_is_never_shown(decided: date | None) -> None:
    by_name = {(edition.source, edition.edition): edition for edition in load_editions()}
    for basis in choose_editions(decided, None, TODAY, "cherwell"):
        if basis.edition is None:
            continue
        edition = by_name[basis.source, basis.edition]
        if edition.mark == "M" or edition.known_to != "day":
            assert basis.in_force_from is None
        else:
            assert basis.in_force_from == edition.in_force_from


def test_a_day_that_one_remembers_is_never_shown_however_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = Edition(source="NPPF", edition="May 2020", in_force_from=date(2020, 5, 1), mark="M")
    for mark, shown in (("M", None), ("C", date(2020, 5, 1))):
        edition = remembered.model_copy(update={"mark": mark})
        monkeypatch.setattr(
            "planning_review.policy.basis.edition_in_force", lambda source, on, edition=edition: edition
        )
        assert {chosen.in_force_from for chosen in choose_editions(None, None, TODAY, "cherwell")} == {shown}
    assert remembered.say_first_day() is None
