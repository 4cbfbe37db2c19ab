"""What a model is asked of one application, stage by stage, and what became of each question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic_ai.messages import CachePoint

from planning_review.dates import format_date
from planning_review.model.answers import AspectAnswer, AspectsAnswer, MattersAnswer, TextsAnswer
from planning_review.model.checking import QuoteGate, check_aspect
from planning_review.model.fencing import Fence, clean_line, label_page
from planning_review.model.gathering import PassageBudget, gather_passages, gather_policies
from planning_review.model.ledger import BudgetReached
from planning_review.model.lenient import keep_good
from planning_review.model.looking import Looking
from planning_review.model.matters import MatterCheck
from planning_review.model.metering import NoAnswer
from planning_review.model.outcome import Outcome
from planning_review.model.prompt_files import fill_prompt
from planning_review.model.session import ModelSession, Prompt
from planning_review.model.text_checks import TextCheck
from planning_review.model.whole import WholeTexts
from planning_review.models import Application
from planning_review.policy.requirements import requirements_by_id
from planning_review.rules.conclusions import lines_of_aspect, name_compliance
from planning_review.rules.judgement import ComplianceLine, Judgement, OtherMatter
from planning_review.rules.reviewer import ReadDocument, ReadingAccount

ASPECTS_A_QUESTION = 3
MATTERS = "other matters"
TEXTS = "texts"

_ASPECTS_TOKENS = 14_000
_MATTERS_TOKENS = 8_000
_TEXTS_TOKENS = 6_000
_SHORT_TOKENS = 2_000


@dataclass
class Interview:
    """Asks a model about one application that the evidence reviewer has judged.

    whole are the documents that it reads whole; they go before every question and stay in the cache.
    """

    session: ModelSession
    application: Application
    documents: Sequence[ReadDocument]
    floor: Judgement
    policy_day: date
    looking: Looking
    gate: QuoteGate
    texts: TextCheck
    fence: Fence
    whole: WholeTexts
    account: ReadingAccount
    outcome: Outcome = field(default_factory=Outcome)

    def __post_init__(self) -> None:
        self._budget = PassageBudget.of(sum(len(d.text.pages) for d in self.whole.beyond))
        self._requirements = requirements_by_id()
        self._titles = {d.document_id: d.title for d in self.documents}
        self._shared = self._describe_application()
        self.texts.material.append(self.whole.text)

    def ask_aspects(self) -> None:
        """Ask for a few aspects at a time; where the budget ends, or the model has given up, no more."""
        names = [aspect.name for aspect in self.floor.aspects]
        for start in range(0, len(names), ASPECTS_A_QUESTION):
            asked = names[start : start + ASPECTS_A_QUESTION]
            if self.outcome.has_given_up:
                return
            try:
                self._ask_aspects(asked)
            except NoAnswer as error:
                self.outcome.add_failure(asked, error)
            except BudgetReached as reason:
                done = {*self.outcome.aspects, *self.outcome.unanswered}
                self.outcome.add_unasked([name for name in names if name not in done], reason)
                return

    def ask_matters(self) -> tuple[OtherMatter, ...]:
        """Return what the model raises beyond the requirements, as far as it stands."""
        policies = gather_policies(
            list(self._requirements.values()),
            self.application,
            self.looking.search_policies,
            self.policy_day,
        )
        self.looking.note_policies(policies)
        missing = "\n".join(f"- {omission.title}" for omission in self.floor.omissions)
        whole = "\n".join(
            f"- {clean_line(d.document_id)}"
            for d in self.whole.documents
            if self.whole.has_all_of(d.document_id)
        )
        prompt = fill_prompt(
            "matters",
            policies=self.fence.wrap_policies(policies),
            requirements=self._list_silent(),
            omissions=missing or "none",
            whole=whole or "none",
        )
        self.texts.material.append(prompt)
        check = MatterCheck(self.floor, self.gate, self.texts, self.looking, self.whole, self.account)
        try:
            answer = self.session.ask(
                self._enter("matters"),
                MattersAnswer,
                self._prefix(prompt),
                _MATTERS_TOKENS,
                self.gate.list_matter_faults,
            )
        except NoAnswer as error:
            self.outcome.add_failure([MATTERS], error)
        except BudgetReached as reason:
            self.outcome.add_unasked([MATTERS], reason)
        else:
            self.outcome.in_a_row = 0
            return check.check(answer)
        return ()

    def ask_texts(self, judgement: str, findings: str, words: int) -> TextsAnswer | None:
        """Return the model's summary of a judgement and its words for a letter, None where there are none."""
        shown = self.fence.wrap("judgement", judgement)
        self.texts.material += [judgement, findings]
        prompt = fill_prompt(
            "texts", words=words, judgement=shown, findings=self.fence.wrap("findings", findings or "none")
        )
        return self._ask_texts(self._prefix(prompt), _TEXTS_TOKENS)

    def ask_short(self, judgement: str, words: int) -> TextsAnswer | None:
        """Return the model's summary where there is no transport content, None where it gave none."""
        asked = [requirement.queries[0] for requirement in self._requirements.values() if requirement.core]
        passages = gather_passages(
            asked, self.floor.policy_compliance, self.documents, self.looking.search, PassageBudget.of(0)
        )
        shown = self.fence.wrap_passages(passages)
        self.texts.material += [judgement, shown]
        prompt = fill_prompt(
            "short", words=words, judgement=self.fence.wrap("judgement", judgement), passages=shown
        )
        return self._ask_texts([self._shared, prompt], _SHORT_TOKENS)

    def _ask_texts(self, prompt: Prompt, most_tokens: int) -> TextsAnswer | None:
        try:
            return self.session.ask(self._enter("texts"), TextsAnswer, prompt, most_tokens)
        except NoAnswer as error:
            self.outcome.add_failure([TEXTS], error)
        except BudgetReached as reason:
            self.outcome.add_unasked([TEXTS], reason)
        return None

    def _ask_aspects(self, names: Sequence[str]) -> None:
        written = {name: part for name in names if (part := self._write_aspect(name))}
        if not written:
            return
        names = [*written]
        prompt = fill_prompt("aspects", aspects="\n\n".join(written.values()))
        self.texts.material.append(prompt)
        answer = self.session.ask(
            self._enter("aspects"),
            AspectsAnswer,
            self._prefix(prompt),
            _ASPECTS_TOKENS,
            lambda answer: [*self.gate.list_aspect_faults(answer), *_list_left_out(answer, names)],
        )
        self.outcome.in_a_row = 0
        has_breach = any(line.compliant is False for line in self.floor.policy_compliance)
        for given in keep_good(answer.aspects, AspectAnswer):
            if given.aspect in names and given.aspect not in self.outcome.aspects:
                ids = [line.requirement_id for line in self._lines_of(given.aspect)]
                self.outcome.aspects[given.aspect] = check_aspect(
                    given, ids, self.gate, self.texts, has_breach
                )
        left_out = [name for name in names if name not in self.outcome.aspects]
        self.outcome.unanswered |= dict.fromkeys(left_out, "gave no answer that could be used")

    def _write_aspect(self, name: str) -> str:
        """Return what a model needs for an aspect beside the whole documents, "" where there is no text."""
        lines = self._lines_of(name)
        requirements = [self._requirements[line.requirement_id] for line in lines]
        queries = [query for r in requirements for query in r.queries[:1]]
        beyond = gather_passages(queries, (), self.whole.beyond, self.looking.search, self._budget)
        if not (beyond or self.whole.documents):
            return ""
        policies = gather_policies(
            requirements, self.application, self.looking.search_policies, self.policy_day
        )
        self.looking.note_policies(policies)
        return fill_prompt(
            "aspect",
            aspect=name,
            requirements="\n".join(
                f"- {line.requirement_id} [{line.policy_source} ({line.edition}), {line.paragraph}] "
                f"{line.requirement}"
                for line in lines
            ),
            found="\n\n".join(filter(None, map(self._write_found, lines))) or "Nothing.",
            policies=self.fence.wrap_policies(policies),
            passages=self.fence.wrap_passages(beyond) if self.whole.beyond else "All are above.",
        )

    def _write_found(self, line: ComplianceLine) -> str:
        if line.compliant is None or not line.citations:
            return ""
        quotes = "\n".join(
            self.fence.wrap(label_page(c.document_id, c.page, self._titles.get(c.document_id, "")), c.quote)
            for c in line.citations
        )
        return f"Of {line.requirement_id} the rules say {name_compliance(line.compliant)}, by:\n{quotes}"

    def _list_silent(self) -> str:
        lines = [
            line for line in self.floor.policy_compliance if line.compliant is None and not line.citations
        ]
        return "\n".join(
            f"- {line.requirement_id}: {self._requirements[line.requirement_id].title}" for line in lines
        )

    def _lines_of(self, aspect: str) -> list[ComplianceLine]:
        return lines_of_aspect(aspect, self.floor.policy_compliance, self._requirements)

    def _prefix(self, prompt: str) -> Prompt:
        """Return a question after all that is the same for every question."""
        whole = self.whole.text or "None is sent whole."
        return [self._shared, f"The documents that are sent whole:\n\n{whole}", CachePoint(), prompt]

    def _enter(self, stage: str) -> str:
        self.looking.stage = stage
        return stage

    def _describe_application(self) -> str:
        a = self.application
        facts = {
            "reference": a.reference,
            "proposal": a.proposal,
            "site": a.site_address,
            "type": a.application_type,
        }
        editions = ", ".join(f"{source} ({name})" for source, name in self.floor.policy_editions.items())
        whole = {d.document_id for d in self.whole.documents}
        documents = "\n".join(
            f"{clean_line(d.document_id)}: {clean_line(d.title)} ({d.document_type}, "
            f"{len(d.text.pages)} pages{', sent whole' if d.document_id in whole else ''})"
            for d in self.documents
        )
        shared = fill_prompt(
            "application",
            application=self.fence.wrap("register, application", _write_facts(facts)),
            day=format_date(self.policy_day),
            editions=editions or "none",
            documents=self.fence.wrap("register, documents", documents),
        )
        self.texts.material.append(shared)
        return shared


def _list_left_out(answer: AspectsAnswer, names: Sequence[str]) -> list[str]:
    given = [aspect.aspect for aspect in keep_good(answer.aspects, AspectAnswer)]
    return [f"aspects: {name} is left out" for name in names if name not in given]


def _write_facts(facts: Mapping[str, str | None]) -> str:
    return "\n".join(f"{name}: {clean_line(value)}" for name, value in facts.items() if value)
