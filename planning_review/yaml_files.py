"""Reading YAML files: the project's own data, and what a group adds to it."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

# Written in C where that is built in: ten times as fast, and every command reads some twenty files.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path | Traversable) -> Any:
    """Read a UTF-8 file's plain values: mappings, lists, strings, numbers, dates.

    Raises yaml.YAMLError where it is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both are safe


def compose_yaml(text: str) -> yaml.Node | None:
    """Return the nodes of what a person wrote; raises yaml.YAMLError for what is not to be loaded.

    A node that others stand for is visited once here, and copied by each where it is loaded: a kilobyte of
    merge keys ("<<") inside each other would take hours.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    waiting, seen = [root] if root else [], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    raise yaml.MarkedYAMLError(
                        problem="merge keys (<<) are not read here: write it out", problem_mark=key.start_mark
                    )
                waiting += [key, value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return root
