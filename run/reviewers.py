"""The reviewer for a model's name."""

from typing import TYPE_CHECKING

from planning_review.parameters import EVIDENCE_MODEL
from planning_review.policy.parking_standards import load_standards
from planning_review.report.wording import describe_judgement
from planning_review.rules.reviewer import Reviewer
from planning_review.rules.rules_reviewer import EvidenceReviewer
from planning_review.settings import Settings, load_settings

if TYPE_CHECKING:
    from planning_review.model.looking import DrawPage


def make_reviewer(model: str, settings: Settings | None = None, draw: "DrawPage | None" = None) -> Reviewer:
    """Return the reviewer that goes by a name, or raise UsageError; nothing is sent.

    settings are read where none are given. draw gives a model that can see a page as a picture.
    """
    settings = settings or load_settings()
    standards = load_standards(settings.data_dir)
    if model == EVIDENCE_MODEL:
        return EvidenceReviewer(standards)
    # Its packages take a second to load, which no review by rules should wait for.
    from planning_review.model.reviewer import ModelReviewer

    return ModelReviewer(
        model, settings=settings, describe=describe_judgement, standards=standards, draw=draw
    )
