"""References of applications, and the file names and keys made from them."""

import re
import shlex

from planning_review.errors import UsageError

HOME_COUNCIL = "cherwell"
"""The council that is meant where none is named; its folders carry no council name."""

SAMPLE_COUNCIL = "sample"
"""The made-up council of the bundled application."""

SAMPLE_REFERENCE = "26/00417/OUT"
"""The bundled application."""

# What councils were seen to write in one: "LB 26/3 & 4", "26/0012/F (A)", "S_26/88". A space only so: what
# somebody typed behind a reference is no part of it.
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9.\-_&()+,\\]|[ ](?=[&(])|(?<=[&,])[ ])*"
# Without a slash it has four digits at least, so that a word or a year's two are not taken for one.
_SHAPE = (
    rf"(?:(?:[A-Za-z]{{1,4}}[ ])?{_PART}(/{_PART}){{1,4}}|"
    r"(?=(?:[^0-9/]*[0-9]){4})[A-Za-z0-9][A-Za-z0-9.\-_&()]*)"
)
# As file names and messages have it, where a slash can't stand.
_WITH_HYPHENS = re.compile(r"(\d{2}|\d{4})-(\d{3,6})-([A-Z][A-Z0-9]{0,5})")
_REFERENCE = re.compile(_SHAPE)

REFERENCE_PATTERN = rf"^\s*{_SHAPE}\s*$"
"""What a form takes for a reference: all that parse_reference does, and it may look closer."""


def parse_reference(text: str) -> str:
    """Return the reference in the register's own form, or raise UsageError.

    White space around it and its slashes is dropped, letters are raised, and what has hyphens for slashes
    gets those: ` 25/00284/f`, `25 / 00284 / F` and `25-00284-F` are `25/00284/F`. Some councils' references
    have no slash.
    """
    reference = re.sub(r"\s*/\s*", "/", text.strip()).upper()
    if hyphened := _WITH_HYPHENS.fullmatch(reference):
        reference = "/".join(hyphened.groups())
    if len(reference) > 40 or ".." in reference or not _REFERENCE.fullmatch(reference):
        raise UsageError(
            f"{text.strip()[:60]!r} is not an application reference: one looks like 25/00284/F. "
            "Copy it from the council's register."
        )
    return reference


def reference_folder(reference: str, council: str = HOME_COUNCIL) -> str:
    """Return the folder of an application: `25_00284_F`, or `{council}/25_00284_F`."""
    name = re.sub(r"[^A-Za-z0-9.\-]", "_", reference)
    return name if council == HOME_COUNCIL else f"{council}/{name}"


def describe_review(reference: str, council: str) -> str:
    """Return the command that reviews an application, or does what is missing of its review."""
    if (council, reference) == (SAMPLE_COUNCIL, SAMPLE_REFERENCE):
        return "planning-review review --sample"
    option = "" if council == HOME_COUNCIL else f" --council {council}"
    return f"planning-review review {shlex.quote(reference)}{option}"


def safe_name(title: str) -> str:
    """Return a title as a file name's stem: at most 80 characters of `A-Za-z0-9.-_`, never empty."""
    name = re.sub(r"[^A-Za-z0-9.\-]+", "_", title)
    name = re.sub(r"\.{2,}", ".", name).strip("._-")[:80].strip("._-")
    return name or "document"
