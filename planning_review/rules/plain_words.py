"""A sentence in the one form in which rules read it: plain words, figures and short units.

"The shared footway/cycleway, of two and a half metres" is " the shared footway cycleway , of 2.5 m ": a
space before and after each word, no hyphens or slashes, counted words as figures, lengths in metres,
speeds in miles an hour. Nothing is quoted from it.
"""

import re
import unicodedata
from functools import lru_cache

from planning_review.text.folding import drop_raised_figures
from planning_review.text.numbers import NUMBER_WORDS

_COUNTED = {word: number for word, number in NUMBER_WORDS.items() if number < 20}
_TENS = {word: number for word, number in NUMBER_WORDS.items() if number >= 20}
_UNITS = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mtr", "mtrs"), ("m", 1.0)),
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), ("m", 0.001)),
    **dict.fromkeys(("cm", "centimetre", "centimetres"), ("m", 0.01)),
    **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), ("m", 1000.0)),
    **dict.fromkeys(("mile", "miles"), ("m", 1609.0)),
    **dict.fromkeys(("mph",), ("mph", 1.0)),
    **dict.fromkeys(("kph", "kmh", "kmph"), ("mph", 1 / 1.609)),
    **dict.fromkeys(("%", "percent"), ("%", 1.0)),
}
_TOKEN = re.compile(r"\d+(?:\.\d+)?(?=[a-z]{1,7}\b|\b|%)|[a-z]+\d\w*|[a-z]+(?:'[a-z]+)?|[%£+;:,()|]|\d\w*")
_IS_FIGURE = re.compile(r"\d+(?:\.\d+)?")
_SPEED_WORDS = (("miles per hour", "mph"), ("miles an hour", "mph"), ("mile an hour", "mph"), ("km/h", "kmh"))
_WITHOUT_FIGURE = (
    ("national speed limit", "60 mph speed limit"),
    ("derestricted", "60 mph speed limit"),
    ("de-restricted", "60 mph speed limit"),
    ("half a metre", "0.5 m"),
    ("metre and a half", "1.5 m"),
    ("half of all", "50 % of all"),
)


@lru_cache(maxsize=8192)
def write_plainly(text: str) -> str:
    """Return a text as words with a space before and after each."""
    text = text.replace("½", ".5").replace("¼", ".25").replace("¾", ".75")
    text = text.replace("²", " squared ").replace("³", " cubed ")
    text = unicodedata.normalize("NFKC", drop_raised_figures(text)).casefold().replace("\u00ad", "")
    text = re.sub(r"[‘’‚`´′]", "'", re.sub(r"[‐‑‒–—―−]", "-", text))
    text = re.sub(r"(\d)\s*-\s*(?=\d)", r"\1 to ", re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text))
    text = re.sub(r"(?<=\d)\s*[x×]\s*(?=\d)", " x ", text)
    text = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", text)
    text = re.sub(r"(\d)\s*no\b\.?", r"\1 ", text.replace("per cent", "percent"))
    for written, plain in (*_SPEED_WORDS, *_WITHOUT_FIGURE):
        text = text.replace(written, plain) if written in text else text
    text = re.sub(r"(?<!of )\ba metre\b(?!')", "1 m", text)
    tokens = _join_numbers(_TOKEN.findall(text.replace("-", " ")))
    return f" {' '.join(_write_units(tokens))} "


def _join_numbers(tokens: list[str]) -> list[str]:
    """Return the tokens with counted words as figures: "twenty five", "2 and a half", "one in ten"."""
    joined: list[str] = []
    at = 0
    while at < len(tokens):
        word = tokens[at]
        following = tokens[at + 1 : at + 4]
        if word in _TENS:
            unit = _COUNTED.get(following[0], 0) if following else 0
            joined.append(str(_TENS[word] + unit))
            at += 2 if 0 < unit < 10 else 1
            continue
        if word in _COUNTED and (word != "one" or (following and _counts_one(following[0]))):
            word = str(_COUNTED[word])
        if following == ["and", "a", "half"] and word.isdigit():
            joined.append(f"{word}.5")
            at += 4
            continue
        if following[:1] == ["hundred"] and word.isdigit():
            word, at = str(100 * int(word)), at + 1
        joined.append(word)
        at += 1
    return joined


def _counts_one(following: str) -> bool:
    return following in _UNITS or following in ("in", "hundred", "and")


def _write_units(tokens: list[str]) -> list[str]:
    """Return the tokens with lengths in m, speeds in mph; both ends of a range in the unit of its end."""
    written = list(tokens)
    for at, token in enumerate(tokens):
        unit = _UNITS.get(token)
        if unit is None or at == 0:
            continue
        name, factor = unit
        first = at - 1
        if not _IS_FIGURE.fullmatch(tokens[first]):
            continue
        written[at] = name
        written[first] = _scale(tokens[first], factor)
        is_range = first >= 2 and tokens[first - 1] in ("to", "and", "or", "x", "by")
        if is_range and _IS_FIGURE.fullmatch(tokens[first - 2]):
            written[first - 2] = _scale(tokens[first - 2], factor)
    return written


def _scale(figure: str, factor: float) -> str:
    return figure if factor == 1.0 else f"{float(figure) * factor:.3f}".rstrip("0").rstrip(".")
