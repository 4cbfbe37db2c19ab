"""cli → flows → tasks → run → blocks → planning_review: never upwards, and the logic knows no Prefect."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ["planning_review", "blocks", "run", "tasks", "flows", "cli"]
MODULES = [path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))]


def imported_names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide their direction"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0])
    packages = {name.split(".")[0] for name in imported_names(path)}
    assert not packages & set(LAYERS[layer + 1 :])
    if layer == 0:
        assert not packages & {"prefect", "prefect_aws"}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.parts[-2] == "planning_review" or "planning_review" in path.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if path.name == "settings.py":
        return
    attributes = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert not attributes & {"os.environ", "os.getenv"}


def test_flows_hold_no_classes_and_shadow_no_dependency() -> None:
    for path in (ROOT / "flows").glob("*.py"):
        assert not [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
        assert path.stem not in {"prefect", "boto3", "httpx", "pydantic", "chromadb", "pymupdf"}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.parent.name in ("rules", "model", "decisions")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_what_judges_knows_nothing_of_how_it_is_told(path: Path) -> None:
    assert not [name for name in imported_names(path) if name.startswith("planning_review.report")]
