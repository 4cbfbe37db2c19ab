"""The reviewer that asks a language model: never better than the rules, and only by quotes that stand."""

from collections.abc import Callable, Sequence
from datetime import date

from pydantic_ai.models import parse_model_id

from planning_review.model.answers import SummaryAnswer
from planning_review.model.checking import QuoteGate
from planning_review.model.composing import compose_judgement
from planning_review.model.connect import make_model
from planning_review.model.interview import Interview
from planning_review.model.ledger import BudgetReached, Ledger
from planning_review.model.lenient import good_text
from planning_review.model.notices import describe_use, explain_evidence_only
from planning_review.model.prompt_files import prompts_version, read_prompt
from planning_review.model.session import ModelSession
from planning_review.model.short_review import is_quiet
from planning_review.model.text_checks import TextCheck
from planning_review.models import Application
from planning_review.policy.parking_standards import Standards
from planning_review.policy.passages import SearchPolicies, find_no_policies
from planning_review.rules.gates import is_evidence
from planning_review.rules.judgement import Difference, Judgement, OverallRating
from planning_review.rules.reviewer import ReadDocument, ReadingAccount, SearchPassages
from planning_review.rules.rules_reviewer import EvidenceReviewer

REVIEWER_VERSION = "2"
"""Raise it whenever what is asked, checked or merged changes what comes out."""

_FEWEST_SUMMARY_WORDS = 10


class ModelReviewer:
    """Judges with the help of a model; the evidence reviewer's judgement is the floor under its answers.

    Raises ModelUnavailable where the model's server is overloaded or away for too long, PermanentError
    where it takes no request. A refusal, or no answer that can be used, gives the evidence reviewer's
    judgement, which says so. describe puts a judgement into plain lines, for the model to summarise.
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: str | None,
        base_url: str | None,
        budget_usd: float,
        timeout_seconds: float,
        summary_words: int,
        describe: Callable[[Judgement], str],
        standards: Standards | None = None,
    ) -> None:
        self._model = make_model(model, api_key, base_url)
        self._secret = api_key
        self._budget_usd = budget_usd
        self._timeout_seconds = timeout_seconds
        self._summary_words = summary_words
        self._describe = describe
        self._evidence = EvidenceReviewer(standards)
        self.name = model
        # What a review may cost and how long it may be decide what comes out, too.
        options = f"{summary_words}w{budget_usd:g}usd"
        self.version = f"{REVIEWER_VERSION}-{prompts_version()}-{options}-{self._evidence.version}"

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
        floor = self._evidence.judge(application, documents, search, on_date, search_policies, account)
        policy_day = application.decision_date or on_date
        provider, model_name = parse_model_id(self.name)
        ledger = Ledger(provider or "", model_name, self._budget_usd)
        with ModelSession(
            self._model, ledger, read_prompt("system"), self._timeout_seconds, self._secret
        ) as session:
            interview = Interview(
                session=session,
                application=application,
                documents=documents,
                floor=floor,
                policy_day=policy_day,
                search=search,
                search_policies=search_policies,
                gate=QuoteGate(
                    {d.document_id: d.text.pages for d in documents if is_evidence(d)}, floor.suspicious
                ),
                texts=TextCheck(policy_day),
            )
            judgement, summary = self._ask(interview, is_quiet(floor, documents))
        used = {"stages": ledger.by_stage(), "tokens": ledger.tokens(), "cost_usd": ledger.cost_usd()}
        if not (interview.outcome.aspects or summary):
            notice = explain_evidence_only(self.name, interview.outcome, ledger, self._budget_usd)
            return floor.model_copy(update={**used, "notices": (*floor.notices, notice)})
        if summary:
            judgement = self._add_summary(judgement, summary, interview.texts, floor.overall_rating)
        notices = describe_use(
            self.name, interview.outcome, interview.texts.left_out, ledger, self._budget_usd
        )
        return judgement.model_copy(
            update={
                **used,
                "model": self.name,
                "prompt_version": self.version,
                "notices": (*notices, *floor.notices),
            }
        )

    def _ask(self, interview: Interview, quiet: bool) -> tuple[Judgement, SummaryAnswer | None]:
        floor = interview.floor
        if quiet:
            return floor, interview.ask_short(self._describe(floor), self._summary_words)
        try:
            queries = interview.ask_plan()
        except BudgetReached:
            interview.outcome.unasked = [*(aspect.name for aspect in floor.aspects), "summary"]
            return floor, None
        interview.ask_aspects(queries)
        if not interview.outcome.aspects:
            return floor, None
        judgement = compose_judgement(floor, interview.outcome.aspects, interview.documents)
        return judgement, interview.ask_summary(self._describe(judgement), self._summary_words)

    def _add_summary(
        self, judgement: Judgement, given: SummaryAnswer, texts: TextCheck, evidence: OverallRating
    ) -> Judgement:
        """Put the model's summary in place of the rules', as far as it contradicts nothing."""
        overall = judgement.overall_rating
        has_breach = any(line.compliant is False for line in judgement.policy_compliance)
        text = texts.keep_sound(good_text(given.summary), self._summary_words, has_breach)
        update: dict[str, object] = {}
        if len(text.split()) >= _FEWEST_SUMMARY_WORDS:
            update["summary"] = text
        if isinstance(given.overall_rating, str) and given.overall_rating not in (overall, "no evidence"):
            difference = Difference(
                subject="overall",
                evidence=evidence,
                model=given.overall_rating,
                stands=overall,
            )
            update["differences"] = (difference, *judgement.differences)
        return judgement.model_copy(update=update)
