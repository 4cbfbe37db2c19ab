"""How a letter names a policy: in full the first time, and shortly after that."""

import re

from planning_review.letter.wording import load_wording
from planning_review.policy.requirements import GOOD_PRACTICE
from planning_review.policy.sources import load_sources

_BY_SUBJECT = ("the part on", "the parts on")
"""What has no number and goes by what it is about."""
_LAST_LIMB = re.compile(r",\s*(?=\()")


class PolicyNames:
    """Names policies in the order in which a letter does."""

    def __init__(self) -> None:
        self._named: set[tuple[str, str]] = set()

    def name(self, source: str, edition: str, paragraph: str) -> str:
        """Return a policy as it stands in a sentence: `Table 6-3 of LTN 1/20 (July 2020)`."""
        if source == GOOD_PRACTICE:
            return "good practice"
        short, full = name_source(source)
        is_first = (source, edition) not in self._named
        self._named.add((source, edition))
        dated = "" if edition == "undated" else f" ({edition})"
        bare, coded = split_coding(paragraph)
        return f"{name_place(bare, f'{full}{dated}' if is_first else short)}{coded}"


def name_source(source: str) -> tuple[str, str]:
    """Return what a source is called later in a letter, and where it is first named."""
    if names := load_wording()["sources"].get(source):
        return names[0], names[1]
    own = load_sources().get(source)
    plain = f"the {source}" if own is not None and own.local else source
    return plain, plain


def split_coding(paragraph: str) -> tuple[str, str]:
    """Return a paragraph without what is added to it in words, and whose coding of it is meant."""
    bare, found, coder = re.sub(r" \(after [^)]*\)", "", paragraph).partition(" as coded by ")
    return bare, f" (as coded by {coder})" if found else ""


def name_place(paragraph: str, source: str) -> str:
    """Return a paragraph of a source as one says it: `Table 6-3 of LTN 1/20`, `the toolkit on gradients`."""
    if all(_tell_kind(part) == _BY_SUBJECT for part in _split(paragraph)):
        return f"{source} on {_join(_split(paragraph))}"
    return f"{name_paragraph(paragraph)} of {source}"


def name_several(paragraph: str) -> bool:
    """Return whether a citation is of several paragraphs, as a verb after it has to know."""
    return len(_split(paragraph)) > 1 or paragraph.startswith("criteria ")


def name_paragraph(paragraph: str) -> str:
    """Return a paragraph as one says it: `section 8.3`, `Policies TR6(1) and TR6(2)`, `paragraph 117(a)`."""
    parts = _split(paragraph)
    by_kind: dict[tuple[str, str], list[str]] = {}
    for part in dict.fromkeys(parts):
        kind = _tell_kind(part)
        by_kind.setdefault(kind, []).append(_LAST_LIMB.sub(" and ", part.removeprefix(f"{kind[0]} ")))
    return _join([f"{kind[len(some) > 1]} {_join(some)}".strip() for kind, some in by_kind.items()])


def _split(paragraph: str) -> list[str]:
    return [part.strip() for part in re.split(r",\s*(?!\()", paragraph) if part.strip()]


def _tell_kind(part: str) -> tuple[str, str]:
    """Return what a paragraph is called, one and several."""
    for one, many in (("Table", "Tables"), ("Figure", "Figures"), ("Appendix", "Appendices")):
        if part.startswith(f"{one} "):
            return one, many
    if part.startswith(("criterion ", "criteria ", "chapter ", "article ")):
        return "", ""
    if re.match(r"(?:Policy )|[A-Z]{2,4}\d", part):
        return "Policy", "Policies"
    if re.fullmatch(r"\d+\.\d+", part):
        return "section", "sections"
    if part[:1].isdigit():
        return "paragraph", "paragraphs"
    return _BY_SUBJECT


def _join(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
