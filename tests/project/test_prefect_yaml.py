"""prefect.yaml: Prefect ignores a key that it does not know, so that a misspelt one goes unnoticed."""

from pathlib import Path
from typing import Any

import pytest
from prefect.cli.deploy._models import (
    ConcurrencyLimitSpec,
    DeploymentConfig,
    PrefectYamlModel,
    RawScheduleConfig,
    WorkPoolConfig,
)
from prefect.flows import load_flow_from_entrypoint
from pydantic import BaseModel

from planning_review.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]


def find_unknown_keys(config: dict[str, Any]) -> list[str]:
    """Return the keys that Prefect would ignore, each with where it stands."""
    unknown = list_unknown(PrefectYamlModel, config, "prefect.yaml", allowed={"definitions"})
    for deployment in config.get("deployments", []):
        place = f"deployment {deployment.get('name')}"
        unknown += list_unknown(DeploymentConfig, deployment, place)
        unknown += list_unknown(WorkPoolConfig, deployment.get("work_pool"), f"{place}, work_pool")
        limit = deployment.get("concurrency_limit")
        unknown += list_unknown(ConcurrencyLimitSpec, limit, f"{place}, concurrency_limit")
        for schedule in deployment.get("schedules", []):
            unknown += list_unknown(RawScheduleConfig, schedule, f"{place}, schedule")
    return unknown


def list_unknown(
    model: type[BaseModel], value: object, place: str, allowed: frozenset[str] | set[str] = frozenset()
) -> list[str]:
    if not isinstance(value, dict):
        return []
    known = set(model.model_fields) | {field.alias for field in model.model_fields.values() if field.alias}
    return [f"{place}: {key}" for key in value if key not in known | allowed]


@pytest.fixture
def config() -> dict[str, Any]:
    return read_yaml(ROOT / "prefect.yaml")


def test_every_key_is_one_that_prefect_reads(config: dict[str, Any]) -> None:
    assert find_unknown_keys(config) == []


@pytest.mark.parametrize("wrong", ["entry_point", "workpool", "tag"])
def test_misspelt_key_is_found(config: dict[str, Any], wrong: str) -> None:
    config["deployments"][0][wrong] = "x"
    assert find_unknown_keys(config) == [f"deployment review: {wrong}"]


def test_every_entrypoint_is_a_flow_whose_form_explains_itself(config: dict[str, Any]) -> None:
    for deployment in config["deployments"]:
        flow = load_flow_from_entrypoint(deployment["entrypoint"])
        model = flow.fn.__annotations__.get("parameters")
        if model is None:
            assert list(flow.parameters.properties) == [], f"{deployment['name']}: what does its form take?"
            continue
        for name, field in model.model_fields.items():
            assert field.description, f"{deployment['name']}: {name} has no description"
        positions = [field.json_schema_extra["position"] for field in model.model_fields.values()]
        assert positions == sorted(positions)
