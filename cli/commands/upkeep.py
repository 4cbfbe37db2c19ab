"""The commands for what is kept between reviews: the index, the blocks, the bucket, the policy documents."""

import click

from cli.command import council_option, guarded, json_option, print_json


@click.group()
def index() -> None:
    """The index that search and the review look things up in."""


@index.command("rebuild")
@click.argument("reference", required=False)
@click.option("--council", help="The council's short name; without a REFERENCE, all councils if left out.")
@guarded
def index_rebuild(reference: str | None, council: str | None) -> int:
    """Make the index anew from stored text, reading no document again: of REFERENCE, or of everything."""
    from cli.commands.index import run_rebuild

    return run_rebuild(reference, council)


@index.command("prune")
@guarded
def index_prune() -> int:
    """Remove what other embedders and earlier versions left in the index, after saying what it is."""
    from cli.commands.index import run_prune

    return run_prune()


@click.group()
def blocks() -> None:
    """The Prefect blocks that hold the storage settings."""


@blocks.command("save")
@guarded
def blocks_save() -> int:
    """Register the block types and save the blocks from the S3_* settings."""
    from cli.commands.storage import save_storage_blocks

    return save_storage_blocks()


@click.group()
def storage() -> None:
    """The bucket that documents and outputs go to."""


@storage.command("push")
@click.argument("reference", required=False)
@council_option
@guarded
def storage_push(reference: str | None, council: str | None) -> int:
    """Move the data folder's documents and outputs into the bucket; goes on where it was stopped."""
    from cli.commands.storage import push_data_folder

    return push_data_folder(reference, council)


@click.group()
def policies() -> None:
    """The policy documents that reviews cite."""


@policies.command("load")
@click.argument("document", metavar="[FILE|all]", default="all")
@click.option("--source", help='Which policy source FILE is, such as "NPPF", if it does not say so itself.')
@click.option("--edition", help='Its edition, such as "December 2024".')
@click.option("--council", help="The council whose own sources are loaded too (PLANNING_COUNCIL).")
@click.option("--refresh", is_flag=True, help="Fetch documents again that are loaded already.")
@json_option
@guarded
def policies_load(
    document: str, source: str | None, edition: str | None, council: str | None, refresh: bool, as_json: bool
) -> int:
    """Load policy documents into the index.

    FILE is a PDF or a text file (.txt, .md), or its address; `all` fetches every document whose address
    is known, and says of the others where a person gets them.
    """
    from cli.commands.policies import run_load

    return run_load(
        {
            "document": document,
            "source": source,
            "edition": edition,
            "council": council,
            "refresh": refresh,
        },
        print_json=print_json if as_json else None,
    )


@policies.command("list")
@click.option("--council", help="The council whose own sources are listed too (PLANNING_COUNCIL).")
@json_option
@guarded
def policies_list(council: str | None, as_json: bool) -> int:
    """Say which policy documents are loaded, and which are known and not loaded."""
    from cli.commands.policies import run_list

    return run_list(council, print_json=print_json if as_json else None)


@policies.command("check")
@click.option("--council", help="The council whose standards are listed (PLANNING_COUNCIL).")
@click.option("--confirm", metavar="ID", help="Keep your word that this line says what its standard says.")
@click.option("--by", metavar="NAME", help="With --confirm: your name or initials.")
@json_option
@guarded
def policies_check(council: str | None, confirm: str | None, by: str | None, as_json: bool) -> int:
    """Say what a person still has to confirm, beside what the loaded standard says."""
    from cli.commands.standards import run_check

    return run_check(council, confirm, by, print_json=print_json if as_json else None)
