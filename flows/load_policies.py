"""Load policy documents into the index: one that is given, or every one whose address is known."""

from pathlib import Path

from prefect import flow
from prefect.client.schemas.objects import State

from planning_review.dates import london_today
from planning_review.errors import PlanningReviewError
from planning_review.parameters import ALL_POLICIES, PolicyOutcome, PolicyParameters, PolicyResult
from planning_review.policy.editions import Edition
from planning_review.policy.editions_to_load import list_wanted_editions, say_where_to_get
from planning_review.policy.recognition import find_source_name, require_edition
from planning_review.policy.sources import load_sources
from planning_review.settings import load_settings
from run.form_paths import check_form_path
from run.policies import PolicyRun, end_policy_run, open_policy_run, report_failure
from tasks.policy_documents import bring_policy, index_policy

EVERYTHING = PolicyParameters()
"""What a run without parameters is asked for."""


@flow(name="load-policies", flow_run_name="policies ({parameters.council})", persist_result=True)
def load_policies(parameters: PolicyParameters = EVERYTHING) -> State[PolicyOutcome]:
    """Load policy documents; the failure of one does not keep back the others.

    Ends Failed where the same run may succeed later or nothing at all could be loaded, Completed as
    `CompletedWithWarnings` where a document has to come from a person. The state's data is a
    PolicyOutcome. Keeps the files under the data folder's `policies`.
    """
    if parameters.document != ALL_POLICIES:
        check_form_path(parameters.document, load_settings())
    with open_policy_run(load_settings(), parameters.council) as run:
        if parameters.document == ALL_POLICIES:
            wanted = list_wanted_editions(parameters.council, london_today())
            results = [load_edition(run, edition, refresh=parameters.refresh) for edition in wanted]
        else:
            results = [load_document(parameters.document, parameters.source, parameters.edition)]
    return end_policy_run(results, parameters.council)


def load_document(where: str, source: str | None, edition: str | None) -> PolicyResult:
    """Load the document at a path or an address; what goes wrong is in the result."""
    try:
        hint = "Give a PDF or a text file."
        if source and edition:
            hint = say_where_to_get(require_edition(find_source_name(source), edition))
        return index_policy(bring_policy(where, hint), source, edition, Path(where).name)
    except PlanningReviewError as error:
        return report_failure(source, edition, error)


def load_edition(run: PolicyRun, edition: Edition, *, refresh: bool) -> PolicyResult:
    """Load a known edition from what is kept of it, or from its address; what goes wrong is in the result."""
    origin = run.find_origin(edition, refresh=refresh)
    if isinstance(origin, PolicyResult):
        return origin
    page_url = load_sources()[edition.source].page_url
    try:
        file = bring_policy(origin, say_where_to_get(edition)) if isinstance(origin, str) else origin
        result = index_policy(file, edition.source, edition.edition, f"{edition.source} {edition.edition}")
        return result.model_copy(update={"page_url": page_url})
    except PlanningReviewError as error:
        return report_failure(edition.source, edition.edition, error, page_url)
