"""What a model raises beyond the requirements, held against its sources: what can't be shown is left out."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from planning_review.model.answers import (
    ASK_WORDS,
    MATTER_WORDS,
    MOST_MATTERS,
    TITLE_WORDS,
    MatterGiven,
    MattersAnswer,
    PlaceGiven,
)
from planning_review.model.checking import QuoteGate
from planning_review.model.fencing import clean_line
from planning_review.model.lenient import good_text, keep_good
from planning_review.model.looking import Looking
from planning_review.model.text_checks import TextCheck
from planning_review.model.whole import WHOLE_TYPES, WholeTexts
from planning_review.rules.judgement import Citation, ComplianceLine, Judgement, OtherMatter, Picture
from planning_review.rules.reviewer import ReadingAccount

_FEWEST_COMPARED = 2


class _Unproven(Exception):
    """A matter that its sources don't show; the message is the reason."""


@dataclass(frozen=True)
class MatterCheck:
    """What a matter may rest on."""

    floor: Judgement
    gate: QuoteGate
    texts: TextCheck
    looking: Looking
    whole: WholeTexts
    account: ReadingAccount

    def check(self, answer: MattersAnswer) -> tuple[OtherMatter, ...]:
        """Return the matters that stand, each once; texts.left_out gathers why others don't."""
        kept: dict[str, OtherMatter] = {}
        for given in keep_good(answer.matters, MatterGiven)[:MOST_MATTERS]:
            try:
                matter = self._check(given)
            except _Unproven as reason:
                self.texts.left_out.append(str(reason))
            else:
                kept.setdefault(matter.matter_id, matter)
        return tuple(kept.values())

    def _check(self, given: MatterGiven) -> OtherMatter:
        citations, dropped = self.gate.check(given.quotes)
        if dropped:
            # What it says may hang on the quote that is not there.
            raise _Unproven("a matter with a quote that is not in the documents")
        source, edition, paragraph = self._find_policy(given.policy)
        pictures: tuple[Picture, ...] = ()
        read_whole: tuple[str, ...] = ()
        if given.kind == "picture":
            pictures = self._find_pictures(given)
        elif given.kind == "missing":
            read_whole = self._find_read_whole(given)
        elif len(citations) < (_FEWEST_COMPARED if given.kind == "comparison" else 1):
            raise _Unproven("a matter without quotes that show it")
        is_picture = given.kind == "picture"
        title = self.texts.keep_sound(given.title, TITLE_WORDS, has_breach=True)
        text = self.texts.keep_sound(given.text, MATTER_WORDS, has_breach=True, may_measure=is_picture)
        if not (title and text):
            raise _Unproven("a matter whose words say more than its sources")
        return OtherMatter(
            matter_id=_make_id(given, citations),
            kind=given.kind,
            title=title.rstrip("."),
            text=text,
            ask=self.texts.keep_sound(good_text(given.ask), ASK_WORDS, has_breach=True),
            policy_source=source,
            edition=edition,
            paragraph=paragraph,
            citations=citations,
            pictures=pictures,
            read_whole=read_whole,
            needs_check=_say_check(given.kind),
        )

    def _find_policy(self, policy: str) -> tuple[str, str, str]:
        lines: Mapping[str, ComplianceLine] = {
            line.requirement_id: line for line in self.floor.policy_compliance
        }
        if line := lines.get(policy.strip()):
            return line.policy_source, line.edition, line.paragraph
        if passage := self.looking.policies.get(clean_line(policy).strip("() ")):
            return passage.source, passage.edition, passage.paragraph
        raise _Unproven("a matter on a policy that it was not shown")

    def _find_pictures(self, given: MatterGiven) -> tuple[Picture, ...]:
        """Return the pictures that a matter rests on, each of which the model was really shown."""
        named = [(self.gate.find_id(p.document_id), p.page) for p in keep_good(given.pictures, PlaceGiven)]
        shown = [self.looking.pictures.get((document or "", page)) for document, page in named]
        seen = [picture for picture in shown if picture is not None]
        if not seen or len(seen) < len(shown):
            raise _Unproven("a matter on a picture that it was not shown")
        return tuple(seen)

    def _find_read_whole(self, given: MatterGiven) -> tuple[str, ...]:
        """Return the documents in which something is missing: each sent whole, and the rules are silent."""
        named = [self.gate.find_id(name) for name in keep_good(given.missing_from, str)]
        lines = {line.requirement_id: line for line in self.floor.policy_compliance}
        line = lines.get(given.policy.strip())
        if line is None or line.compliant is not None or line.citations:
            raise _Unproven("something missing that is not one requirement on which nothing is found")
        if any(omission.requirement_id == line.requirement_id for omission in self.floor.omissions):
            raise _Unproven("something missing that the rules list already")
        if self.account.list_doubt or any(d.document_type in WHOLE_TYPES for d in self.account.unread):
            raise _Unproven("something missing where not all documents were read")
        if not named or not all(name and self.whole.has_all_of(name) for name in named):
            raise _Unproven("something missing from documents that were not read whole")
        return tuple(dict.fromkeys(filter(None, named)))


def _say_check(kind: str) -> str:
    """Return why a person has to look first, "" where the quotes are enough."""
    if kind == "picture":
        return "a model read it off a drawing: look at the picture"
    return "a model found nothing of it: look through the documents named" if kind == "missing" else ""


def _make_id(given: MatterGiven, citations: tuple[Citation, ...]) -> str:
    """Return a matter's name, the same for the same evidence whatever the words."""
    evidence = list(_list_evidence(given, citations))
    return f"matter-{hashlib.sha256('|'.join([given.kind, *sorted(evidence)]).encode()).hexdigest()[:8]}"


def _list_evidence(given: MatterGiven, citations: tuple[Citation, ...]) -> Iterator[str]:
    yield given.policy.strip()
    yield from (f"{c.document_id} {c.page} {c.quote}" for c in citations)
    if not citations:
        yield given.title.casefold()
