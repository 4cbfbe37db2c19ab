"""Who speaks in a document, told by its own first pages: the applicant's rows against everybody else's."""

from collections.abc import Sequence
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise

from planning_review.models import Frozen
from planning_review.text.folding import fold_for_phrases
from planning_review.text.phrases import PhraseLists, PhrasePattern
from planning_review.yaml_files import read_yaml

_OPENING_LINES = 4
_HEAD_LINES = 40
_MOST_HEAD_WORDS = 14
_READ_CHARACTERS = 7_000
_LEAST_WEIGHT = 4


class VoiceRow(Frozen):
    """What a speaker's papers say, and what that weighs; where it stands is the key that holds it."""

    weight: int
    opens: str = ""
    heads: str = ""
    says: str = ""


class Voices(Frozen):
    """All of voices.yaml."""

    lists: dict[str, str]
    kinds: dict[str, str]
    addressed_to: str
    speakers: dict[str, str]
    speakers_by_kind: dict[str, str]
    applicant: tuple[VoiceRow, ...]
    voices: dict[str, tuple[VoiceRow, ...]]

    @cached_property
    def phrases(self) -> PhraseLists:
        """The named lists that the rows share."""
        return PhraseLists(self.lists)


class Voice(Frozen):
    """Who speaks: the document's class, and the words that weigh most for it."""

    document_type: str
    is_a: str
    words: str


class _Heard(Frozen):
    weight: int
    words: str


@cache
def load_voices() -> Voices:
    """Load the rows that come with the package."""
    return Voices.model_validate(
        read_yaml(files("planning_review.documents.classes").joinpath("voices.yaml"))
    )


def hear_voice(texts: Sequence[str]) -> Voice | None:
    """Return who speaks on the first pages where that is somebody other than the applicant."""
    rules = load_voices()
    first = "\n".join(texts)[:_READ_CHARACTERS]
    written = [line for line in _leave_out_address(first) if line]
    lines = [fold_for_phrases(line) for line in written]
    short = [
        folded
        for line, folded in zip(written[:_HEAD_LINES], lines[:_HEAD_LINES], strict=True)
        if len(folded.split()) <= _MOST_HEAD_WORDS and not line.endswith(".")
    ]
    heads = short + [f"{one} {other}" for one, other in pairwise(short)]
    places = {"opens": _join(lines[:_OPENING_LINES]), "heads": _join(heads), "says": _join(lines, " ")}
    heard = {name: [h for row in rows if (h := _hear(row, places))] for name, rows in rules.voices.items()}
    against = sum(h.weight for row in rules.applicant if (h := _hear(row, places)))
    name = max(heard, key=lambda n: sum(h.weight for h in heard[n]))
    if sum(h.weight for h in heard[name]) - against < _LEAST_WEIGHT:
        return None
    best = max(heard[name], key=lambda h: h.weight)
    return Voice(document_type=name, is_a=rules.kinds[name], words=best.words)


def name_speaker(document_type: str, texts: Sequence[str]) -> str:
    """Return who speaks in a document of somebody other than the applicant."""
    rules = load_voices()
    kind = rules.speakers_by_kind.get(document_type, "another body")
    if document_type == "decision_notice" and _compile("inspector, appeal").search(_fold(texts)):
        return "the inspector"
    if document_type not in ("consultation_response", "public_comment"):
        return kind
    lines = [fold_for_phrases(line) for line in "\n".join(texts[:1]).splitlines() if line.strip()]
    head = _join(lines[:_HEAD_LINES])
    named = (name for name, phrases in rules.speakers.items() if _compile(phrases).search(head))
    if document_type == "public_comment":
        return next((name for name in named if "town council" in name), kind)
    return next(named, kind)


def _leave_out_address(text: str) -> list[str]:
    """Return a text's lines without the block, after the first, to which a letter is addressed."""
    lines = [line.strip() for line in text.splitlines()]
    greeting = next((n for n, line in enumerate(lines[:_HEAD_LINES]) if line.startswith("Dear ")), 0)
    for start in range(1, greeting):
        begins = _compile(load_voices().addressed_to).match(f" {fold_for_phrases(lines[start])} ", 1)
        if begins and lines[start] and not lines[start - 1] and any(lines[:start]):
            end = next((n for n in range(start, greeting) if not lines[n]), greeting)
            return lines[:start] + lines[end:]
    return lines


def _fold(texts: Sequence[str]) -> str:
    return f" {fold_for_phrases(' '.join(texts)[:_READ_CHARACTERS])} "


def _hear(row: VoiceRow, places: dict[str, str]) -> _Heard | None:
    for place, text in places.items():
        if (phrases := getattr(row, place)) and (found := _compile(phrases).search(text)):
            return _Heard(weight=row.weight, words=found[0].strip())
    return None


@cache
def _compile(phrases: str) -> PhrasePattern:
    return load_voices().phrases.compile(phrases)


def _join(lines: Sequence[str], between: str = " | ") -> str:
    return f" {between.join(lines)} "
