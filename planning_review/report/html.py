"""Renders a review as one HTML page. Beside it stand only the pictures of its quotes.

Its one script counts the days left on the day that the page is read; its hash is in the page's policy, and
no other can run.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from planning_review.report import finding_words, order, presentation, remarks, unread
from planning_review.report.contract import Review
from planning_review.report.decisions_example import write_decisions_example
from planning_review.report.links import comment_link, safe_link
from planning_review.report.pictures import Picture, identify
from planning_review.rules.judgement import Citation

LETTERS_NAME = "letters.html"
"""The page of an application's letters, beside its reviews."""


def render_html(review: Review, today: date, pictures: Mapping[str, Picture] | None = None) -> str:
    """Return the review as a page. Without its script, the days left for comments are those of today.

    pictures are those of its quotes, by planning_review.report.pictures.identify.
    """
    documents = {document.document_id: document for document in review.documents}
    _, silent_aspects = remarks.split_aspects(review.review.aspects)
    missing, _ = presentation.split_omissions(review.review.omissions)
    notices, commands = remarks.split_commands(review.review.notices)
    # A quote is printed once: under its finding, and under its aspect only where no finding has it.
    shown = order.list_sources(review.review.policy_compliance)
    drawn = pictures or {}
    templates = open_templates("planning_review.report")
    script, script_hash = make_script(templates, "deadline.js")

    def is_shown(citation: Citation) -> bool:
        return (citation.document_id, citation.page, citation.quote) in shown

    told_aspects, plain_aspects = order.split_aspects(review)
    return templates.get_template("review.html.j2").render(
        review=review,
        body=review.review,
        application=review.application,
        deadline=presentation.describe_deadline(review.application, today),
        comment_url=comment_link(review.application.register_url),
        letters_name=LETTERS_NAME,
        today=today,
        told_aspects=told_aspects,
        plain_aspects=plain_aspects,
        notices=notices,
        commands=commands,
        silent_aspects=silent_aspects,
        silent_unread=unread.describe_unread(silent_aspects, review.documents),
        own_summary=order.list_own_summary(review),
        told=order.order_findings(review),
        missing_count=len(missing),
        groups=presentation.group_lines(review.review.policy_compliance),
        other_advice=order.list_other_advice(review),
        other_conditions=order.list_other_conditions(review),
        # Its lines are kept: elsewhere a text is shown on one.
        decisions_example=escape(write_decisions_example(review)),
        view=presentation,
        order=order,
        remarks=remarks,
        findings=finding_words,
        title_of=lambda document_id: documents[document_id].title,
        source=lambda quoted: presentation.find_source(documents, quoted),
        is_shown=is_shown,
        picture=lambda quoted: drawn.get(identify(quoted)),
        script=script,
        script_hash=script_hash,
    )


def make_script(templates: Environment, name: str) -> tuple[Markup, str]:
    """Return a script of ours, and the hash by which a page's policy lets it run."""
    script = templates.get_template(name).render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return Markup(script), digest  # noqa: S704 - our own file


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
