"""The reviewer that asks a language model: never better than the rules, and only by quotes that stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic_ai.models import parse_model_id

from planning_review.model.answers import ANSWERS, TextsAnswer
from planning_review.model.checking import QuoteGate
from planning_review.model.composing import compose_judgement
from planning_review.model.connect import Connected, connect
from planning_review.model.fencing import Fence
from planning_review.model.gathering import is_in_force
from planning_review.model.interview import MATTERS, TEXTS, Interview
from planning_review.model.ledger import Ledger
from planning_review.model.lenient import good_text
from planning_review.model.letter_words import list_breaches, write_letter_texts
from planning_review.model.looking import MOST_LOOKS, DrawPage, Looking
from planning_review.model.notices import describe_disputes, describe_use, explain_evidence_only
from planning_review.model.prompt_files import prompts_version, read_prompt
from planning_review.model.session import ModelSession
from planning_review.model.short_review import is_quiet
from planning_review.model.text_checks import TextCheck
from planning_review.model.whole import WholeTexts, choose_whole
from planning_review.models import Application
from planning_review.policy.parking_standards import Standards
from planning_review.policy.passages import SearchPolicies, find_no_policies
from planning_review.rules.gates import is_evidence
from planning_review.rules.judgement import Difference, Judgement, OtherMatter, OverallRating
from planning_review.rules.reviewer import ReadDocument, ReadingAccount, SearchPassages
from planning_review.rules.rules_reviewer import EvidenceReviewer
from planning_review.settings import Settings

REVIEWER_VERSION = "3"
"""Raise it whenever what is asked, checked or merged changes what comes out."""

_FEWEST_SUMMARY_WORDS = 10


@dataclass
class _Given:
    """What a model gave of one application, each part None or empty where it gave none."""

    judgement: Judgement
    matters: tuple[OtherMatter, ...] = ()
    texts: TextsAnswer | None = None


class ModelReviewer:
    """Judges with the help of a model; the evidence reviewer's judgement is the floor under its answers.

    Raises ModelUnavailable where the model's server is overloaded or away for too long, PermanentError
    where it takes no request. A refusal, or no answer that can be used, gives the evidence reviewer's
    judgement, which says so. describe puts a judgement into plain lines, for the model to summarise; draw
    gives it a page as a picture.
    """

    def __init__(
        self,
        model: str,
        *,
        settings: Settings,
        describe: Callable[[Judgement], str],
        standards: Standards | None = None,
        draw: DrawPage | None = None,
        connected: Connected | None = None,
    ) -> None:
        self._connected = connected or connect(model, settings)
        self._settings = settings
        self._describe = describe
        self._draw = draw
        self._evidence = EvidenceReviewer(standards)
        self.name = model
        # What a review may cost, read and say, and how long it may be, decide what comes out, too.
        options = (
            f"{settings.summary_words}w{settings.model_budget_usd:g}usd{settings.model_budget_tokens}t"
            f"{settings.model_whole_tokens}whole{settings.model_can.replace(' ', '')}"
        )
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
        ledger = Ledger(
            provider or "", model_name, self._settings.model_budget_usd, self._settings.model_budget_tokens
        )
        fence, texts = Fence(), TextCheck(policy_day)
        quiet = is_quiet(floor, documents)
        most_tokens = self._settings.model_whole_tokens
        evidence = {d.document_id: d for d in documents if is_evidence(d)}
        whole = (
            WholeTexts((), tuple(evidence.values()), "")
            if quiet
            else choose_whole(documents, floor, fence, most_tokens)
        )
        looking = Looking(
            documents=evidence,
            search=search,
            search_policies=search_policies,
            in_force=lambda passage: is_in_force(passage, application, policy_day),
            fence=fence,
            texts=texts,
            draw=self._draw if self._connected.abilities.images else None,
        )
        with ModelSession(
            self._connected,
            ledger,
            read_prompt("system"),
            self._settings.model_timeout_seconds,
            ANSWERS,
            () if quiet else looking.list_tools(),
            MOST_LOOKS,
        ) as session:
            interview = Interview(
                session=session,
                application=application,
                documents=documents,
                floor=floor,
                policy_day=policy_day,
                looking=looking,
                gate=QuoteGate({i: d.text.pages for i, d in evidence.items()}, floor.suspicious),
                texts=texts,
                fence=fence,
                whole=whole,
                account=account or ReadingAccount(),
            )
            given = self._ask_short(interview) if quiet else self._ask(interview)
        used = {
            "stages": ledger.by_stage(),
            "tokens": ledger.tokens(),
            "cost_usd": ledger.cost_usd(),
            "looks": tuple(looking.looks),
        }
        if not (interview.outcome.aspects or given.texts or given.matters):
            notice = explain_evidence_only(self.name, interview.outcome)
            return floor.model_copy(update={**used, "notices": (*floor.notices, notice)})
        judgement = given.judgement
        if given.texts:
            judgement = self._add_texts(given, given.texts, interview)
        notices = [
            *describe_use(self.name, interview.outcome, texts.left_out, ledger, self._connected.abilities),
            *describe_disputes(judgement, floor.overall_rating),
        ]
        return judgement.model_copy(
            update={
                **used,
                "model": self.name,
                "prompt_version": self.version,
                "other_matters": given.matters,
                "notices": (*notices, *floor.notices),
            }
        )

    def _ask_short(self, interview: Interview) -> _Given:
        floor = interview.floor
        texts = interview.ask_short(self._describe(floor), self._settings.summary_words)
        return _Given(floor, texts=texts)

    def _ask(self, interview: Interview) -> _Given:
        interview.ask_aspects()
        outcome = interview.outcome
        if outcome.unasked:
            # The rest is as dear; what is judged so far stands.
            outcome.unasked += [MATTERS, TEXTS]
        given = _Given(interview.floor)
        if outcome.aspects:
            given.judgement = compose_judgement(interview.floor, outcome.aspects, interview.documents)
        if outcome.unasked or outcome.has_given_up or not outcome.aspects:
            return given
        given.matters = interview.ask_matters()
        given.texts = interview.ask_texts(
            self._describe(given.judgement),
            _list_findings(given.judgement),
            self._settings.summary_words,
        )
        return given

    def _add_texts(self, given: _Given, texts: TextsAnswer, interview: Interview) -> Judgement:
        """Put the model's summary in place of the rules', as far as it contradicts nothing."""
        judgement, check = given.judgement, interview.texts
        overall: OverallRating = judgement.overall_rating
        has_breach = any(line.compliant is False for line in judgement.policy_compliance)
        text = check.keep_sound(good_text(texts.summary), self._settings.summary_words, has_breach)
        update: dict[str, object] = {
            "letter_texts": write_letter_texts(
                texts,
                judgement,
                interview.application,
                {d.document_id: d.title for d in interview.documents},
                check,
            )
        }
        if len(text.split()) >= _FEWEST_SUMMARY_WORDS:
            update["summary"] = text
        rating = texts.overall_rating
        if isinstance(rating, str) and rating not in (overall, "no evidence"):
            difference = Difference(
                subject="overall",
                evidence=interview.floor.overall_rating,
                model=rating,
                stands=overall,
            )
            update["differences"] = (difference, *judgement.differences)
        return judgement.model_copy(update=update)


def _list_findings(judgement: Judgement) -> str:
    """Return the findings that a letter may speak of, each with its quotes."""
    return "\n".join(
        f"- {line.requirement_id} [{line.policy_source} ({line.edition}), {line.paragraph}] "
        f"{line.requirement} " + " ".join(f"“{c.quote}”" for c in line.citations if c.verified)
        for line in list_breaches(judgement)
    )
