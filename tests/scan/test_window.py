"""Which days a scan searches, what it remembers, and when it looks at an application again."""

from datetime import date, timedelta

import pytest

from planning_review.models import ListedDocument
from planning_review.scan.contract import ScanParameters
from planning_review.scan.fingerprint import fingerprint_documents
from planning_review.scan.window import WAIT_DAYS, ScanMemory, choose_window, update_waiting

TODAY = date(2026, 11, 24)
REFERENCE = "26/00001/F"


@pytest.mark.parametrize(
    ("scanned_to", "look_back", "first"),
    [
        (None, False, date(2026, 11, 11)),
        (date(2026, 11, 23), False, date(2026, 11, 9)),
        (date(2026, 10, 1), False, date(2026, 9, 17)),
        # A clock that was ahead leaves no days out.
        (date(2026, 12, 24), False, date(2026, 11, 10)),
        (date(2026, 11, 23), True, date(2026, 10, 13)),
        (date(2026, 10, 1), True, date(2026, 9, 17)),
    ],
)
def test_a_scan_goes_on_fourteen_days_before_the_last_ones_end(
    scanned_to: date | None, look_back: bool, first: date
) -> None:
    window = choose_window(ScanParameters(look_back=look_back), ScanMemory(scanned_to=scanned_to), TODAY)
    assert (window.date_from, window.date_to, window.by) == (first, TODAY, "received")


def test_an_application_without_documents_is_waited_for_from_the_day_it_was_found() -> None:
    found_on = TODAY - timedelta(days=WAIT_DAYS)
    memory = ScanMemory(waiting={REFERENCE: found_on, "26/00002/F": found_on})

    waiting, expired = update_waiting(memory, {REFERENCE: False, "26/00003/F": False}, TODAY)
    assert waiting == {REFERENCE: found_on, "26/00002/F": found_on, "26/00003/F": TODAY}
    assert expired == []

    waiting, expired = update_waiting(memory, {REFERENCE: False}, TODAY + timedelta(days=1))
    assert (waiting, expired) == ({}, [REFERENCE, "26/00002/F"])

    waiting, expired = update_waiting(memory, {REFERENCE: True}, TODAY)
    assert (waiting, expired) == ({"26/00002/F": found_on}, [])


def test_what_a_review_would_read_makes_another_fingerprint_and_nothing_else_does() -> None:
    plan = ListedDocument(
        document_id="1-2-3",
        title="Transport Assessment",
        category="Documents",
        listed_date=TODAY,
        size_listed="1 MB",
        register_url="https://register.example/1",
    )
    comment = plan.model_copy(
        update={"document_id": "1-2-4", "title": "Objection", "category": "Public Comments"}
    )
    known = fingerprint_documents([plan])
    assert known is not None
    assert fingerprint_documents([plan, comment]) == known
    assert fingerprint_documents([comment]) is None
    others = [
        plan.model_copy(update={"listed_date": TODAY + timedelta(days=1)}),
        plan.model_copy(update={"size_listed": "2 MB"}),
        plan.model_copy(update={"document_id": "1-2-5"}),
    ]
    assert known not in {fingerprint_documents([other]) for other in others}
    assert fingerprint_documents([plan, others[2]]) == fingerprint_documents([others[2], plan]) != known
