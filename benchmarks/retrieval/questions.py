"""The questions of the evaluation, as data, and what counts as a right answer."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from planning_review.index.search import FoundPassage
from planning_review.models import DocumentText, Frozen
from planning_review.yaml_files import read_yaml

KINDS = ("worded", "lay")
HIT_LIMIT, RANK_LIMIT = 5, 10

_HERE = Path(__file__).parent
Place = tuple[str, int]


class Question(Frozen):
    """What is asked, and the phrase that answers by document and page."""

    ask: str
    answers: dict[str, dict[int, str]]


class QuestionSet(Frozen):
    """All of a file of questions; documents gives the ids of the names that answers use."""

    documents: dict[str, str]
    worded: tuple[Question, ...]
    lay: tuple[Question, ...]

    def answers_of(self, question: Question) -> dict[Place, str]:
        """Return a question's phrases, folded, by document id and page."""
        return {
            (self.documents[name], page): fold(phrase)
            for name, pages in question.answers.items()
            for page, phrase in pages.items()
        }


class PolicyQuestion(Frozen):
    """What is asked of a policy document, and the paragraphs that answer."""

    ask: str
    paragraphs: tuple[int, ...]


class PolicyQuestionSet(Frozen):
    """All of policy_questions.yaml."""

    worded: tuple[PolicyQuestion, ...]
    lay: tuple[PolicyQuestion, ...]


def read_questions(name: str) -> QuestionSet:
    """Read the file of questions with this name."""
    return QuestionSet.model_validate(read_yaml(_HERE / name))


def read_policy_questions() -> PolicyQuestionSet:
    """Read policy_questions.yaml."""
    return PolicyQuestionSet.model_validate(read_yaml(_HERE / "policy_questions.yaml"))


def check_answers(questions: QuestionSet, texts: dict[str, DocumentText]) -> None:
    """Raise SystemExit naming each phrase that does not stand on its page."""
    pages = {(id_, page.number): fold(page.text) for id_, text in texts.items() for page in text.pages}
    wrong = [
        f"{question.ask!r}: {phrase!r} is not on page {place[1]} of {place[0]}"
        for question in (*questions.worded, *questions.lay)
        for place, phrase in questions.answers_of(question).items()
        if phrase not in pages.get(place, "")
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))


def rank_first(found: Sequence[FoundPassage], answers: dict[Place, str], *, by_phrase: bool) -> int | None:
    """Return the rank, from 1, of the first passage that answers, None where none does."""
    for rank, passage in enumerate(found, start=1):
        phrases = [
            answers[place]
            for where in (passage, *passage.also_in)
            for page in range(where.page_start, where.page_end + 1)
            if (place := (where.document_id, page)) in answers
        ]
        if phrases and (not by_phrase or any(phrase in fold(passage.text) for phrase in phrases)):
            return rank
    return None


def summarise(ranks: Iterable[int | None]) -> dict[str, float]:
    """Return the hit rate in five and the mean reciprocal rank."""
    known = list(ranks)
    return {
        "hits_5": sum(rank is not None and rank <= HIT_LIMIT for rank in known),
        "hit_rate_5": sum(rank is not None and rank <= HIT_LIMIT for rank in known) / len(known),
        "mean_reciprocal_rank": sum(1 / rank for rank in known if rank) / len(known),
    }


def fold(text: str) -> str:
    """Return a text in small letters with single spaces."""
    return " ".join(text.split()).casefold()
