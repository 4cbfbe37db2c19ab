"""Policy passages in a real Chroma: only the chosen editions are ever found."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from planning_review.index.council_store import open_store
from planning_review.index.embedding import MiniLMEmbedder
from planning_review.index.opened_index import OpenedIndex, open_index
from planning_review.index.policy_index import PolicyIndex
from planning_review.index.policy_store import PolicyStore
from planning_review.index.search import ApplicationIndex
from planning_review.models import Chunk
from planning_review.policy.basis import choose_editions
from planning_review.policy.editions import find_edition
from planning_review.policy.passages import SearchPolicies
from planning_review.policy.splitting import LabelledPassage

TODAY = date(2026, 11, 24)
CYCLING = "give priority first to pedestrian and cycle movements"
NPPF = {
    "September 2023": ("112", f"Under the edition of September 2023, {CYCLING}."),
    "December 2023": ("116", f"Under the edition of December 2023, {CYCLING}."),
    "December 2024": ("117", f"Under the edition of December 2024, {CYCLING}."),
    "August 2026": ("TR4(1)", f"Under the edition of August 2026, {CYCLING}."),
}


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[OpenedIndex]:
    with open_index(folder=tmp_path / "chroma", lock_path=tmp_path / "chroma.lock") as index:
        yield index


@pytest.fixture
def store(index: OpenedIndex, embedder: MiniLMEmbedder) -> PolicyStore:
    return PolicyStore(index, embedder)


def passage(paragraph: str, text: str, heading: str | None = None) -> LabelledPassage:
    return LabelledPassage(paragraph=paragraph, heading=heading, text=text, page=1)


def add(
    store: PolicyStore,
    embedder: MiniLMEmbedder,
    source: str,
    edition: str,
    *passages: LabelledPassage,
    council: str | None = None,
    sha256: str = "0" * 64,
) -> None:
    known = find_edition(source, edition)
    assert known
    vectors = embedder.embed([passage.text for passage in passages])
    store.add_edition(known, council, sha256, passages, vectors)


def add_frameworks(store: PolicyStore, embedder: MiniLMEmbedder, *editions: str) -> None:
    for edition in editions or NPPF:
        add(store, embedder, "NPPF", edition, passage(*NPPF[edition], "Considering proposals"))


def choose(
    store: PolicyStore, embedder: MiniLMEmbedder, decided: date | None, council: str = "cherwell"
) -> PolicyIndex:
    return PolicyIndex(store, embedder, choose_editions(decided, None, TODAY, council), council)


@pytest.mark.parametrize(
    ("decided", "edition", "last_day"),
    [
        (date(2024, 11, 1), "December 2023", date(2024, 12, 11)),
        (date(2025, 2, 1), "December 2024", date(2026, 8, 16)),
        (None, "August 2026", None),
    ],
)
def test_only_the_edition_of_the_applications_day_is_found(
    store: PolicyStore,
    embedder: MiniLMEmbedder,
    decided: date | None,
    edition: str,
    last_day: date | None,
) -> None:
    add_frameworks(store, embedder)
    search: SearchPolicies = choose(store, embedder, decided)
    for found in search([CYCLING, NPPF["September 2023"][1], "September 2023", "paragraph 112"], 100):
        assert [passage.edition for passage in found] == [edition]
        assert found[0].label == f"NPPF ({edition}), {NPPF[edition][0]}"
        assert found[0].in_force_to == last_day
        assert found[0].council is None


@pytest.mark.parametrize("order", [tuple(NPPF), tuple(reversed(NPPF)), ("August 2026", "December 2023")])
def test_an_edition_is_closed_by_the_next_whatever_was_loaded_first(
    store: PolicyStore, embedder: MiniLMEmbedder, order: tuple[str, ...]
) -> None:
    add_frameworks(store, embedder, *order)
    ends = {row.passage.edition: row.passage.in_force_to for row in store.load_passages(store.list_loaded())}
    assert ends["December 2023"] == date(2024, 12, 11)
    assert ends["August 2026"] is None
    assert len(ends) == len(order)


def test_an_edition_that_gets_a_successor_is_closed_in_the_index_as_well(
    store: PolicyStore, embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = find_edition("NPPF", "December 2024")
    with monkeypatch.context() as before:
        # As it was written before anyone knew of the edition of August 2026.
        before.setattr("planning_review.index.policy_rows.last_day_of", lambda edition: None)
        before.setattr("planning_review.index.policy_store.last_day_of", lambda edition: None)
        add_frameworks(store, embedder, "December 2024")
        (row,) = store.load_passages(store.list_loaded())
        assert row.passage.in_force_to is None
    add_frameworks(store, embedder, "August 2026")
    ends = {row.passage.edition: row.passage.in_force_to for row in store.load_passages(store.list_loaded())}
    assert known
    assert ends == {"December 2024": date(2026, 8, 16), "August 2026": None}


def test_loading_again_replaces_what_stood_there(store: PolicyStore, embedder: MiniLMEmbedder) -> None:
    add_frameworks(store, embedder)
    old = choose(store, embedder, None).version
    longer = [passage(f"TR{n}", f"Policy {n} is about buses and trains.") for n in range(1, 9)]
    add(store, embedder, "NPPF", "August 2026", *longer, sha256="1" * 64)
    add(store, embedder, "NPPF", "August 2026", passage("TR9", "It is about ferries."), sha256="2" * 64)
    search = choose(store, embedder, None)
    assert [found.paragraph for found in search([CYCLING], 100)[0]] == ["TR9"]
    assert search.version != old
    assert [(e.edition, e.passages) for e in store.list_loaded()] == [(edition, 1) for edition in NPPF]


def test_the_version_is_that_of_what_applies(store: PolicyStore, embedder: MiniLMEmbedder) -> None:
    empty = choose(store, embedder, None).version
    add_frameworks(store, embedder, "December 2024")
    assert choose(store, embedder, None).version == empty
    decided = choose(store, embedder, date(2025, 2, 1))
    assert decided.version != empty
    add_frameworks(store, embedder, "August 2026")
    assert choose(store, embedder, date(2025, 2, 1)).version == decided.version
    assert choose(store, embedder, None).version not in (empty, decided.version)


def test_what_was_chosen_and_is_not_loaded_is_named(store: PolicyStore, embedder: MiniLMEmbedder) -> None:
    add_frameworks(store, embedder, "August 2026")
    missing = {basis.source for basis in choose(store, embedder, None).missing}
    assert "NPPF" not in missing
    assert {"LTN 1/20", "Oxfordshire LTCP"} <= missing
    assert "Cherwell Local Plan Review 2042" not in missing
    assert choose(store, embedder, date(2025, 2, 1))(["cycling"], 5) == [[]]


def test_a_councils_own_sources_are_for_its_own_reviews(store: PolicyStore, embedder: MiniLMEmbedder) -> None:
    add_frameworks(store, embedder, "August 2026")
    plan = "Cherwell Local Plan 2011-2031 Part 1"
    add(
        store,
        embedder,
        plan,
        "July 2015",
        passage("Policy SLE 4", "Development should facilitate walking and cycling."),
        council="cherwell",
    )
    found = choose(store, embedder, None)(["SLE 4", "walking and cycling"], 10)
    assert found[0][0].label == f"{plan} (July 2015), Policy SLE 4"
    assert found[0][0].council == "cherwell"
    for other in ("fylde", "vale-of-glamorgan"):
        sources = {p.source for row in choose(store, embedder, None, other)(["SLE 4"], 10) for p in row}
        assert sources == ({"NPPF"} if other == "fylde" else set())


def test_numbers_and_words_are_both_looked_for(store: PolicyStore, embedder: MiniLMEmbedder) -> None:
    add(
        store,
        embedder,
        "LTN 1/20",
        "July 2020",
        passage("6.5.6", "Shared use may be appropriate in some situations.", "Shared use"),
        passage("Table 5-2", "Recommended minimum widths of cycle lanes and tracks."),
        passage("11.3.2", "A proportion of the spaces should suit non-standard cycles."),
        passage("Figure 4.1", "Appropriate protection from motor traffic."),
    )
    search = choose(store, embedder, None)
    queries = [
        "Table 5-2",
        "6.5.6",
        "spaces for cycles that are not standard",
        "is shared use appropriate for pedestrians",
        "🚲",
    ]
    found = search(queries, 2)
    assert [row[0].paragraph if row else None for row in found] == [
        "Table 5-2",
        "6.5.6",
        "11.3.2",
        "6.5.6",
        None,
    ]
    assert all(0 <= p.score <= 1 for row in found for p in row)
    assert len(found[0]) == 2


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("NPPF paragraph 117", ["117"]),
        ("what para. 11 says", ["11"]),
        ("117 homes on land for 11 years", []),
        ("policy TR4 and parking", ["TR4(1)", "TR4(2)"]),
        ("TR4(2)", ["TR4(1)", "TR4(2)"]),
        ("section 6.5 of the guidance", ["6.5"]),
        ("6.5.6", ["6.5.6"]),
    ],
)
def test_a_paragraph_that_is_named_comes_first(
    store: PolicyStore, embedder: MiniLMEmbedder, query: str, named: list[str]
) -> None:
    labels = ["11", "117", "TR4(1)", "TR4(2)", "TR41", "6.5", "6.5.6"]
    text = "Paragraph 117 of the policy on homes, land and years says what section 6.5 says of parking."
    add(store, embedder, "NPPF", "August 2026", *(passage(label, f"{text} {label}") for label in labels))
    found = choose(store, embedder, None)([query], 10)[0]
    assert sorted(p.paragraph for p in found if p.score == 1.0) == named
    assert sorted(p.paragraph for p in found[: len(named)]) == named


def test_what_a_killed_process_left_half_done_does_not_count(
    store: PolicyStore, embedder: MiniLMEmbedder, index: OpenedIndex
) -> None:
    add(store, embedder, "NPPF", "August 2026", *(passage(f"TR{n}", f"Policy {n}.") for n in range(1, 5)))
    (loaded,) = store.list_loaded()
    rows = store.load_passages([loaded])
    collection = index.client.get_collection(
        next(c.name for c in index.client.list_collections()), embedding_function=None
    )
    collection.delete(ids=[rows[2].id])
    assert store.list_loaded() == []
    assert len(choose(store, embedder, None)) == 0


def test_policies_and_an_application_are_searched_with_one_lock(
    tmp_path: Path, embedder: MiniLMEmbedder
) -> None:
    with open_store(
        folder=tmp_path / "chroma",
        lock_path=tmp_path / "chroma.lock",
        embedder_version=embedder.version,
        dimension=embedder.dimension,
        chunker_version="1",
        council="cherwell",
    ) as passages:
        policies = PolicyStore(passages.index, embedder)
        add_frameworks(policies, embedder, "August 2026")
        text = "The path will be 3.0 m wide."
        chunk = Chunk(position=0, page_start=1, page_end=1, heading=None, text=text)
        passages.add_document("25/00284/F", "1-1-1", "Plan", "0" * 64, "x", [chunk], embedder.embed([text]))
        assert [
            found.text for found in ApplicationIndex(passages, embedder, "25/00284/F").search("path")
        ] == [text]
        assert len(choose(policies, embedder, None)(["cycle"], 5)[0]) == 1
