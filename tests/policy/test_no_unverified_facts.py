"""What is known from memory only is shown to nobody: not in the data, the templates or a review."""

import re
from datetime import date
from itertools import product
from pathlib import Path

import pytest
import yaml

from planning_review.policy.requirements import Requirement, load_requirements
from planning_review.report.html import render_html
from planning_review.report.markdown import render_markdown
from planning_review.yaml_files import read_yaml
from tests.support.evidence_helpers import TODAY, judge_documents, make_document
from tests.support.handmade_review import make_review

PACKAGE = Path(__file__).parents[2] / "planning_review"
CASES = read_yaml(Path(__file__).parents[1] / "data" / "evidence_cases.yaml")

FROM_MEMORY = {
    "LTN 1/20 Table 11-1, spaces by use": (
        r"\b(?:1|one|a) (?:long[- ]stay )?(?:cycle )?(?:space )?(?:per|for (?:each|every)) bedroom"
        r"|\bper (?:1,?000|500|250|200|100) ?(?:m²|m2|sq)|\bper (?:20 staff|10 pupils|200 daily)|Table 11-1"
    ),
    "LTN 1/20 Table 11-2, larger bays": r"Table 11-2",
    "spacing of Sheffield stands": r"\b(?:1\.0 ?m apart|0\.6 ?m from (?:a |the )?walls?)",
    "LTN 1/20 Table 5-3, beside vertical features": r"Table 5-3|\b0\.(?:2|25|5) ?m (?:a|each|per) side",
    "LTN 1/20 Table 5-5, sight distances of cycles": r"Table 5-5|\b(?:31|47) ?m\b|horizontal radius",
    "LTN 1/20 Table 5-8, lengths of gradients": r"Table 5-8|\b[2-4]\.5 ?% (?:for|over|up to) \d+ ?m",
    "cycle design vehicle": r"\b2\.8 ?m (?:by|x|×) 1\.2 ?m|design vehicle (?:is|of) 2\.8",
    "headroom": r"headroom (?:of )?(?:at least )?2\.\d",
    "LTN 1/20 Table 10-2, cells": r"Table 10-2",
    "LTN 1/20 Figure 4.1, bands": r"\b(?:2,000|4,000|6,000) ?pcu|\bpcus? (?:a|per) day",
    "Cycling Level of Service pass mark": r"\b70 ?(?:%|per cent)",
    "set-back of crossings at side roads": r"set back (?:by )?5(?:\.0)? ?m\b",
    "visibility from the minor road": r"\bx[- ]distance|2\.4 ?m (?:x|by) \d",
    "Manual for Streets carriageway": r"\b5\.5 ?m (?:wide )?carriageway|walkable neighbourhood",
    "wording of Cherwell's plan": r"\bSLE ?4\b|\bESD ?15?\b|Bicester 1\b|6,000 homes|eco-town|\bCSD ?\d",
    "numbers of the county's policies": r"\bPolicy 36\b|LTCP Policy [12]\b",
    "speed and flow of mixed traffic, LTN 1/20 7.1.1": r"\b7\.1\.1\b",
    "the NPPF before December 2023, by paragraph": r"NPPF[^.\n]{0,40}20(?:1[289]|21)[^.\n]{0,30}paragraph",
}
SAYS_THE_NPPF_ASKS_FOR_IT = re.compile(
    r"(?:\bNPPF\b|\bFramework\b|national policy)[^.\n]{0,60}"
    r"\b(?:requir\w+|demand\w*|mandat\w+|insist\w*|names?|asks? for|cites?)\b[^.\n]{0,40}LTN ?1/20"
    r"|LTN ?1/20[^.\n]{0,40}\b(?:required|demanded|mandated|made mandatory|cited|named) (?:by|in) "
    r"(?:the )?(?:NPPF|Framework|national)",
    re.IGNORECASE,
)
DECEMBER_2023_FROM_MEMORY = {"110(d)", "112", "115", "116(b)", "116(c)", "116(b),(c)"}
VERIFIED_EDITIONS = {"December 2023", "December 2024", "August 2026"}

