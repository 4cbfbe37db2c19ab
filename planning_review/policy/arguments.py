"""What a letter says of each requirement beside quote and policy: who is harmed, and what to ask for."""

from functools import cache
from pathlib import Path

import yaml

from planning_review.models import Frozen

_FILE = Path(__file__).with_name("arguments.yaml")


class Argument(Frozen):
    """The argument for one requirement; `arguments.yaml` explains the fields."""

    asks_for: str
    harm: str
    harm_from: str | None = None
    ask: str
    reason: str


@cache
def load_arguments() -> dict[str, Argument]:
    """Read every argument, by requirement."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: Argument(**row) for name, row in rows.items()}
