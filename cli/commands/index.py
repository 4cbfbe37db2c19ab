"""`planning-review index`: make the index anew from what is stored, and remove what no search uses."""

from collections.abc import Iterator

import click

from planning_review.errors import UsageError
from planning_review.index.chroma_embedder import make_embedder
from planning_review.index.collections import CollectionContent, find_unused, remove_collection
from planning_review.index.opening import open_policies_index
from planning_review.index.rebuild import (
    RebuiltApplication,
    find_manifests,
    rebuild_application,
    rebuild_council,
)
from planning_review.references import describe_review, parse_reference
from planning_review.register.councils import get_council
from planning_review.settings import Settings, load_settings


def run_rebuild(reference: str | None, council: str | None) -> int:
    """Index one application, a council's or all of them anew; returns 1 where text is missing."""
    settings = load_settings()
    if reference is not None:
        reference, council = parse_reference(reference), council or settings.council
    code = get_council(council, settings.register_url).code if council else None
    done = []
    for application in _rebuild(settings, code, reference):
        click.echo(_describe(application))
        for document in application.unread:
            click.echo(f"      text not stored: {document.title} ({document.document_id})")
        done.append(application)
    passages, seconds = sum(a.passages for a in done), sum(a.seconds for a in done)
    if len(done) > 1:
        documents = sum(a.documents for a in done)
        click.echo(f"{len(done)} applications: {documents} documents, {passages} passages, {seconds:.1f} s")
    incomplete = [application for application in done if application.unread]
    for application in incomplete:
        click.echo(
            f"To read what is missing: {describe_review(application.reference, application.council)}",
            err=True,
        )
    return 1 if incomplete else 0


def run_prune() -> int:
    """Remove the collections that no search uses any more, each after saying which it is."""
    settings = load_settings()
    version = make_embedder(settings.embedder).version
    with open_policies_index(settings, tell=_tell) as index:
        pruning = find_unused(index, version)
        for content in pruning.unused:
            click.echo(f"Removing {_describe_collection(content)}")
            remove_collection(index, content)
    for content, lacking in pruning.kept:
        command = f"index rebuild --council {content.council}" if content.council else "policies load all"
        click.echo(
            f"Kept {_describe_collection(content)}: what is searched now lacks {', '.join(lacking)}. "
            f"`planning-review {command}` puts it there."
        )
    if not pruning.unused and not pruning.kept:
        click.echo("There is nothing to remove: every collection is searched.")
    return 0


def _rebuild(settings: Settings, council: str | None, reference: str | None) -> Iterator[RebuiltApplication]:
    # Texts may be in the bucket alone, where another machine read the documents.
    from run.files import RunTexts

    manifests = find_manifests(settings.output_dir, council, reference)
    if not manifests:
        of_council = f" ({council})" if council else ""
        raise UsageError(
            f"There is no manifest of {reference or 'any application'}{of_council} in {settings.output_dir}, "
            "so there is nothing to make an index from. Review it first: "
            f"planning-review review {reference or '25/00284/F'}"
        )
    embedder, texts = make_embedder(settings.embedder), RunTexts(settings)
    with open_policies_index(settings, tell=_tell) as index:
        if reference is not None:
            yield rebuild_application(index, embedder, manifests[0], texts.find)
            return
        for code in sorted({manifest.council for manifest in manifests}):
            members = [manifest for manifest in manifests if manifest.council == code]
            yield from rebuild_council(index, embedder, code, members, texts.find)


def _describe(application: RebuiltApplication) -> str:
    return (
        f"{application.reference} ({application.council}): {application.documents} documents, "
        f"{application.passages} passages, {application.seconds:.1f} s"
    )


def _describe_collection(content: CollectionContent) -> str:
    return (
        f"{content.name} ({content.subject}, {content.rows} rows, embedder {content.embedder}, "
        f"cut by version {content.cutting})"
    )


def _tell(text: str) -> None:
    click.echo(text, err=True)
