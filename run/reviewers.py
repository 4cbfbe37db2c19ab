"""The reviewer for a model's name."""

from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.parking_standards import load_standards
from planning_review.report.wording import describe_judgement
from planning_review.rules.reviewer import Reviewer
from planning_review.rules.rules_reviewer import EvidenceReviewer
from planning_review.settings import Settings, load_settings


def make_reviewer(model: str, settings: Settings | None = None) -> Reviewer:
    """Return the reviewer that goes by a name, or raise UsageError; nothing is sent.

    settings are read where none are given.
    """
    settings = settings or load_settings()
    standards = load_standards(settings.data_dir)
    if model == EVIDENCE_MODEL:
        return EvidenceReviewer(standards)
    # Its packages take a second to load, which no review by rules should wait for.
    from planning_review.model.reviewer import ModelReviewer

    key = settings.anthropic_api_key
    return ModelReviewer(
        model,
        standards=standards,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.anthropic_base_url,
        budget_usd=settings.model_budget_usd,
        timeout_seconds=settings.model_timeout_seconds,
        summary_words=settings.summary_words,
        describe=describe_judgement,
    )
