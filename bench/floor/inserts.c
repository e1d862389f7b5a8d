// What SQLite itself can take: the hub's own inserts and commits in a plain loop, nothing else.
//
//     inserts DATABASE SECONDS [keys]
//
// Batches of 1000 events over 64 rooms, each a transaction as the hub's writer makes it (events, with `keys` their keys,
// the rooms' heads), WAL, synchronous=FULL. Prints one line of JSON like the load generator.
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROOMS = 64, BATCH = 1000 };

static sqlite3 *db;

static void run(const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, error);
        exit(1);
    }
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
    return statement;
}

static void step(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) {
        fprintf(stderr, "%s\n", sqlite3_errmsg(db));
        exit(1);
    }
    sqlite3_reset(statement);
}

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    int keys = count > 3 && strcmp(arguments[3], "keys") == 0;
    if (sqlite3_open(arguments[1], &db) != SQLITE_OK) return 1;
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
        "CREATE TABLE rooms (id INTEGER PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, head INTEGER NOT NULL DEFAULT 0,"
        " first_kept INTEGER NOT NULL DEFAULT 1, UNIQUE (tenant, name)) STRICT;"
        "CREATE TABLE events (room INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL, sender TEXT NOT NULL,"
        " kind TEXT NOT NULL, key TEXT, data TEXT NOT NULL, PRIMARY KEY (room, offset)) STRICT, WITHOUT ROWID;"
        "CREATE TABLE keys (room INTEGER NOT NULL, user TEXT NOT NULL, key TEXT NOT NULL, offset INTEGER NOT NULL,"
        " at INTEGER NOT NULL, PRIMARY KEY (room, user, key)) STRICT, WITHOUT ROWID;");
    for (int room = 1; room <= ROOMS; room++) {
        char sql[128];
        snprintf(sql, sizeof sql, "INSERT INTO rooms (id, tenant, name) VALUES (%d, 'default', 'ticket:%d')", room, room);
        run(sql);
    }
    sqlite3_stmt *event = prepare("INSERT INTO events (room, offset, at, sender, kind, key, data) VALUES (?, ?, ?, ?, ?, ?, ?)");
    sqlite3_stmt *key = prepare("INSERT INTO keys (room, user, key, offset, at) VALUES (?, ?, ?, ?, ?)");
    sqlite3_stmt *head = prepare("UPDATE rooms SET head = ? WHERE id = ?");
    char data[131];
    memset(data, 'x', sizeof data);
    data[0] = data[129] = '"';
    data[130] = 0;

    double began = now(CLOCK_MONOTONIC), end = began + atof(arguments[2]), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    long long written = 0;
    while (now(CLOCK_MONOTONIC) < end) {
        run("BEGIN IMMEDIATE");
        for (int index = 0; index < BATCH; index++, written++) {
            long long room = written % ROOMS + 1, offset = written / ROOMS + 1;
            char sender[32], name[48];
            snprintf(sender, sizeof sender, "load-%lld", room);
            snprintf(name, sizeof name, "12345-%lld", offset);
            sqlite3_bind_int64(event, 1, room);
            sqlite3_bind_int64(event, 2, offset);
            sqlite3_bind_int64(event, 3, 1763700000123LL + written);
            sqlite3_bind_text(event, 4, sender, -1, SQLITE_TRANSIENT);
            sqlite3_bind_text(event, 5, "message", -1, SQLITE_STATIC);
            if (keys) sqlite3_bind_text(event, 6, name, -1, SQLITE_TRANSIENT);
            sqlite3_bind_text(event, 7, data, -1, SQLITE_STATIC);
            step(event);
            if (!keys) continue;
            sqlite3_bind_int64(key, 1, room);
            sqlite3_bind_text(key, 2, sender, -1, SQLITE_TRANSIENT);
            sqlite3_bind_text(key, 3, name, -1, SQLITE_TRANSIENT);
            sqlite3_bind_int64(key, 4, offset);
            sqlite3_bind_int64(key, 5, 1763700000123LL + written);
            step(key);
        }
        for (int room = 1; room <= ROOMS; room++) {
            sqlite3_bind_int64(head, 1, written / ROOMS);
            sqlite3_bind_int64(head, 2, room);
            step(head);
        }
        run("COMMIT");
    }
    double wall = now(CLOCK_MONOTONIC) - began;
    printf("{\"scenario\":\"inserts\",\"write_count\":%lld,\"seconds\":%f,\"write_per_second\":%f,\"cpu_us_per_write\":%f}\n",
           written, wall, written / wall, (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / written);
    return 0;
}
