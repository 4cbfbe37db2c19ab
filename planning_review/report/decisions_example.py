"""The decisions file that a review's page offers to copy."""

import json

from planning_review.report.contract import Review
from planning_review.report.presentation import plain_text

_MOST_FINDINGS = 6
_HEAD = """\
reference: {reference}
by: Your name
findings:
"""
_FINDING = """\
  - finding: {finding}  # {title}
    verdict: confirmed  # or dismissed, or corrected with a line `compliant: true`
    note: Why, in a sentence
"""


def write_decisions_example(review: Review) -> str:
    """Return a file on the findings of a review, those not met first, as check_decisions reads it."""
    lines = sorted(
        (line for line in review.review.policy_compliance if line.compliant is not None),
        key=lambda line: bool(line.compliant),
    )
    unmet = [line for line in lines if not line.compliant]
    text = _HEAD.format(reference=_quote(review.application.reference))
    for line in (unmet or lines)[:_MOST_FINDINGS]:
        text += _FINDING.format(finding=_quote(line.requirement_id), title=plain_text(line.requirement))
    return text if lines else text.replace("findings:\n", "findings: []\n")


def _quote(text: str) -> str:
    """Return a text as a YAML value; JSON's strings are YAML's."""
    plain = text.replace("-", "").replace("/", "").replace("_", "")
    return text if plain.isascii() and plain.isalnum() and not plain.isdigit() else json.dumps(text)
