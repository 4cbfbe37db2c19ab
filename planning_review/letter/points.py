"""The points of a letter: proposal, policy, harm and ask, in words that no two points share."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from planning_review.letter.citing import PolicyNames, name_several
from planning_review.letter.contract import LetterCitation, LetterPoint, LetterPolicy
from planning_review.letter.matters import Matter, find_sum, quote_of
from planning_review.letter.notes import explain_difference, explain_line, explain_omission
from planning_review.letter.wording import (
    end_sentence,
    join_names,
    load_matters,
    load_wording,
    lower_first,
    raise_first,
    say_number,
)
from planning_review.models import name_place
from planning_review.policy.arguments import Argument, find_backing, load_arguments
from planning_review.policy.expectations import Expectation, expectations_by_id
from planning_review.policy.requirements import GOOD_PRACTICE, requirements_by_id
from planning_review.report.contract import Review
from planning_review.report.presentation import find_source, plain_text
from planning_review.rules.judgement import Citation, ComplianceLine, Contradiction, OtherMatter, Pointer

LONGEST_QUOTE_WORDS = 32
_FEWEST_SHARED = 2
_MOST_DIFFERING = 2
_MOST_TOLD = 3
"""Silences that are told each in its own words; more are named."""
_PARAGRAPH_NUMBER = re.compile(r"^\d+(?:\.\d+)+\.?\s+")
_STRESSED = re.compile(r"[a-z]{6,}")


class PointWriter:
    """Writes the points of one letter in turn; a frame or a quote that stands in one stands in no other."""

    def __init__(self, review: Review, policy_day: date, sources: frozenset[str]) -> None:
        self._review = review
        self._day = policy_day
        self._sources = sources
        self._documents = {document.document_id: document for document in review.documents}
        self._names = PolicyNames()
        self._used: dict[str, int] = {}
        self._quoted: set[str] = set()

    def write(self, matter: Matter) -> LetterPoint:
        """Return the next point."""
        if matter.other:
            return self._write_other(matter.other)
        if matter.differing:
            return self._write_differing(matter.differing)
        return self._write_silence(matter) if matter.omissions else self._write_lines(matter)

    def _next(self, frames: str) -> str:
        """Return the next frame of a list; they come round again only where a letter has more points."""
        choices: list[str] = load_wording()[frames]
        number = self._used.get(frames, 0)
        self._used[frames] = number + 1
        return choices[number % len(choices)]

    def _write_lines(self, matter: Matter) -> LetterPoint:
        lead, *others = matter.lines
        argument = _find_argument(lead)
        citations = [self.cite(lead)]
        proposal = [end_sentence(self._next("quotes").format(**_named(citations[0])))]
        for line in others:
            # What rests on the same quote needs no other.
            if quote_of(line).quote != quote_of(lead).quote:
                citation = self.cite(line)
                proposal.append(end_sentence(self._next("second_quotes").format(**_named(citation))))
                citations.append(citation)
        if lead.contradicted_by and lead.compliant is False:
            against = self._cite_quote(lead.contradicted_by.citation)
            proposal.append(end_sentence(self._next("other_quotes").format(**_named(against))))
            citations.append(against)
        if lead.decision and lead.decision.verdict == "corrected" and lead.decision.note:
            proposal.append(end_sentence(plain_text(lead.decision.note)))
        elif sum_words := next(filter(None, map(find_sum, matter.lines)), ""):
            proposal.append(end_sentence(raise_first(sum_words)))
        harm, ask = "", ""
        if matter.is_good:
            ask = self._next("keeps")
        else:
            own = self._review.review.letter_texts
            # What a person put right is not what the words were written for.
            name = "" if lead.decision and lead.decision.verdict == "corrected" else lead.requirement_id
            harm = own.harms.get(name, argument.harm)
            harm = " ".join(filter(None, (plain_text(harm), self._find_pointer(lead))))
            ask = plain_text(own.asks.get(name, argument.ask))
        policies, words = self._say_policy(matter)
        return LetterPoint(
            title=_title(lead),
            proposal=" ".join(proposal),
            policy=policies,
            policy_words=words,
            harm=harm,
            ask=ask,
            weight="core" if matter.is_core else "other",
            requirements=tuple(line.requirement_id for line in matter.lines),
            needs_a_person=next(filter(None, map(explain_line, matter.lines)), None),
            citations=tuple(citations),
        )

    def _write_other(self, other: OtherMatter) -> LetterPoint:
        """Return the point on what a model raised: its words, its quotes, and policy by name alone."""
        citations = [self._cite_quote(citation) for citation in other.citations]
        frames = ["quotes", *["second_quotes"] * (len(citations) - 1)]
        said = [self._next(frame).format(**_named(c)) for frame, c in zip(frames, citations, strict=True)]
        name = self._names.name(other.policy_source, other.edition, other.paragraph)
        policy = LetterPolicy(
            policy_source=other.policy_source,
            edition=other.edition,
            paragraph=other.paragraph,
            text="",
        )
        return LetterPoint(
            title=raise_first(plain_text(other.title)),
            proposal=" ".join(map(end_sentence, said)),
            policy=(policy,),
            policy_words=self._next("bears").format(policy=name),
            harm=end_sentence(plain_text(other.text)),
            ask=end_sentence(plain_text(other.ask)),
            weight="other",
            requirements=(other.matter_id,),
            needs_a_person=None if other.decision else other.needs_check or None,
            citations=tuple(citations),
        )

    def _write_differing(self, differing: Sequence[Contradiction]) -> LetterPoint:
        """Return the point on where documents differ: two of them at most, with both quotes of each."""
        told = differing[:_MOST_DIFFERING]
        citations: list[LetterCitation] = []
        said = []
        for found in told:
            one, other = (self._cite_quote(citation) for citation in found.citations[:2])
            said.append(end_sentence(self._next("quotes").format(**_named(one))))
            frame = "left_out" if found.is_left_out else "other_quotes"
            said.append(end_sentence(self._next(frame).format(**_named(other))))
            citations += [one, other]
        policies, words = self._say_differing_policy(told)
        wording = load_wording()["differing"]
        kinds = ["left_out" if found.is_left_out else "differs" for found in told]
        return LetterPoint(
            title=raise_first(wording["title"].format(subjects=_join_subjects(told))),
            proposal=" ".join(said),
            policy=policies,
            policy_words=words,
            harm=" ".join(dict.fromkeys(wording["harms"][kind] for kind in kinds)),
            ask=" ".join(dict.fromkeys(wording["asks"][kind] for kind in kinds)),
            weight="other",
            requirements=tuple(found.contradiction_id for found in told),
            needs_a_person=next(filter(None, map(explain_difference, told)), None),
            citations=tuple(citations),
        )

    def _say_differing_policy(
        self, differing: Sequence[Contradiction]
    ) -> tuple[tuple[LetterPolicy, ...], str]:
        """Return the policies that what differs bears on, each named once."""
        known = requirements_by_id()
        cited = [
            (requirement, found_text)
            for found in differing
            if (requirement := known.get(found.requirement_id))
            and (found_text := requirement.citation_on(self._day, self._sources))
        ]
        policies = [
            LetterPolicy(
                policy_source=text.source,
                edition=edition.edition,
                paragraph=paragraph,
                text=text.requirement or requirement.requirement,
            )
            for requirement, (text, edition, paragraph) in cited
            if text.source != GOOD_PRACTICE
        ]
        names = [
            self._names.name(*key)
            for key in dict.fromkeys((p.policy_source, p.edition, p.paragraph) for p in policies)
        ]
        words = self._next("bears").format(policy=join_names(names)) if names else ""
        return tuple(dict.fromkeys(policies)), raise_first(words)

    def welcome(self, line: ComplianceLine, frame: str) -> str:
        """Return what is good in the application, by its own words."""
        citation = self.cite(line)
        return frame.format(quote=citation.quote.rstrip("."), label=citation.label)

    def _say_policy(self, matter: Matter) -> tuple[tuple[LetterPolicy, ...], str]:
        lead = matter.lines[0]
        shown = {quote_of(line).quote: line for line in reversed(matter.lines)}
        policies = [_as_policy(line) for line in matter.lines if line in shown.values()]
        asks_for = _find_argument(lead).asks_for
        policy = self._names.name(lead.policy_source, lead.edition, lead.paragraph)
        if _is_own_wording(lead):
            frame = self._next("meets" if matter.is_good else "asks")
            words = frame.format(policy=policy, asks_for=asks_for, s=_end_verb(lead.paragraph))
        else:
            words = self._next("states").format(policy=policy, requirement=lower_first(lead.requirement))
        sentences = [raise_first(words), *self._say_second_policy(matter)]
        if not matter.is_good and lead.policy_source != "NPPF":
            requirement = requirements_by_id().get(lead.requirement_id)
            backed = find_backing(requirement.aspect, self._day, self._sources) if requirement else None
            if backed and "backed" not in self._used:
                name = self._names.name(backed.source, backed.edition, backed.paragraph)
                sentences.append(raise_first(self._next("backed").format(policy=name, clause=backed.clause)))
                policies.append(
                    LetterPolicy(
                        policy_source=backed.source,
                        edition=backed.edition,
                        paragraph=backed.paragraph,
                        text=backed.clause,
                    )
                )
        if not matter.is_good:
            for own, sentence in self._quote_local(lead.requirement_id):
                policies.append(own)
                sentences.append(sentence)
        return tuple(dict.fromkeys(policies)), " ".join(sentences)

    def _quote_local(self, requirement_id: str) -> Iterator[tuple[LetterPolicy, str]]:
        """Yield what the plan, else the county, says on a matter, where no point has quoted it yet."""
        for own in self._review.review.local_policies.get(requirement_id, ())[:1]:
            if own.quote in self._quoted:
                return
            self._quoted.add(own.quote)
            policy = LetterPolicy(
                policy_source=own.source, edition=own.edition, paragraph=own.paragraph, text=own.quote
            )
            name = self._names.name(own.source, own.edition, own.paragraph)
            frame = self._next("local")
            yield (
                policy,
                raise_first(end_sentence(frame.format(policy=name, quote=_shorten(own.quote, None)))),
            )

    def _say_second_policy(self, matter: Matter) -> Iterator[str]:
        """Yield what is asked for by the policy of a second quote, where it is another."""
        lead = matter.lines[0]
        for line in matter.lines[1:]:
            is_other = (line.policy_source, line.paragraph) != (lead.policy_source, lead.paragraph)
            if matter.is_good or not is_other or quote_of(line).quote == quote_of(lead).quote:
                continue
            name = self._names.name(line.policy_source, line.edition, line.paragraph)
            asks_for = _find_argument(line).asks_for
            frame = self._next("second_asks")
            yield raise_first(frame.format(policy=name, asks_for=asks_for, s=_end_verb(line.paragraph)))

    def _write_silence(self, matter: Matter) -> LetterPoint:
        rows = [expectations_by_id()[o.omission_id.removeprefix("missing-")] for o in matter.omissions]
        frame = self._next("silences" if len(rows) <= _MOST_TOLD else "joined_silences")
        text = " ".join(omission.text for omission in matter.omissions[:_MOST_TOLD])
        said = [
            frame.format(
                read=self._say_read(),
                text=text,
                lower=f"{lower_first(text)}.",
                matters=join_names([row.title for row in rows]),
            )
        ]
        citations: list[LetterCitation] = []
        for row, omission in zip(rows, matter.omissions, strict=True):
            # One is enough to show what the application speaks of.
            if row.instead and omission.citations and not citations:
                citations.append(self._cite_quote(omission.citations[0]))
                lead = row.instead.lead.format(label=citations[0].label)
                said.append(end_sentence(f"{lead} “{citations[0].quote}”"))
        policies = [policy for row in rows if (policy := policy_of(row, self._day, self._sources))]
        words = [self._say_silent_policy(policies)]
        for policy, sentence in self._quote_local(rows[0].requirement_id):
            policies.append(policy)
            words.append(sentence)
        return LetterPoint(
            title=_title_silence(matter, rows),
            proposal=" ".join(said),
            policy=tuple(dict.fromkeys(policies)),
            policy_words=" ".join(words),
            harm=rows[0].harm if len(rows) <= _MOST_TOLD else " ".join(r.harm for r in rows[:_FEWEST_SHARED]),
            ask=self._next("requests").format(ask=join_names([row.ask for row in rows])),
            weight="core" if matter.is_core else "other",
            requirements=tuple(omission.omission_id for omission in matter.omissions),
            needs_a_person=next(filter(None, map(explain_omission, matter.omissions)), None),
            citations=tuple(citations),
        )

    def _say_silent_policy(self, policies: Sequence[LetterPolicy]) -> str:
        """Return what the policies behind silences ask for: the first two, each paragraph named once."""
        asked: dict[tuple[str, str, str], list[str]] = {}
        for policy in policies[:_FEWEST_SHARED]:
            asked.setdefault((policy.policy_source, policy.edition, policy.paragraph), []).append(policy.text)
        sentences = [
            self._next("asks").format(
                policy=self._names.name(*key), asks_for=_join_asked(texts), s=_end_verb(key[2])
            )
            for key, texts in asked.items()
        ]
        return " ".join(map(raise_first, sentences))

    def _say_read(self) -> str:
        count = sum(document.state.value == "indexed" for document in self._review.documents)
        if count == 1:
            return "the one document that was submitted"
        if count == 2:
            return "both documents of the application"
        return f"all {say_number(count)} documents of the application"

    def cite(self, line: ComplianceLine) -> LetterCitation:
        """Return a quote of a line, one that no point has where there is one."""
        fresh = [c for c in line.citations if c.verified and c.quote not in self._quoted]
        citation = fresh[0] if fresh else quote_of(line)
        return self._cite_quote(citation)

    def _cite_quote(self, citation: Citation) -> LetterCitation:
        self._quoted.add(citation.quote)
        source = find_source(self._documents, citation)
        bare = _PARAGRAPH_NUMBER.sub("", plain_text(citation.quote))
        title = re.sub(r"^the\s+", "", source.title, flags=re.IGNORECASE)
        return LetterCitation(
            document_id=citation.document_id,
            title=source.title,
            page=citation.page,
            quote=_shorten(bare, self._find_cue(citation.quote)),
            label=f"{title}, {name_place(citation.page, citation.part, citation.part_page)}",
            url=source.url,
        )

    def _find_cue(self, quote: str) -> str | None:
        """Return the words of a quote that decided, as a fact of it tells them."""
        for fact in self._review.review.facts:
            if fact.cues and any(citation.quote == quote for citation in fact.citations):
                return fact.cues[0]
        return None

    def _find_pointer(self, line: ComplianceLine) -> str:
        """Return what others say of the same place and thing, with its source; "" where nobody does."""
        if not line.place:
            return ""
        stressed = set(_STRESSED.findall(quote_of(line).quote.casefold()))
        for pointer in self._review.review.pointers:
            words = set(_STRESSED.findall(pointer.quote.casefold()))
            if line.place in pointer.quote and len(stressed & words) >= _FEWEST_SHARED:
                return self._say_pointer(pointer)
        return ""

    def _say_pointer(self, pointer: Pointer) -> str:
        if pointer.quote in self._quoted:
            return ""
        self._quoted.add(pointer.quote)
        document = self._documents[pointer.document_id]
        place = name_place(pointer.page, pointer.part, pointer.part_page)
        return str(
            load_wording()["noted"].format(
                speaker=raise_first(pointer.speaker),
                quote=_shorten(plain_text(pointer.quote), None),
                label=f"{plain_text(document.title)}, {place}",
            )
        )


def name_reason(matter: Matter) -> str:
    """Return a matter as a clause: "a shared path is too narrow"; "" for what a model raised."""
    if matter.other:
        return ""
    if matter.differing:
        subjects = _join_subjects(matter.differing[:_MOST_DIFFERING])
        return str(load_wording()["differing"]["title"].format(subjects=subjects))
    if matter.omissions:
        return lower_first(matter.omissions[0].text)
    line = matter.lines[0]
    requirement = requirements_by_id().get(line.requirement_id)
    if requirement is None:
        return f"{plain_text(line.requirement_id.replace('-', ' '))} falls short"
    return requirement.breach_note if line.compliant is False else requirement.title


def _find_argument(line: ComplianceLine) -> Argument:
    # A review may be older than the requirements, and know one that has gone since.
    known = load_arguments().get(line.requirement_id)
    return known or Argument(
        asks_for=lower_first(plain_text(line.requirement)),
        harm="",
        ask="We ask for this to be put right.",
        reason="to put this right",
    )


def _is_own_wording(line: ComplianceLine) -> bool:
    """Return whether a line's requirement is as usual: not as an edition words it that asks for less."""
    requirement = requirements_by_id().get(line.requirement_id)
    return requirement is None or line.requirement == requirement.requirement


