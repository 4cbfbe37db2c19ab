"""Applications for a register that is scanned, and where a scan's watermark stands on the server."""

from datetime import timedelta

from planning_review.dates import london_today
from planning_review.sample.served_application import ServedApplication, ServedDocument
from tests.support.applications import FACTS, make_document, make_pdf

HOMES = "Erection of 24 dwellings with access from Mill Road"


TREES = "T1 ash: fell to ground level"


VARIABLE = "/variables/name/scan_cherwell"


def make_statement(number: int, fact: str = FACTS[0]) -> ServedDocument:
    return make_document(number, make_pdf("Introduction", f"{fact} Document {number} says so."))


def serve(
    number: int, *documents: ServedDocument, received: int = 3, valid: int | None = None, kind: str = "F"
) -> ServedApplication:
    """Return an application received and made valid so many days ago: for homes, or TCA for a tree."""
    today = london_today()
    fields = {
        "Application Number": f"26/{number:05}/{kind}",
        "Location": f"{number} Mill Lane",
        "Proposal": TREES if kind == "TCA" else HOMES,
        "Received Date": f"{today - timedelta(days=received):%d/%m/%Y}",
        "Valid Date": "-" if valid is None else f"{today - timedelta(days=valid):%d/%m/%Y}",
    }
    return ServedApplication(reference=fields["Application Number"], fields=fields, documents=documents)


def serve_trees(first: int, count: int) -> list[ServedApplication]:
    return [serve(number, received=number % 14, kind="TCA") for number in range(first, first + count)]
