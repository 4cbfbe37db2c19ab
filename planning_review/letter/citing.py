"""How a letter names a policy: in full the first time, and shortly after that."""

import re

from planning_review.letter.wording import load_wording
from planning_review.policy.requirements import GOOD_PRACTICE

_LAST_LIMB = re.compile(r",\s*(?=\()")


class PolicyNames:
    """Names policies in the order in which a letter does."""

    def __init__(self) -> None:
        self._named: set[tuple[str, str]] = set()

    def name(self, source: str, edition: str, paragraph: str) -> str:
        """Return a policy as it stands in a sentence: `Table 6-3 of LTN 1/20 (July 2020)`."""
        if source == GOOD_PRACTICE:
            return "good practice"
        short, full = load_wording()["sources"].get(source, (source, source))
        is_first = (source, edition) not in self._named
        self._named.add((source, edition))
        dated = "" if edition == "undated" else f" ({edition})"
        bare, coded = split_coding(paragraph)
        return f"{name_paragraph(bare)} of {f'{full}{dated}' if is_first else short}{coded}"


def split_coding(paragraph: str) -> tuple[str, str]:
    """Return a paragraph without what is added to it in words, and whose coding of it is meant."""
    bare, found, coder = re.sub(r" \(after [^)]*\)", "", paragraph).partition(" as coded by ")
    return bare, f" (as coded by {coder})" if found else ""


def name_paragraph(paragraph: str) -> str:
    """Return a paragraph as one says it: `section 8.3`, `Policies TR6(1) and TR6(2)`, `paragraph 117(a)`."""
    parts = [part.strip() for part in re.split(r",\s*(?!\()", paragraph) if part.strip()]
    by_kind: dict[tuple[str, str], list[str]] = {}
    for part in dict.fromkeys(parts):
        kind = _tell_kind(part)
        by_kind.setdefault(kind, []).append(_LAST_LIMB.sub(" and ", part.removeprefix(f"{kind[0]} ")))
    return _join([f"{kind[len(some) > 1]} {_join(some)}".strip() for kind, some in by_kind.items()])


def _tell_kind(part: str) -> tuple[str, str]:
    """Return what a paragraph is called, one and several."""
    for one, many in (("Table", "Tables"), ("Figure", "Figures"), ("Appendix", "Appendices")):
        if part.startswith(f"{one} "):
            return one, many
    if part.startswith(("criterion ", "chapter ", "article ")):
        return "", ""
    if re.match(r"[A-Z]{2,4}\d", part):
        return "Policy", "Policies"
    if re.fullmatch(r"\d+\.\d+", part):
        return "section", "sections"
    if part[:1].isdigit():
        return "paragraph", "paragraphs"
    return "the part on", "the parts on"


def _join(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
