"""Tasks that bring in policy documents: the file, its passages, and the account of both."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed, State

from planning_review.documents.workers.pool import ExtractionPool
from planning_review.errors import ExtractionError, PlanningReviewError, TransientError, UsageError
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.opening import open_policies_index
from planning_review.index.policy_store import PolicyStore
from planning_review.parameters import PolicyOutcome, PolicyResult
from planning_review.policy.editions import Edition
from planning_review.policy.editions_to_load import say_where_to_get
from planning_review.policy.fetching import PolicyFile, check_policy_file, fetch_policy, is_web_address
from planning_review.policy.library import KeptPolicy, PolicyLibrary, read_pages
from planning_review.policy.recognition import (
    find_source_name,
    name_edition,
    read_opening,
    require_edition,
)
from planning_review.policy.sources import list_usable_sources, load_sources
from planning_review.policy.splitting import split_policy
from planning_review.register.http import describe_client
from planning_review.settings import Settings
from run.incomplete import RunIncomplete
from tasks.task_policies import STORAGE_RETRIES, STORAGE_RETRY_DELAYS, STORAGE_RETRY_JITTER, can_help

_current: ContextVar["PolicyRun"] = ContextVar("current_policy_run")


class PolicyRun:
    """The shared things of one run, opened when first used and closed with it."""

    def __init__(self, settings: Settings, council: str, closing: ExitStack) -> None:
        self.settings = settings
        self.council = council
        self.library = PolicyLibrary(settings.policies_dir)
        self.embedder = make_embedder(settings.embedder)
        self._closing = closing

    @cached_property
    def pool(self) -> ExtractionPool:
        """The worker processes that read documents."""
        return self._closing.enter_context(ExtractionPool(self.settings.workers))

    @cached_property
    def store(self) -> PolicyStore:
        """The index; opening it waits while another process has it."""
        index = open_policies_index(self.settings, tell=get_run_logger().warning)
        return PolicyStore(self._closing.enter_context(index), self.embedder)

    def council_of(self, source: str) -> str | None:
        """Return whose source it is: None for a national one. Raises UsageError for one of other councils."""
        if not load_sources()[source].local:
            return None
        if source not in {usable.name for usable in list_usable_sources(self.council)}:
            raise UsageError(
                f"{source} is none of the sources of {self.council}. Name another council with --council, or "
                "add it to policy_sources in planning_review/register/councils.yaml."
            )
        return self.council


@contextmanager
def open_policy_run(settings: Settings, council: str) -> Iterator[PolicyRun]:
    """Open the context that the tasks of this module work in."""
    with ExitStack() as closing:
        run = PolicyRun(settings, council, closing)
        token = _current.set(run)
        try:
            yield run
        finally:
            _current.reset(token)


@task(
    name="bring-policy",
    task_run_name="bring {where}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=STORAGE_RETRIES,
    retry_delay_seconds=STORAGE_RETRY_DELAYS,
    retry_jitter_factor=STORAGE_RETRY_JITTER,
    retry_condition_fn=can_help,
)
def bring_policy(where: str, hint: str) -> PolicyFile:
    """Bring a document from a path or an address into the library, checked by its bytes."""
    library, contact = _current.get().library, _current.get().settings.contact
    if is_web_address(where):
        part = library.make_part_path()
        return library.keep_bytes(fetch_policy(where, part, describe_client(contact), hint))
    try:
        return library.keep_bytes(check_policy_file(Path(where), where, hint))
    except OSError as error:
        raise UsageError(f"{where} can't be read ({error.strerror}). {hint}") from None


@task(name="index-policy", task_run_name="index {hint}", cache_policy=NO_CACHE, persist_result=False)
def index_policy(file: PolicyFile, source: str | None, edition: str | None, hint: str) -> PolicyResult:
    """Split a document into passages, embed them and put them into the index."""
    run = _current.get()
    pages = read_pages(file, run.pool)
    named = name_edition(source, edition, read_opening(pages))
    if named.in_force_from is None:
        raise UsageError(f"{named.source} ({named.edition}) is not in force, so no review may use it.")
    council = run.council_of(named.source)
    passages = split_policy(pages, run.embedder.count_tokens)
    if not passages:
        raise ExtractionError(f"There is no text in the file. {say_where_to_get(named)}")
    vectors = run.embedder.embed([passage.text for passage in passages])
    run.store.add_edition(named, council, file.sha256, passages, vectors)
    run.library.record(
        KeptPolicy(
            source=named.source, edition=named.edition, council=council, sha256=file.sha256, kind=file.kind
        )
    )
    labels = len({passage.paragraph for passage in passages})
    get_run_logger().info(
        "loaded: %s (%s), %d passages under %d labels", named.source, named.edition, len(passages), labels
    )
    return PolicyResult(source=named.source, edition=named.edition, state="loaded", passages=len(passages))


def load_document(where: str, source: str | None, edition: str | None) -> PolicyResult:
    """Load the document at a path or an address; what goes wrong is in the result."""
    try:
        hint = "Give a PDF or a text file."
        if source and edition:
            hint = say_where_to_get(require_edition(find_source_name(source), edition))
        return index_policy(bring_policy(where, hint), source, edition, Path(where).name)
    except PlanningReviewError as error:
        return _fail(source, edition, error)


def load_edition(edition: Edition, *, refresh: bool) -> PolicyResult:
    """Load a known edition from what is kept of it, or from its address; what goes wrong is in the result."""
    run, page_url = _current.get(), load_sources()[edition.source].page_url
    council, name = run.council_of(edition.source), f"{edition.source} {edition.edition}"
    is_asked_again = refresh and edition.file_url is not None
    kept = None if is_asked_again else run.library.find(edition.source, edition.edition, council)
    loaded = None if is_asked_again else run.store.find_loaded(edition.source, edition.edition, council)
    if loaded and (kept is None or kept.sha256 == loaded.sha256):
        result = PolicyResult(
            source=edition.source, edition=edition.edition, state="unchanged", passages=loaded.passages
        )
        return result.model_copy(update={"page_url": page_url})
    hint = say_where_to_get(edition)
    if kept is None and edition.file_url is None:
        return PolicyResult(
            source=edition.source, edition=edition.edition, state="by_hand", reason=hint, page_url=page_url
        )
    try:
        file = kept or bring_policy(edition.file_url, hint)
        result = index_policy(file, edition.source, edition.edition, name)
        return result.model_copy(update={"page_url": page_url})
    except PlanningReviewError as error:
        return _fail(edition.source, edition.edition, error, page_url)


def _fail(
    source: str | None, edition: str | None, error: PlanningReviewError, page_url: str | None = None
) -> PolicyResult:
    get_run_logger().warning("%s (%s) was not loaded: %s", source or "The document", edition or "?", error)
    return PolicyResult(
        source=source,
        edition=edition,
        state="failed",
        reason=str(error),
        page_url=page_url,
        may_work_later=isinstance(error, TransientError),
    )


def end_policy_run(results: Sequence[PolicyResult], council: str) -> State[PolicyOutcome]:
    """Publish what became of each edition, and return the run's final state with it."""
    create_markdown_artifact(key=f"policies-{council}", markdown=_tabulate(results))
    outcome = PolicyOutcome(policies=tuple(results))
    failed = [result for result in results if result.state == "failed"]
    there = [result for result in results if result.state in ("loaded", "unchanged")]
    by_hand = sum(result.state == "by_hand" for result in results)
    message = f"{len(there)} loaded, {len(failed)} failed, {by_hand} to be loaded by hand."
    if failed:
        message += " " + " ".join(result.reason or "" for result in failed)
    if any(result.may_work_later for result in failed) or (failed and not there):
        return Failed(message=message, data=RunIncomplete(message, outcome))
    return Completed(name="CompletedWithWarnings" if failed else "Completed", message=message, data=outcome)


def _tabulate(results: Sequence[PolicyResult]) -> str:
    rows = [
        f"| {result.source or ''} | {result.edition or ''} | {result.state.replace('_', ' ')} "
        f"| {result.passages or ''} | {(result.reason or '').replace('|', ' ')} |"
        for result in results
    ]
    head = ["| Source | Edition | State | Passages | What to do |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])
