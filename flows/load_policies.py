"""Load policy documents into the index: one that is given, or every one whose address is known."""

from prefect import flow
from prefect.states import State

from planning_review.parameters import ALL_POLICIES, PolicyOutcome, PolicyParameters
from planning_review.policy.editions_to_load import list_wanted_editions
from planning_review.settings import load_settings
from run.times import london_today
from tasks.policy_documents import end_policy_run, load_document, load_edition, open_policy_run

EVERYTHING = PolicyParameters()
"""What a run without parameters is asked for."""


@flow(name="load-policies", flow_run_name="policies ({parameters.council})", persist_result=True)
def load_policies(parameters: PolicyParameters = EVERYTHING) -> State[PolicyOutcome]:
    """Load policy documents; the failure of one does not keep back the others.

    Ends Failed where the same run may succeed later or nothing at all could be loaded, Completed as
    `CompletedWithWarnings` where a document has to come from a person. The state's data is a
    PolicyOutcome. Keeps the files under the data folder's `policies`.
    """
    with open_policy_run(load_settings(), parameters.council):
        if parameters.document == ALL_POLICIES:
            wanted = list_wanted_editions(parameters.council, london_today())
            results = [load_edition(edition, refresh=parameters.refresh) for edition in wanted]
        else:
            results = [load_document(parameters.document, parameters.source, parameters.edition)]
    return end_policy_run(results, parameters.council)