def _as_policy(line: ComplianceLine) -> LetterPolicy:
    return LetterPolicy(
        policy_source=line.policy_source,
        edition=line.edition,
        paragraph=line.paragraph,
        text=line.requirement,
    )


def _title(line: ComplianceLine) -> str:
    """Return what is wrong where a line is not met, else what it is about, with its place."""
    requirement = requirements_by_id().get(line.requirement_id)
    if requirement is None:
        title = plain_text(line.requirement_id.replace("-", " "))
    else:
        title = requirement.breach_note if line.compliant is False else requirement.title
    return f"{plain_text(line.place)}: {title}" if line.place else raise_first(title)


def _end_verb(paragraph: str) -> str:
    return "" if name_several(paragraph) else "s"


def _join_asked(texts: Sequence[str]) -> str:
    """Return what one paragraph asks for, a condition that two share once."""
    conditions = {text.partition(" where ")[2] for text in texts}
    if len(texts) > 1 and len(conditions) == 1:
        texts = [*(text.partition(" where ")[0] for text in texts[:-1]), texts[-1]]
    return " and for ".join(texts)


def policy_of(row: Expectation, on: date, sources: Collection[str]) -> LetterPolicy | None:
    """Return the policy that asks for what is expected; None where none is verified on the day."""
    cited = row.citation_on(on, sources)
    if cited is None:
        return None
    text, edition, paragraph = cited
    return LetterPolicy(
        policy_source=text.source, edition=edition.edition, paragraph=paragraph, text=row.asks_for
    )


