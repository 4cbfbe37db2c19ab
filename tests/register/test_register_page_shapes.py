"""Pages in the many shapes that councils give them: each is read whole, or there is a word of what is not."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from planning_review.errors import RegisterLayoutError
from planning_review.models import ApplicationPage
from planning_review.register.atrium.application_page import parse_application_page
from planning_review.register.atrium.results_page import ResultsPage, parse_results_page
from planning_review.register.councils import get_council

SHAPES = Path(__file__).parents[1] / "resources" / "register" / "shapes"
HOST = "https://r.example.org"
COUNCIL = get_council("sample", HOST)
SUMMARY = (
    '<dl class="details-grid"><dt>Application Number</dt><dd>26/9/F</dd><dt>Location</dt><dd>A</dd>'
    "<dt>Proposal</dt><dd>B</dd></dl>"
)


def load_shapes(name: str) -> list[Any]:
    shapes = yaml.safe_load((SHAPES / f"{name}.yaml").read_text())
    return [pytest.param(shape, id=name) for name, shape in shapes.items()]


def make_page(body: str) -> bytes:
    return f"<!DOCTYPE html><html><head><title>Details</title></head><body>{body}</body></html>".encode()


def read_application(body: str, reference: str) -> ApplicationPage:
    return parse_application_page(
        make_page(body),
        reference=reference,
        council_code="sample",
        page_url=f"{HOST}/Planning/Display/{reference}",
    )


def read_results(shape: dict[str, Any]) -> ResultsPage:
    return parse_results_page(make_page(shape["body"]), f"{HOST}/Search/Results", COUNCIL)


@pytest.mark.parametrize("shape", load_shapes("summaries"))
def test_summary(shape: dict[str, Any]) -> None:
    page = read_application(shape["body"], shape["reference"])
    shown = {field: getattr(page.application, field) for field in shape["fields"]}
    assert {field: str(v) if isinstance(v, date) else v for field, v in shown.items()} == shape["fields"]
    assert bool(page.warnings) >= shape.get("warns", False)


@pytest.mark.parametrize("shape", load_shapes("documents"))
def test_documents(shape: dict[str, Any]) -> None:
    body = SUMMARY + shape["body"]
    if shape.get("error"):
        with pytest.raises(RegisterLayoutError):
            read_application(body, "26/9/F")
        return
    page = read_application(body, "26/9/F")
    if shape.get("error_or_warning"):
        assert page.warnings
        return
    assert page.documents_available is shape.get("available", True)
    assert len(page.documents) == len(shape["documents"])
    for document, (number, title, category, listed) in zip(page.documents, shape["documents"], strict=True):
        assert document.document_id == number
        assert title in (None, document.title)
        assert category in (None, document.category)
        assert listed in (None, str(document.listed_date))


@pytest.mark.parametrize("shape", load_shapes("results"))
def test_results(shape: dict[str, Any]) -> None:
    if shape.get("nothing_proven"):
        page = read_results(shape)
        assert page.total is None
        return
    page = read_results(shape)
    if shape.get("capped"):
        assert page.is_capped
        return
    assert (page.kind, page.total) == ("list", shape["total"])
    assert len(page.applications) == len(shape["rows"])
    for found, expected in zip(page.applications, shape["rows"], strict=True):
        read = (found.reference, found.address, found.proposal, str(found.received_date))
        assert [e for e, r in zip(expected, read, strict=True) if e not in (None, r)] == []


@pytest.mark.parametrize("shape", load_shapes("pagers"))
def test_next_page(shape: dict[str, Any]) -> None:
    assert read_results(shape).pager.find_next(1) == shape["next"]
