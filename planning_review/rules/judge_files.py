"""The rules' judgement of files that need no register: read, told apart and held against policy at once."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from planning_review.documents.loose_files import (
    LooseFile,
    classify_loose_file,
    list_loose_files,
    read_loose_file,
)
from planning_review.models import Application, DocumentText, Frozen, Passage
from planning_review.policy.parking_standards import Standards
from planning_review.rules.judgement import Judgement
from planning_review.rules.reviewer import ReadDocument, ReadingAccount, UnreadDocument
from planning_review.rules.rules_reviewer import EvidenceReviewer

FILES_CHECK = "that these are all the documents that the register has"


class JudgedFile(Frozen):
    """A file and what became of it; type_reason says what tells its type."""

    file: str
    document_type: str
    type_reason: str
    text: DocumentText


class JudgedFiles(Frozen):
    """The judgement of some files as the documents of one application."""

    judgement: Judgement
    files: tuple[JudgedFile, ...]


class ReadFiles(NamedTuple):
    """Files as a reviewer takes them: what can be judged, the account of the rest, and each file."""

    documents: tuple[ReadDocument, ...]
    account: ReadingAccount
    files: tuple[JudgedFile, ...]


def judge_files(
    names: Sequence[str], application: Application, on_date: date, standards: Standards | None = None
) -> JudgedFiles:
    """Judge files, and all files of folders, together; a document_id is the file as it was typed."""
    read = read_files(names)
    judgement = EvidenceReviewer(standards).judge(
        application, read.documents, _find_nothing, on_date, account=read.account
    )
    return JudgedFiles(judgement=judgement, files=read.files)


def read_files(names: Sequence[str]) -> ReadFiles:
    """Return files, and all files of folders, as a reviewer takes them."""
    files = list_loose_files(names)
    judged = [_read(file) for file in files]
    documents = [
        ReadDocument(
            document_id=file.name,
            title=file.title,
            category=file.category,
            document_type=read.document_type,
            text=read.text,
        )
        for file, read in zip(files, judged, strict=True)
        if read.text.pages
    ]
    account = ReadingAccount(
        list_doubt="",
        check=FILES_CHECK,
        unread=tuple(
            UnreadDocument(title=file.title, document_type=read.document_type, reason=_say_why(read.text))
            for file, read in zip(files, judged, strict=True)
            if not read.text.pages
        ),
    )
    return ReadFiles(tuple(documents), account, tuple(judged))


def _read(file: LooseFile) -> JudgedFile:
    text = read_loose_file(file)
    told = classify_loose_file(file, text)
    return JudgedFile(file=file.name, document_type=told.document_type, type_reason=told.reason, text=text)


def _say_why(text: DocumentText) -> str:
    return text.reason or "nothing of it could be read"


def _find_nothing(queries: Sequence[str], limit: int) -> Sequence[Sequence[Passage]]:
    return [[] for _ in queries]
