"""What is applied for: the kind of application, its uses and their size, by proposal and documents."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from planning_review.models import Application, Frozen
from planning_review.policy.parking_standards import USES, Unit, Use
from planning_review.rules.cues import Context, Meaning, find_cues, pick
from planning_review.rules.gates import can_state_facts, is_evidence
from planning_review.rules.judgement import Citation
from planning_review.rules.plain_words import write_plainly
from planning_review.rules.reviewer import ReadDocument
from planning_review.rules.sentences import Sentence
from planning_review.rules.words import FOLDER, compile_phrases
from planning_review.text.quantities import read_quantities
from planning_review.yaml_files import read_yaml

SchemeKind = Literal["full", "outline", "hybrid", "reserved matters", "variation", "discharge", "minor works"]

_REFERENCE_KINDS: dict[str, SchemeKind] = {
    "OUT": "outline", "O": "outline", "OUTM": "outline", "REM": "reserved matters", "RM": "reserved matters",
    "DISC": "discharge", "NMA": "variation", "ADV": "minor works", "TCA": "minor works", "TPO": "minor works",
    "LB": "minor works", "LBC": "minor works", "HPA": "minor works", "CLUE": "minor works",
    "CLUP": "minor works", "AGN": "minor works", "SCOP": "minor works", "SO": "minor works",
    "M106": "minor works",
}  # fmt: skip
_LONGEST_PROPOSAL = 5_000
_IS_AREA = re.compile(
    r"(?<= )(\d+(?:\.\d+)?)(?:m2| sqm| m2| sq m| sq metres?| square metres?| m squared| square m) "
)
_OF_LAND = re.compile(r" (?:site|plot|land|curtilage|garden|field)(?: \w+){0,3} $")
_NOT_FLOOR = compile_phrases(
    "open space, playing field, green space, landscap*, solar, play area, courtyard, window"
)
_MIX = re.compile(r"(?<= )(\d+) (?:x )?(?:no )?(?:units of )?(\d) (?:bed|bedroom|bedroomed|beds|bedrooms) ")
_MIX_ROW = re.compile(r"(?<= )(\d) (?:bed|bedroom|beds|bedrooms|bedroomed)(?: [a-z]+){0,3} \| (\d+) (?!%)")
_PLACES = re.compile(r"(?<= )(\d+) (?:pupils?|pupil places|place (?:primary|secondary|school)) ")
_STAFF = re.compile(
    r"(?<= )(\d+) (?:full time equivalent |fte |full time |equivalent )*"
    r"(?:staff|employees|members of staff|teachers) "
)
_NOT_OURS: tuple[Meaning, ...] = (
    "rejected",
    "elsewhere",
    "by_others",
    "standard",
    "general",
    "reported",
    "existing",
)
_NEAR = 70


class Amount(Frozen):
    """How much there is to be of a use: 240 homes, 3,000 m². citation is None for the proposal's words."""

    use: Use
    unit: Unit
    figure: float
    citation: Citation | None = None


class Scheme(Frozen):
    """An application's kind, and its uses and sizes as far as they are told without contradiction.

    bedrooms has the homes by their number of bedrooms, where the mix is told for all homes. site_hectares is
    the proposal's. An outline decides access where it says so.
    """

    kind: SchemeKind
    uses: tuple[Use, ...] = ()
    amounts: tuple[Amount, ...] = ()
    bedrooms: tuple[tuple[int, int], ...] = ()
    bedrooms_from: Citation | None = None
    site_hectares: float | None = None
    decides_access: bool = True
    decides_layout: bool = True

    def amount(self, use: Use, unit: Unit) -> Amount | None:
        """Return how much there is of a use in a unit, or None."""
        return next((a for a in self.amounts if (a.use, a.unit) == (use, unit)), None)

    @property
    def homes(self) -> int:
        """How many new homes, 0 where none are told."""
        found = self.amount("homes", "home")
        return int(found.figure) if found else 0

    @property
    def floor_space(self) -> float:
        """All floor space that is told, in m²."""
        return sum(a.figure for a in self.amounts if a.unit == "m2")


class _Words(Frozen):
    uses: dict[Use, str]
    kinds: dict[SchemeKind, str]
    access_decided: str
    layout_decided: str


@cache
def _load_words() -> _Words:
    raw = read_yaml(FOLDER / "scheme.yaml")
    return _Words(**{name.replace(" ", "_"): value for name, value in raw.items()})


def read_scheme(application: Application, documents: Sequence[ReadDocument]) -> Scheme:
    """Return what is applied for: the proposal's words first, the documents where it is silent."""
    proposal = write_plainly((application.proposal or "")[:_LONGEST_PROPOSAL])
    kind = _read_kind(application, proposal)
    quantities = read_quantities(application.proposal)
    amounts = list(_read_areas(proposal, None))
    if quantities.dwellings:
        amounts.append(Amount(use="homes", unit="home", figure=quantities.dwellings))
    amounts += _read_people(proposal, None)
    stated = list(_read_documents(documents))
    amounts += _settle(
        stated, {(a.use, a.unit) for a in amounts}, has_floor=any(a.unit == "m2" for a in amounts)
    )
    uses = {a.use for a in amounts} | set(_name_uses(proposal))
    homes = next((a for a in amounts if (a.use, a.unit) == ("homes", "home")), None)
    mix, mix_from = _read_mix(proposal, documents, int(homes.figure) if homes else 0)
    is_open = kind in ("outline", "hybrid")
    return Scheme(
        kind=kind,
        uses=tuple(use for use in USES if use in uses),
        amounts=tuple(amounts),
        bedrooms=mix,
        bedrooms_from=mix_from,
        site_hectares=quantities.site_hectares,
        decides_access=not is_open or _says(_load_words().access_decided, proposal),
        decides_layout=not is_open or _says(_load_words().layout_decided, proposal),
    )