def _join_subjects(differing: Sequence[Contradiction]) -> str:
    """Return what documents differ on, with the places that are named."""
    return join_names(
        [plain_text(f"{found.subject}{f' at {found.place}' if found.place else ''}") for found in differing]
    )


def _title_silence(matter: Matter, rows: Sequence[Expectation]) -> str:
    """Return what is missing: by the cause that several silences share, or by its own title."""
    if len(rows) == 1:
        return f"Missing: {rows[0].title}"
    causes = {load_matters().get(omission.omission_id) for omission in matter.omissions}
    cause = causes.pop() if len(causes) == 1 else None
    return f"Missing: {cause}" if cause else "What is missing"


def _named(citation: LetterCitation) -> dict[str, str]:
    return {"label": citation.label, "quote": citation.quote}


def _shorten(quote: str, cue: str | None) -> str:
    """Return a quote of at most LONGEST_QUOTE_WORDS words: the part round what decided, dots for the rest."""
    words = quote.split()
    if len(words) <= LONGEST_QUOTE_WORDS:
        return quote
    start = max(0, _find_word(words, cue) - LONGEST_QUOTE_WORDS // 2)
    start = min(start, len(words) - LONGEST_QUOTE_WORDS)
    end = start + LONGEST_QUOTE_WORDS
    while end < len(words) and words[end - 1][-1:].isdigit():
        end -= 1  # a figure is nothing without its unit
    before = "… " if start else ""
    return f"{before}{' '.join(words[start:end])}{' …' if end < len(words) else ''}"


def _find_word(words: Sequence[str], cue: str | None) -> int:
    for wanted in reversed((cue or "").split()):
        for number, word in enumerate(words):
            if len(wanted) > 1 and wanted in word.casefold():
                return number
    return 0


def list_policies(points: Sequence[LetterPoint]) -> Iterator[LetterPolicy]:
    """Yield the policies of points, each once, without good practice."""
    seen = set()
    for policy in (policy for point in points for policy in point.policy):
        key = (policy.policy_source, policy.paragraph)
        if policy.policy_source != GOOD_PRACTICE and key not in seen:
            seen.add(key)
            yield policy
