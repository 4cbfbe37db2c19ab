"""Renders a review as one HTML page that needs nothing else: no script, no file from anywhere."""

from datetime import date
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from planning_review.report import finding_words, presentation, remarks, unread
from planning_review.report.contract import Review
from planning_review.report.decisions_example import write_decisions_example
from planning_review.report.links import safe_link


def render_html(review: Review, today: date) -> str:
    """Return the review as a self-contained page; the days left for comments are counted from today."""
    documents = {document.document_id: document for document in review.documents}
    aspects, silent_aspects = remarks.split_aspects(review.review.aspects)
    missing, unsure = presentation.split_omissions(review.review.omissions)
    # A quote is printed once: the policy table only points to those that stand under an aspect.
    shown = {
        (citation.document_id, citation.page, citation.quote)
        for aspect in review.review.aspects
        for citation in aspect.citations
    }
    return (
        open_templates("planning_review.report")
        .get_template("review.html.j2")
        .render(
            review=review,
            body=review.review,
            application=review.application,
            deadline=presentation.describe_deadline(review.application, today),
            today=today,
            aspects=aspects,
            silent_aspects=silent_aspects,
            silent_unread=unread.describe_unread(silent_aspects, review.documents),
            missing=missing,
            unsure=unsure,
            gravest=presentation.list_gravest(review),
            # Its lines are kept: elsewhere a text is shown on one.
            decisions_example=escape(write_decisions_example(review)),
            view=presentation,
            remarks=remarks,
            findings=finding_words,
            title_of=lambda document_id: documents[document_id].title,
            source=lambda quoted: presentation.find_source(documents, quoted),
            is_shown=lambda citation: (citation.document_id, citation.page, citation.quote) in shown,
        )
    )


@cache
def open_templates(*packages: str) -> Environment:
    """Return the HTML templates of packages, the first that has one winning; every text is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_clean_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(date=presentation.format_date, link=safe_link)
    return environment


def _clean_value(value: object) -> object:
    return presentation.plain_text(value) if isinstance(value, str) and not _is_markup(value) else value


def _is_markup(value: str) -> bool:
    return isinstance(value, Markup)
