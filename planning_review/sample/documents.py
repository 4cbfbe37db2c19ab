"""The documents of the sample, each made by a function of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from planning_review.sample.canvas import Canvas, write_pdf
from planning_review.sample.drawings import build_parameter_plan, build_site_plan
from planning_review.sample.layout import A3_WITH_FIGURES, Imprint, PageStyle, set_document
from planning_review.sample.locked_pdf import build_broken_pdf, build_locked_pdf
from planning_review.sample.photographs import draw_location_plan, draw_photograph
from planning_review.sample.planted_facts import PlantedFact, load_planted
from planning_review.sample.prose import parse_prose, read_prose
from planning_review.sample.scanned_letter import build_scanned_letter
from planning_review.sample.traffic_tables import make_traffic_table
from planning_review.sample.word_file import build_word_file

_SITE = "Land east of Ashmead Lane, Brackenford"
_TRANSPORT = "Corrigan Vale Transport Planning"
_COUNCIL = "Sample District Council"
_SHORT = PageStyle(report=False, size=11, leading=16)


@dataclass(frozen=True)
class Order:
    """What is to be made: the file, and the id and title that the register gives it."""

    path: Path
    document_id: str
    title: str


def build_document(builder: str, order: Order) -> None:
    """Make one document. Raises ValueError where a planted sentence is not on its page."""
    BUILDERS[builder](order)


def _sentences(order: Order) -> dict[str, str]:
    facts = [fact for fact in load_planted() if fact.document_id == order.document_id]
    return {fact.key: fact.sentence for fact in facts}


def _check_pages(order: Order, pages: Mapping[str, int]) -> None:
    """Hold planted.yaml to what was built, so that neither can drift from the other."""
    expected = [fact for fact in load_planted() if fact.document_id == order.document_id]
    wrong = [
        _name_difference(fact, pages.get(fact.key)) for fact in expected if pages.get(fact.key) != fact.page
    ]
    if wrong:
        raise ValueError(f"planted.yaml does not agree with the {order.title}: {'; '.join(wrong)}")


def _name_difference(fact: PlantedFact, page: int | None) -> str:
    return f"{fact.key} is on page {page or 'none'}, not {fact.page}"


def _build_prose(order: Order, *, prose: str, author: str, issue: str, style: PageStyle) -> None:
    blocks = parse_prose(read_prose(prose), _sentences(order), make_traffic_table)
    made = set_document(blocks, style, Imprint(order.title, _SITE, author, issue))
    _check_pages(order, made.planted)
    write_pdf(order.path, made.pages, title=order.title, author=author, outline=made.outline)


def _build_construction_plan(order: Order) -> None:
    blocks = parse_prose(read_prose("construction_plan"), _sentences(order))
    build_word_file(order.path, blocks, title=order.title, author="Wendale Land LLP")
    _check_pages(order, {key: 1 for block in blocks for key in getattr(block, "planted", ())})


def _build_scanned_letter(order: Order) -> None:
    text = read_prose("recreation_ground_letter")
    pages: dict[str, int] = {}
    for key, sentence in _sentences(order).items():
        marker = "{{" + key + "}}"
        if marker in text:
            pages[key] = text[: text.index(marker)].count("\n---\n") + 1
            text = text.replace(marker, sentence)
    _check_pages(order, pages)
    build_scanned_letter(order.path, text)


def _build_broken(order: Order) -> None:
    page = Canvas(595.28, 841.89)
    for line in range(30):
        page.draw_text((72, 90 + line * 20), f"Ecological Appraisal, survey sheet {line + 1}", size=11)
    write_pdf(order.path, [page], title=order.title, author="")
    build_broken_pdf(order.path, order.path.read_bytes())


def _build_viability(order: Order) -> None:
    build_locked_pdf(order.path, "Viability Assessment: confidential", password="orchard")  # noqa: S106


def _build_picture(order: Order, *, draw: Callable[[], bytes]) -> None:
    order.path.write_bytes(draw())


def _build_plan(order: Order, *, revision: str, superseded: bool) -> None:
    title = "Land Use Parameter Plan"
    build_parameter_plan(order.path, title=title, number="BRK-020", revision=revision, superseded=superseded)


_REPORT = PageStyle(paragraph_numbers=True, size=11, leading=16.5)
BUILDERS: dict[str, Callable[[Order], None]] = {
    "transport_assessment": partial(
        _build_prose,
        prose="transport_assessment",
        author=_TRANSPORT,
        issue="September 2026, revision C",
        style=_REPORT,
    ),
    "travel_plan": partial(
        _build_prose, prose="travel_plan", author=_TRANSPORT, issue="September 2026", style=PageStyle()
    ),
    "design_and_access": partial(
        _build_prose,
        prose="design_and_access",
        author="Tarrow Studio",
        issue="September 2026",
        style=A3_WITH_FIGURES,
    ),
    "planning_statement": partial(
        _build_prose,
        prose="planning_statement",
        author="Fenwright Planning Limited",
        issue="September 2026",
        style=PageStyle(font="tiro", size=12, leading=17),
    ),
    "form": partial(_build_prose, prose="application_form", author=_COUNCIL, issue="", style=_SHORT),
    "site_notice": partial(_build_prose, prose="site_notice", author=_COUNCIL, issue="", style=_SHORT),
    "highways_response": partial(
        _build_prose, prose="highways_response", author="Sampleshire County Council", issue="", style=_SHORT
    ),
    "comment_mill_lane": partial(
        _build_prose, prose="comment_mill_lane", author=_COUNCIL, issue="", style=_SHORT
    ),
    "comment_rose_cottage": partial(
        _build_prose, prose="comment_rose_cottage", author=_COUNCIL, issue="", style=_SHORT
    ),
    "construction_plan": _build_construction_plan,
    "scanned_letter": _build_scanned_letter,
    "viability": _build_viability,
    "broken": _build_broken,
    "location_plan": partial(_build_picture, draw=draw_location_plan),
    "perspective": partial(_build_picture, draw=partial(draw_photograph, "perspective")),
    "site_plan": lambda order: build_site_plan(order.path),
    "parameter_plan": partial(_build_plan, revision="B", superseded=False),
    "superseded_plan": partial(_build_plan, revision="A", superseded=True),
}
