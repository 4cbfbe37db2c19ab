"""Options that several commands take, and how they answer in JSON."""

import json

import click

council_option = click.option("--council", help="The council's short name (PLANNING_COUNCIL).")
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one line of JSON, the last on stdout."
)


def print_json(value: object) -> None:
    """Print exactly one line, the last on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))
