"""One run of policy documents: what its tasks share, how each is brought and indexed, and its end."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

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
    name_edition,
    read_opening,
)
from planning_review.policy.sources import list_usable_sources, load_sources
from planning_review.policy.splitting import split_policy
from planning_review.register.http import describe_client
from planning_review.settings import Settings
from run.outcome import RunIncomplete

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

    def bring(self, where: str, hint: str) -> PolicyFile:
        """Bring a document from a path or an address into the library, checked by its bytes."""
        if is_web_address(where):
            part = self.library.make_part_path()
            return self.library.keep_bytes(
                fetch_policy(where, part, describe_client(self.settings.contact), hint)
            )
        try:
            return self.library.keep_bytes(check_policy_file(Path(where), where, hint))
        except OSError as error:
            raise UsageError(f"{where} can't be read ({error.strerror}). {hint}") from None

    def index(self, file: PolicyFile, source: str | None, edition: str | None) -> PolicyResult:
        """Split a document into passages, embed them and put them into the index."""
        pages = read_pages(file, self.pool)
        named = name_edition(source, edition, read_opening(pages))
        if named.in_force_from is None:
            raise UsageError(f"{named.source} ({named.edition}) is not in force, so no review may use it.")
        council = self.council_of(named.source)
        passages = split_policy(pages, self.embedder.count_tokens)
        if not passages:
            raise ExtractionError(f"There is no text in the file. {say_where_to_get(named)}")
        vectors = self.embedder.embed([passage.text for passage in passages])
        self.store.add_edition(named, council, file.sha256, passages, vectors)
        self.library.record(
            KeptPolicy(
                source=named.source,
                edition=named.edition,
                council=council,
                sha256=file.sha256,
                kind=file.kind,
            )
        )
        labels = len({passage.paragraph for passage in passages})
        get_run_logger().info(
            "loaded: %s (%s), %d passages under %d labels", named.source, named.edition, len(passages), labels
        )
        return PolicyResult(
            source=named.source, edition=named.edition, state="loaded", passages=len(passages)
        )

    def find_origin(self, edition: Edition, *, refresh: bool) -> PolicyResult | PolicyFile | str:
        """Return what an edition is to be loaded from: what is kept of it, or its address.

        Where there is nothing to load, or only a person can get it, returns that as its result.
        """
        council = self.council_of(edition.source)
        is_asked_again = refresh and edition.file_url is not None
        kept = None if is_asked_again else self.library.find(edition.source, edition.edition, council)
        loaded = None if is_asked_again else self.store.find_loaded(edition.source, edition.edition, council)
        result = PolicyResult(
            source=edition.source,
            edition=edition.edition,
            state="by_hand",
            page_url=load_sources()[edition.source].page_url,
        )
        if loaded and (kept is None or kept.sha256 == loaded.sha256):
            return result.model_copy(update={"state": "unchanged", "passages": loaded.passages})
        if kept is not None:
            return kept
        return edition.file_url or result.model_copy(update={"reason": say_where_to_get(edition)})


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


def current_policy_run() -> PolicyRun:
    """Return the context that this thread works for."""
    return _current.get()


def report_failure(
    source: str | None, edition: str | None, error: PlanningReviewError, page_url: str | None = None
) -> PolicyResult:
    """Log why a document was not loaded, and return it as its result."""
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
