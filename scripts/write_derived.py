"""Write the parts of files that follow from data: compose.yaml's settings, the table of requirements.

    .venv/bin/python scripts/write_derived.py [--check]

Such a part stands between a line with `derived: NAME` and one with `derived: end`. With --check nothing is
written, and the status is 1 if a file is not as its data have it.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from planning_review.policy.requirements import ASPECTS, load_requirements
from planning_review.settings import Settings, list_setting_names

PROJECT = Path(__file__).resolve().parent.parent

_OF_THE_STACK = {
    "PREFECT_API_URL": None,
    "PREFECT_API_AUTH_STRING": None,
    "PREFECT_SERVER_API_AUTH_STRING": None,
    # The folders are the image's.
    "PLANNING_DATA_DIR": None,
    "PLANNING_TEMP_DIR": None,
    "PLANNING_CHROMA_URL": "http://chroma:8000",
}
"""What a container is given in place of a setting; nothing where the image or the server's part gives it."""


def describe_settings() -> Iterator[str]:
    """Yield a line of compose.yaml for each setting, with its default."""
    for name, field in zip(list_setting_names(), Settings.model_fields.values(), strict=True):
        default = "" if field.default_factory or field.default is None else field.default
        value = _OF_THE_STACK.get(name, f"${{{name}:-{default}}}")
        if value is not None:
            yield f"  {name}: {value}"


def describe_requirements() -> Iterator[str]:
    """Yield the lines of a table that counts the requirements of each aspect."""
    yield from ("| aspect | requirements | of them core |", "|---|---|---|")
    rows = load_requirements()
    for aspect in ASPECTS:
        own = [row for row in rows if row.aspect == aspect]
        yield f"| {aspect} | {len(own)} | {sum(row.core for row in own)} |"
    yield f"| **all** | **{len(rows)}** | **{sum(row.core for row in rows)}** |"


DERIVED: dict[str, dict[str, Callable[[], Iterator[str]]]] = {
    "compose.yaml": {"settings": describe_settings},
    "docs/review-rules.md": {"requirements": describe_requirements},
}
"""The parts of each file, and what makes them."""


def derive(text: str, parts: dict[str, Callable[[], Iterator[str]]]) -> str:
    """Return a file's text with its parts made anew; a part that is not there is a KeyError."""
    lines: list[str] = []
    left, inside = dict(parts), False
    for line in text.splitlines():
        if inside and "derived: end" not in line:
            continue
        lines.append(line)
        inside = "derived: " in line and "derived: end" not in line
        if inside:
            lines += left.pop(line.partition("derived: ")[2].split()[0])()
    if left or inside:
        raise KeyError(f"the lines that begin and end {', '.join(left) or 'a derived part'} are not there")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write what is not as its data have it, and name it; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    stale = []
    for name, parts in DERIVED.items():
        path = PROJECT / name
        text = path.read_text(encoding="utf-8")
        if (made := derive(text, parts)) != text:
            stale.append(name)
            if not options.check:
                path.write_text(made, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'not as its data have it' if options.check else 'written'}")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
