"""What the pages tell people to type and to open is there, and the command line explains itself."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from cli.main import main
from planning_review.settings import Settings, list_setting_names

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
COMMENTED = (ROOT / ".env.example", ROOT / "compose.yaml")

SLOW = ("prefect", "chromadb", "pymupdf", "boto3", "httpx", "pydantic_ai")
OWN_FILES = {"decisions.yaml", "mine.yaml"}
"""Files that the pages have people make themselves."""

_BLOCK_OR_SPAN = re.compile(r"^ *```[^\n]*\n(.*?)^ *```|`([^`]+)`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FILE = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*(?:/|\.(?:py|md|yaml|toml|lock|service|example))")
_SETTING = re.compile(r"\b(?:S3|PLANNING|ANTHROPIC|ADVOCACY)_[A-Z][A-Z_]*[A-Z]\b")


def read_code(page: Path) -> Iterator[str]:
    """Yield every line that a page sets as code; of a file of settings, the comments from a command on."""
    text = page.read_text(encoding="utf-8")
    if page in COMMENTED:
        yield from (span for span in re.findall(r"^#.*?`([^`]+)`", text, re.MULTILINE))
        yield from re.findall(r"^\s*#.*?(planning-review(?: [a-z-]+)+)", text, re.MULTILINE)
        return
    for block, span in _BLOCK_OR_SPAN.findall(text):
        yield from (map(str.strip, block.splitlines()) if block else [" ".join(span.split())])


def find_commands(program: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the words after each call of a program, and the page that has it."""
    found = set()
    call = re.compile(rf"(?:^|-- |\$ )(?:\.venv/bin/)?{program}(?: (.*)|$)")
    for page in (*PAGES, *COMMENTED):
        for match in filter(None, map(call.search, read_code(page))):
            found.add((page.name, tuple(shlex.split(match[1] or "", comments=True))))
    return sorted(found)


def walk_commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that help shows, those in groups too, with the words that call it."""
    for name, command in group.commands.items():
        if not command.hidden:
            yield f"{path}{name}", command
        if isinstance(command, click.Group):
            yield from walk_commands(command, f"{path}{name} ")


def find_command(words: tuple[str, ...]) -> tuple[click.Command, list[str]]:
    """Return the command that words call, and what is left for it to take."""
    command, rest = main.commands.get(words[0]), list(words[1:])
    while isinstance(command, click.Group) and rest:
        command = command.commands.get(rest.pop(0))
    assert command is not None, f"planning-review has no {' '.join(words[:2])!r}"
    return command, rest


@pytest.mark.parametrize(("page", "words"), find_commands("planning-review"))
def test_command_on_a_page_can_be_typed(page: str, words: tuple[str, ...]) -> None:
    if words:
        command, rest = find_command(words)
        if not isinstance(command, click.Group):
            try:
                command.make_context(words[0], rest)
            except click.MissingParameter:
                # Where only the command is spoken of; what is typed has its argument.
                assert not rest


@pytest.mark.parametrize(("page", "words"), find_commands("make"))
def test_target_on_a_page_is_there(page: str, words: tuple[str, ...]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    variables = set(re.findall(r"\$\(if \$\((\w+)\)|^(\w+) \?=", makefile, re.MULTILINE))
    names = {name for pair in variables for name in pair}
    for word in words:
        name, is_set, _ = word.partition("=")
        assert name in (names if is_set else targets), word


def test_pages_have_commands_to_look_at() -> None:
    assert len(find_commands("planning-review")) > 40
    assert {words for _, words in find_commands("make")} >= {("review",), ("test",), ("deploy",)}
    assert {page for page, _ in find_commands("planning-review")} >= {".env.example", "operations.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_files_of_a_page_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in _LINK.findall(text):
        place, _, heading = link.partition("#")
        if "://" not in link:
            target = page.parent / place if place else page
            assert target.exists(), link
            assert not heading or heading in list_anchors(target), link
    for span in (span for _, span in _BLOCK_OR_SPAN.findall(text)):
        if _FILE.fullmatch(span) and span not in OWN_FILES and not is_kept_data(span):
            assert any(any(folder.glob(span.rstrip("/"))) for folder in (ROOT, *list_folders())), span


@cache
def list_folders() -> list[Path]:
    """Return the project's folders: pages name what is below `planning_review/` without it."""
    top = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name != "data"]
    return [folder for path in top for folder in (path, *path.rglob("*")) if folder.is_dir()]


def is_kept_data(span: str) -> bool:
    """Return whether a path is below the data folder or the bucket's prefix, and so not the project's."""
    return span.split("/")[0] in {*list_data_folders(), Settings().s3_key_prefix}


def list_data_folders() -> set[str]:
    """Return the names of the folders that a data folder has."""
    properties = [name for name in dir(Settings) if name.endswith("_dir")]
    return {"data", *(getattr(Settings(), name).name for name in properties)}


def list_anchors(page: Path) -> list[str]:
    """Return what a link may name of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings]


MOTOS_SETTINGS = {"S3_IGNORE_SUBDOMAIN_BUCKETNAME"}
"""Of the store that compose.yaml has for trying it."""


def test_example_file_tells_of_every_setting_and_of_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    told = re.findall(r"^#?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)
    assert sorted(told) == sorted(list_setting_names())


@pytest.mark.parametrize("page", [*PAGES, *COMMENTED], ids=lambda page: page.name)
def test_settings_named_on_a_page_are_read(page: Path) -> None:
    assert set(_SETTING.findall(page.read_text(encoding="utf-8"))) <= {*list_setting_names(), *MOTOS_SETTINGS}


@pytest.mark.parametrize(("path", "command"), list(walk_commands(main)))
def test_command_and_its_options_say_what_they_do(path: str, command: click.Command) -> None:
    assert command.help
    silent = [p.opts[0] for p in command.params if isinstance(p, click.Option) and not p.help]
    assert silent == []


def test_what_follows_from_data_is_as_the_data_have_it() -> None:
    script = str(ROOT / "scripts" / "write_derived.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}Run scripts/write_derived.py"


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_no_page_has_a_number_of_requirements_by_hand(page: Path) -> None:
    """A new requirement would make it wrong; the table of docs/review-rules.md is made from the data."""
    assert not re.search(r"\d+ (?:policy )?requirements|\d+, as data", page.read_text(encoding="utf-8"))


def test_help_imports_nothing_slow() -> None:
    script = (
        "import json, sys\nfrom cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as ended:\n    assert not ended.code\n"
        f"print(json.dumps([name for name in {SLOW!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "prune" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == []
