"""What the council's plan and its county say on a requirement's matter, in the words of their texts."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from planning_review.models import Frozen
from planning_review.policy.passages import PolicyPassage
from planning_review.policy.sources import Kind, load_sources
from planning_review.rules.judgement import LocalPolicy
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.words import FOLDER, compile_phrases
from planning_review.text.sentences import ON_PAGES, split_sentences
from planning_review.yaml_files import read_yaml

_KINDS: tuple[tuple[Kind, ...], ...] = (("development plan",), ("county standard", "local transport plan"))
"""One sentence of each is enough. An LCWIP's paragraphs are of one route each, and are not looked through."""
_BULLET = re.compile(r"\n|(?<!\S)[•●▪■◦‣\uf0b7](?!\S)")
_FEWEST_WORDS = 8
_MOST_WORDS = 90


class _Matter(Frozen):
    requirements: tuple[str, ...]
    says: str


class _Book(Frozen):
    asks: str
    headings: str
    matters: tuple[_Matter, ...]


@cache
def _load_book() -> _Book:
    return _Book(**read_yaml(FOLDER / "local_matters.yaml"))


def find_local_policies(passages: Sequence[PolicyPassage]) -> dict[str, tuple[LocalPolicy, ...]]:
    """Return by requirement what local policies say on its matter: one of the plan, one of the county.

    passages are those of the editions that the application is judged by. What a plan says in support of its
    policies, and policies without such a sentence, are passed over.
    """
    sentences = list(_list_sentences(passages))
    found: dict[str, tuple[LocalPolicy, ...]] = {}
    for matter in _load_book().matters:
        told = tuple(
            best for kinds in _KINDS if (best := _pick(matter, [s for s in sentences if s.kind in kinds]))
        )
        if told:
            found.update(dict.fromkeys(matter.requirements, told))
    return found


def _list_sentences(passages: Sequence[PolicyPassage]) -> Iterator[LocalPolicy]:
    """Yield the sentences of policies that ask something of a development."""
    wanted = {kind for kinds in _KINDS for kind in kinds}
    for passage in passages:
        kind = load_sources()[passage.source].kind
        is_policy = kind != "development plan" or passage.paragraph.startswith("Policy")
        is_general = _says(_load_book().headings, passage.heading or "")
        if kind not in wanted or not is_policy or not is_general:
            continue
        for text in _BULLET.split(passage.text):
            for sentence in split_sentences(text, ON_PAGES):
                quote = " ".join(sentence.split())
                if _FEWEST_WORDS <= len(quote.split()) <= _MOST_WORDS and _says(_load_book().asks, quote):
                    yield LocalPolicy(
                        source=passage.source,
                        edition=passage.edition,
                        paragraph=passage.paragraph,
                        quote=quote,
                        kind=kind,
                    )


def _pick(matter: _Matter, sentences: Sequence[LocalPolicy]) -> LocalPolicy | None:
    """Return the sentence that speaks most of a matter, the first of several."""

    pattern = compile_phrases(matter.says)

    def count(sentence: LocalPolicy) -> int:
        return len({match[0] for match in pattern.finditer(write_plainly(sentence.quote))})

    return max((s for s in sentences if count(s)), key=count, default=None)


def _says(phrases: str, text: str) -> bool:
    return bool(compile_phrases(phrases).search(write_plainly(text)))
