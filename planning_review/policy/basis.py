"""Which edition of each policy source an application is judged by, and why.

National policy is judged at the date of decision: each NPPF is a material consideration from the day of
its publication (December 2024 paragraph 231; August 2026 Annex A paragraph 1), whenever the application
was made. The development plan and guidance follow the same day.
"""

from datetime import date

from planning_review.dates import format_date
from planning_review.models import Frozen
from planning_review.policy.editions import (
    Edition,
    edition_in_force,
    list_editions,
    uncertain_successor,
)
from planning_review.policy.sources import Source, list_usable_sources


class PolicyBasis(Frozen):
    """Which edition of a policy source an application is judged by, and why.

    edition is None where none is in force. in_force_from is None too where its day is not certain
    enough to be shown. at_validity is the edition in force when the application was valid, where that
    is another: for information only.
    """

    source: str
    edition: str | None
    in_force_from: date | None
    reason: str
    at_validity: str | None = None


def choose_editions(
    decision_date: date | None, valid_date: date | None, on_date: date, council: str
) -> tuple[PolicyBasis, ...]:
    """Choose the edition of every source that a review of this council may use.

    It is the one in force on the day of the decision, or on on_date where there is none yet. Raises
    UsageError for an unknown council.
    """
    return tuple(
        _choose(source, decision_date, valid_date, on_date) for source in list_usable_sources(council)
    )


def _choose(
    source: Source, decision_date: date | None, valid_date: date | None, on_date: date
) -> PolicyBasis:
    day = decision_date or on_date
    edition = edition_in_force(source.name, day)
    at_validity = edition_in_force(source.name, valid_date) if valid_date else None
    is_other = at_validity is not None and at_validity != edition
    return PolicyBasis(
        source=source.name,
        edition=edition.edition if edition else None,
        in_force_from=_certain_day(edition),
        reason=_explain(source, edition, day, is_decided=decision_date is not None),
        at_validity=at_validity.edition if at_validity and is_other else None,
    )


def _certain_day(edition: Edition | None) -> date | None:
    if edition is None or edition.mark == "M" or edition.known_to != "day":
        return None
    return edition.in_force_from


def _explain(source: Source, edition: Edition | None, day: date, *, is_decided: bool) -> str:
    successor = uncertain_successor(source.name, day)
    if edition is None:
        reason = "no edition in force for certain" if successor else _explain_absence(source)
    elif is_decided:
        reason = f"in force on the day of the decision, {format_date(day)}"
    else:
        reason = "in force today, undecided"
    if successor:
        reason += (
            f"; the {successor.edition} edition may already have been in force, as the day on which it "
            "came into force is not confirmed"
        )
    if edition and edition.perhaps_replaced_from and day >= edition.perhaps_replaced_from:
        reason += (
            f"; a later edition may have replaced it since {format_date(edition.perhaps_replaced_from)}, "
            "which is not confirmed"
        )
    return reason


def _explain_absence(source: Source) -> str:
    dated = [edition for edition in list_editions(source.name) if edition.in_force_from]
    if not dated:
        what = ", ".join(edition.edition for edition in list_editions(source.name))
        emerging = f": an emerging plan, {what}" if source.kind == "emerging plan" else ""
        return f"no edition in force{emerging}"
    # Guidance and local plans had predecessors that are not written down here.
    known = "" if source.kind == "national policy" else " known here"
    first_day = dated[0].say_first_day()
    return f"before the first edition{known}{f', which came into force {first_day}' if first_day else ''}"
