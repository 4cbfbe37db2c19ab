"""National policy is judged at the date of decision: seen in the files that a user reads."""

import json
import re
from pathlib import Path

import pytest

from planning_review.sample.served_application import ServedApplication
from tests.support.applications import make_document, make_pdf
from tests.support.commands import Command
from tests.support.faulty_register import RegisterServer

TEXT = (
    "The cycle route between the site and the village green will not be lit. "
    "No travel plan will be provided. "
    "The shared footway and cycleway along Mill Road will be 2.0m wide. "
    "Pedestrians and cyclists will give way to motor traffic at each side road."
)
REQUIRES_LTN = re.compile(
    r"(?:NPPF|Framework)[^.|]{0,60}\b(?:requires?|demands?|asks for|mandates?)\b[^.|]{0,40}LTN", re.IGNORECASE
)


@pytest.mark.parametrize(
    ("decided", "edition", "paragraph", "reason"),
    [
        ("01/11/2024", "December 2023", r"\d{2,3}", "in force on the day of the decision, 1 November 2024"),
        ("01/02/2025", "December 2024", r"\d{2,3}", "in force on the day of the decision, 1 February 2025"),
        (None, "August 2026", r"(?:TR|DP)\d", "in force today, undecided"),
    ],
)
def test_the_edition_in_force_on_the_day_of_the_decision_is_cited(
    command: Command, decided: str | None, edition: str, paragraph: str, reason: str
) -> None:
    fields = {
        "Application Number": "24/05401/F",
        "Location": "Land at Mill Road, Inventon",
        "Proposal": "Twelve dwellings with access from Mill Road",
        "Received Date": "01/03/2024",
        "Valid Date": "04/03/2024",
    }
    if decided:
        fields |= {"Decision": "Permission", "Decision Date": decided}
    document = make_document(1, make_pdf("Transport Statement", TEXT))
    application = ServedApplication(reference="24/05401/F", fields=fields, documents=(document,))
    with RegisterServer([application]) as register:
        result = command("review", "24/05401/F", "--json", PLANNING_REGISTER_URL=register.url)
    assert result.status == 0, result.stderr
    review = json.loads(Path(result.line["review_json"]).read_text())
    cited = [line for line in review["review"]["policy_compliance"] if line["policy_source"] == "NPPF"]
    assert cited
    assert {line["edition"] for line in cited} == {edition}
    assert all(re.match(paragraph, line["paragraph"]) for line in cited)
    basis = {row["source"]: row for row in review["metadata"]["policy_basis"]}["NPPF"]
    assert (basis["edition"], basis["reason"]) == (edition, reason)
    assert basis["at_validity"] == (None if edition == "December 2023" else "December 2023")
    for kind in ("review_md", "review_html"):
        text = Path(result.line[kind]).read_text()
        assert edition in text
        assert reason in text
        assert not REQUIRES_LTN.search(re.sub(r"<[^>]+>", " ", text))
