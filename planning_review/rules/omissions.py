"""What an application of its kind and size should say and does not.

Silence is claimed only where every document that could break it was read whole and the list of documents is
whole. Else it is told as what it is: not found in what could be read.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from planning_review.documents.classes.page_rules import load_page_rules
from planning_review.models import DocumentState, Frozen
from planning_review.policy.expectations import Expectation, load_expectations
from planning_review.rules.cues import Context, Meaning, find_cues, pick
from planning_review.rules.gates import can_state_facts, load_gates
from planning_review.rules.judgement import Citation, Omission
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.reviewer import ReadDocument, ReadingAccount, UnreadDocument
from planning_review.rules.scheme import Scheme
from planning_review.rules.words import compile_phrases

_NO_STATEMENT: tuple[Meaning, ...] = ("standard", "general", "rejected", "elsewhere")
_NOT_PROPOSED: tuple[Meaning, ...] = (
    *_NO_STATEMENT,
    "by_others",
    "reported",
    "denied",
    "absent",
    "during works",
)
_NAMED = 3
_LONGEST_WORDS = 45


def name_omission(expectation_id: str) -> str:
    """Return the name by which a person decides on an omission."""
    return f"missing-{expectation_id}"


class Silence(Frozen):
    """What is missing, and of how many core matters the application has to speak now."""

    omissions: tuple[Omission, ...] = ()
    core: int = 0


def find_omissions(
    scheme: Scheme,
    proposal: str | None,
    documents: Sequence[ReadDocument],
    account: ReadingAccount,
    sources: Collection[str],
    on: date,
) -> Silence:
    """Return what is missing, in the order of the expectations."""
    applicants = [d for d in documents if d.document_type not in load_page_rules().not_the_applicants]
    if not applicants:
        return Silence()
    unread = (*account.unread, *_list_partly_read(applicants))
    is_change_of_use = bool(compile_phrases("change of use").search(write_plainly(proposal or "")))
    wanted = [
        e
        for e in load_expectations()
        if _is_expected(e, scheme, is_change_of_use=is_change_of_use) and e.citation_on(on, sources)
    ]
    said = _find_said(wanted, applicants)
    return Silence(
        omissions=tuple(
            _tell(e, scheme, account, unread, said.get(e.id), _find_instead(e, applicants))
            for e in wanted
            if not _is_there(e, [*applicants, *unread], said)
        ),
        core=sum(e.core and not _may_wait(e, scheme) for e in wanted),
    )


def _is_expected(expectation: Expectation, scheme: Scheme, *, is_change_of_use: bool) -> bool:
    if scheme.kind not in expectation.kinds or (is_change_of_use and expectation.not_for_change_of_use):
        return False
    size = expectation.size
    if scheme.homes >= size.homes:
        return True
    if size.hectares is not None and (scheme.site_hectares or 0) >= size.hectares:
        return True
    if "any" in size.m2:
        return scheme.floor_space >= size.m2["any"]
    return any(a.unit == "m2" and a.figure >= size.m2.get(a.use, float("inf")) for a in scheme.amounts)


def _is_there(
    expectation: Expectation, documents: Sequence[ReadDocument | UnreadDocument], said: dict[str, str]
) -> bool:
    if expectation.kind == "document":
        return any(d.document_type in expectation.expected_in for d in documents)
    return expectation.id in said


def _find_said(expectations: Sequence[Expectation], documents: Sequence[ReadDocument]) -> dict[str, str]:
    """Return by expectation the title of the first document that speaks of its matter.

    What only repeats policy, or tells of other places, speaks of nothing here.
    """
    said: dict[str, str] = {}
    patterns = {e.id: compile_phrases(e.said) for e in expectations}
    for document in documents:
        for sentence in document.sentences:
            words = write_plainly(sentence.quote)
            for expectation_id, pattern in patterns.items():
                match = None if expectation_id in said else pattern.search(words)
                if match is None:
                    continue
                context = Context(tuple(write_plainly(h) for h in sentence.headings if h != sentence.quote))
                if not pick(find_cues(words, *match.span(), context), _NO_STATEMENT):
                    said[expectation_id] = document.title
    return said


def _find_instead(expectation: Expectation, documents: Sequence[ReadDocument]) -> Citation | None:
    """Return the first sentence that tells what is proposed in place of the matter, where one does."""
    if expectation.instead is None:
        return None
    pattern = compile_phrases(expectation.instead.said)
    for document in documents:
        if not can_state_facts(document):
            continue
        for sentence in document.sentences:
            words = write_plainly(sentence.quote)
            match = pattern.search(words)
            if match is None or sentence.is_heading or sentence.is_row or words.count(" ") > _LONGEST_WORDS:
                continue
            context = Context(tuple(write_plainly(h) for h in sentence.headings if h != sentence.quote))
            is_ours = not pick(find_cues(words, *match.span(), context), _NOT_PROPOSED)
            if is_ours and (citation := document.cite(sentence)):
                return citation
    return None


def _tell(
    expectation: Expectation,
    scheme: Scheme,
    account: ReadingAccount,
    unread: Sequence[UnreadDocument],
    named_in: str | None,
    instead: Citation | None,
) -> Omission:
    why_open = "; ".join(_explain_doubt(expectation, account, unread, named_in)) or None
    return Omission(
        omission_id=name_omission(expectation.id),
        requirement_id=expectation.requirement_id,
        title=expectation.title,
        expected_in=expectation.expected_in,
        read_whole=why_open is None,
        text=expectation.text
        if why_open is None
        else f"Not found in what could be read: {expectation.title}.",
        is_asked=_may_wait(expectation, scheme),
        is_core=expectation.core,
        why_open=why_open,
        check=account.check,
        citations=(instead,) if instead and why_open is None else (),
    )


def _may_wait(expectation: Expectation, scheme: Scheme) -> bool:
    if expectation.decided_in == "access":
        return not scheme.decides_access
    return expectation.decided_in == "layout" and not scheme.decides_layout


def _explain_doubt(
    expectation: Expectation,
    account: ReadingAccount,
    unread: Sequence[UnreadDocument],
    named_in: str | None,
) -> Iterator[str]:
    """Yield what keeps silence from being certain."""
    if account.list_doubt:
        yield account.list_doubt
    if named_in is not None:
        yield f"{named_in} speaks of {expectation.title}, which is not among the documents"
    could = (*expectation.expected_in, *expectation.might_be_in)
    holding = [one for one in unread if can_hold(one.document_type, could)]
    for one in holding[:_NAMED]:
        yield f"{one.title}: {one.reason}"
    if len(holding) > _NAMED:
        yield f"{len(holding) - _NAMED} more documents were not read, or not whole"


def _list_partly_read(documents: Sequence[ReadDocument]) -> Iterator[UnreadDocument]:
    """Yield the documents of which something legible was not read."""
    for document in documents:
        text = document.text
        pages = [page.number for page in text.pages if page.reason]
        if text.state is not DocumentState.INDEXED or text.reason or pages:
            reason = (
                text.reason or f"page {pages[0]} could not be read"
                if pages or text.reason
                else "it has no text"
            )
            yield UnreadDocument(title=document.title, document_type=document.document_type, reason=reason)


def can_hold(document_type: str, expected_in: Collection[str]) -> bool:
    """Return whether what was not read of a document could be where a matter of such documents stands."""
    if document_type in load_gates().silent_types and document_type not in expected_in:
        return False
    return document_type in expected_in or document_type == "other"
