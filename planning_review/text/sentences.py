"""Sentences: where one ends.

A sentence ends at a stop with white space after it, where what follows could begin another. What else
counts differs by kind of text, and what is quoted, cut into passages or left out of a review rests on
each difference:

- ON_PAGES: text of documents, where lists, plan references and abbreviations are plenty. A new sentence may
  begin with a figure or a bullet, a closing quotation mark or bracket belongs to the old one.
- IN_REVIEWS: our own words. They cite "p. 4" and "No. 2" and use no other abbreviation, and a stop inside
  quotation marks ends a quote, not our sentence.
- IN_ANSWERS: a model's words, each sentence of which may be left out. A figure begins none, so that "para.
  4.2" is judged with its sentence.
- ends_sentence, for passages: they are cut between words, so it sees one word and nothing of what follows.
  "etc." and a small letter are abbreviations to it, "e.g.)" is none; another answer would cut every
  document's passages anew.
"""

import re
from dataclasses import dataclass

_CLOSING = r"[\"')\]’”]*"
_ABBREVIATIONS = r"e\.g|i\.e|approx|nos?|paras?|fig|st|mrs?|ms|dr|ltd|ref|vol|pp?|c"


@dataclass(frozen=True)
class SentenceEnds:
    """How sentences of one kind of text end.

    closing is what may stand between the stop and the white space, opening what the next sentence begins
    with; abbreviation finds at the end of a text a stop that ends no sentence.
    """

    closing: str
    opening: str
    abbreviation: re.Pattern[str] | None = None


# The letter of a revision, block or option ends a sentence as any word does: "drawing 12 Rev C."
_LETTERED = "".join(
    rf"(?<!{word} )" for word in ("rev", "block", "phase", "plot", "unit", "option", "parcel")
)

ON_PAGES = SentenceEnds(
    closing=_CLOSING,
    opening=r"[\"'(\[‘“]?[A-Z0-9•]",
    abbreviation=re.compile(
        rf"(?:\b(?:{_ABBREVIATIONS}|min|max|vs|cf|al|rd|ave|sect?|incl?|dept|{_LETTERED}(?-i:[A-Z])))\.[\"')\]]*$",
        re.I,
    ),
)
IN_REVIEWS = SentenceEnds(
    closing="", opening=r"[\"'“‘(]?[A-Z0-9]", abbreviation=re.compile(r"\b(?:p|No|Fig)\.$")
)
IN_ANSWERS = SentenceEnds(closing=r"[\"'”’)]?", opening=r"[\"'“‘(]?[A-Z]")

_LAST_OF_SENTENCE = re.compile(rf"[.!?]{_CLOSING}$")
_ABBREVIATED_WORD = re.compile(rf"(?:\b(?:{_ABBREVIATIONS}|etc|[A-Z]))\.$", re.IGNORECASE)


def split_sentences(text: str, ends: SentenceEnds) -> list[str]:
    """Return a text's sentences without the white space between them; an empty text is one of them."""
    sentences, start = [], 0
    for stop in re.finditer(rf"([.!?]{ends.closing})\s+(?={ends.opening})", text):
        sentence = text[start : stop.end(1)]
        if not (ends.abbreviation and ends.abbreviation.search(sentence)):
            sentences.append(sentence)
            start = stop.end()
    return [*sentences, text[start:]]


def ends_sentence(word: str) -> bool:
    """Return whether a word, with its punctuation, is the last of a sentence."""
    return bool(_LAST_OF_SENTENCE.search(word)) and not _ABBREVIATED_WORD.search(word)
