"""The file in which people write their decisions (docs/people-decisions.md), and the one that is kept."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import ValidationError

from planning_review.decisions.model import Decisions
from planning_review.errors import UsageError
from planning_review.files import replace_file
from planning_review.policy.expectations import load_expectations
from planning_review.policy.requirements import ASPECTS, load_requirements
from planning_review.rules.omissions import name_omission
from planning_review.yaml_files import compose_yaml

FILE_NAME = "decisions.yaml"
MOST_BYTES = 1_000_000
_BY_EVIDENCE = re.compile(r"(?:matter|differs)-[0-9a-f]{8}")


def check_decisions(text: str, place: str, reference: str) -> Decisions:
    """Read the text of a person's file; every decision in it carries its author.

    UsageError names place, where the text stands, with the line and field that is wrong, an unknown
    finding with the nearest known one, and a file that is about another application than reference.
    """
    decisions = parse_decisions(text, place)
    known = {
        *(requirement.id for requirement in load_requirements()),
        *(name_omission(expectation.id) for expectation in load_expectations()),
        *ASPECTS,
    }
    for decision in decisions.findings:
        # What a model raises, or documents differ in, is named by its quotes: only the review knows the name.
        if decision.finding not in known and not _BY_EVIDENCE.fullmatch(decision.finding):
            near = get_close_matches(decision.finding, sorted(known), n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise UsageError(
                f"{place}: there is no finding {decision.finding!r}.{hint} "
                "The review's page gives the name of each in its policy table."
            )
    if decisions.reference != reference:
        raise UsageError(
            f"{place} is about {decisions.reference}, not {reference}. Give the file of this application."
        )
    named = tuple(d.model_copy(update={"by": d.by or decisions.by}) for d in decisions.findings)
    return decisions.model_copy(update={"findings": named})


def dump_decisions(decisions: Decisions) -> str:
    """Return the file's text, as check_decisions reads it."""
    data = decisions.model_dump(mode="python", exclude_defaults=True)
    data["findings"] = [
        decision.model_dump(mode="json", exclude_defaults=True) for decision in decisions.findings
    ]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def read_text(path: Path) -> str:
    """Return a decisions file's text; UsageError where it is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} is no decisions file: it is larger than {MOST_BYTES:,} bytes.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The decisions {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no decisions file: it is not UTF-8 text.") from None


def parse_decisions(text: str, place: str) -> Decisions:
    """Read decisions as they are written, their findings unchecked; UsageError names line and field."""
    try:
        root = compose_yaml(text)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{place}{line}: this is no YAML: {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{place}: this is no YAML: {error}.") from None
    if not isinstance(data, dict):
        raise UsageError(
            f"{place}: this is no decisions file; it begins with `reference:`, `by:`, `findings:`."
        )
    try:
        return Decisions.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        line_number = _find_line(root, first["loc"])
        field = ".".join(map(str, first["loc"])) or "the file"
        reason = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{place}, line {line_number}: {field}: {reason}.") from None


def load_kept_decisions(folder: Path) -> Decisions | None:
    """Read what is kept in an application's output folder, None where nothing is.

    Decisions on findings that no release knows any more stay. UsageError where the file is damaged.
    """
    path = folder / FILE_NAME
    return parse_decisions(read_text(path), str(path)) if path.exists() else None


def save_decisions(folder: Path, decisions: Decisions) -> Path:
    """Write the decisions into an application's output folder, in place of those kept before."""
    return replace_file(folder / FILE_NAME, dump_decisions(decisions))


def _find_line(node: yaml.Node | None, location: Iterable[int | str]) -> int:
    """Return the line, from 1, of the deepest part of a location that the file has."""
    line = 1
    for step in location:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
