"""The digest of this installation: what its reviews, its scans and its failed runs have to tell."""

import socket
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from blocks.redaction import install_redaction, redact
from planning_review.dates import london_today
from planning_review.notices.addresses import Address, list_address_secrets, list_addresses
from planning_review.notices.digest import (
    Digest,
    FailedRun,
    ReviewLine,
    ScanState,
    find_news,
    is_worth_sending,
    remember,
)
from planning_review.notices.outbox import Delivery, Message, find_outbox, put_message, send_waiting
from planning_review.notices.rendering import Rendered, render_digest
from planning_review.notices.sending import send_message
from planning_review.notices.told import keep_told, load_told
from planning_review.publish.catalogue import CatalogueEntry
from planning_review.publish.entry_folder import read_newest_entries
from planning_review.publish.local_site import own_site
from planning_review.publish.site import INDEX_NAME, Site
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

FIRST_DAYS = 1
"""How far back the first digest looks for what failed."""

_FAILED = ("FAILED", "CRASHED")
_MOST_RUNS = 200


def tell(settings: Settings, client: "SyncPrefectClient | None", now: datetime) -> tuple[bool, Delivery]:
    """Put a digest into the outbox where there is something to tell, and send what waits there.

    Returns whether there was, and what became of all that waited. Without PLANNING_NOTIFY nothing happens.
    """
    addresses = list_addresses(settings)
    if not addresses:
        return False, Delivery()
    hide_addresses(addresses)
    folder = settings.notices_dir
    told, lines = load_told(folder), list_lines(settings, london_today())
    digest = make_digest(settings, client, lines, now)
    has_news = is_worth_sending(digest, told)
    if has_news:
        rendered = render_digest(digest)
        # First what is sent, then that it was: killed between the two, it is told twice rather than never.
        put_message(find_outbox(settings), _make_message(rendered, now), addresses)
        keep_told(folder, remember(digest, told, lines, now))
    return has_news, send_all(settings, addresses, now)


def send_all(settings: Settings, addresses: Iterable[Address], now: datetime) -> Delivery:
    """Send what waits in the outbox."""
    return send_waiting(find_outbox(settings), list(addresses), send_message, now)


def hide_addresses(addresses: Iterable[Address]) -> None:
    """Keep what is secret in addresses out of every log of this process."""
    install_redaction(secrets=[secret for each in addresses for secret in list_address_secrets(each.url)])


def make_digest(
    settings: Settings, client: "SyncPrefectClient | None", lines: list[ReviewLine], now: datetime
) -> Digest:
    """Return the digest of now: client is the Prefect server's, None where there is none."""
    told = load_told(settings.notices_dir)
    new, changed, due = find_news(lines, told)
    index_url, lookup = _find_index(settings, lines)
    since = told.until or now - timedelta(days=FIRST_DAYS)
    return Digest(
        today=london_today(),
        since=told.sent_on,
        new=tuple(new),
        changed=tuple(changed),
        due=tuple(due),
        failed=tuple(_find_failed(client, since)) if client else (),
        scan=_find_scan(client) if client else ScanState(),
        index_url=index_url,
        lookup=lookup,
    )


def list_lines(settings: Settings, today: date) -> list[ReviewLine]:
    """Return every reviewed application, with a link that opens for others where there is one."""
    newest: dict[str, ReviewLine] = {}
    for site, root in _find_sites(settings):
        for entry in read_newest_entries(root):
            line = ReviewLine(
                entry=entry,
                days_left=(entry.consultation_end - today).days if entry.consultation_end else None,
                page_url=_link(site, site.page_path(entry)) if site.base_url else None,
            )
            known = newest.get(entry.folder)
            if known is None or _is_better(line, known):
                newest[entry.folder] = line
    return list(newest.values())


def _is_better(line: ReviewLine, known: ReviewLine) -> bool:
    """Return whether a line is of a later review, or has a link to the same one."""
    if line.entry.review_id == known.entry.review_id:
        return line.page_url is not None
    return _order(line.entry) > _order(known.entry)


def _order(entry: CatalogueEntry) -> tuple[date, datetime]:
    return entry.judged_on, entry.updated_at


def _find_sites(settings: Settings) -> list[tuple[Site, Path]]:
    """Return the catalogues that this machine has, each with where its pages are read."""
    sites = [(own_site(settings), settings.output_dir)]
    if settings.s3_endpoint_url or settings.s3_storage_block:
        from run.bucket_site import find_bucket_site

        sites.append(find_bucket_site(settings))
    return sites


def _link(site: Site, path: str) -> str:
    # A bucket's address of the index is quoted by whoever made it, the rest here.
    return site.address(quote(path))


def _find_index(settings: Settings, lines: list[ReviewLine]) -> tuple[str | None, str]:
    """Return the address of the index, None without one, and where those look who have no link."""
    bases = [site.base_url for site, _ in reversed(_find_sites(settings)) if site.base_url]
    if bases and all(line.page_url for line in lines):
        return f"{bases[0]}{INDEX_NAME}", ""
    where = f"{settings.output_dir / INDEX_NAME} on {socket.gethostname()}"
    lookup = (
        f"Reviews without a link are read on the machine that made them: {where}. A bucket or "
        "PLANNING_PUBLIC_URL gives each a link (docs/automations.md)."
    )
    return (f"{bases[0]}{INDEX_NAME}" if bases else None), lookup


def _find_failed(client: "SyncPrefectClient", since: datetime) -> list[FailedRun]:
    """Return the runs that failed since then, without those that a later run of the same made good."""
    found = []
    settled: set[str] = set()
    for run in _read_ended(client, since):
        subject = str(sorted((run.parameters.get("parameters") or {}).items()) or run.flow_id)
        if run.state is not None and run.state.type.value in _FAILED and subject not in settled:
            found.append(
                FailedRun(
                    name=run.name,
                    message=redact(run.state.message or run.state.name or ""),
                    command=f"planning-review retry {run.id}",
                )
            )
        settled.add(subject)
    return found


def _read_ended(client: "SyncPrefectClient", since: datetime) -> "list[FlowRun]":
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    return client.read_flow_runs(
        flow_filter=FlowFilter(name={"any_": ["review-application", "write-letter", "scan-register"]}),
        flow_run_filter=FlowRunFilter(end_time={"after_": since}),
        sort=FlowRunSort.END_TIME_DESC,
        limit=_MOST_RUNS,
    )


def _find_scan(client: "SyncPrefectClient") -> ScanState:
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    runs = client.read_flow_runs(
        flow_filter=FlowFilter(name={"any_": ["scan-register"]}),
        flow_run_filter=FlowRunFilter(state={"type": {"any_": ["COMPLETED"]}}),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    if not runs or runs[0].state is None:
        return ScanState()
    return ScanState(ended_at=runs[0].end_time, message=runs[0].state.message or "")


def _make_message(rendered: Rendered, now: datetime) -> Message:
    return Message(
        made_at=now.astimezone(UTC), subject=rendered.subject, text=rendered.text, html=rendered.html
    )
