"""The retry table itself: what runs again after each kind of failure, with and without a bucket."""

from tests.support.retry_rows import (
    KEYS,
    TITLES,
    Kind,
    all_of,
    block_index,
    block_text,
    fail_chroma,
    fail_download,
    fail_put,
    fail_register_page,
    fail_text_in_bucket,
    lengthen_temp,
    refuse_download,
    second_of,
    unblock_index,
    unblock_text,
)

SECOND = TITLES[1]
WARNED = "CompletedWithWarnings"
OUTPUTS = ("upload review.html", "upload review.json", "upload review.md")
REVIEW = ("output",) * 3
MANIFEST = "manifest.json"

IN_DATA_FOLDER = (
    Kind(
        "register-page",
        fail_register_page,
        tries={"page": 4},
        ran=[*all_of("download", "read", "index"), "judge"],
        asked=TITLES,
    ),
    Kind(
        "download",
        fail_download,
        tries={SECOND: 4},
        ran=[*second_of("download", "read", "index"), "judge"],
        asked=[SECOND],
    ),
    Kind("extraction", lengthen_temp, ran=[*all_of("read", "index"), "judge"]),
    Kind("storing-text", block_text, mend=unblock_text, ran=[*second_of("read", "index"), "judge"]),
    Kind("indexing", block_index, mend=unblock_index, ran=[*all_of("index"), "judge"]),
    Kind("judgement", fail_chroma("/query"), needs_chroma=True, ran=["judge"]),
)

IN_BUCKET = (
    Kind(
        "register-page",
        fail_register_page,
        tries={"page": 4},
        ran=[*all_of("download", "upload", "read", "index"), "judge", *OUTPUTS],
        asked=TITLES,
        stored=[*KEYS, MANIFEST, "text", "text", *REVIEW],
    ),
    Kind(
        "download",
        fail_download,
        tries={SECOND: 4},
        ran=[*second_of("download", "upload", "read", "index"), "judge", *OUTPUTS],
        asked=[SECOND],
        stored=[KEYS[1], MANIFEST, "text", *REVIEW],
    ),
    Kind(
        "extraction",
        lengthen_temp,
        ran=[*all_of("read", "index"), "judge", *OUTPUTS],
        stored=["text", "text", *REVIEW],
    ),
    Kind(
        "storing-text",
        fail_text_in_bucket,
        tries={"text": 3},
        ran=[*second_of("read", "index"), "judge", *OUTPUTS],
        stored=["text", *REVIEW],
    ),
    Kind(
        "indexing",
        fail_chroma("/add"),
        needs_chroma=True,
        ran=[*all_of("index"), "judge", *OUTPUTS],
        stored=REVIEW,
    ),
    Kind("judgement", fail_chroma("/query"), needs_chroma=True, ran=["judge", *OUTPUTS], stored=REVIEW),
    # The temporary folder held the only copy: the register is asked for it, nothing is read anew.
    Kind(
        "upload",
        fail_put(KEYS[1]),
        ends=WARNED,
        tries={KEYS[1]: 3},
        ran=[*second_of("download", "upload"), *OUTPUTS],
        asked=[SECOND],
        stored=[KEYS[1], MANIFEST, *REVIEW],
    ),
    Kind("output", fail_put("output/"), ends=WARNED, tries={"output": 9}, ran=OUTPUTS, stored=REVIEW),
    # Nothing is stored under a key before the manifest that gives it away.
    Kind(
        "manifest",
        fail_put(MANIFEST),
        ends=WARNED,
        ran=[*all_of("download", "upload"), *OUTPUTS],
        asked=TITLES,
        stored=[*KEYS, MANIFEST, *REVIEW],
    ),
)

DOWNLOAD_REFUSED = Kind(
    "download",
    refuse_download,
    tries={SECOND: 1},
    ran=[*second_of("download", "read", "index"), "judge"],
    asked=[SECOND],
)
UPLOAD_KEPT = Kind(
    "upload",
    fail_put(KEYS[1]),
    ends=WARNED,
    tries={KEYS[1]: 3},
    ran=[*second_of("upload"), *OUTPUTS],
    stored=[KEYS[1], MANIFEST, *REVIEW],
)

IN_DATA_FOLDER_IN_ONE_PROCESS = (
    # The first, before there is an index.
    *(kind for kind in IN_DATA_FOLDER if kind.name == "indexing"),
    DOWNLOAD_REFUSED,
    *(kind for kind in IN_DATA_FOLDER if kind.name == "storing-text"),
)
IN_BUCKET_IN_ONE_PROCESS = (
    *(kind for kind in IN_BUCKET if kind.name == "storing-text"),
    UPLOAD_KEPT,
    *(kind for kind in IN_BUCKET if kind.name == "output"),
)
