"""Every skin of the platform: the same application is read from each, and its documents are fetched."""

from datetime import date
from pathlib import Path

import pytest

from planning_review.errors import ApplicationNotFound
from planning_review.models import Application
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.platform import Council
from planning_review.sample.served_application import ServedApplication, ServedDocument
from tests.support.faulty_register import RegisterServer
from tests.support.skins import SKINS, get_skin

REFERENCE = "26/00417/OUT"
FIELDS = {
    "Application Number": REFERENCE,
    "Application Type": "Outline Planning",
    "Status": "Under Consideration",
    "Decision Level": "Committee",
    "Location": "Land North Of Mill Lane, Upper Sample",
    "Proposal": "Up to 42 dwellings & a cycle link, with a <shared> path",
    "Parish": "Upper Sample",
    "Ward": "Sample Vale",
    "Received Date": "03/02/2026",
    "Valid Date": "10/02/2026",
    "Consultation Expiry Date": "14/03/2026",
    "Target Decision Date": "12/05/2026",
    "Decision": "",
    "Decision Date": "-",
    "Applicant": "Invented Homes Ltd",
    "Applicant's Address": "1 Elsewhere Street, Othertown",
    "Agent": "Ms A. Planner",
    "Case Officer": "Jo Bloggs",
}
EXPECTED = {
    "site_address": "Land North Of Mill Lane, Upper Sample",
    "proposal": "Up to 42 dwellings & a cycle link, with a <shared> path",
    "application_type": "Outline Planning",
    "status": "Under Consideration",
    "decision": None,
    "applicant": "Invented Homes Ltd",
    "agent": "Ms A. Planner",
    "case_officer": "Jo Bloggs",
    "parish": "Upper Sample",
    "ward": "Sample Vale",
    "received_date": date(2026, 2, 3),
    "valid_date": date(2026, 2, 10),
    "consultation_end": date(2026, 3, 14),
    "target_decision_date": date(2026, 5, 12),
    "decision_date": None,
    "other_fields": {
        "Decision Level": "Committee",
        "Applicant's Address": "1 Elsewhere Street, Othertown",
        "Constraints": "Flood Zone 2",
    },
}


def make_document(number: int, category: str | None, title: str) -> ServedDocument:
    return ServedDocument(
        document_id=f"162147-{number}-7",
        title=title,
        file_name=f"{title} & more.pdf",
        category=category,
        listed_date=date(2026, 2, number),
        drawing_number=f"P-{number}",
        content=b"%PDF-1.7 " + title.encode() * 500,
    )


DOCUMENTS = (
    make_document(3, None, "Cover Letter"),
    make_document(4, "Supporting Documents", "Transport Assessment"),
    make_document(5, "Supporting Documents", "Travel Plan"),
    make_document(6, "Proposed Plans", "Site Layout"),
)
APPLICATION = ServedApplication(
    reference=REFERENCE,
    fields=FIELDS,
    documents=DOCUMENTS,
    constraints=("Flood Zone 2",),
    consultees=(("Highways", "04/02/2026", "14/03/2026", ""),),
)


def open_client(server: RegisterServer, folder: Path) -> AtriumClient:
    council = Council(
        code="sample",
        name="Sample",
        register_url=server.url,
        platform="atrium",
        options={"display_route": server.skin.display_route},
    )
    return AtriumClient(
        council,
        locks_dir=folder / "locks",
        interval_seconds=0,
        contact="maps@example.org",
        pages_dir=folder / "pages",
    )


@pytest.mark.parametrize("name", SKINS)
def test_application_and_documents_are_read(name: str, tmp_path: Path) -> None:
    with RegisterServer([APPLICATION], skin=name) as server, open_client(server, tmp_path) as client:
        page = client.fetch_application(REFERENCE)
        own = {"reference", "council", "register_url"}
        assert page.application.model_dump(exclude=own) == EXPECTED
        assert set(EXPECTED) | own == set(Application.model_fields)
        assert page.documents_available
        listed = [
            (d.document_id, d.title, d.file_name, d.category, d.listed_date, d.size_listed, d.drawing_number)
            for d in page.documents
        ]
        assert listed == [
            (
                d.document_id,
                d.title,
                d.file_name,
                d.category,
                d.listed_date,
                d.printed_size,
                d.drawing_number,
            )
            for d in DOCUMENTS
        ]
        for document, served in zip(page.documents, DOCUMENTS, strict=True):
            downloaded = client.download(document, tmp_path / "part")
            assert (tmp_path / "part").read_bytes() == served.content
            assert downloaded.size_bytes == len(served.read_bytes())


@pytest.mark.parametrize("name", SKINS)
def test_unknown_reference_is_not_found(name: str, tmp_path: Path) -> None:
    with RegisterServer([APPLICATION], skin=name) as server, open_client(server, tmp_path) as client:
        with pytest.raises(ApplicationNotFound):
            client.fetch_application("26/99999/F")
        assert not (tmp_path / "pages").exists()


def test_skins_are_different_pages() -> None:
    summaries = {skin.summary for skin in SKINS.values()}
    routes = {skin.display_route for skin in SKINS.values()}
    links = {skin.link_attribute for skin in SKINS.values()}
    groups = {skin.groups for skin in SKINS.values()}
    assert (len(summaries), len(routes), len(links), len(groups)) == (3, 2, 2, 2)
    assert get_skin("cherwell").summary == "cells"
