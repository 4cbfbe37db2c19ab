"""Folds: texts brought to one form, so that what a purpose counts as equal is equal.

Each hides what its texts differ in by accident, and keeps what its purpose must tell apart. All but
fold_visible hide case, all hide how white space is set:

- fold_case_and_space (names, quotes and passages said twice) hides nothing else.
- fold_for_phrases (titles, categories, addresses) leaves words: punctuation parts them, apostrophes do not,
  and words written together are parted.
- fold_label (labels of a register's pages) leaves letters and figures, written together.
- fold_for_quantities (proposals) drops apostrophes; punctuation stays, as "1,200" and "(2 flats)" need it.
- fold_for_patterns (sentences) makes quotes, dashes and fractions plain; punctuation parts clauses.
- fold_lines (pages that tell what a document is) keeps lines, as forms are known by theirs.
- fold_visible (pages searched for words to a machine) drops what no reader sees; the rest can be quoted.
- fold_quote (quotes, and the pages they are cited from) drops white space and hyphens altogether, as
  extraction sets both anew, and remembers where each character stood.

Verdicts, classes, reasons and verified quotes rest on these differences: none stands in for another.
"""

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_PATTERN_FRACTIONS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75"})
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)
_VISIBLE_QUOTES = str.maketrans("\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb", '\'\'\'"""""')
_QUOTED_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛`´′", "'") | dict.fromkeys("“”„‟«»″", '"'))
# Raised figures after a figure are a power, and figures of their own: after a letter ("m²") OCR and
# people write them plainly.
_RAISED = re.compile("(?<=[0-9])[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NOT_QUOTED = frozenset("-‐‑‒–—―−­\u200b\u200c\u200d\ufeff\uf0b7")


def fold_case_and_space(text: str) -> str:
    """Return a text on one line whatever its case and spacing; nothing else is hidden."""
    return " ".join(text.casefold().split())


def fold_for_phrases(text: str) -> str:
    """Return a title, category or file name as plain lower-case words, one space between them.

    `PublicComment_12` and `Public Comment(s) – 12` both come out as words that a phrase can meet.
    """
    text = unicodedata.normalize("NFKC", text).replace("(s)", "s").replace("&", " and ")
    # Invisible characters and apostrophes stand inside words, everything else between them.
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" and c not in "'’‘`")
    text = re.sub(r"(?<=[a-z]{2})(?=[A-Z][a-z])|(?<=[A-Za-z]{3})(?=\d)", " ", text)
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def fold_label(label: str) -> str:
    """Return a label without case, spaces, punctuation and sort arrows, to be compared whole."""
    return "".join(char for char in label.casefold() if char.isalnum())


def fold_for_quantities(text: str) -> str:
    """Return a proposal in lower case on one line, without apostrophes and with plain hyphens."""
    text = unicodedata.normalize("NFKC", drop_raised_figures(text)).casefold()
    text = re.sub(r"[‐-―−]", "-", re.sub(r"['’‘]", "", text))
    return re.sub(r"\s+", " ", text)


def fold_for_patterns(text: str) -> str:
    """Return a sentence in the one form that the rules' patterns are written for.

    Lower case on one line, with plain hyphens and straight quotes, and fractions as decimals.
    """
    text = drop_raised_figures(text).translate(_PATTERN_FRACTIONS)
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"[‐‑‒–—―−]", "-", text).replace("\u00ad", "")
    text = re.sub(r"[‘’‚`´′]", "'", text)
    text = re.sub(r"[“”„″]", '"', text)
    return " ".join(text.split())


def fold_lines(text: str) -> str:
    """Return a page's lines in lower case, with plain apostrophes and single spaces, empty ones dropped."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate({0x2018: "'", 0x2019: "'"})
    return "\n".join(" ".join(line.split()) for line in plain.splitlines() if line.strip())


def fold_visible(text: str) -> str:
    """Return what a reader sees of a text, on one line with straight quotes; case is kept."""
    return " ".join(unicodedata.normalize("NFKC", drop_invisible(text)).translate(_VISIBLE_QUOTES).split())


def drop_raised_figures(text: str) -> str:
    """Return a text without the raised figures behind figures: a footnote's number is no part of "5.5"."""
    return _RAISED.sub("", text)


def drop_invisible(text: str) -> str:
    """Return a text without the characters that have no shape of their own."""
    return _INVISIBLE.sub("", text)


@dataclass(frozen=True)
class FoldedQuote:
    """A normalised text, and its bare characters squeezed together, with the position of each in it."""

    text: str
    squeezed: str
    positions: Sequence[int]


@lru_cache(maxsize=1024)
def fold_quote(text: str) -> FoldedQuote:
    """Squeeze a text to its bare characters, with each one's position in the normalised text."""
    text = _RAISED.sub(lambda figures: f"^{figures[0]}", text)
    normal = unicodedata.normalize("NFKC", text.translate(_QUOTED_QUOTES)).translate(_QUOTED_QUOTES)
    folded = normal.casefold()
    if len(folded) == len(normal):
        kept = [n for n, c in enumerate(folded) if c not in _NOT_QUOTED and not c.isspace()]
        return FoldedQuote(normal, "".join([folded[n] for n in kept]), array("I", kept))
    pairs = [
        (folded, position)
        for position, character in enumerate(normal)
        if not character.isspace() and character not in _NOT_QUOTED
        for folded in character.casefold()
    ]
    return FoldedQuote(normal, "".join(c for c, _ in pairs), array("I", [position for _, position in pairs]))
