"""A policy document becomes passages that carry the number they are cited by."""

from collections.abc import Sequence

import pytest

from planning_review.documents.chunking import MAX_TOKENS
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.policy.numbering import find_chain
from planning_review.policy.splitting import LabelledPassage, split_policy

TOPICS = ("housing land", "town centres", "cycle routes", "bus stops", "open space", "flood risk", "heritage")


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


def split(embedder: MiniLMEmbedder, *pages: str) -> list[LabelledPassage]:
    return split_policy(pages, embedder.count_tokens)


def texts_of(passages: Sequence[LabelledPassage], label: str) -> list[str]:
    return [passage.text for passage in passages if passage.paragraph == label]


def write_framework(count: int, per_page: int = 9) -> list[str]:
    """Write a framework as the one of 2024 is set: paragraphs 1 to count in chapters, on numbered pages."""
    pages = [
        "Framework for Places\nDecember 2024",
        "Contents\n"
        + "\n".join(f"{n}. {topic.capitalize()} {3 + n}" for n, topic in enumerate(TOPICS, start=1)),
    ]
    body: list[str] = []
    chapters = 0
    for number in range(1, count + 1):
        if number % 20 == 1 and chapters < len(TOPICS):
            chapters += 1
            body.append(f"{chapters}. {TOPICS[chapters - 1].capitalize()}")
        topic = TOPICS[number % len(TOPICS)]
        body += [
            f"{number}. Plans and decisions should take account of {topic} where it is relevant, and",
            "take opportunities to improve it, in particular:",
            f"a) by keeping what is good about {topic};",
            "b) by providing for all who use it, within",
            "30 years of the plan's beginning.",
        ]
    lines_per_page = per_page * 5
    for number, start in enumerate(range(0, len(body), lines_per_page), start=3):
        page = "\n".join(body[start : start + lines_per_page])
        pages.append(f"Framework for Places, December 2024\n{page}\n{number}")
    return pages


def test_every_numbered_paragraph_is_found_with_its_items(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, *write_framework(232))
    numbers = [passage.paragraph for passage in passages if passage.paragraph.isdigit()]
    assert numbers == [str(number) for number in range(1, 233)]
    (text,) = texts_of(passages, "117")
    assert text.startswith("Plans and decisions should take account of")
    assert text.endswith("b) by providing for all who use it, within 30 years of the plan's beginning.")
    assert "\na) by keeping" in text


def test_headers_page_numbers_and_contents_are_left_out(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, *write_framework(100))
    everything = "\n".join(passage.text for passage in passages)
    assert "Framework for Places, December" not in everything
    assert not [line for line in everything.splitlines() if line.strip().isdigit()]
    assert {passage.heading for passage in passages if passage.paragraph == "45"} == {"3. Cycle routes"}


def test_pages_are_counted_from_one(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, *write_framework(60))
    pages = [passage.page for passage in passages if passage.paragraph.isdigit()]
    assert pages == sorted(pages)
    assert (pages[0], pages[-1]) == (3, 9)


CODED = """\
National Planning Policy Framework
August 2026
Contents
1. Introduction 3
15. Promoting sustainable transport 68
TR3: Locating development 69
TR4: Street design, access and parking 70
TR6: Assessing transport impacts 71
1. Introduction
Using the Framework
1. This Framework sets out planning policies for England and how they are expected
to be applied.
2. It is to be read as a whole.
2. Promoting sustainable transport
The objective of these policies is that transport is considered fully.
National decision-making policies
TR3: Locating development
1. Development should be where the need to travel is low, taking into account
the vision for the site:
a. Opportunities should be taken to walk and cycle; and
b. In rural areas, opportunities to improve cycling should be taken.
2. The Connectivity Tool should be used.
TR4: Street design, access and parking
1. Proposals should:
a. Give priority first to walking, wheeling and cycle movements;
i. within the scheme; and
ii. with neighbouring areas.
2. The principles set out in national design guidance should be used.
TR6: Assessing transport impacts
1. Proposals that generate significant movement should be supported by a travel plan.
2. Travel plans should identify fallback options.
3. Development should be refused where the harm is severe.
Annex A: Implementation
1. These policies are material from the day of publication.
2. Policies that are inconsistent get very limited weight.
"""


def test_policies_with_codes_are_split_by_their_limbs(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, CODED)
    labels = [passage.paragraph for passage in passages]
    assert labels == [
        "National Planning Policy Framework",
        "chapter 1",
        "chapter 1, paragraph 1",
        "chapter 1, paragraph 2",
        "chapter 2",
        "TR3(1)",
        "TR3(2)",
        "TR4(1)",
        "TR4(2)",
        "TR6(1)",
        "TR6(2)",
        "TR6(3)",
        "Annex A, paragraph 1",
        "Annex A, paragraph 2",
    ]
    (first_limb,) = texts_of(passages, "TR4(1)")
    assert "a. Give priority first to walking, wheeling and cycle movements;" in first_limb
    assert "ii. with neighbouring areas." in first_limb
    assert {p.heading for p in passages if p.paragraph.startswith("TR4")} == {
        "Street design, access and parking"
    }


