"""cli → flows → tasks → run → blocks → planning_review: never upwards, and the logic knows no Prefect."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ["planning_review", "blocks", "run", "tasks", "flows", "cli"]
MODULES = [path.relative_to(ROOT) for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def imported_names(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide their direction"
            names.append(node.module or "")
    return names


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_itself_and_those_below(layer: str) -> None:
    forbidden = {*LAYERS[LAYERS.index(layer) + 1 :]}
    if layer == "planning_review":
        forbidden |= {"prefect", "prefect_aws"}
    modules = [path for path in MODULES if path.parts[0] == layer]
    assert modules
    upwards = [
        f"{path} imports {name}"
        for path in modules
        for name in imported_names(path)
        if name.split(".")[0] in forbidden
    ]
    assert not upwards


def test_only_the_settings_read_the_environment() -> None:
    modules = [path for path in MODULES if path.parts[0] == "planning_review" and path.name != "settings.py"]
    assert modules
    reading = [
        f"{path}:{node.lineno}"
        for path in modules
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if f"{node.value.id}.{node.attr}" in {"os.environ", "os.getenv"}
    ]
    assert not reading


def test_flows_hold_no_classes_and_shadow_no_dependency() -> None:
    for path in (path for path in MODULES if path.parts[0] == "flows"):
        assert not [node for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef)]
        assert path.stem not in {"prefect", "boto3", "httpx", "pydantic", "chromadb", "pymupdf"}


def test_what_judges_knows_nothing_of_how_it_is_told() -> None:
    modules = [path for path in MODULES if path.parent.name in ("rules", "model", "decisions")]
    assert modules
    told = [
        f"{path} imports {name}"
        for path in modules
        for name in imported_names(path)
        if name.startswith("planning_review.report")
    ]
    assert not told
