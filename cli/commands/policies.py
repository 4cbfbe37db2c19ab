"""`planning-review policies`: load policy documents into the index, and say what is there."""

import sys
from pathlib import Path
from typing import Any

import click

from cli.command import PrintJson
from cli.environment import prepare_prefect
from cli.validation import parse_parameters
from planning_review.errors import UsageError
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.opening import open_policies_index
from planning_review.index.policy_store import LoadedEdition, PolicyStore
from planning_review.parameters import ALL_POLICIES, PolicyOutcome, PolicyParameters
from planning_review.policy.editions import Edition, list_editions
from planning_review.policy.fetching import is_web_address
from planning_review.policy.recognition import find_source_name, require_edition
from planning_review.policy.sources import list_usable_sources, load_sources
from planning_review.register.councils import get_council
from planning_review.settings import Settings, load_settings


def run_load(values: dict[str, Any], print_json: PrintJson | None) -> int:
    """Load policy documents and return the exit status."""
    settings = load_settings()
    values["council"] = values["council"] or settings.council
    parameters = check_load(parse_parameters(PolicyParameters, values), settings)
    server_url = prepare_prefect(settings, is_terminal=sys.stderr.isatty() and print_json is None)

    from cli.flow_run import find_outcome, run_flow
    from flows.load_policies import load_policies

    state = run_flow(load_policies, parameters, settings)
    outcome = find_outcome(state, PolicyOutcome) or PolicyOutcome()
    click.echo(f"{state.name}: {state.message or ''}", err=True)
    if print_json:
        print_json(outcome.model_dump(mode="json"))
    else:
        _print_outcome(outcome)
        click.echo(f"Prefect: {server_url}/runs/flow-run/{state.state_details.flow_run_id}")
    return 0 if state.is_completed() else 1


def check_load(parameters: PolicyParameters, settings: Settings) -> PolicyParameters:
    """Return the parameters with a path made absolute, or raise UsageError for what can't work."""
    get_council(parameters.council, settings.register_url)
    source = find_source_name(parameters.source) if parameters.source else None
    if parameters.document == ALL_POLICIES:
        if parameters.source or parameters.edition:
            raise UsageError("--source and --edition say what a FILE is: they do not go with `all`.")
        return parameters
    if parameters.edition and not source:
        raise UsageError("--edition needs --source beside it.")
    if source and parameters.edition:
        require_edition(source, parameters.edition)
    if is_web_address(parameters.document):
        return parameters
    path = Path(parameters.document).expanduser().resolve()
    if not path.is_file():
        raise UsageError(
            f"{parameters.document} is not there: give a PDF or a text file, its address, or `all`."
        )
    return parameters.model_copy(update={"document": str(path)})


def run_list(council: str | None, print_json: PrintJson | None) -> int:
    """Print what is loaded, and what is known and not loaded, with its address."""
    settings = load_settings()
    code = get_council(council or settings.council, settings.register_url).code
    with open_policies_index(settings, tell=lambda text: click.echo(text, err=True)) as index:
        loaded = PolicyStore(index, make_embedder(settings.embedder)).list_loaded()
    rows = [_describe(edition, loaded, code) for edition in _list_known(code)]
    if print_json:
        print_json(rows)
        return 0
    for title, is_loaded in (("Loaded", True), ("Known, and not loaded", False)):
        click.echo(f"{title}:")
        for row in rows:
            if row["loaded"] is is_loaded:
                click.echo(_say(row))
    return 0


def _list_known(council: str) -> list[Edition]:
    usable = {source.name for source in list_usable_sources(council)}
    listed = {name for name, source in load_sources().items() if not source.shown and source.kind != "none"}
    return [edition for name in load_sources() if name in usable | listed for edition in list_editions(name)]


def _describe(edition: Edition, loaded: list[LoadedEdition], council: str) -> dict[str, Any]:
    source = load_sources()[edition.source]
    owner = council if source.local else None
    found = next(
        (e for e in loaded if (e.source, e.edition, e.council) == (edition.source, edition.edition, owner)),
        None,
    )
    return {
        "source": edition.source,
        "edition": edition.edition,
        "kind": source.kind,
        "in_force": edition.say_first_day(),
        "used_in_reviews": source.shown and edition.in_force_from is not None,
        "loaded": found is not None,
        "passages": found.passages if found else 0,
        "file_url": edition.file_url,
        "page_url": source.page_url,
    }


def _say(row: dict[str, Any]) -> str:
    since = f", in force {row['in_force']}" if row["in_force"] else ""
    use = "" if row["used_in_reviews"] else "; never used in a review"
    line = f"  {row['source']} ({row['edition']}){since}{use}"
    if row["loaded"]:
        return f"{line}: {row['passages']} passages"
    address = row["file_url"] or row["page_url"] or "no address is known"
    return f"{line}\n      {address}"


def _print_outcome(outcome: PolicyOutcome) -> None:
    for result in outcome.policies:
        name = f"{result.source or 'The document'} ({result.edition or 'edition unknown'})"
        passages = f", {result.passages} passages" if result.passages else ""
        click.echo(f"{result.state.replace('_', ' '):9} {name}{passages}")
        if result.reason:
            click.echo(f"          {result.reason}")