SECTIONS = """\
6 Space for cycling
6.5 Shared use
6.5.1 Shared use with pedestrians is a last resort in streets, and was often
6.5 m wide or less where it failed.
6.5.2 Where it is unavoidable, Table 6-3 gives the widths.
Table 6-3: Recommended minimum widths
Up to 300 cyclists an hour 3.0m
6.5.3 Signs do not mend a path that is too narrow.
6.5.4 Corduroy paving warns of the change.
6.5.5 Kerbs are better than lines.
6.5.6 Shared use may be appropriate in some situations, if well designed:
alongside interurban roads; and
at crossings.
Figure 6.1 A stepped track
6.6 Kerbs
6.6.1 Kerbs should be forgiving.
"""


def test_sections_tables_and_figures_have_their_labels(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, SECTIONS)
    by_label = {passage.paragraph: passage for passage in passages}
    assert [label for label in by_label if label.startswith("6.5.")] == [f"6.5.{n}" for n in range(1, 7)]
    assert by_label["6.5.6"].heading == "Shared use"
    assert by_label["6.5.1"].text.endswith("was often 6.5 m wide or less where it failed.")
    assert by_label["Table 6-3"].text == "Recommended minimum widths Up to 300 cyclists an hour 3.0m"
    assert by_label["Figure 6.1"].text == "A stepped track"
    assert by_label["6.6.1"].heading == "Kerbs"


PLAN = """\
Adopted Local Plan
B.41 The district is rural and many people drive.
B.42 Roads are busy at peak times.
B.43 Cycling is possible between the towns.
B.44 The county council is the highway authority.
B.45 Policy SLE 4 is what the plan does about
it. Policy SLE 4
is read with others.
Policy SLE 4: Improved Transport and Connections
The Council will support improvements to the network.
All development where reasonable to do so, should facilitate the use of
sustainable modes of transport.
B.46 The towns grow.
Policy Bicester 1: North West Bicester Eco-Town
Development should be a compact walkable neighbourhood.
"""


def test_policies_of_a_local_plan_stand_between_its_paragraphs(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, PLAN)
    labels = [passage.paragraph for passage in passages]
    assert labels == [
        *(f"B.{n}" for n in range(41, 46)),
        "Policy SLE 4",
        "B.46",
        "Policy Bicester 1",
    ]
    by_label = {passage.paragraph: passage for passage in passages}
    assert by_label["Policy SLE 4"].heading == "Improved Transport and Connections"
    assert by_label["Policy SLE 4"].text.endswith("sustainable modes of transport.")
    assert by_label["B.45"].text.endswith("Policy SLE 4 is read with others.")


def test_numbers_on_lines_of_their_own_belong_to_what_follows(embedder: MiniLMEmbedder) -> None:
    lines = [f"4.1.{n} \nThe council supports routes of kind {n} for all.\n" for n in range(1, 8)]
    passages = split(embedder, "4.1 \nRoutes\n" + "".join(lines))
    assert [passage.paragraph for passage in passages] == [f"4.1.{n}" for n in range(1, 8)]
    assert {passage.heading for passage in passages} == {"Routes"}


def test_long_passages_are_cut_and_keep_their_label(embedder: MiniLMEmbedder) -> None:
    sentence = "Development should provide secure and covered cycle parking near the entrance. "
    page = "".join(f"{n}. {sentence * (60 if n == 3 else 1)}\n" for n in range(1, 8))
    passages = split(embedder, page)
    pieces = texts_of(passages, "3")
    assert len(pieces) > 3
    assert max(embedder.count_tokens([passage.text for passage in passages])) <= MAX_TOKENS
    assert texts_of(passages, "4") == [sentence.strip()]


def test_no_passage_is_without_a_label(embedder: MiniLMEmbedder) -> None:
    passages = split(embedder, "just some words\nthat no number heads.\n", "And more of them.")
    assert [passage.paragraph for passage in passages] == ["Opening text"]
    headed = split(embedder, "# Foreword\nWe care about cycling.\n# Vision\nA county of riders.")
    assert [(p.paragraph, p.text) for p in headed] == [
        ("Foreword", "We care about cycling."),
        ("Vision", "A county of riders."),
    ]
    assert split(embedder, "", " \n") == []


def test_footnotes_do_not_interrupt_a_paragraph(embedder: MiniLMEmbedder) -> None:
    pages = [
        "\n".join(f"{n}. Sentence number {n} of the plan is here." for n in range(1, 6))
        + "\n6. Priority goes to people who walk and\n"
        "1 Manual for Streets, and the guidance\nthat goes with it.",
        "cycle, everywhere.\n7. Parking is secure.",
    ]
    passages = split(embedder, *pages)
    assert texts_of(passages, "6") == ["Priority goes to people who walk and cycle, everywhere."]
    assert texts_of(passages, "footnote 1") == ["Manual for Streets, and the guidance that goes with it."]


@pytest.mark.parametrize(
    ("numbers", "chain"),
    [
        ([(1,), (2,), (3,), (1,), (2,), (3,)], [3, 4, 5]),
        ([(1,), (2,), (17,), (3,), (5,)], [0, 1, 3, 4]),
        ([(1,), (1, 1), (1, 2), (1, 1), (1, 1, 1), (1, 1, 2), (1, 2), (2,)], [0, 3, 4, 5, 6, 7]),
        ([(6, 5, 1), (3, 5), (6, 5, 2), (7, 1, 1)], [0, 2, 3]),
        ([], []),
    ],
)
def test_a_documents_own_numbers_are_the_longest_chain(
    numbers: list[tuple[int, ...]], chain: list[int]
) -> None:
    assert find_chain(numbers) == chain
