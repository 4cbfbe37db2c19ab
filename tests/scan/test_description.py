"""How what a scan found is told."""

import pytest

from planning_review.register.search import FoundApplication
from planning_review.scan.description import describe_found
from planning_review.scan.interest import Verdict

VERDICT = Verdict(interesting=True, reason="24 homes")


@pytest.mark.parametrize(
    ("reference", "interesting", "reason"),
    [
        ("26/00001/F", True, "24 homes"),
        ("see file", False, "24 homes; its reference can't be read: look at the register"),
    ],
)
def test_one_odd_reference_is_told_and_ends_no_scan(reference: str, interesting: bool, reason: str) -> None:
    found = describe_found(FoundApplication(reference=reference, register_url="https://r.example/1"), VERDICT)
    assert (found.reference, found.interesting, found.reason) == (reference, interesting, reason)