STATED_BY_THE_APPLICANT = re.compile(r"\b\d+(?:\.\d+)? ?m(?= stated|</bdi>| \|)")


def read_texts() -> dict[str, str]:
    """Return all that a review or letter can be written from, the sample's own documents left out."""
    paths = [*PACKAGE.rglob("*.yaml"), *PACKAGE.rglob("*.j2")]
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        # Lines of standards say how they are known; nothing is written from one that nobody confirmed.
        if not {"sample", "standards"} & set(path.relative_to(PACKAGE).parts)
    }


def render_everything() -> dict[str, str]:
    """Return reviews of breaches and of compliance on three days, each as Markdown and as a page.

    Each day has a third of the sentences. Those that state such a value themselves are left out: a quote is
    the applicant's word.
    """
    rendered = {}
    days = (TODAY, date(2025, 2, 1), date(2024, 11, 1))
    for verdict, (third, day) in product((False, True), enumerate(days)):
        pages = [s for _, s, compliant in CASES if compliant is verdict and not name_facts(s)][third::3]
        judgement = judge_documents([make_document(pages, document_id="1-1-1")], on_date=day)
        review = make_review(judgement=judgement.model_dump())
        rendered[f"{verdict} {day} markdown"] = render_markdown(review, 100_000)
        rendered[f"{verdict} {day} page"] = render_html(review, day)
    return rendered


def name_facts(text: str) -> list[str]:
    """Name the facts from memory that a text states."""
    return [name for name, pattern in FROM_MEMORY.items() if re.search(pattern, text, re.IGNORECASE)]


def without_patterns(name: str, text: str) -> str:
    """Return a data file without what reads documents and is never shown."""
    if name.startswith("policy/requirements/"):
        rows = yaml.safe_load(text)
        for row in rows:
            row.pop("asks")
        return yaml.safe_dump(rows, allow_unicode=True, width=10_000)
    is_of_rules = name.startswith("rules/") and name.endswith(".yaml")
    return "" if is_of_rules else text


@pytest.mark.parametrize(("name", "text"), read_texts().items(), ids=list(read_texts()))
def test_no_data_or_template_states_a_fact_from_memory(name: str, text: str) -> None:
    shown = without_patterns(name, text)
    assert name_facts(shown) == []
    assert not SAYS_THE_NPPF_ASKS_FOR_IT.search(shown)


@pytest.mark.slow
def test_no_review_states_a_fact_from_memory() -> None:
    rendered = render_everything()
    assert len(rendered) == 12
    for name, text in rendered.items():
        assert "Table 5-2" in text, name
        assert name_facts(STATED_BY_THE_APPLICANT.sub("", text)) == [], name
        assert not SAYS_THE_NPPF_ASKS_FOR_IT.search(text), name


@pytest.mark.parametrize("requirement", load_requirements(), ids=lambda r: r.id)
def test_a_paragraph_is_cited_only_from_an_edition_in_which_it_was_read(requirement: Requirement) -> None:
    for text in requirement.cited_as:
        if text.source == "NPPF":
            assert set(text.paragraphs) <= VERIFIED_EDITIONS
            assert text.paragraphs.get("December 2023") not in DECEMBER_2023_FROM_MEMORY
            assert "LTN" not in (text.requirement or requirement.requirement)


@pytest.mark.parametrize(
    "sentence",
    [
        "Homes need 1 space per bedroom.",
        "The cycle design vehicle is 2.8 m by 1.2 m.",
        "Policy SLE4 asks for a modal shift.",
        "A cycle track needs 2.4 m of headroom: headroom of 2.4 m.",
    ],
)
def test_a_fact_from_memory_would_be_found(sentence: str) -> None:
    assert name_facts(sentence)


@pytest.mark.parametrize(
    ("sentence", "claims"),
    [
        ("The NPPF requires compliance with LTN 1/20.", True),
        ("LTN 1/20 is required by the Framework.", True),
        ("Neither edition names LTN 1/20: it is guidance.", False),
    ],
)
def test_a_claim_about_the_nppf_would_be_found(sentence: str, claims: bool) -> None:
    assert bool(SAYS_THE_NPPF_ASKS_FOR_IT.search(sentence)) is claims
