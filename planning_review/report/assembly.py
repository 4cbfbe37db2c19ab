"""Puts a review together from a judgement and the facts, and writes and reads review.json."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import ValidationError

from planning_review.errors import PermanentError, UsageError
from planning_review.models import Application
from planning_review.policy.arguments import load_arguments
from planning_review.policy.requirements import requirements_by_id
from planning_review.report.contract import (
    KeyDocument,
    Review,
    ReviewBody,
    ReviewedApplication,
    ReviewedDocument,
    ReviewMetadata,
    SuggestedCondition,
)
from planning_review.report.finding_words import describe_finding
from planning_review.report.markdown import render_markdown
from planning_review.report.wording import (
    describe_key_document,
    describe_missing,
    recommend,
    summarise,
    word_aspect,
)
from planning_review.rules.judgement import (
    Aspect,
    ComplianceLine,
    Contradiction,
    Fact,
    Judgement,
    Omission,
    OtherMatter,
    ParkingSum,
)
from planning_review.text.shortening import MOST_REVIEW_WORDS, MOST_SUMMARY_WORDS, shorten_text

_Item = TypeVar("_Item", Aspect, ComplianceLine)
_OF_USE = ("tokens", "cost_usd", "stages", "looks")
"""What a model used: it makes no other review."""


def assemble_review(
    *,
    application: Application,
    judgement: Judgement,
    documents: Sequence[ReviewedDocument],
    status: Literal["complete", "incomplete"],
    seconds: Mapping[str, float],
    versions: Mapping[str, str],
    most_words: int = MOST_REVIEW_WORDS,
    most_summary_words: int = MOST_SUMMARY_WORDS,
) -> Review:
    """Return the whole review: the judgement in words, with every fact filled in from the documents.

    The summary keeps its first sentences within most_summary_words; most_words is for the Markdown
    (planning_review.text.shortening tells what counts).

    The review_id is the day of the judgement and a hash of the content without seconds, tokens and
    cost, so that an unchanged review keeps its id on any day. A citation of a document that the
    application does not have is dropped, and its line says so.
    """
    known = {document.document_id: document for document in documents}
    body = _fill_body(judgement, known, most_summary_words, application.proposal)
    review = Review(
        review_id=f"rev_{judgement.judged_on:%Y%m%d}_{'0' * 8}",
        application_ref=application.reference,
        council=application.council,
        status=status,
        application=ReviewedApplication.of(application),
        review=body,
        documents=tuple(documents),
        metadata=ReviewMetadata(
            model=judgement.model,
            prompt_version=judgement.prompt_version,
            policy_editions=judgement.policy_editions,
            tokens=judgement.tokens,
            cost_usd=judgement.cost_usd,
            seconds={stage: round(value, 3) for stage, value in seconds.items()},
            versions=dict(versions),
            stages=judgement.stages,
            looks=judgement.looks,
            policy_basis=judgement.policy_basis,
        ),
    )
    review_id = f"rev_{judgement.judged_on:%Y%m%d}_{_hash_review(review, most_words)}"
    review = review.model_copy(update={"review_id": review_id})
    return review.model_copy(
        update={"review": body.model_copy(update={"full_markdown": render_markdown(review, most_words)})}
    )


def hash_content(content: object) -> str:
    """Return 8 hex digits of the sha256 of a JSON value; the order of keys makes no difference."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:8]


