"""Text of others as a model sees it: behind a label, between two lines with a random word."""

import secrets
import unicodedata
from collections.abc import Sequence

from planning_review.models import Passage
from planning_review.policy.passages import PolicyPassage

_LONGEST_TITLE = 80


class Fence:
    """Fences texts with a word that no text can know: it is drawn anew for each review."""

    def __init__(self) -> None:
        self._word = secrets.token_hex(8)

    def wrap(self, label: str, text: str) -> str:
        """Return a text between its two lines, its label on the line before."""
        return f"[{label}]\n<<<{self._word}\n{_clean(text)}\n{self._word}>>>"

    def wrap_passages(self, passages: Sequence[Passage]) -> str:
        """Return passages, each behind its label."""
        return "\n\n".join(self.wrap(label_passage(p), p.text) for p in passages) or "None was found."

    def wrap_policies(self, passages: Sequence[PolicyPassage]) -> str:
        """Return policy passages, each behind its label."""
        return "\n\n".join(self.wrap(clean_line(p.label), p.text) for p in passages) or "None is loaded."


def label_passage(passage: Passage) -> str:
    """Return a passage's label."""
    return label_page(passage.document_id, passage.page_start, passage.title)


def label_page(document_id: str, page: int, title: str) -> str:
    """Return a page's label, as a citation repeats it: `document_id 1-2-3, page 9, "Travel Plan"`."""
    title = clean_line(title).replace('"', "'")
    title = f"{title[:_LONGEST_TITLE]}…" if len(title) > _LONGEST_TITLE else title
    return f'document_id {clean_line(document_id)}, page {page}, "{title}"'


def clean_line(text: str) -> str:
    """Return a text on one line and without brackets, so that it can't end a label and begin another."""
    return " ".join(_clean(text).split()).translate(str.maketrans("[]<>", "()()"))


def _clean(text: str) -> str:
    """Drop what no reader sees: control and format characters that may hide words from a person."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Co"))
