"""Renders a review as Markdown; whatever comes from a document or the register stays plain text."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from planning_review.report import finding_words, order, presentation, remarks, unread
from planning_review.report.contract import Review
from planning_review.report.links import safe_link
from planning_review.rules.judgement import Aspect
from planning_review.text.shortening import MOST_REVIEW_WORDS, Room, fit_review, shorten_text

# `:` only before `//` and `.` only after `www`, where some renderers make links of bare addresses.
_SPECIAL = re.compile(r"[\\`*_\[\]|~$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What starts a heading, a list, a rule or a quotation at the beginning of a line.
_BLOCK_START = re.compile(r"[#+\-=]|\d{1,9}(?=[.)](?:\s|$))")


def escape_markdown(text: str) -> str:
    """Return a text on one line that Markdown shows as it is: no markup, HTML, link or block."""
    line = _write_entities(presentation.plain_text(text))
    line = _SPECIAL.sub(r"\\\g<0>", line)
    start = _BLOCK_START.match(line)
    if start is None:
        return line
    cut = start.end() if start[0].isdigit() else 0
    return f"{line[:cut]}\\{line[cut:]}"


def format_link(label: str, url: str) -> Markup:
    """Return a Markdown link, or only its label where the URL must not become one."""
    return write_link(label, safe_link(url))


def format_source(source: presentation.Source) -> Markup:
    """Return the Markdown link that opens a quote's page."""
    return write_link(source.label, source.url)


def make_markdown_environment(package: str) -> Environment:
    """Return the environment of a package's Markdown templates: every value is escaped."""
    environment = Environment(  # noqa: S701  (Markdown has an escape of its own, in finalize)
        loader=PackageLoader(package, "templates"),
        undefined=StrictUndefined,
        finalize=_escape_value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(link=format_link, source_link=format_source)
    environment.filters.update(date=presentation.format_date)
    return environment


def render_markdown(review: Review, most_words: int = MOST_REVIEW_WORDS) -> str:
    """Return the review as Markdown, in most_words where it can be; a table holds what gives way.

    What changes from day to day, such as the days left, does not stand in it.
    """
    documents = {document.document_id: document for document in review.documents}
    _, silent_aspects = remarks.split_aspects(review.review.aspects)
    told_aspects, plain_aspects = order.split_aspects(review)
    missing, _ = presentation.split_omissions(review.review.omissions)

    def render(room: Room) -> str:
        shown = [_fit_aspect(aspect, room) for aspect in told_aspects]
        left_quotes = sum(len(aspect.citations) for aspect in told_aspects)
        left_quotes -= sum(len(aspect.citations) for aspect in shown)
        return (
            _environment()
            .get_template("review.md.j2")
            .render(
                review=review,
                body=review.review,
                application=review.application,
                told=order.order_findings(review),
                missing_count=len(missing),
                own_summary=order.list_own_summary(review),
                other_advice=order.list_other_advice(review),
                told_aspects=shown,
                plain_aspects=plain_aspects,
                silent_aspects=silent_aspects,
                silent_unread=unread.describe_unread(silent_aspects, review.documents),
                left_quotes=left_quotes,
                is_shortened=[a.analysis for a in shown] != [a.analysis for a in told_aspects],
                room=room,
                view=presentation,
                order=order,
                remarks=remarks,
                findings=finding_words,
                title_of=lambda document_id: documents[document_id].title,
                source=lambda quoted: presentation.find_source(documents, quoted),
            )
        )

    return fit_review(render, most_words)


def _fit_aspect(aspect: Aspect, room: Room) -> Aspect:
    analysis = aspect.analysis
    if room.analysis_words is not None:
        analysis = shorten_text(analysis, room.analysis_words)
    return aspect.model_copy(update={"analysis": analysis, "citations": aspect.citations[: room.quotes]})


@cache
def _environment() -> Environment:
    return make_markdown_environment("planning_review.report")


def _escape_value(value: object) -> object:
    return escape_markdown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _write_entities(text: str) -> str:
    # Every renderer knows entities; not every one knows `\<`.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def write_link(label: str, link: str) -> Markup:
    """Return a Markdown link to an address that is known to be safe, or the label without one."""
    text = escape_markdown(label)
    return Markup(f"[{text}]({link})" if link else text)  # noqa: S704  (escaped just above)
