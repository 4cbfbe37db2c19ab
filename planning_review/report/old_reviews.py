"""Reviews of releases that kept a finding only as sentences: the one place where those are read.

The words here are those of that time. They stay as they are whatever a report says now.
"""

import re

from planning_review.rules.judgement import ComplianceLine

_VERDICT = re.compile(r"^(?:Not met|Met): ")
_NO_EVIDENCE = (
    "No evidence found: no document that was read states anything that settles this. That is not a breach."
)
_OCR = "Read by OCR from a scanned page"
_DROPPED_CITATION = "A citation was dropped: it named no document of this application."


def is_old(line: ComplianceLine) -> bool:
    """Return whether a line has nothing but its notes."""
    return line.findings is None


def read_notes(line: ComplianceLine) -> str:
    """Return all that an old line says."""
    return line.notes


def read_finding(line: ComplianceLine) -> str:
    """Return what an old line found, without the word for its verdict."""
    return _VERDICT.sub("", line.notes)


def read_beside_its_group(line: ComplianceLine) -> str:
    """Return an old line's notes without the sentence that is said of all that nothing was found on."""
    return line.notes.removeprefix(_NO_EVIDENCE)


def was_read_by_ocr(line: ComplianceLine) -> bool:
    """Return whether an old line says that a quote of it was read by OCR."""
    return _OCR in line.notes


def has_dropped_citation(line: ComplianceLine) -> bool:
    """Return whether an old line says that a citation of it was dropped."""
    return _DROPPED_CITATION in line.notes
