"""What a model is asked of one application, stage by stage, and what became of each question."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic_ai.messages import CachePoint

from planning_review.dates import format_date
from planning_review.model.answers import (
    MOST_QUERIES,
    AspectAnswer,
    PlanAnswer,
    QueryGiven,
    SummaryAnswer,
)
from planning_review.model.checking import QuoteGate, check_aspect
from planning_review.model.fencing import Fence, clean_line
from planning_review.model.gathering import PassageBudget, gather_passages, gather_policies
from planning_review.model.ledger import BudgetReached
from planning_review.model.lenient import keep_good
from planning_review.model.metering import NoAnswer
from planning_review.model.outcome import Outcome
from planning_review.model.prompt_files import fill_prompt
from planning_review.model.session import ModelSession
from planning_review.model.text_checks import TextCheck
from planning_review.models import Application
from planning_review.policy.passages import SearchPolicies
from planning_review.policy.requirements import ASPECTS, AspectName, requirements_by_id
from planning_review.rules.conclusions import lines_of_aspect
from planning_review.rules.judgement import ComplianceLine, Judgement
from planning_review.rules.reviewer import ReadDocument, SearchPassages

_PLAN_TOKENS = 3000
_ASPECT_TOKENS = 8000
_SUMMARY_TOKENS = 2000


@dataclass
class Interview:
    """Asks a model about one application that the evidence reviewer has judged."""

    session: ModelSession
    application: Application
    documents: Sequence[ReadDocument]
    floor: Judgement
    policy_day: date
    search: SearchPassages
    search_policies: SearchPolicies
    gate: QuoteGate
    texts: TextCheck
    fence: Fence = field(default_factory=Fence)
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self.budget = PassageBudget.of(sum(len(d.text.pages) for d in self.documents))
        self._requirements = requirements_by_id()
        self._shared = self._describe_application()

    def lines_of(self, aspect: str) -> list[ComplianceLine]:
        """Return the evidence reviewer's lines of an aspect."""
        return lines_of_aspect(aspect, self.floor.policy_compliance, self._requirements)

    def ask_plan(self) -> dict[str, list[str]]:
        """Return the model's queries by aspect; none where it gave none."""
        aspects = []
        for name in ASPECTS:
            silent = [line for line in self.lines_of(name) if not line.citations]
            titles = "; ".join(self._requirements[line.requirement_id].title for line in silent)
            aspects.append(f"- {name}. Nothing found on: {titles or 'none'}.")
        prompt = fill_prompt("plan", aspects="\n".join(aspects))
        queries: dict[str, list[str]] = {}
        try:
            answer = self.session.ask("plan", PlanAnswer, [self._shared, prompt], _PLAN_TOKENS)
        except NoAnswer as error:
            self.outcome.add_failure("plan", error)
            return queries
        for given in keep_good(answer.queries, QueryGiven)[:MOST_QUERIES]:
            queries.setdefault(given.aspect, []).append(clean_line(given.query))
        return queries

    def ask_aspects(self, queries: dict[str, list[str]]) -> None:
        """Ask aspect by aspect; where the budget ends, or the model has given up, the rest is not asked."""
        for aspect in self.floor.aspects:
            name = next(known for known in ASPECTS if known == aspect.name)
            if self.outcome.has_given_up:
                return
            try:
                self._ask_aspect(name, queries.get(name, []))
            except NoAnswer as error:
                self.outcome.add_failure(name, error)
            except BudgetReached:
                done = {*self.outcome.aspects, *self.outcome.unanswered}
                self.outcome.unasked = [a.name for a in self.floor.aspects if a.name not in done]
                return

    def ask_summary(self, judgement: str, words: int) -> SummaryAnswer | None:
        """Return the model's summary of a judgement, None where there is none."""
        self.texts.material.append(judgement)
        shown = self.fence.wrap("judgement", judgement)
        return self._ask_summary(fill_prompt("summary", words=words, judgement=shown))

    def ask_short(self, judgement: str, words: int) -> SummaryAnswer | None:
        """Return the model's summary where there is no transport content, None where it gave none."""
        asked = [requirement.queries[0] for requirement in self._requirements.values() if requirement.core]
        passages = gather_passages(
            asked, self.floor.policy_compliance, self.documents, self.search, PassageBudget.of(0)
        )
        shown = self.fence.wrap_passages(passages)
        self.texts.material += [judgement, shown]
        prompt = fill_prompt(
            "short", words=words, judgement=self.fence.wrap("judgement", judgement), passages=shown
        )
        return self._ask_summary(prompt)

    def _ask_summary(self, prompt: str) -> SummaryAnswer | None:
        try:
            return self.session.ask("summary", SummaryAnswer, [self._shared, prompt], _SUMMARY_TOKENS)
        except NoAnswer as error:
            self.outcome.add_failure("summary", error)
        except BudgetReached:
            self.outcome.unasked.append("summary")
        return None

    def _ask_aspect(self, name: AspectName, planned: Sequence[str]) -> None:
        lines = self.lines_of(name)
        requirements = [self._requirements[line.requirement_id] for line in lines]
        queries = [*planned, *(query for r in requirements for query in r.queries[:1])]
        passages = gather_passages(queries, lines, self.documents, self.search, self.budget)
        if not passages:
            return
        policies = gather_policies(requirements, self.application, self.search_policies, self.policy_day)
        prompt = fill_prompt(
            "aspect",
            aspect=name,
            requirements="\n".join(
                f"- {line.requirement_id} [{line.policy_source} ({line.edition}), {line.paragraph}] "
                f"{line.requirement}"
                for line in lines
            ),
            policies=self.fence.wrap_policies(policies),
            passages=self.fence.wrap_passages(passages),
        )
        self.texts.material.append(prompt)
        answer = self.session.ask(
            "aspects",
            AspectAnswer,
            [self._shared, CachePoint(), prompt],
            _ASPECT_TOKENS,
            self.gate.list_faults,
        )
        self.outcome.in_a_row = 0
        self.outcome.aspects[name] = check_aspect(
            answer,
            [line.requirement_id for line in lines],
            self.gate,
            self.texts,
            any(line.compliant is False for line in self.floor.policy_compliance),
        )

    def _describe_application(self) -> str:
        a = self.application
        facts = {
            "reference": a.reference,
            "proposal": a.proposal,
            "site": a.site_address,
            "type": a.application_type,
        }
        editions = ", ".join(f"{source} ({name})" for source, name in self.floor.policy_editions.items())
        documents = "\n".join(
            f"{d.document_id}: {clean_line(d.title)} ({d.document_type}, {len(d.text.pages)} pages)"
            for d in self.documents
        )
        shared = fill_prompt(
            "application",
            application=self.fence.wrap(
                "register, application",
                "\n".join(f"{name}: {clean_line(value)}" for name, value in facts.items() if value),
            ),
            day=format_date(self.policy_day),
            editions=editions or "none",
            documents=self.fence.wrap("register, documents", documents),
        )
        self.texts.material.append(shared)
        return shared
