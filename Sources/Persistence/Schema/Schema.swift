import GRDB

/// The database file `apus.sqlite`.
///
/// SQLite in WAL mode; `application_id` is "APUS" (0x41505553), `user_version` the number of migrations applied.
/// Tables are STRICT. Times are ms since 1970 UTC, offsets count up by one from 1 within a room.
///
///     starts       one row a start of the hub; `number` counts from 0 without gaps
///       number       primary key
///       epoch        128 random bits, base64url; unique
///       started_at
///     rooms        one row a room that something was written to; never deleted
///       id           primary key, used by every other table
///       tenant, name unique together
///       head         the newest offset ever given here; 0: only read marks so far
///       first_kept   the oldest offset that is still kept; head + 1 where none is
///     events       what is kept: for each room every offset from first_kept to head
///       room, offset primary key; no rowid
///       at, sender, kind, key (where the sender gave one), data (the raw JSON text)
///     keys         what makes a send idempotent; written in the event's own transaction
///       room, user, key   primary key; no rowid
///       offset, at   those of the event
///     parting_keys keys whose event has gone before they may: removed from `keys` once `at` is old enough
///       at, room, user, key  primary key; no rowid
///     room_starts  in which starts a room got events; a room's first row has first_offset 1
///       room, start  primary key; no rowid
///       first_offset the first offset given in that start
///     reads        read marks; `upto` never goes down
///       room, user   primary key; no rowid
///       upto
///     revocations  what admins have taken away
///       tenant, kind, subject  primary key; no rowid; kind: user, jti, session or token (`RevocationRows`)
///       at           when; a later one of the same subject takes the place of an earlier one
///       until        when it may be forgotten; NULL: never
///     streams      one row a stream; it goes when retention has taken its ending event
///       id           primary key, used by `stream_pieces`
///       tenant, name unique together: the stream's id within its tenant
///       room
///       owner        the user who opened it
///       own          1 where an assistant of the hub writes it: nobody takes it up after a crash
///       state        `open`, or how it ended
///       opened       the offset of its opening event
///       ended        the offset of its ending event, which has the text; null while it is open
///       attempt      the present one
///       tokens       how many tokens of it are here
///     stream_pieces the text of open streams: pieces of the present attempt from token 0 on, without gaps
///       stream, start primary key; no rowid: `start` is the index of the piece's first token
///       upto         the index behind its last
///       text
///     jobs         one row a job, written in the transaction of its event; its history is in the room `job:<id>`
///       tenant, id   unique together
///       kind, owner, priority, created_at, limit_ms, input (JSON)   as submitted
///       state        queued, running, done, failed, cancelled
///       run_at       not to be begun before; attempt: attempts begun; started_at: the last of them; ended_at
///       lease, lease_ms, worker   the present lease; cancelled_by: who wants it to end
///       settled_lease, settled_state   what the last job.done was for and came to
///       stage, result, error (JSON)
///
/// The epoch logic needs no more than `starts` and `room_starts`: a start's *cut* in a room, the last of its
/// offsets that survived, is the smallest first_offset of all later starts in that room less one. A copy restored
/// from before a start does not have that start's row, so its epoch is unknown.
enum Schema {
    /// "APUS": tells our file from other SQLite databases.
    static let applicationID: Int32 = 0x4150_5553

    /// The migrations this binary knows. One is never changed after a release; a new one is appended.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 rooms") { db in
            try db.execute(sql: rooms)
            try seal(db, version: 1)
        }
        migrator.registerMigration("2 revocations") { db in
            try db.execute(sql: revocations)
            try seal(db, version: 2)
        }
        migrator.registerMigration("3 streams") { db in
            try db.execute(sql: streams)
            try seal(db, version: 3)
        }
        migrator.registerMigration("4 jobs") { db in
            try db.execute(sql: jobs)
            try seal(db, version: 4)
        }
        return migrator
    }

    /// The number of migrations, which is the file's `user_version` after them.
    static var version: Int { migrator.migrations.count }

    private static func seal(_ db: Database, version: Int) throws {
        try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
    }

    private static let revocations = """
        CREATE TABLE revocations (
            tenant TEXT NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            at INTEGER NOT NULL,
            until INTEGER,
            PRIMARY KEY (tenant, kind, subject)
        ) STRICT, WITHOUT ROWID;
        """

    private static let streams = """
        CREATE TABLE streams (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            room INTEGER NOT NULL,
            owner TEXT NOT NULL,
            own INTEGER NOT NULL,
            state TEXT NOT NULL,
            opened INTEGER NOT NULL,
            ended INTEGER,
            attempt INTEGER NOT NULL,
            tokens INTEGER NOT NULL DEFAULT 0,
            UNIQUE (tenant, name)
        ) STRICT;
        CREATE INDEX streams_of_room ON streams (room, ended);
        CREATE TABLE stream_pieces (
            stream INTEGER NOT NULL,
            start INTEGER NOT NULL,
            upto INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (stream, start)
        ) STRICT, WITHOUT ROWID;
        """

    private static let rooms = """
        CREATE TABLE starts (
            number INTEGER PRIMARY KEY,
            epoch TEXT NOT NULL UNIQUE,
            started_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE rooms (
            id INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            head INTEGER NOT NULL DEFAULT 0,
            first_kept INTEGER NOT NULL DEFAULT 1,
            UNIQUE (tenant, name)
        ) STRICT;
        CREATE TABLE events (
            room INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            at INTEGER NOT NULL,
            sender TEXT NOT NULL,
            kind TEXT NOT NULL,
            key TEXT,
            data TEXT NOT NULL,
            PRIMARY KEY (room, offset)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE keys (
            room INTEGER NOT NULL,
            user TEXT NOT NULL,
            key TEXT NOT NULL,
            offset INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (room, user, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE parting_keys (
            at INTEGER NOT NULL,
            room INTEGER NOT NULL,
            user TEXT NOT NULL,
            key TEXT NOT NULL,
            PRIMARY KEY (at, room, user, key)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE room_starts (
            room INTEGER NOT NULL,
            start INTEGER NOT NULL,
            first_offset INTEGER NOT NULL,
            PRIMARY KEY (room, start)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE reads (
            room INTEGER NOT NULL,
            user TEXT NOT NULL,
            upto INTEGER NOT NULL,
            PRIMARY KEY (room, user)
        ) STRICT, WITHOUT ROWID;
        """

    private static let jobs = """
        CREATE TABLE jobs (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            kind TEXT NOT NULL,
            owner TEXT NOT NULL,
            state TEXT NOT NULL,
            priority INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            run_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            attempt INTEGER NOT NULL,
            limit_ms INTEGER NOT NULL,
            lease TEXT,
            lease_ms INTEGER NOT NULL,
            worker TEXT,
            cancelled_by TEXT,
            settled_lease TEXT,
            settled_state TEXT,
            stage TEXT,
            input TEXT NOT NULL,
            result TEXT,
            error TEXT,
            PRIMARY KEY (tenant, id)
        ) STRICT;
        CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('queued', 'running');
        CREATE INDEX jobs_newest ON jobs (tenant, created_at, id);
        CREATE INDEX jobs_of_owner ON jobs (tenant, owner, created_at, id);
        """
}
