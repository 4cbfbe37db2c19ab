"""`planning-review policies check`: what a person has to confirm, beside what the loaded standard says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.command import PrintJson
from planning_review.dates import london_today
from planning_review.errors import UsageError
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.opening import open_policies_index
from planning_review.index.policy_store import PolicyStore
from planning_review.policy.editions import list_editions
from planning_review.policy.key_words import KeyWordCheck, check_key_words
from planning_review.policy.parking_standards import (
    OWN_FOLDER,
    StandardLine,
    confirm_line,
    load_standards,
    name_unit,
    say_rate,
)
from planning_review.policy.passages import PolicyPassage
from planning_review.policy.sources import list_usable_sources, load_sources
from planning_review.register.councils import get_council
from planning_review.report.presentation import plain_text
from planning_review.settings import Settings, load_settings

_MOST_PASSAGES = 2
_LONGEST_PASSAGE = 400


def run_check(council: str | None, confirm: str | None, by: str | None, print_json: PrintJson | None) -> int:
    """Print what nobody has confirmed yet; or keep a person's word on one line of it."""
    settings = load_settings()
    code = get_council(council or settings.council, settings.register_url).code
    if confirm:
        if not by:
            raise UsageError("--confirm goes with --by and a name or initials: who looked at the standard.")
        line = confirm_line(settings.data_dir, confirm, by, london_today())
        click.echo(
            f"{line.id} is confirmed by {line.confirmed_by}: {say_rate(line)}. Reviews use it from now on."
        )
        return 0
    usable = {source.name for source in list_usable_sources(code)}
    lines = [line for line in load_standards(settings.data_dir).lines if line.source in usable]
    passages = _find_passages(lines, code, settings)
    if print_json:
        print_json([_describe(line, passages[line.id]) for line in lines])
        return 0
    _print_lines([line for line in lines if not line.is_measure], passages, settings.data_dir)
    _print_confirmed([line for line in lines if line.is_measure])
    _print_editions(usable)
    _print_key_words(usable, code, settings)
    return 0


def _find_passages(
    lines: Sequence[StandardLine], council: str, settings: Settings
) -> dict[str, list[PolicyPassage]]:
    """Return for each line what stands of its subject in the loaded text of its standard."""
    with open_policies_index(settings, tell=lambda text: click.echo(text, err=True)) as index:
        store = PolicyStore(index, make_embedder(settings.embedder))
        found: dict[str, list[PolicyPassage]] = {}
        texts: dict[tuple[str, str], list[PolicyPassage]] = {}
        for line in lines:
            key = (line.source, line.edition)
            if key not in texts:
                owner = council if load_sources()[line.source].local else None
                loaded = store.find_loaded(*key, owner)
                texts[key] = [row.passage for row in store.load_passages([loaded])] if loaded else []
            found[line.id] = _rank(line, texts[key])
    return found


def _rank(line: StandardLine, passages: Sequence[PolicyPassage]) -> list[PolicyPassage]:
    """Return the passages nearest to a line: its table first, then those with most of its words."""
    words = ["cycle", *line.use.split(), name_unit(line.unit, 1), line.place or ""]

    def count(passage: PolicyPassage) -> tuple[bool, int]:
        text = f"{passage.paragraph} {passage.heading or ''} {passage.text}".casefold()
        is_place = bool(line.place) and passage.paragraph.casefold() == (line.place or "").casefold()
        return is_place, sum(bool(word) and word.casefold().rstrip("s") in text for word in words)

    ranked = sorted(passages, key=count, reverse=True)
    return [passage for passage in ranked if any(count(passage))][:_MOST_PASSAGES]


def _print_lines(
    lines: Sequence[StandardLine], passages: dict[str, list[PolicyPassage]], data_dir: Path
) -> None:
    click.echo(
        "To confirm (no review uses these):" if lines else "Nothing of the standards is left to confirm."
    )
    for line in lines:
        click.echo(f"\n  {_say_line(line)}")
        for passage in passages[line.id]:
            text = plain_text(passage.text)[:_LONGEST_PASSAGE]
            click.echo(f"      {passage.label}: {text}")
        if not passages[line.id]:
            click.echo(
                f"      Its text is not loaded: planning-review policies load FILE --source '{line.source}'"
            )
    if any(line.has_rates for line in lines):
        click.echo("\nOnce you have seen it there: planning-review policies check --confirm ID --by NAME")
    if any(not line.has_rates for line in lines):
        click.echo(
            f"What has no figures: write them into a file in {data_dir / OWN_FOLDER} (docs/policies.md)."
        )


def _print_confirmed(lines: Sequence[StandardLine]) -> None:
    if lines:
        click.echo("\nIn use:")
    for line in lines:
        who = f" (confirmed by {line.confirmed_by} on {line.confirmed_on})" if line.confirmed_by else ""
        click.echo(f"  {_say_line(line)}{plain_text(who)}")


def _print_editions(usable: set[str]) -> None:
    doubts = [(edition, edition.check) for name in usable for edition in list_editions(name) if edition.check]
    if doubts:
        click.echo("\nTo look up about the policies themselves:")
    for edition, check in sorted(doubts, key=lambda pair: (pair[0].source, pair[0].edition)):
        click.echo(f"  {edition.source} ({edition.edition}): {check}")


def _print_key_words(usable: set[str], council: str, settings: Settings) -> None:
    """Print which requirements the loaded texts do not bear out; what is not loaded is not told."""
    with open_policies_index(settings, tell=lambda text: click.echo(text, err=True)) as index:
        store = PolicyStore(index, make_embedder(settings.embedder))
        for loaded in store.list_loaded():
            if loaded.source in usable and loaded.council in (None, council):
                passages = [row.passage for row in store.load_passages([loaded])]
                checks = list(check_key_words(loaded.source, loaded.edition, passages))
                if checks:
                    _print_checks(f"{loaded.source} ({loaded.edition})", checks)


def _print_checks(name: str, checks: Sequence[KeyWordCheck]) -> None:
    holding = sum(check.holds for check in checks)
    click.echo(f"\n{name}: {holding} of {len(checks)} requirements rest on words of the paragraph they cite.")
    for check in checks:
        if not check.is_loaded:
            click.echo(f"  {check.requirement_id}: {check.paragraph} is not in the loaded text. Look it up.")
        elif check.missing:
            words = ", ".join(f"“{word}”" for word in check.missing)
            click.echo(f"  {check.requirement_id}: {check.paragraph} does not hold {words}. Compare the two.")


def _say_line(line: StandardLine) -> str:
    size = f", over {line.over:g}" if line.over else ""
    size += f", up to {line.up_to:g}" if line.up_to is not None else ""
    place = f", {line.place}" if line.place else ""
    return f"{line.id}: {line.source} ({line.edition}{place}), {line.use}{size}: {say_rate(line)}"


def _describe(line: StandardLine, passages: Sequence[PolicyPassage]) -> dict[str, Any]:
    return {
        **line.model_dump(mode="json"),
        "in_use": line.is_measure,
        "loaded": [{"paragraph": p.paragraph, "text": p.text} for p in passages],
    }
