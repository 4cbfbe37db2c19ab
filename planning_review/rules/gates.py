"""Where a sentence counts: by its document, by the headings above it, and by what kind of line it is."""

import re
from functools import cache

from planning_review.documents.classes.page_rules import load_page_rules
from planning_review.models import Frozen
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.words import FOLDER, compile_phrases
from planning_review.yaml_files import read_yaml

_LEADERS = re.compile(r"\.{4,}|(?:\. ){4,}|…{2,}|_{4,}")
_ENTRY_OF_CONTENTS = re.compile(
    r"(?:^|[;,] |  )(?:\d{1,2}(?:\.\d{1,2})*|(?:Table|Figure|Appendix|Plan) [A-Z\d.]+):? (?=[A-Z])"
)
_FEWEST_ENTRIES = 4
_LONGEST_CAPTION_WORDS = 14


class Gates(Frozen):
    """The words of gates.yaml."""

    silent_types: tuple[str, ...]
    silent_titles: str
    others_categories: str
    policy_titles: str
    policy_titles_unless: str
    works_titles: str
    silent_headings: str
    silent_headings_unless: str
    proposal_headings: str
    other_subjects: str
    other_subjects_unless: str
    empty_lines: str


@cache
def load_gates() -> Gates:
    """Read gates.yaml."""
    return Gates(**read_yaml(FOLDER / "gates.yaml"))


def is_evidence(document: ReadDocument) -> bool:
    """Return whether a document can show what is proposed: comments, policies and notices can't.

    Its type is told by its first pages too, whatever folder of the register it lies in.
    """
    if document.document_type in load_page_rules().not_the_applicants:
        return False
    gates = load_gates()
    if _says(gates.others_categories, document.category or ""):
        return False
    is_policy = _says(gates.policy_titles, document.title)
    return not is_policy or _says(gates.policy_titles_unless, document.title)


def can_state_facts(document: ReadDocument) -> bool:
    """Return whether the applicant's document is of a kind that says how people will walk and cycle."""
    gates = load_gates()
    if document.document_type in gates.silent_types:
        return False
    return document.document_type != "other" or not _says(gates.silent_titles, document.title)


def is_of_works(document: ReadDocument) -> bool:
    """Return whether a document is about the time of construction."""
    return document.document_type == "construction_management" or _says(
        load_gates().works_titles, document.title
    )


def is_under_silence(headings: tuple[str, ...]) -> bool:
    """Return whether the nearest headings (plain words) are of another subject."""
    gates = load_gates()
    for heading in headings[-2:]:
        if compile_phrases(gates.silent_headings).search(heading) and not compile_phrases(
            gates.silent_headings_unless
        ).search(heading):
            return True
    return False


def is_under_no_proposal(headings: tuple[str, ...]) -> bool:
    """Return whether there are headings (plain words), and none of them is of what is proposed."""
    told = [heading for heading in headings if heading.strip()]
    proposal = compile_phrases(load_gates().proposal_headings)
    return bool(told) and not any(proposal.search(heading) for heading in told)


def states_nothing(quote: str, words: str) -> bool:
    """Return whether a line is a question, the contents, a caption, or of what is no street."""
    if _LEADERS.search(quote) or quote.rstrip().endswith("?"):
        return True
    if len(_ENTRY_OF_CONTENTS.findall(quote)) >= _FEWEST_ENTRIES:
        return True
    gates = load_gates()
    if compile_phrases(gates.other_subjects).search(words) and not compile_phrases(
        gates.other_subjects_unless
    ).search(words):
        return True
    is_caption = compile_phrases(gates.empty_lines).match(words, 1)
    return bool(is_caption) and words.count(" ") <= _LONGEST_CAPTION_WORDS


def _says(phrases: str, text: str) -> bool:
    return bool(compile_phrases(phrases).search(write_plainly(text.replace("_", " "))))
