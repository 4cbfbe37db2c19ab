"""A model's sentences held against what is known: one that says more than it may is left out."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from planning_review.policy.editions import edition_in_force, load_editions
from planning_review.text.sentences import IN_ANSWERS, split_sentences

_MARKUP = re.compile(r"<[^>]{0,200}>|[*_`#|~\[\]<>\\]+|^\s*[-•]\s+", re.MULTILINE)
_LINK = re.compile(r"https?:|www\.|\b[\w.-]+@[\w.-]+\.\w|\b[\w-]+\.(?:com|org|net|uk|gov)\b", re.IGNORECASE)
_ADDRESSED = re.compile(
    r"\b(?:as (?:instructed|told|directed)|instruction|system prompt|language model|as an ai\b"
    r"|ignor\w+ (?:all|any|the|previous))",
    re.IGNORECASE,
)
_LTN = re.compile(r"\bLTN\s*[-–]?\s*0?1\s*[/-]\s*20\b|\blocal transport note\b", re.IGNORECASE)
_BINDING = re.compile(
    r"\b(?:requir|mandat|demand|oblig|must\b|insist|stipulat|prescrib|impos|compel|enforc|statutor|law\b|legal|need)",
    re.IGNORECASE,
)
_POLICY = re.compile(r"\bNPPF\b|\bframework\b|\bedition\b|\bLTN\b|\bpolicy\b|\bguidance\b", re.IGNORECASE)
_MONTH_YEAR = re.compile(
    r"\b((?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r" (?:19|20)\d\d)\b"
)
_NPPF_YEAR = re.compile(
    r"\b(?:NPPF|framework)\W{0,3}(?:\w+\W{1,2})?((?:19|20)\d\d)\b|\b((?:19|20)\d\d)\W{1,2}(?:NPPF|framework)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\b(?:para(?:graph)?s?\.?|policy|table)\s*((?:[A-Z]{1,4}\s?)?\d[\d.]*(?:\([a-z0-9]\))*)|\b((?:TR|DP|DM)\d+)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)*)\s*"
    r"(?:m\b|mm\b|cm\b|km\b|metres?|kilomet|miles?\b|mph|kph|km/h|%|per ?cent|minutes?|"
    r"(?:\w+\s)?(?:spaces|stands|dwellings|homes|units|vehicles|cyclists|trips|people|parking))",
    re.IGNORECASE,
)
_RATED = re.compile(r"\brat(?:ed|es|ing|e)\b|\boverall\b|\bverdict\b|\bscor", re.IGNORECASE)
_COLOUR = re.compile(r"\b(red|amber|green)\b", re.IGNORECASE)
_ALL_WELL = re.compile(
    r"\bno (?:\w+ )?(?:breach|conflict|concern|objection|issue|problem|shortcoming|harm)|"
    r"\b(?:fully|wholly|entirely|completely) (?:\w+ )?(?:compl|accept|satisf|meet|accord)|"
    r"\b(?:compl|accord|meet|satisf)\w* (?:with )?(?:all|every)\b|"
    r"\ball (?:\w+ )?(?:requirements|policies|standards)? ?(?:are|is|were) (?:met|satisfied)",
    re.IGNORECASE,
)


@dataclass
class TextCheck:
    """What a model's texts may refer to: what it was shown, and the editions in force on the day.

    left_out gathers why sentences were left out, one reason a sentence.
    """

    policy_day: date
    material: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def keep_sound(self, text: str, most_words: int, has_breach: bool, *, may_measure: bool = False) -> str:
        """Return a text as plain sentences, without those at fault, in at most so many words.

        may_measure: its figures may be read off a picture, which no text shows.
        """
        kept = []
        for sentence in split_sentences(make_plain(text), IN_ANSWERS):
            if fault := self.find_fault(sentence, has_breach, may_measure=may_measure):
                self.left_out.append(fault)
            else:
                kept.append(sentence)
        return cut_words(kept, most_words)

    def find_fault(self, sentence: str, has_breach: bool, *, may_measure: bool = False) -> str | None:
        """Return what is wrong with a sentence, None where nothing is."""
        if _LINK.search(sentence):
            return "a link"
        if _ADDRESSED.search(sentence):
            return "words about instructions"
        if _LTN.search(sentence) and _BINDING.search(sentence):
            return "a claim that LTN 1/20 is required"
        if self._names_another_edition(sentence):
            return "a policy edition that is not in force"
        if any(not self._was_shown(one or other) for one, other in _REFERENCE.findall(sentence)):
            return "a policy reference that it was not given"
        figures = [] if may_measure else _FIGURE.findall(sentence)
        if any(not self._was_shown(figure) for figure in figures):
            return "a figure that it was not given"
        if has_breach and _ALL_WELL.search(sentence):
            return "praise in the face of a breach"
        if _RATED.search(sentence) and _COLOUR.search(sentence):
            return "a rating in words"
        return None

    def _names_another_edition(self, sentence: str) -> bool:
        if not _POLICY.search(sentence):
            return False
        current = [e.edition for s in _sources() if (e := edition_in_force(s, self.policy_day))]
        known = {edition.edition for edition in load_editions()}
        if any(named in known and named not in current for named in _MONTH_YEAR.findall(sentence)):
            return True
        nppf = edition_in_force("NPPF", self.policy_day)
        years = [one or other for one, other in _NPPF_YEAR.findall(sentence)]
        return any(nppf is None or year not in nppf.edition for year in years)

    def _was_shown(self, token: str) -> bool:
        wanted = re.compile(rf"(?<![\w.,]){re.escape(token.rstrip('.,'))}(?![\w]|[.,]\d)", re.IGNORECASE)
        return any(wanted.search(text) for text in self.material)


def make_plain(text: str) -> str:
    """Return a text without markup, control or hidden characters, on one line."""
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(_MARKUP.sub(" ", visible).split())


def cut_words(sentences: Sequence[str], most_words: int) -> str:
    """Return the sentences that fit; where not even the first does, its beginning."""
    kept: list[str] = []
    room = most_words
    for sentence in sentences:
        words = sentence.split()
        if len(words) > room:
            break
        kept.append(sentence)
        room -= len(words)
    if not kept and sentences:
        return " ".join(sentences[0].split()[:most_words]) + " …"
    return " ".join(kept)


def _sources() -> Iterable[str]:
    return dict.fromkeys(edition.source for edition in load_editions())
