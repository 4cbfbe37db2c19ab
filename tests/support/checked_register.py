"""Twelve applications of the last week, which `check register` finds and downloads from."""

from datetime import timedelta

from planning_review.dates import london_today
from planning_review.sample.served_application import ServedApplication, ServedDocument

PDF = b"%PDF-1.7\n" + b"0123456789" * 400 + b"\n%%EOF\n"


def make_application(number: int, days_ago: int, with_document: bool = True) -> ServedApplication:
    received = london_today() - timedelta(days=days_ago)
    reference = f"26/{number:05}/F"
    document = ServedDocument(
        document_id=f"700-{number}-1",
        title=f"Site Plan {number}",
        file_name="plan.pdf",
        category="Site Plans",
        listed_date=received,
        content=PDF,
    )
    return ServedApplication(
        reference=reference,
        fields={
            "Application Number": reference,
            "Location": f"{number} Sample Street",
            "Proposal": "A cycle store",
            "Decision Level": "Delegated",
            "Received Date": f"{received:%d/%m/%Y}",
            "Valid Date": f"{received:%d/%m/%Y}",
        },
        documents=(document,) if with_document else (),
    )


APPLICATIONS = [make_application(number, number % 7) for number in range(1, 13)]