def dump_review(review: Review) -> str:
    """Return the text of review.json."""
    return json.dumps(review.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def load_review(path: Path) -> Review:
    """Read a review.json: UsageError where there is none, PermanentError where it is damaged."""
    again = "Run `planning-review review` with the application's reference to make it again."
    try:
        return Review.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"There is no review at {path}. {again}") from None
    except OSError as error:
        raise PermanentError(f"The review {path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        # Places and reasons only: the values may be anything.
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise PermanentError(
            f"The review {path} is damaged: {place}: {first['msg']}. Move it away. {again}"
        ) from None


def _fill_body(
    judgement: Judgement, known: Mapping[str, ReviewedDocument], most_summary_words: int, proposal: str | None
) -> ReviewBody:
    """Return the review itself but for its Markdown."""
    lines = {line.requirement_id: line for line in judgement.policy_compliance}
    return ReviewBody(
        overall_rating=judgement.overall_rating,
        summary=shorten_text(summarise(judgement), most_summary_words),
        aspects=tuple(
            word_aspect(_keep_known(aspect, known), lines, known.values()) for aspect in judgement.aspects
        ),
        policy_compliance=tuple(_word_line(_keep_known(line, known)) for line in judgement.policy_compliance),
        facts=tuple(fact for fact in judgement.facts if _cites_known(fact, known)),
        omissions=tuple(_keep_cited(omission, known) for omission in judgement.omissions),
        cycle_parking=tuple(one for one in judgement.cycle_parking if _cites_known(one, known)),
        contradictions=tuple(c for c in judgement.contradictions if _cites_known(c, known)),
        local_policies=judgement.local_policies,
        worth_reading=tuple(p for p in judgement.worth_reading if p.document_id in known),
        pointers=tuple(p for p in judgement.pointers if p.document_id in known),
        recommendations=recommend(judgement, proposal),
        suggested_conditions=tuple(_word_conditions(judgement)),
        key_documents=tuple(
            KeyDocument(
                document_id=chosen.document_id,
                title=known[chosen.document_id].title,
                category=known[chosen.document_id].category,
                summary=describe_key_document(chosen),
                url=known[chosen.document_id].url,
            )
            for chosen in judgement.key_documents
            if chosen.document_id in known
        ),
        full_markdown="",
        suspicious=tuple(found for found in judgement.suspicious if found.document_id in known),
        differences=judgement.differences,
        other_matters=tuple(matter for matter in judgement.other_matters if _rests_on_known(matter, known)),
        letter_texts=judgement.letter_texts,
        notices=(*describe_missing(known.values()), *judgement.notices),
    )


def _word_conditions(judgement: Judgement) -> Iterator[SuggestedCondition]:
    """Yield the conditions with what their requirements say of them."""
    lines = {
        requirements_by_id()[line.requirement_id].suggested_condition: line
        for line in judgement.policy_compliance
        if line.compliant is False and line.requirement_id in requirements_by_id()
    }
    for text in judgement.suggested_conditions:
        line = lines.get(text)
        argument = load_arguments().get(line.requirement_id) if line else None
        yield SuggestedCondition(
            text=text,
            reason=argument.reason if argument else "",
            place=line.place if line else None,
            requirement_id=line.requirement_id if line else None,
        )


def _cites_known(cited: Fact | Contradiction | ParkingSum, known: Mapping[str, ReviewedDocument]) -> bool:
    return all(citation.document_id in known for citation in cited.citations)


def _keep_cited(omission: Omission, known: Mapping[str, ReviewedDocument]) -> Omission:
    """Return an omission without quotes of documents that the application does not have."""
    citations = tuple(c for c in omission.citations if c.document_id in known)
    return omission.model_copy(update={"citations": citations})


def _rests_on_known(matter: OtherMatter, known: Mapping[str, ReviewedDocument]) -> bool:
    ids = [*(c.document_id for c in matter.citations), *(p.document_id for p in matter.pictures)]
    return all(document_id in known for document_id in (*ids, *matter.read_whole))


def _hash_review(review: Review, most_words: int) -> str:
    # The text is part of the content: a review worded anew by a later release is another file. What a
    # model used is not: it would make another review of the same words.
    bare = review.model_copy(
        update={
            "metadata": review.metadata.model_copy(
                update={"tokens": {}, "cost_usd": None, "stages": (), "looks": ()}
            )
        }
    )
    content = bare.model_dump(mode="json", exclude={"metadata": {"seconds", *_OF_USE}})
    content["review"]["full_markdown"] = render_markdown(bare, most_words)
    return hash_content(content)


def _word_line(line: ComplianceLine) -> ComplianceLine:
    return line.model_copy(update={"notes": describe_finding(line)})


def _keep_known(item: _Item, known: Mapping[str, ReviewedDocument]) -> _Item:
    """Return an item without the citations of documents that the application does not have, counted."""
    citations = tuple(citation for citation in item.citations if citation.document_id in known)
    dropped = len(item.citations) - len(citations)
    return item.model_copy(update={"citations": citations, "dropped_citations": dropped}) if dropped else item
