"""The schema, step by step; a released step is never changed, only followed by another."""

_FIRST = (
    """CREATE TABLE instance (
        sop TEXT PRIMARY KEY,
        study TEXT NOT NULL,
        series TEXT NOT NULL,
        file TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX instance_by_study ON instance (study)",
    "CREATE TABLE expected (study TEXT PRIMARY KEY, instances INTEGER NOT NULL) STRICT",
    "CREATE TABLE worklist (position INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT",
    """CREATE TABLE draft (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        report TEXT NOT NULL,
        revision INTEGER NOT NULL,
        reading TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX draft_by_case ON draft (reading)",
    """CREATE TABLE annotations (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        reading TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX annotations_by_case ON annotations (reading)",
    """CREATE TABLE signed (
        report TEXT NOT NULL,
        version INTEGER NOT NULL,
        reading TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (report, version)
    ) STRICT""",
    """CREATE TRIGGER signed_is_final BEFORE UPDATE ON signed
        BEGIN SELECT RAISE(ABORT, 'a signed report never changes'); END""",
    """CREATE TRIGGER signed_stays BEFORE DELETE ON signed
        BEGIN SELECT RAISE(ABORT, 'a signed report is never deleted'); END""",
    """CREATE TABLE outbox (
        key TEXT PRIMARY KEY,
        position INTEGER NOT NULL UNIQUE,
        report TEXT NOT NULL,
        version INTEGER NOT NULL,
        reading TEXT NOT NULL,
        entry TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        ask_first INTEGER NOT NULL,
        due REAL NOT NULL,
        why TEXT NOT NULL,
        receipt TEXT,
        FOREIGN KEY (report, version) REFERENCES signed (report, version)
    ) STRICT""",
)

_DECODED = (
    """CREATE TABLE decoded_series (
        file TEXT PRIMARY KEY,
        study TEXT NOT NULL,
        series TEXT NOT NULL,
        used REAL NOT NULL,
        UNIQUE (study, series)
    ) STRICT""",
    """CREATE TABLE decoded_frame (
        sop TEXT NOT NULL,
        frame INTEGER NOT NULL,
        file TEXT NOT NULL,
        place INTEGER NOT NULL,
        length INTEGER NOT NULL,
        shape TEXT NOT NULL,
        dtype TEXT NOT NULL,
        origin TEXT NOT NULL,
        notes TEXT NOT NULL,
        PRIMARY KEY (sop, frame)
    ) STRICT""",
    "CREATE INDEX decoded_frame_by_file ON decoded_frame (file)",
)

_OWNER = (
    # PractitionerRole/<id> of the reader on whose case it is; empty: not known.
    "ALTER TABLE outbox ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
    """UPDATE outbox SET owner = coalesce(json_extract(entry, '$.owner'), '')
        WHERE json_valid(entry)""",
)

_CHECKSUM = ("ALTER TABLE instance ADD COLUMN checksum BLOB",)

_ODD_ANSWERS = (
    # Answers in a row that could not be understood.
    "ALTER TABLE outbox ADD COLUMN odd INTEGER NOT NULL DEFAULT 0",
)

_SEEN = (
    """CREATE TABLE seen_series (
        place INTEGER PRIMARY KEY,
        reader TEXT NOT NULL,
        reading TEXT NOT NULL,
        study TEXT NOT NULL,
        series TEXT NOT NULL,
        UNIQUE (reader, reading, study, series)
    ) STRICT""",
    # frames: '0-119,130', counted from 0.
    """CREATE TABLE seen_object (
        place INTEGER NOT NULL REFERENCES seen_series (place),
        sop TEXT NOT NULL,
        frames TEXT NOT NULL,
        PRIMARY KEY (place, sop)
    ) STRICT, WITHOUT ROWID""",
)

_KEY_MARKS = (
    """CREATE TABLE key_marks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        reading TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX key_marks_by_case ON key_marks (reading)",
)

_SEALED = (
    # Files in clear of an earlier Lightbox; they are sealed and go from here one by one.
    "DROP INDEX instance_by_study",
    "ALTER TABLE instance RENAME TO plain_instance",
    # The key of each series file, wrapped; next: the first nonce that is not reserved.
    """CREATE TABLE dek (
        file TEXT PRIMARY KEY,
        wrapped BLOB NOT NULL,
        next INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE container (
        file TEXT PRIMARY KEY REFERENCES dek (file),
        study TEXT NOT NULL,
        series TEXT NOT NULL,
        UNIQUE (study, series)
    ) STRICT""",
    """CREATE TABLE instance (
        sop TEXT PRIMARY KEY,
        study TEXT NOT NULL,
        series TEXT NOT NULL,
        file TEXT NOT NULL REFERENCES container (file),
        place INTEGER NOT NULL,
        length INTEGER NOT NULL,
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX instance_by_study ON instance (study)",
    "CREATE INDEX instance_by_file ON instance (file)",
    # Decoded frames lay in clear: they are made anew.
    "DELETE FROM decoded_frame",
    "DELETE FROM decoded_series",
)

_USE = (
    # used: when a case with this study was last opened or fetched, seconds since 1970.
    "CREATE TABLE study_use (study TEXT PRIMARY KEY, used REAL NOT NULL) STRICT",
    """CREATE TABLE case_study (
        reading TEXT NOT NULL,
        study TEXT NOT NULL,
        PRIMARY KEY (reading, study)
    ) STRICT, WITHOUT ROWID""",
)

_OPINION = (
    # 1: the reader sends it as a second opinion, since the case is another reader's or ended.
    "ALTER TABLE outbox ADD COLUMN opinion INTEGER NOT NULL DEFAULT 0",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _DECODED,
    _OWNER,
    _CHECKSUM,
    _ODD_ANSWERS,
    _SEEN,
    _KEY_MARKS,
    _SEALED,
    _USE,
    _OPINION,
)