def _says(phrases: str, words: str) -> bool:
    return bool(compile_phrases(phrases).search(words))


def _read_kind(application: Application, proposal: str) -> SchemeKind:
    told = write_plainly(application.application_type or "")
    for kind, phrases in _load_words().kinds.items():
        if _says(phrases, told):
            return kind
    suffix = application.reference.rpartition("/")[2].upper()
    if kind_by_reference := _REFERENCE_KINDS.get(suffix):
        return kind_by_reference
    opening = proposal[:160]
    return next((kind for kind, phrases in _load_words().kinds.items() if _says(phrases, opening)), "full")


def _name_uses(words: str) -> Iterator[Use]:
    for use, phrases in _load_words().uses.items():
        if _says(phrases, words):
            yield use


def _read_areas(words: str, citation: Citation | None) -> Iterator[Amount]:
    """Yield the floor space of each use that a stretch of plain words names, the largest of each."""
    found = list(_IS_AREA.finditer(words))
    by_use: dict[Use, float] = {}
    for number, match in enumerate(found):
        start = found[number - 1].end() if number else 0
        end = found[number + 1].start() if number + 1 < len(found) else len(words)
        before, after = words[start : match.start()], words[match.end() : end]
        if _OF_LAND.search(f" {before}"[-60:]) or _NOT_FLOOR.search(f" {after[:24]}"):
            continue
        if use := _nearest_use(before, after):
            figure = float(match[1])
            by_use[use] = max(by_use.get(use, 0.0), figure)
    for use, figure in by_use.items():
        yield Amount(use=use, unit="m2", figure=figure, citation=citation)


def _nearest_use(before: str, after: str) -> Use | None:
    """Return the use that stands nearest to a figure: after it first, unless it begins another part."""
    best: tuple[int, int, Use] | None = None
    for order, (use, phrases) in enumerate(_load_words().uses.items()):
        pattern = compile_phrases(phrases)
        distances = []
        if match := pattern.search(f" {after[:_NEAR]} "):
            distances.append(match.start() + (40 if re.search(r"[;,]| and ", after[: match.start()]) else 0))
        for match in pattern.finditer(f" {before[-_NEAR:]} "):
            distances.append(len(before[-_NEAR:]) + 2 - match.end())
        if distances and (best is None or (min(distances), order) < best[:2]):
            best = (min(distances), order, use)
    return best[2] if best else None


def _read_people(words: str, citation: Citation | None) -> Iterator[Amount]:
    pupils = {float(match[1]) for match in _PLACES.finditer(words)}
    if len(pupils) == 1:
        yield Amount(use="school", unit="pupil", figure=pupils.pop(), citation=citation)
    staff = {float(match[1]) for match in _STAFF.finditer(words)}
    use = next(_name_uses(words), None)
    if len(staff) == 1 and use:
        yield Amount(use=use, unit="staff", figure=staff.pop(), citation=citation)


def _read_documents(documents: Sequence[ReadDocument]) -> Iterator[Amount]:
    """Yield what sentences of the applicant's documents say of the size of this scheme."""
    for document in documents:
        if not (is_evidence(document) and can_state_facts(document)):
            continue
        for sentence in document.sentences:
            words = write_plainly(sentence.quote)
            if not (_IS_AREA.search(words) or _PLACES.search(words) or _STAFF.search(words)):
                continue
            cues = find_cues(words, 1, len(words), Context(tuple(map(write_plainly, sentence.headings))))
            if pick(cues, _NOT_OURS) or (citation := document.cite(sentence)) is None:
                continue
            if re.search(r" (?:floorspace|floor space|gia|gea|gfa|floor area|internal area) ", words):
                yield from _read_areas(words, citation)
            yield from _read_people(words, citation)


def _settle(stated: list[Amount], known: set[tuple[Use, Unit]], *, has_floor: bool) -> Iterator[Amount]:
    """Yield what the documents tell where the proposal doesn't, and where they agree among themselves."""
    figures: dict[tuple[Use, Unit], set[float]] = {}
    for amount in stated:
        figures.setdefault((amount.use, amount.unit), set()).add(amount.figure)
    for key, told in figures.items():
        if key in known or len(told) > 1 or (key[1] == "m2" and has_floor):
            continue
        yield next(a for a in stated if (a.use, a.unit) == key)


def _read_mix(
    proposal: str, documents: Sequence[ReadDocument], homes: int
) -> tuple[tuple[tuple[int, int], ...], Citation | None]:
    """Return the homes by bedrooms, and where they stand; empty unless they add up to all homes."""
    if not homes:
        return (), None
    if mix := _add_up(_MIX.findall(proposal), homes):
        return mix, None
    for document in documents:
        if not (is_evidence(document) and can_state_facts(document)):
            continue
        rows: list[tuple[str, str]] = []
        first: Sentence | None = None
        for sentence in document.sentences:
            words = write_plainly(sentence.quote)
            if mix := _add_up(_MIX.findall(words), homes):
                return mix, document.cite(sentence)
            if found := _MIX_ROW.findall(words):
                first = sentence if first is None or first.page != sentence.page else first
                rows = [*(rows if first.page == sentence.page and rows else []), *((n, b) for b, n in found)]
                if mix := _add_up(rows, homes):
                    return mix, document.cite(first)
    return (), None


def _add_up(found: list[tuple[str, str]], homes: int) -> tuple[tuple[int, int], ...]:
    mix: Counter[int] = Counter()
    for count, bedrooms in found:
        mix[int(bedrooms)] += int(count)
    return tuple(sorted(mix.items())) if sum(mix.values()) == homes else ()
