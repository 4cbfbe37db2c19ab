"""How a scan puts an application, and itself, into words."""

from planning_review.errors import UsageError
from planning_review.models import ApplicationPage
from planning_review.references import HOME_COUNCIL, parse_reference
from planning_review.register.search import FoundApplication
from planning_review.scan.contract import ScannedApplication, ScanParameters
from planning_review.scan.interest import Verdict

ASKED_FOR = "asked for by its reference"


def describe_found(application: FoundApplication, verdict: Verdict) -> ScannedApplication:
    """Return a line of the results list with its verdict.

    What has a reference that no review can be asked for is never of interest, so that one odd row does not
    end the scan; its reason says so.
    """
    try:
        parse_reference(application.reference)
        interesting, reason = verdict.interesting, verdict.reason
    except UsageError:
        interesting, reason = False, f"{verdict.reason}; its reference can't be read: look at the register"
    return ScannedApplication(
        reference=application.reference,
        proposal=application.proposal,
        status=application.status,
        interesting=interesting,
        reason=reason,
    )


def describe_named(reference: str, page: ApplicationPage | None) -> ScannedApplication:
    """Return an application that was named, with what its page says where it could be read."""
    return ScannedApplication(
        reference=reference,
        proposal=page.application.proposal if page else None,
        status=page.application.status if page else None,
        interesting=True,
        reason=ASKED_FOR,
    )


def describe_command(parameters: ScanParameters) -> str:
    """Return the command that scans the same again."""
    words = ["planning-review scan"]
    if parameters.council != HOME_COUNCIL:
        words.append(f"--council {parameters.council}")
    if parameters.date_from:
        words.append(f"--from {parameters.date_from}")
    if parameters.date_to:
        words.append(f"--to {parameters.date_to}")
    if parameters.references:
        words.append("--references FILE")
    if parameters.look_back:
        words.append("--look-back")
    if parameters.dry_run:
        words.append("--dry-run")
    return " ".join(words)
