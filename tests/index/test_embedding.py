"""Vectors and token counts of the model that `make setup` has built."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from chromadb.utils import embedding_functions

from planning_review.errors import PermanentError, TransientError, UsageError
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.embedding import MAX_TOKENS, MiniLMEmbedder

TEXTS = [f"Plot {n} has {n % 4} cycle spaces. " * (1 + n % 9) for n in range(70)]


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


def test_paraphrases_are_near_and_other_subjects_far(embedder: MiniLMEmbedder) -> None:
    bikes, stands, drains = embedder.embed(
        [
            "Residents need a safe place to store their bicycles.",
            "Secure cycle parking must be provided for the dwellings.",
            "Surface water runs off into an attenuation pond.",
        ]
    )
    assert bikes @ stands > 0.5
    assert bikes @ drains < 0.25


def test_a_known_pair_has_its_published_similarity(embedder: MiniLMEmbedder) -> None:
    """The example of the model's card; mean pooling done wrongly moves it by more than that."""
    first, second, third = embedder.embed(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    assert first @ second == pytest.approx(0.6660, abs=0.03)
    assert first @ third == pytest.approx(0.1046, abs=0.03)


def test_vectors_come_in_order_at_length_one_whatever_shares_their_batch(embedder: MiniLMEmbedder) -> None:
    together = embedder.embed(TEXTS)
    assert together.shape == (len(TEXTS), embedder.dimension) == (70, 384)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([embedder.embed([text]) for text in TEXTS[:12]])
    assert np.array_equal(alone, together[:12])
    turned = embedder.embed(TEXTS[::-1])
    assert np.array_equal(turned[::-1], together)
    assert embedder.embed([]).shape == (0, 384)


def test_texts_are_read_to_the_model_s_limit_and_no_further(embedder: MiniLMEmbedder) -> None:
    words = ["cycle", "track", "beside", "the", "main", "road", "across", "a", "bridge"]
    long = [words[n % len(words)] for n in range(MAX_TOKENS - 2)]
    whole, longer, shorter = embedder.embed(
        [" ".join(long), " ".join([*long, *["sewage"] * 500]), " ".join(long[:128])]
    )
    assert whole @ longer > 0.99999
    assert whole @ shorter < 0.9999


def test_tokens_are_counted_without_a_limit_or_special_tokens(embedder: MiniLMEmbedder) -> None:
    assert embedder.count_tokens(["", "cycle", "cycle track", "road " * 5000]) == [0, 1, 2, 5000]
    assert embedder.count_tokens([]) == []


@pytest.mark.parametrize(
    "text", ["", "\ud83d half an emoji", "nul\x00byte", "🚲" * 3000, "\u202e\u200b", "x" * 100_000]
)
def test_any_text_has_a_vector(embedder: MiniLMEmbedder, text: str) -> None:
    assert np.isfinite(embedder.embed([text])).all()
    assert embedder.count_tokens([text])[0] >= 0


def test_threads_share_one_embedder(embedder: MiniLMEmbedder) -> None:
    fresh = MiniLMEmbedder()
    expected = embedder.embed(TEXTS[:8])
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda _: fresh.embed(TEXTS[:8]), range(8)))
        counts = list(pool.map(lambda _: fresh.count_tokens(TEXTS), range(8)))
    assert all(np.array_equal(got, expected) for got in vectors)
    assert all(count == counts[0] for count in counts)


def test_the_version_names_the_model_and_changes_with_its_file(tmp_path: Path) -> None:
    version = MiniLMEmbedder().version
    assert version.startswith("all-MiniLM-L6-v2-int8-mean-single-")
    for name, content in {"model.onnx": "", "tokenizer.json": "", "model.sha256": "0" * 64}.items():
        (tmp_path / name).write_text(content)
    assert MiniLMEmbedder(tmp_path).version != version


def test_a_missing_model_says_how_to_make_it(tmp_path: Path) -> None:
    embedder = MiniLMEmbedder(tmp_path / "absent")
    for use in (
        lambda: embedder.version,
        lambda: embedder.embed(["x"]),
        lambda: embedder.count_tokens(["x"]),
    ):
        with pytest.raises(PermanentError, match="make setup"):
            use()


class LetterCounts(embedding_functions.EmbeddingFunction[list[str]]):
    """An embedding function as Chroma knows them: how often each letter stands in a text."""

    def __init__(self, model_name: str = "small") -> None:
        self.letters = "abcdefghij" if model_name == "small" else "abcdefghijklmnopqrstuvwxyz"

    def __call__(self, input: list[str]) -> list[np.ndarray]:
        if any("fail" in text for text in input):
            raise RuntimeError("key sk-12345 was refused")
        return [np.array([text.count(letter) for letter in self.letters], dtype=np.float32) for text in input]

    @staticmethod
    def name() -> str:
        return "letter_counts"

    def get_config(self) -> dict[str, str]:
        return {"letters": self.letters}


@pytest.fixture
def letter_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedding_functions.known_embedding_functions, "letter_counts", LetterCounts)


@pytest.mark.usefixtures("letter_counts")
def test_chroma_s_functions_are_embedders_by_their_names(embedder: MiniLMEmbedder) -> None:
    small, large = make_embedder("letter_counts"), make_embedder("letter_counts:large")
    assert (small.dimension, large.dimension) == (10, 26)
    vectors = small.embed(["aab", "b", "zz"])
    assert vectors.shape == (3, 10)
    assert vectors.dtype == np.float32
    assert vectors[0][:2] == pytest.approx([2 / 5**0.5, 1 / 5**0.5])
    assert np.linalg.norm(vectors[:2], axis=1) == pytest.approx(1)
    assert not vectors[2].any()  # nothing that it knows, and no division by nothing either
    assert small.embed([]).shape == (0, 10)
    assert small.count_tokens(TEXTS) == embedder.count_tokens(TEXTS)
    assert len({small.version, large.version, embedder.version}) == 3
    assert small.version == make_embedder("letter_counts").version
    assert isinstance(make_embedder(), MiniLMEmbedder)


@pytest.mark.usefixtures("letter_counts")
def test_a_function_that_fails_is_named_and_its_message_is_not_repeated() -> None:
    with pytest.raises(TransientError, match=r"letter_counts failed \(RuntimeError\)") as caught:
        make_embedder("letter_counts").embed(["fail"])
    assert "sk-12345" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no-such-embedder", r"minilm.*default.*sentence_transformer"),
        ("sentence_transformer:all-mpnet-base-v2", "pip install sentence_transformers"),
        ("cohere:embed-english-v3.0", "pip install cohere"),
        ("default:large", "takes no model's name"),
        ("chroma_langchain", "missing 1 required"),
    ],
)
def test_an_embedder_that_can_t_be_used_says_what_to_do(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        make_embedder(name)
