"""What a search of the small register asks for, and which applications answer to it."""

from collections.abc import Iterable
from datetime import date, datetime

from planning_review.models import Frozen
from planning_review.sample.served_application import ServedApplication
from planning_review.sample.skin import Skin

ANY = "All"
"""The value of a choice that narrows nothing."""

REQUIRED_CONTROLS = ("ApplicationType", "Decision")
"""Without them in the form, the register fails (500)."""

DATE_FIELDS = {
    "DateReceived": "Received Date",
    "DateValid": "Valid Date",
    "DateDetermined": "Decision Date",
}
"""The summary's label that each pair of dates, `…From` and `…To`, is held against."""

_TEXT_FIELDS = {"Address": "Location", "Proposal": "Proposal"}
_CHOICE_FIELDS = {
    "Parish": "Parish",
    "Ward": "Ward",
    "ApplicationType": "Application Type",
    "Decision": "Decision",
}


class Criteria(Frozen):
    """A search that was understood. dates, texts and choices are by the summary's label."""

    reference: str = ""
    dates: dict[str, tuple[date | None, date | None]]
    texts: dict[str, str]
    choices: dict[str, str]
    only_outstanding: bool
    with_building_control: bool
    with_appeals: bool


def parse_criteria(form: list[tuple[str, str]], skin: Skin) -> Criteria | None:
    """Return what a form asks for, None where the register would serve it again without a word.

    That is: planning is not searched, it is not the advanced search, or a date does not parse as the
    skin's input writes it.
    """
    # Of a ticked box's pair, true and hidden false, the first counts.
    values = dict(reversed(form))
    if values.get("AdvancedSearch") != "True" or not _is_ticked(values, "SearchPlanning"):
        return None
    pattern = "%Y-%m-%d" if skin.date_input == "date" else "%d/%m/%Y"
    dates: dict[str, tuple[date | None, date | None]] = {}
    for name, label in DATE_FIELDS.items():
        try:
            first, last = (_parse_day(values.get(name + end, ""), pattern) for end in ("From", "To"))
        except ValueError:
            return None
        if first or last:
            dates[label] = (first, last)
    return Criteria(
        reference=values.get("ApplicationNumber", "").strip(),
        dates=dates,
        texts={label: values[name].strip() for name, label in _TEXT_FIELDS.items() if values.get(name)},
        choices={
            label: values[name]
            for name, label in _CHOICE_FIELDS.items()
            if values.get(name, ANY) not in ("", ANY)
        },
        only_outstanding=_is_ticked(values, "Outstanding"),
        with_building_control=_is_ticked(values, "SearchBuildingControl"),
        with_appeals=_is_ticked(values, "SearchAppeals"),
    )


def find_matches(applications: Iterable[ServedApplication], criteria: Criteria) -> list[ServedApplication]:
    """Return the applications that answer to every criterion, the last received first."""
    found = [application for application in applications if _matches(application, criteria)]
    return sorted(
        found, key=lambda a: (_find_date(a, "Received Date") or date.min, a.reference), reverse=True
    )


def _matches(application: ServedApplication, criteria: Criteria) -> bool:
    fields = application.fields
    for label, (first, last) in criteria.dates.items():
        day = _find_date(application, label)
        if day is None or (first and day < first) or (last and day > last):
            return False
    if any(text.casefold() not in fields.get(label, "").casefold() for label, text in criteria.texts.items()):
        return False
    if any(fields.get(label) != choice for label, choice in criteria.choices.items()):
        return False
    if criteria.only_outstanding and fields.get("Decision", "") not in ("", "-"):
        return False
    return criteria.reference.casefold() in application.reference.casefold()


def _find_date(application: ServedApplication, label: str) -> date | None:
    try:
        return _parse_day(application.fields.get(label, "").strip("-"), "%d/%m/%Y")
    except ValueError:
        return None


def _parse_day(text: str, pattern: str) -> date | None:
    return datetime.strptime(text.strip(), pattern).date() if text.strip() else None


def _is_ticked(values: dict[str, str], name: str) -> bool:
    return values.get(name, "").casefold() == "true"
