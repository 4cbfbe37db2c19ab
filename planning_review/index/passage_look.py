"""A look at which documents an index in a folder holds whole, without opening it.

To load Chroma and open its folder takes seconds, which a run that changes nothing has no other use for.
Chroma is pinned, and its tables are read as that version writes them: what is not as expected is no answer.
"""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

_LOOK_SECONDS = 2.0

# What stands in the queue beyond the rows' own number is not in them yet.
_SEGMENT = """
SELECT segments.id,
       (SELECT seq_id FROM max_seq_id WHERE segment_id = segments.id),
       (SELECT max(seq_id) FROM embeddings_queue WHERE topic LIKE '%' || collections.id)
FROM collections JOIN segments ON segments.collection = collections.id
WHERE collections.name = ? AND segments.scope = 'METADATA'
"""
_ROWS = """
SELECT embeddings.embedding_id, counts.int_value
FROM embeddings
LEFT JOIN embedding_metadata AS counts ON counts.id = embeddings.id AND counts.key = 'chunk_count'
WHERE embeddings.segment_id = ? AND embeddings.embedding_id >= ? AND embeddings.embedding_id < ?
"""


def find_complete_documents(folder: Path, collection: str, reference: str) -> frozenset[str] | None:
    """Return what the ids of each document begin with of which all passages are in a collection.

    None where the files don't tell, so that Chroma has to be asked: in use, behind with its rows, or of
    another version.
    """
    database = folder / "chroma.sqlite3"
    if not database.is_file():
        return frozenset() if not folder.exists() else None
    try:
        with closing(
            sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOOK_SECONDS)
        ) as connection:
            segments = connection.execute(_SEGMENT, (collection,)).fetchall()
            if not segments:
                return frozenset()
            segment, written, queued = segments[0]
            if len(segments) > 1 or written is None or (queued or 0) > written:
                return None
            # All of a reference's ids, by the order of characters: "}" follows "|".
            rows = connection.execute(_ROWS, (segment, f"{reference}|", f"{reference}}}")).fetchall()
    except sqlite3.Error:
        return None
    return _keep_complete(rows)


def _keep_complete(rows: list[tuple[str, int | None]]) -> frozenset[str]:
    found: Counter[str] = Counter()
    wanted: dict[str, int | None] = {}
    for passage_id, chunk_count in rows:
        prefix = passage_id.rpartition("|")[0]
        found[prefix] += 1
        wanted[prefix] = chunk_count
    return frozenset(prefix for prefix, count in found.items() if count == wanted[prefix])
