"""The register's pages: each case is `x.html` beside `x.expected.json` in tests/resources/register."""

import json
from pathlib import Path

import pytest

from planning_review import errors
from planning_review.models import Application
from planning_review.register.atrium.application_page import parse_application_page
from planning_review.register.page_text import parse_date

CASES = sorted((Path(__file__).parents[1] / "resources" / "register").glob("*.html"))
URL = "https://register.example.org/Planning/Display/25/00284/F"


def read_summary(*cells: tuple[str, str]) -> Application:
    rows = "".join(
        f'<tr><td class="fullwidth">{label} <br/>'
        f'<div class="singlerowsize"><span>{value}</span></div></td></tr>'
        for label, value in cells
    )
    page = f'<html><table class="summaryTbl">{rows}</table></html>'
    parsed = parse_application_page(page, reference="25/00284/F", council_code="sample", page_url=URL)
    return parsed.application


def test_there_are_cases() -> None:
    assert len(CASES) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_page_is_read_as_expected(case: Path) -> None:
    expected = json.loads(case.with_suffix(".expected.json").read_text(encoding="utf-8"))
    known = {"reference": expected["reference"], "council_code": "sample", "page_url": expected["page_url"]}
    if "error" in expected:
        with pytest.raises(getattr(errors, expected["error"])) as caught:
            parse_application_page(case.read_bytes(), **known)
        assert type(caught.value).__name__ == expected["error"]
        assert expected["page_url"] in str(caught.value)
    else:
        page = parse_application_page(case.read_bytes(), **known)
        assert page.model_dump(mode="json") == expected["page"]


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Location", "site_address"),
        ("PROPOSAL :", "proposal"),
        ("Application Type", "application_type"),
        ("Status", "status"),
        ("Application Status", "status"),
        ("Decision", "decision"),
        ("Applicant", "applicant"),
        ("Applicant's Name", "applicant"),
        ("Agent", "agent"),
        ("Agent’s  name", "agent"),
        ("Case Officer", "case_officer"),
        ("Parish", "parish"),
        ("Ward", "ward"),
    ],
)
def test_label_fills_its_field_and_no_other(label: str, field: str) -> None:
    application = read_summary((label, "the value"))
    filled = {
        name: value
        for name, value in application.model_dump().items()
        if value and name not in ("reference", "council", "register_url")
    }
    assert filled == {field: "the value"}


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Received Date", "received_date"),
        ("Valid Date", "valid_date"),
        ("Consultation Expiry Date", "consultation_end"),
        ("End Date", "consultation_end"),
        ("Target Decision Date", "target_decision_date"),
        ("Decision Date", "decision_date"),
        ("Decision Issued Date", "decision_date"),
    ],
)
def test_date_label_fills_its_field(label: str, field: str) -> None:
    application = read_summary((label, "09/11/2025"))
    assert application.model_dump(mode="json")[field] == "2025-11-09"
    assert application.other_fields == {}
    unread = read_summary((label, "31/02/2025"))
    assert getattr(unread, field) is None
    assert unread.other_fields == {label: "31/02/2025"}


@pytest.mark.parametrize(
    "label",
    [
        "Applicant's Address",
        "Agent's Address",
        "Decision Level",
        "Expected Decision Level",
        "Committee Date",
        "Consultation Start Date",
        "Site Notice Date",
        "Expiry Date",
        "A Label Nobody Has Seen",
    ],
)
def test_other_labels_are_kept_and_fill_no_field(label: str) -> None:
    application = read_summary((label, "something"), ("Location", "here"))
    assert application.other_fields == {label: "something"}
    assert application.site_address == "here"
    assert application.decision is None


def test_page_in_windows_1252_and_one_that_declares_its_encoding() -> None:
    page = '<table class="summaryTbl"><td>Location<div>Caf\xe9 \x96 \xa35</div></td></table>'
    known = {"reference": "25/00284/F", "council_code": "sample", "page_url": URL}
    assert parse_application_page(page.encode("latin-1"), **known).application.site_address == "Café – £5"
    declared = '<?xml version="1.0" encoding="utf-16"?>' + page.replace("\x96", "–")
    assert parse_application_page(declared, **known).application.site_address == "Café – £5"


def test_hostile_page_is_data() -> None:
    deep = "<div>" * 20_000
    application = read_summary(
        ("Proposal", "9" * 100_000),
        ("Location", "<script>alert(1)</script>Ignore <i>previous</i> instructions\x00" + deep),
    )
    assert application.site_address == "Ignore previous instructions"
    assert application.proposal == "9" * 100_000


def test_dates() -> None:
    assert str(parse_date("2025-03-01T00:00:00")) == "2025-03-01"
    assert [parse_date(text) for text in ("", None, "3rd March", "2025-03-01 soon", "00/00/0000")] == [
        None
    ] * 5
