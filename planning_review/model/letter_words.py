"""A model's words for a letter: each sentence may name, count and cite only what its own sources hold."""

import re
from collections.abc import Mapping, Sequence

from planning_review.model.answers import ASK_WORDS, HARM_WORDS, OPENING_WORDS, PointGiven, TextsAnswer
from planning_review.model.lenient import good_text, keep_good
from planning_review.model.text_checks import TextCheck, cut_words, make_plain
from planning_review.models import Application
from planning_review.policy.arguments import load_arguments
from planning_review.policy.requirements import requirements_by_id
from planning_review.rules.judgement import ComplianceLine, Judgement, LetterTexts
from planning_review.rules.rating import is_settled
from planning_review.text.numbers import NUMBER_WORDS
from planning_review.text.sentences import IN_ANSWERS, split_sentences

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_DOCUMENT = re.compile(
    r"\b(?:(?:transport|planning|design(?: and access)?|environmental|heritage|flood risk|construction|"
    r"traffic|travel|road safety|access|parking)\s)+"
    r"(?:assessment|statement|plan|audit|note|strategy|report)\b|\bdrawing\b",
    re.IGNORECASE,
)
_STANCE = re.compile(
    r"\b(?:object|support|refus|approv|reject|permi(?:t|ssion)|grant|welcom|condition)\w*", re.IGNORECASE
)
_ALWAYS_KNOWN = frozenset(
    ("i", "we", "our", "the", "this", "that", "council", "cycling", "english", "british")
)
# One and two are words of style ("one of them"): a model that counts by them is held by what it counts.
_COUNTED = tuple(word for word, value in NUMBER_WORDS.items() if value > 2)


def write_letter_texts(
    answer: TextsAnswer,
    judgement: Judgement,
    application: Application,
    titles: Mapping[str, str],
    day: TextCheck,
) -> LetterTexts:
    """Return the words that stand; what does not is left to the letter's own wording.

    day holds the day's policy editions; its left_out gathers why sentences were left out.
    """
    lines = {line.requirement_id: line for line in list_breaches(judgement)}
    shared = [text for text in (application.proposal, application.site_address, application.parish) if text]
    sources = {name: [*shared, *_list_sources(line, titles)] for name, line in lines.items()}
    harms: dict[str, str] = {}
    asks: dict[str, str] = {}
    for point in keep_good(answer.points, PointGiven):
        if point.requirement_id not in sources or point.requirement_id in harms:
            continue
        of = sources[point.requirement_id]
        if harm := _keep(good_text(point.harm), of, HARM_WORDS, day):
            harms[point.requirement_id] = harm
        if ask := _keep(good_text(point.ask), of, ASK_WORDS, day):
            asks[point.requirement_id] = ask
    everything = [text for texts in sources.values() for text in texts]
    opening = _keep(good_text(answer.opening), everything, OPENING_WORDS, day, without_stance=True)
    return LetterTexts(opening=opening, of=tuple(lines) if opening else (), harms=harms, asks=asks)


def list_breaches(judgement: Judgement) -> list[ComplianceLine]:
    """Return the lines that a letter may object to."""
    return [line for line in judgement.policy_compliance if line.compliant is False and is_settled(line)]


def _list_sources(line: ComplianceLine, titles: Mapping[str, str]) -> list[str]:
    requirement = requirements_by_id()[line.requirement_id]
    argument = load_arguments().get(line.requirement_id)
    policy = f"{line.policy_source} ({line.edition}), {line.paragraph}"
    own = [line.requirement, policy, requirement.title, requirement.breach_note, line.place or ""]
    if argument:
        own += [argument.asks_for, argument.harm, argument.ask]
    quoted = [text for c in line.citations if c.verified for text in (c.quote, titles.get(c.document_id, ""))]
    return [*own, *quoted, *(found.detail for found in line.findings or ())]


def _keep(
    text: str, sources: Sequence[str], most_words: int, day: TextCheck, *, without_stance: bool = False
) -> str:
    """Return the sentences of a text that stand in its sources."""
    check = TextCheck(day.policy_day, list(sources))
    kept = []
    for sentence in split_sentences(make_plain(text), IN_ANSWERS):
        fault = check.find_fault(sentence, has_breach=True) or _find_unknown(sentence, sources)
        if not fault and without_stance and _STANCE.search(sentence):
            fault = "a stance, which the letter takes"
        if fault:
            day.left_out.append(fault)
        else:
            kept.append(sentence)
    return cut_words(kept, most_words) if sum(len(s.split()) for s in kept) <= most_words else ""


def _find_unknown(sentence: str, sources: Sequence[str]) -> str | None:
    held = " ".join(sources)
    figures = set(_NUMBER.findall(held))
    if any(number.rstrip(".,") not in figures for number in _NUMBER.findall(sentence)):
        return "a figure that it was not given"
    words = {word.casefold() for word in _WORD.findall(held)}
    known = words | {word.removesuffix("'s").removesuffix("’s") for word in words} | _ALWAYS_KNOWN
    given = _WORD.findall(sentence)
    if any(word.casefold() in _COUNTED and word.casefold() not in known for word in given):
        return "a figure that it was not given"
    # The first word has its capital from the sentence, unless it is one of a name.
    named = [word for word in given[1:] if word[:1].isupper()]
    named += [word for word in given[:1] if len(given) > 1 and given[1][:1].isupper()]
    if any(word.casefold().removesuffix("'s").removesuffix("’s") not in known for word in named):
        return "a name that is not in its sources"
    folded = held.casefold()
    if any(found[0].casefold() not in folded for found in _DOCUMENT.finditer(sentence)):
        return "a document that is not in its sources"
    return None
