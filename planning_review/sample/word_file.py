"""Word files of the sample."""

import datetime
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from planning_review.sample.prose import Block, BulletList, Heading, Paragraph, Table

_WRITTEN_AT = datetime.datetime(2026, 9, 28, 9, 0, tzinfo=datetime.UTC)
_ZIP_TIME = (2026, 9, 28, 9, 0, 0)


def build_word_file(path: Path, blocks: Sequence[Block], *, title: str, author: str) -> None:
    """Write blocks as a .docx; figures and page breaks have no place in it."""
    import docx

    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = title, author
    properties.created = properties.modified = _WRITTEN_AT
    document.add_heading(title, level=0)
    for block in blocks:
        match block:
            case Heading():
                document.add_heading(block.text, level=block.level)
            case Paragraph():
                document.add_paragraph(block.text)
            case BulletList():
                for item in block.items:
                    document.add_paragraph(item, style="List Bullet")
            case Table():
                document.add_paragraph(block.caption)
                table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
                for row in block.rows:
                    for cell, text in zip(table.add_row().cells, row, strict=True):
                        cell.text = text
            case _:
                raise ValueError(f"a Word file of the sample cannot hold {block!r}")
    buffer = io.BytesIO()
    document.save(buffer)
    path.write_bytes(_fix_times(buffer.getvalue()))


def _fix_times(archive: bytes) -> bytes:
    """Pack a zip again with one fixed time, or each building would differ."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _ZIP_TIME), old.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
