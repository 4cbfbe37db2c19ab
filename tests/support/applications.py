"""An application with four statements on a register, and what a review made of it."""

import json
from datetime import date
from pathlib import Path

import pymupdf

from planning_review.sample.served_application import ServedApplication, ServedDocument
from tests.support.commands import Command, CommandResult
from tests.support.faulty_register import RegisterServer

REFERENCE = "26/00042/F"


FACTS = [
    "The shared footway and cycleway along Mill Road will be 2.0m wide over its whole length.",
    "Secure and covered cycle parking will be provided for every dwelling.",
    "The travel plan coordinator will report to the county council each year.",
    "Drainage is dealt with in the flood risk assessment of the same date.",
]


def make_pdf(*pages: str) -> bytes:
    document = pymupdf.open()
    for text in pages:
        page = document.new_page()
        page.insert_textbox(pymupdf.Rect(60, 60, 540, 780), text, fontsize=11)
    return bytes(document.tobytes())


def make_document(number: int, content: bytes, title: str | None = None) -> ServedDocument:
    title = title or f"Statement {number}"
    return ServedDocument(
        document_id=f"5000-{number}-{number}",
        title=title,
        file_name=f"{title}.pdf",
        category="Supporting Documents",
        listed_date=date(2026, 10, 1),
        content=content,
    )


def make_application(*documents: ServedDocument, reference: str = REFERENCE) -> ServedApplication:
    fields = {
        "Application Number": reference,
        "Location": "Land at Mill Road, Inventon",
        "Proposal": "Twelve dwellings with access from Mill Road",
        "Received Date": "01/10/2026",
    }
    return ServedApplication(reference=reference, fields=fields, documents=documents)


def review(command: Command, register: RegisterServer, *options: str) -> CommandResult:
    return command("review", REFERENCE, "--json", *options, PLANNING_REGISTER_URL=register.url)


def downloads(register: RegisterServer) -> list[str]:
    return [request.path for request in register.requests if "/Document/Download" in request.path]


def read_review(result: CommandResult) -> dict:
    return json.loads(Path(result.line["review_json"]).read_text())


def states(result: CommandResult) -> dict[str, str]:
    return {row["title"]: row["state"] for row in read_review(result)["documents"]}


def serve_statements() -> RegisterServer:
    """Return a register with one application of four statements, each of which states one fact."""
    documents = [make_document(n, make_pdf("Introduction", fact)) for n, fact in enumerate(FACTS, start=1)]
    return RegisterServer([make_application(*documents)])
