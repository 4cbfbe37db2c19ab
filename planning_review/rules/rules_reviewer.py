"""The reviewer that needs no model: it reads what documents state and holds it against the policy."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date

from planning_review.models import Application
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.basis import choose_editions
from planning_review.policy.expectations import expectations_version
from planning_review.policy.parking_standards import Standards, load_standards
from planning_review.policy.passages import SearchPolicies, find_no_policies
from planning_review.policy.requirements import (
    ASPECTS,
    GOOD_PRACTICE,
    load_requirements,
    requirements_version,
)
from planning_review.register.councils import find_country
from planning_review.rules.compliance import make_line
from planning_review.rules.conclusions import (
    choose_key_documents,
    conclude_aspect,
    count_reading,
    group_lines,
    lines_of_aspect,
    list_not_stated,
    list_recommendations,
    suggest_conditions,
)
from planning_review.rules.contradictions import (
    find_contradictions,
    find_left_out,
    pick_against,
    tell_contradictions,
)
from planning_review.rules.cycle_spaces import read_cycle_spaces
from planning_review.rules.facts import read_facts
from planning_review.rules.gates import is_evidence
from planning_review.rules.holding import hold
from planning_review.rules.judgement import ComplianceLine, Judgement, Place
from planning_review.rules.omissions import find_omissions
from planning_review.rules.parking_sums import add_up_parking, leave_open_unsure, list_unconfirmed, tell_sums
from planning_review.rules.pointers import find_pointers
from planning_review.rules.rating import RULE_VERSION, rate_application, rate_aspect, rate_silence
from planning_review.rules.reviewer import ReadDocument, ReadingAccount, SearchPassages
from planning_review.rules.scheme import read_scheme
from planning_review.rules.suspicious import find_suspicious, read_suspicious_bytes
from planning_review.rules.words import read_rule_bytes
from planning_review.rules.worth_reading import rank_passages

_NEAREST = 2
_PARKING = "cycle-parking-standard"


class EvidenceReviewer:
    """Judges by rules alone: the same documents on the same day give the same judgement."""

    name = EVIDENCE_MODEL

    def __init__(self, standards: Standards | None = None) -> None:
        self._standards = standards or load_standards()
        patterns = hashlib.sha256(read_rule_bytes() + read_suspicious_bytes()).hexdigest()[:8]
        self.version = "-".join(
            (
                requirements_version(),
                patterns,
                expectations_version(),
                self._standards.version,
                RULE_VERSION,
            )
        )

    def judge(
        self,
        application: Application,
        documents: Sequence[ReadDocument],
        search: SearchPassages,
        on_date: date,
        search_policies: SearchPolicies = find_no_policies,
        account: ReadingAccount | None = None,
    ) -> Judgement:
        """Return the judgement; national policy is that of the decision's day, else of on_date."""
        policy_day = application.decision_date or on_date
        basis = choose_editions(
            application.decision_date, application.valid_date, on_date, application.council
        )
        sources = {chosen.source for chosen in basis} | {GOOD_PRACTICE}
        statements = read_facts(documents)
        cited = {r.id: c for r in load_requirements() if (c := r.citation_on(policy_day, sources))}
        requirements = [r for r in load_requirements() if r.id in cited]
        scheme = read_scheme(application, documents)
        lines_asked = self._standards.of_council(application.council, policy_day)
        spaces = read_cycle_spaces(documents)
        sums = leave_open_unsure(add_up_parking(scheme, lines_asked, spaces), documents)
        silence = find_omissions(
            scheme, application.proposal, documents, account or ReadingAccount(), sources, policy_day
        )
        held = {r.id: hold(r, statements) for r in requirements}
        summed = {_PARKING: tell_sums(sums, documents)}
        pairs = find_contradictions(statements)
        against = {name: pair for name, some in held.items() if (pair := pick_against(some, pairs))}
        nearest = self._find_nearest(
            [r.id for r in requirements if not held[r.id] and not summed.get(r.id)], documents, search
        )
        lines = [
            make_line(
                r,
                cited[r.id],
                [*(h.finding for h in held[r.id]), *summed.get(r.id, ())],
                nearest.get(r.id, ()),
                policy_day,
                against[r.id][1].finding if r.id in against else None,
            )
            for r in requirements
        ]
        by_id = {r.id: r for r in requirements}
        aspects = []
        for name in ASPECTS:
            own = lines_of_aspect(name, lines, by_id)
            aspects.append(conclude_aspect(name, rate_aspect(own, by_id), own, by_id))
        overall = rate_application(
            [aspect.rating for aspect in aspects], lines, by_id, rate_silence(silence.omissions, silence.core)
        )
        return Judgement(
            model=self.name,
            judged_on=on_date,
            overall_rating=overall,
            aspects=tuple(aspects),
            policy_compliance=tuple(lines),
            facts=tuple(statement.fact for statement in statements),
            contradictions=(*tell_contradictions(pairs, spaces), *find_left_out(statements, documents)),
            worth_reading=rank_passages(documents, _list_quoted(lines)),
            pointers=find_pointers(documents),
            omissions=silence.omissions,
            core_expected=silence.core,
            cycle_parking=sums,
            unconfirmed_standards=tuple(line.id for line in list_unconfirmed(scheme, lines_asked)),
            groups=group_lines(lines, by_id),
            reading=count_reading(documents),
            recommendations=list_recommendations(lines, by_id),
            not_stated=list_not_stated(lines, by_id),
            suggested_conditions=suggest_conditions(lines, by_id),
            key_documents=choose_key_documents(lines, documents),
            policy_editions={line.policy_source: line.edition for line in lines},
            prompt_version=self.version,
            policy_basis=basis,
            suspicious=find_suspicious(documents),
            notices=tuple(_explain_country(application.council)),
        )

    @staticmethod
    def _find_nearest(
        unanswered: Sequence[str], documents: Sequence[ReadDocument], search: SearchPassages
    ) -> dict[str, tuple[Place, ...]]:
        """Return where a reader may look on: the passages nearest to what got no answer."""
        titles = {d.document_id: d.title for d in documents if is_evidence(d)}
        asked = [r for r in load_requirements() if r.id in set(unanswered)]
        found = search([r.queries[0] for r in asked], limit=2 * _NEAREST) if asked else []
        nearest = {}
        for requirement, passages in zip(asked, found, strict=False):
            places = [
                Place(title=titles[p.document_id], page=p.page_start, part=p.part, part_page=p.part_page)
                for p in passages
                if p.document_id in titles
            ]
            nearest[requirement.id] = tuple(dict.fromkeys(places))[:_NEAREST]
        return nearest


def _list_quoted(lines: Sequence[ComplianceLine]) -> frozenset[tuple[str, str]]:
    """Return document and quote of all that is quoted as not met or met."""
    settled = (line for line in lines if line.compliant is not None)
    return frozenset((c.document_id, c.quote) for line in settled for c in line.citations)


def _explain_country(council: str) -> Iterator[str]:
    country = find_country(council)
    if country != "England":
        yield (
            f"This council is in {country}, where England's planning policy does not apply. {country}'s own "
            "is not held here: this review is by what remains, and no ground for a letter by itself."
        )
