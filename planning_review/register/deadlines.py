"""By when comments must be in: what a register's labels say of it, in the words of every platform."""

import re
from collections.abc import Iterable
from datetime import date

from planning_review.dates import format_date
from planning_review.register.page_text import parse_date
from planning_review.text.folding import fold_label

_ENDS = r"(expir|(?<!am)end|clos|until|deadline|lastda|lastdate|finalda|due)"
# What people send in, whatever it is called.
_SAID = r"(comment|representation|observation|objection|haveyoursay)s?"
# The day by which the council itself says that they must be in.
_COMMENTS_END = re.compile(rf"{_SAID}.*(by|before|{_ENDS})|(last|final|{_ENDS}).*{_SAID}")
# The days on which the ways of asking people end: the last of them is the last day.
_CONSULTATION_ENDS = re.compile(
    rf".*(consultation|sitenotice|advert|pressnotice|publicnotice|publicity|neighbour).*{_ENDS}.*|enddate|"
    rf".*{_ENDS}.*(consultation|sitenotice|advert).*"
)
_SPEAKS_OF_COMMENTS = re.compile(f"consult|participation|{_SAID}")
_BEGINS = re.compile("start|begin|(?<!repre)sent|from|reply|replies|committee|level|officer|name|count")


def find_end(pairs: Iterable[tuple[str, str]]) -> tuple[date | None, frozenset[str]]:
    """Return the last day for comments that labels and values say, and the labels that say it.

    A day that is called so counts before the ends of notices and letters, of which the last does.
    """
    pairs = list(pairs)
    for is_end in (ends_comments, ends_consultation):
        days = {
            label: day for label, text in pairs if is_end(fold_label(label)) and (day := parse_date(text))
        }
        if days:
            last = max(days.values())
            return last, frozenset(label for label, day in days.items() if day == last)
    return None, frozenset()


def ends_comments(label: str) -> bool:
    """Return whether a folded label says in so many words by when comments must be in."""
    return bool(_COMMENTS_END.search(label)) and not _BEGINS.search(label)


def ends_consultation(label: str) -> bool:
    """Return whether a folded label is the end of one of the ways in which people are asked."""
    return bool(_CONSULTATION_ENDS.fullmatch(label)) and not _BEGINS.search(label)


def may_hide_a_deadline(label: str) -> bool:
    """Return whether a folded label speaks of comments or consultation, and not of when that begins."""
    return bool(_SPEAKS_OF_COMMENTS.search(label)) and not _BEGINS.search(label)


def warn_of_deadlines(other_fields: dict[str, str], end: date | None) -> tuple[str, ...]:
    """Return a warning for each label that speaks of comments or notices and may name a later last day."""
    warnings = []
    for shown, text in other_fields.items():
        label, day = fold_label(shown), parse_date(text)
        is_end = ends_comments(label) or ends_consultation(label)
        said = f"The register says {shown[:80]!r}: {text[:80]}"
        if day is not None and (is_end or may_hide_a_deadline(label)) and (end is None or day > end):
            taken = f"{format_date(end)} was taken for" if end else "it was not taken for"
            warnings.append(f"{said}; {taken} the last day for comments. Check it on the register's page.")
        elif day is None and end is None and is_end:
            warnings.append(
                f"{said}, which is not understood as a day. Check there by when comments must be in."
            )
    return tuple(warnings)
