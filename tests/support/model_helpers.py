"""An application judged by a model that the stand-in of the Messages API plays."""

import re
from contextlib import contextmanager

from planning_review.model.reviewer import ModelReviewer
from planning_review.models import Application, Passage
from planning_review.policy.passages import find_no_policies
from planning_review.report.wording import describe_judgement, word_aspect
from planning_review.settings import Settings
from tests.support.evidence_helpers import TODAY, make_document

MODEL = "anthropic:claude-sonnet-5-5"
KEY = "sk-ant-not-for-any-log"

PATH = "The proposed shared footway and cycleway would be 2.5 m wide."
PARKING = "The scheme will provide secure and covered cycle parking for every dwelling."
ROUNDABOUT = "At the roundabout riders merge with motor traffic over its whole length."
PAGES = (
    "The site lies west of Bicester and 120 dwellings are proposed.",
    f"{PATH} Lighting columns stand along the route.",
    f"{PARKING} {ROUNDABOUT}",
)


def make_search(documents):
    """Return a search over whole pages that ranks them by the words they share with a query."""
    pages = [
        Passage(
            document_id=d.document_id,
            title=d.title,
            page_start=page.number,
            page_end=page.number,
            text=page.text,
            score=0.0,
        )
        for d in documents
        for page in d.text.pages
    ]

    def search(queries, limit):
        found = []
        for query in queries:
            words = set(re.findall(r"[a-z]{4,}", query.casefold()))
            scored = [(len(words & set(re.findall(r"[a-z]{4,}", p.text.casefold()))), p) for p in pages]
            found.append([p for score, p in sorted(scored, key=lambda s: -s[0]) if score][:limit])
        return found

    return search


def make_application(decision_date=None, proposal="Erection of 120 dwellings with access"):
    return Application(
        reference="25/00001/F",
        council="cherwell",
        register_url="https://example.org/1",
        proposal=proposal,
        decision_date=decision_date,
    )


def make_settings(api, **options):
    """Return settings whose Anthropic is the stand-in; options by their names in the environment."""
    given = {"PLANNING_MODEL_BUDGET_USD": 5.0, "PLANNING_MODEL_TIMEOUT_SECONDS": 20.0} | options
    return Settings(_env_file=None, ANTHROPIC_API_KEY=KEY, ANTHROPIC_BASE_URL=api.url, **given)


def make_model_reviewer(api, model=MODEL, draw=None, **options):
    settings = make_settings(api, **options)
    return ModelReviewer(model, settings=settings, describe=describe_judgement, draw=draw)


def judge(
    api,
    pages=PAGES,
    documents=None,
    decision_date=None,
    search_policies=find_no_policies,
    account=None,
    **options,
):
    documents = documents or [make_document(pages)]
    reviewer = make_model_reviewer(api, **options)
    application = make_application(decision_date)
    search = make_search(documents)
    return reviewer.judge(application, documents, search, TODAY, search_policies, account)


def aspect_of(judgement, name):
    return next(aspect for aspect in judgement.aspects if aspect.name == name)


def aspect_in_words(judgement, name):
    lines = {line.requirement_id: line for line in judgement.policy_compliance}
    return word_aspect(aspect_of(judgement, name), lines)


def quote(text, page, document_id="1-2-3"):
    return {"document_id": document_id, "page": page, "quote": text}


@contextmanager
def hang(api, released):
    """Leave every request without an answer until the end."""

    def wait(request):
        released.wait(30)
        raise ConnectionAbortedError

    api.usual = wait
    try:
        yield
    finally:
        released.set()
