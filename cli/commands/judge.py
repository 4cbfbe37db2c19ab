"""`planning-review judge`: the rules' judgement of files, in this process alone."""

from datetime import date

import click

from cli.command import PrintJson
from planning_review.dates import london_today
from planning_review.errors import InsufficientEvidence, UsageError
from planning_review.models import Application, DocumentState, name_place
from planning_review.policy.parking_standards import load_standards
from planning_review.register.councils import get_council
from planning_review.report.finding_words import describe_finding
from planning_review.report.presentation import plain_text
from planning_review.rules.judge_files import JudgedFiles, judge_files
from planning_review.rules.judgement import Citation, ComplianceLine, Omission, Pointer
from planning_review.rules.parking_sums import say_sum
from planning_review.settings import load_settings

_NO_REFERENCE = "files"
_MOST_POINTERS = 10


def run_judge(
    names: tuple[str, ...],
    *,
    proposal: str | None,
    site: str | None,
    application_type: str | None,
    council: str | None,
    on_date: str | None,
    print_json: PrintJson | None,
) -> int:
    """Judge files and folders of files, and print what is found in them."""
    settings = load_settings()
    code = get_council(council or settings.council, settings.register_url).code
    day = _parse_date(on_date) if on_date else london_today()
    application = Application(
        reference=_NO_REFERENCE,
        council=code,
        proposal=proposal,
        site_address=site,
        application_type=application_type,
        register_url="",
    )
    judged = judge_files(names, application, day, load_standards(settings.data_dir))
    has_text = any(read.text.state is DocumentState.INDEXED for read in judged.files)
    if print_json:
        print_json(_as_json(judged, has_text))
    elif has_text:
        _print(judged)
    if not has_text:
        raise InsufficientEvidence("In none of the files is there a text to judge by.")
    return 0


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--date {text[:20]!r} is not a day: write it as 2026-11-30.") from None


def _as_json(judged: JudgedFiles, has_text: bool) -> dict[str, object]:
    judgement = judged.judgement.model_dump(mode="json")
    lines = [
        line.model_copy(update={"notes": describe_finding(line)})
        for line in judged.judgement.policy_compliance
    ]
    return {
        "overall_rating": judgement["overall_rating"] if has_text else None,
        "facts": judgement["facts"],
        "policy_compliance": [line.model_dump(mode="json") for line in lines],
        "omissions": judgement["omissions"],
        "contradictions": judgement["contradictions"],
        "worth_reading": judgement["worth_reading"],
        "documents": [
            {
                "file": read.file,
                "document_type": read.document_type,
                "state": read.text.state.value,
                "reason": read.text.reason,
            }
            for read in judged.files
        ],
    }


def _print(judged: JudgedFiles) -> None:
    judgement = judged.judgement
    _say(f"Overall: {judgement.overall_rating}")
    for heading, wanted in (("Not met", False), ("Met", True)):
        lines = [line for line in judgement.policy_compliance if line.compliant is wanted]
        if lines:
            _say(f"\n{heading}")
        for line in lines:
            _print_line(line)
    _print_omissions(judgement.omissions)
    for one in judgement.cycle_parking:
        _say(f"\nCycle parking: {say_sum(one)}.")
    if judgement.contradictions:
        _say("\nContradictions")
    for contradiction in judgement.contradictions:
        _say(f"- {contradiction.text}")
        _print_quotes(contradiction.citations)
    if judgement.pointers:
        _say("\nWhat others say (judged by nothing)")
    for pointer in judgement.pointers[:_MOST_POINTERS]:
        _say(f'- {pointer.speaker}, {pointer.document_id}, {_place(pointer)}: "{pointer.quote}"')
    if (more := len(judgement.pointers) - _MOST_POINTERS) > 0:
        _say(f"  and {more} more")
    worth = len(judgement.worth_reading)
    _say(f"\n{len(judgement.facts)} facts and {worth} passages worth reading: --json lists them.")
    _say("\nFiles")
    for read in judged.files:
        reason = f" ({read.text.reason})" if read.text.reason else ""
        _say(f"- {read.file}: {read.document_type.replace('_', ' ')}, {read.text.state.value}{reason}")


def _print_omissions(omissions: tuple[Omission, ...]) -> None:
    for heading, is_claimed in (("Missing", True), ("Not found, and not held against it", False)):
        some = [omission for omission in omissions if omission.is_claimed is is_claimed]
        if some:
            _say(f"\n{heading}")
        for omission in some:
            later = " It may be left to a later stage: ask for it." if omission.is_asked else ""
            _say(f"- {omission.text}{later}{f' ({omission.why_open})' if omission.why_open else ''}")


def _print_line(line: ComplianceLine) -> None:
    _say(f"- {line.requirement} ({line.policy_source}, {line.edition}, {line.paragraph})")
    _print_quotes(line.citations)


def _print_quotes(citations: tuple[Citation, ...]) -> None:
    for citation in citations:
        _say(f'    {citation.document_id}, {_place(citation)}: "{citation.quote}"')


def _place(quoted: Citation | Pointer) -> str:
    return name_place(quoted.page, quoted.part, quoted.part_page)


def _say(text: str) -> None:
    """Print a line without what a terminal would obey."""
    lines = text.split("\n")
    click.echo("\n".join(" " * (len(line) - len(line.lstrip())) + plain_text(line) for line in lines))
