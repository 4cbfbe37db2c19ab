"""A digest's words: its subject, as plain text and as a page of HTML that shows the address of every link."""

from planning_review.dates import format_date
from planning_review.models import Frozen
from planning_review.notices.digest import MOST_LISTED, NEAR_DAYS, Digest, ReviewLine
from planning_review.register.councils import name_council
from planning_review.report.html import open_templates
from planning_review.report.links import safe_link
from planning_review.report.presentation import RATING_WORDS, plain_text


class Section(Frozen):
    """A part of a digest: a title and the applications below it; more says how many are left out."""

    title: str
    applications: tuple["Item", ...]
    more: int = 0


class Item(Frozen):
    """An application as a digest shows it."""

    title: str
    rating: str
    when: str
    proposal: str
    page_url: str | None
    register_url: str | None


class Rendered(Frozen):
    """A digest ready to be sent."""

    subject: str
    text: str
    html: str


def render_digest(digest: Digest) -> Rendered:
    """Return a digest's subject, text and HTML."""
    sections = [
        _make_section("New", digest.new),
        _make_section("Changed since they were last told", digest.changed),
        _make_section(f"Comments close within {NEAR_DAYS} days", digest.due),
    ]
    shown = {
        "subject": _make_subject(digest),
        "intro": _make_intro(digest),
        "sections": [section for section in sections if section.applications],
        "failed": [
            {"name": plain_text(run.name), "message": plain_text(run.message)[:500], "command": run.command}
            for run in digest.failed[:MOST_LISTED]
        ],
        "scan": _describe_scan(digest),
        "index_url": digest.index_url,
        "lookup": digest.lookup,
    }
    templates = open_templates("planning_review.notices")
    return Rendered(
        subject=shown["subject"],
        text=_strip_lines(templates.get_template("digest.txt.j2").render(**shown)),
        html=templates.get_template("digest.html.j2").render(**shown),
    )


def _make_subject(digest: Digest) -> str:
    parts = [
        f"{len(digest.new)} new" if digest.new else "",
        f"{len(digest.changed)} changed" if digest.changed else "",
        f"{len(digest.due)} closing soon" if digest.due else "",
        f"{len(digest.failed)} failed" if digest.failed else "",
    ]
    return f"Planning reviews: {', '.join(filter(None, parts)) or 'nothing new'}"


def _make_intro(digest: Digest) -> str:
    since = f" since {format_date(digest.since)}" if digest.since else ""
    if digest.is_quiet:
        return f"There is nothing new{since}. This is told once a week, so that silence means a fault."
    return f"{format_date(digest.today)}: what there is to know{since}."


def _describe_scan(digest: Digest) -> str:
    if digest.scan.ended_at is None:
        return "No scan has ended yet: new applications are found by a scan only (planning-review status)."
    message = plain_text(digest.scan.message)[:300]
    return f"The last scan ended on {format_date(digest.scan.ended_at.date())}: {message}"


def _make_section(title: str, lines: tuple[ReviewLine, ...]) -> Section:
    items = tuple(_make_item(line) for line in lines[:MOST_LISTED])
    return Section(title=f"{title} ({len(lines)})", applications=items, more=len(lines) - len(items))


def _make_item(line: ReviewLine) -> Item:
    entry = line.entry
    place = entry.site_address or "site not named"
    where = ", ".join(filter(None, [entry.parish, name_council(entry.council)]))
    rating = f"{entry.overall_rating.capitalize()}: {RATING_WORDS[entry.overall_rating].lower()}"
    incomplete = "" if entry.status == "complete" else ", incomplete: not every document could be read"
    return Item(
        title=plain_text(f"{entry.reference}, {place} ({where})"),
        rating=f"{rating}{incomplete}",
        when=_describe_days(line),
        proposal=plain_text(entry.proposal or ""),
        page_url=safe_link(line.page_url) if line.page_url else None,
        register_url=safe_link(entry.register_url),
    )


def _describe_days(line: ReviewLine) -> str:
    entry, days = line.entry, line.days_left
    if entry.decision:
        return plain_text(f"Already decided: {entry.decision}")
    if days is None or entry.consultation_end is None:
        return "The register shows no last day for comments"
    day = format_date(entry.consultation_end)
    if days < 0:
        return f"Comments closed on {day}"
    left = "the last day is today" if days == 0 else ("1 day left" if days == 1 else f"{days} days left")
    return f"Comments until {day}: {left}"


def _strip_lines(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept) + "\n"
