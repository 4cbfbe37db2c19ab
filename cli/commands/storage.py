"""`planning-review blocks save` and `planning-review storage push`."""

import sys

import click

from cli.environment import prepare_prefect
from planning_review.errors import StorageConfigError, UsageError
from planning_review.references import parse_reference, reference_folder
from planning_review.register.councils import get_council
from planning_review.settings import load_settings


def save_storage_blocks() -> int:
    """Save the blocks on the server that runs use, and say what changed."""
    settings = load_settings()
    prepare_prefect(settings, is_terminal=sys.stderr.isatty())

    from blocks.registration import save_blocks

    for block in save_blocks(settings):
        click.echo(f"{block.slug}: {block.change}")
    return 0


def push_data_folder(reference: str | None, council: str | None) -> int:
    """Store the data folder's documents and outputs, of one application or of all."""
    settings = load_settings()
    if not settings.uses_bucket:
        raise StorageConfigError(
            "There is no bucket to push to: set S3_ENDPOINT_URL and the rest (.env.example)."
        )
    prepare_prefect(settings, is_terminal=sys.stderr.isatty())

    from run.bucket_push import find_manifests, push_application
    from run.bucket_site import publish_folder

    manifests = find_manifests(settings)
    if reference is not None:
        code = get_council(council or settings.council, settings.register_url).code
        folder = settings.output_dir / reference_folder(parse_reference(reference), code)
        manifests = [path for path in manifests if path.parent == folder]
    if not manifests:
        raise UsageError(f"There is nothing to push in {settings.output_dir}. Review an application first.")
    missing = 0
    for path in manifests:
        pushed = push_application(settings, path, lambda key: click.echo(f"  {key}", err=True))
        missing += pushed.missing
        click.echo(
            f"{pushed.folder}: {pushed.stored} stored, {pushed.there_already} there already, "
            f"{pushed.missing} missing here"
        )
    click.echo(f"Index of all reviews: {publish_folder(settings)}")
    return 1 if missing else 0
