#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/os_file.h"
#include "storage/sqlite.h"
#include "storage/url.h"

typedef struct settings {
    int durability, mode;
    double timeout_seconds;
} settings;

enum { DURABILITY_FULL, DURABILITY_NORMAL };
enum { MODE_WRITE, MODE_READ };
enum { FEW_WRITES = 4 };

static const char *const durabilities[] = {"full", "normal", NULL};
static const char *const modes[] = {"rw", "ro", NULL};
static const hn_option options[] = {
    {"durability", HN_OPTION_CHOICE, "full", 0, 0, durabilities, offsetof(settings, durability),
     "full: what was told survives a power cut (a trial asked but not told may be forgotten), one sync per "
     "trial; normal: all survives a crash of hone, the last trials perhaps not one of the machine; faster"},
    {"mode", HN_OPTION_CHOICE, "rw", 0, 0, modes, offsetof(settings, mode),
     "ro opens the file for reading only"},
    {"timeout", HN_OPTION_DURATION, "30s", 0, 86400, NULL, offsetof(settings, timeout_seconds),
     "how long to wait for another process that writes"},
};
static const hn_option_table option_table = {options, sizeof options / sizeof *options, sizeof(settings)};

/* Everything about the path that SQLite would answer unclearly or not at all. */
static hone_status check_path(const char *path, bool create, hone_error *err)
{
    const char *file_system = NULL;
    if (hn_is_directory(path))
        return hn_fail(err, HONE_STORAGE, "'%s' is a directory, not a study file; name a file in it", path);
    bool exists = hn_file_exists(path);
    if (!exists && !create)
        return hn_fail(err, HONE_NOT_FOUND, "there is no study file '%s'", path);

    hn_arena arena = HN_ARENA_INIT;
    const char *slash = strrchr(path, '/');
    char *folder = slash ? hn_arena_strndup(&arena, path, slash > path ? (size_t)(slash - path) : 1)
                         : hn_arena_strdup(&arena, ".");
    hone_status status = folder ? HONE_OK : hn_out_of_memory(err);
    if (!status && !exists && !hn_is_directory(folder))
        status = hn_fail(err, HONE_NOT_FOUND, "'%s' cannot be made: there is no folder '%s'", path, folder);
    if (!status && hn_is_network_filesystem(exists ? path : folder, &file_system))
        status = hn_fail(
            err, HONE_UNSUPPORTED,
            "'%s' is on a network file system (%s), where SQLite's locks do not work; put the file on a "
            "local disk, or share the study through PostgreSQL",
            path, file_system ? file_system : "unknown");
    hn_arena_release(&arena);
    return status;
}

/* A read-only file in a read-only folder has no room for the shared memory that WAL wants; nobody writes to
 * it either, so that it may be opened as immutable, unless a log beside it holds more. */
static hone_status reopen_immutable(hn_sqlite *sqlite, hone_error *err)
{
    hn_buffer name = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    hn_buffer_printf(&name, "%s-wal", sqlite->path);
    if (!hn_buffer_failed(&name) && hn_file_exists(hn_buffer_string(&name))) {
        status =
            hn_fail(err, HONE_STORAGE,
                    "'%s' is read-only and the log '%s' beside it holds more: copy both to a writable folder",
                    sqlite->path, hn_buffer_string(&name));
        goto done;
    }
    hn_buffer_clear(&name);
    hn_buffer_text(&name, "file:");
    for (const char *c = sqlite->path; *c; c++) {
        if (strchr("%?#", *c))
            hn_buffer_printf(&name, "%%%02X", (unsigned)*c);
        else
            hn_buffer_char(&name, *c);
    }
    hn_buffer_text(&name, "?immutable=1");
    if (hn_buffer_failed(&name)) {
        status = hn_out_of_memory(err);
        goto done;
    }
    sqlite3_close(sqlite->db);
    sqlite->db = NULL;
    if (sqlite3_open_v2(hn_buffer_string(&name), &sqlite->db,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        status = hn_sqlite_fail(sqlite, "opening", err);
done:
    hn_buffer_release(&name);
    return status;
}

/* Nobody keeps the lock for long, as nobody waits for the disk with it. SQLite's own handler sleeps the
 * longer the more often it found the lock taken, so that with many writers who waits long waits ever longer.
 */
static int wait_for_lock(void *user, int times)
{
    hn_sqlite *sqlite = user;
    int64_t now = hn_monotonic_ns();
    if (!times)
        sqlite->waits_until_ns = now + (int64_t)(sqlite->timeout_seconds * 1e9);
    if (now >= sqlite->waits_until_ns)
        return 0;
    hn_sleep_ms(1);
    return 1;
}

static hone_status open_file(hn_sqlite *sqlite, const settings *set, bool create, hone_error *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= set->mode == MODE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (create && set->mode != MODE_READ)
        flags |= SQLITE_OPEN_CREATE;
    if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL) != SQLITE_OK)
        return sqlite->db ? hn_sqlite_fail(sqlite, "opening", err) : hn_out_of_memory(err);
    sqlite3_busy_handler(sqlite->db, wait_for_lock, sqlite);
    if (!sqlite3_db_readonly(sqlite->db, "main"))
        return HONE_OK;
    int code = sqlite3_exec(sqlite->db, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL) & 0xff;
    if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)
        return reopen_immutable(sqlite, err);
    return code == SQLITE_OK ? HONE_OK : hn_sqlite_fail(sqlite, "opening", err);
}

/* The change to WAL does not wait for other connections by itself. When they stay (Optuna running a trial),
 * their journal is good enough: durable too, only slower. */
static hone_status use_wal(hn_sqlite *sqlite, hone_error *err)
{
    enum { PAUSE_MS = 10, MAX_TRIES = 200 };
    for (int i = 0; i < MAX_TRIES; i++) {
        int code = sqlite3_exec(sqlite->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_OK) {
            sqlite->syncs = sqlite->durable;
            return hn_sqlite_execute(sqlite, "PRAGMA synchronous = NORMAL", "opening", err);
        }
        if ((code & 0xff) != SQLITE_BUSY)
            return hn_sqlite_fail(sqlite, "opening", err);
        hn_sleep_ms(PAUSE_MS);
    }
    hn_log(HN_LOG_WARNING, "'%s' is in use and stays in its journal mode: slower", sqlite->path);
    return HONE_OK;
}

static hone_status set_up(hn_sqlite *sqlite, const settings *set, bool create, hone_error *err)
{
    bool writable = !sqlite3_db_readonly(sqlite->db, "main");
    sqlite->durable = set->durability == DURABILITY_FULL;
    hone_status status = hn_sqlite_execute(
        sqlite, sqlite->durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", "opening",
        err);
    /* 16 MiB of pages, so that a scan's interior pages stay; a log of as much before it is moved into the
     * file, which costs two more syncs. */
    if (!status)
        status = hn_sqlite_execute(sqlite,
                                   "PRAGMA cache_size = -16384;"
                                   "PRAGMA wal_autocheckpoint = 4000",
                                   "opening", err);
    if (!status && writable) {
        int64_t tables = 0;
        status = hn_sqlite_integer(sqlite, "SELECT count(*) FROM sqlite_master", &tables, err);
        if (!status && (tables || create))
            status = use_wal(sqlite, err);
    }
    if (!status)
        status = hn_sqlite_bulk_prepare(sqlite, err);
    return status ? status : hn_sqlite_prepare_schema(sqlite, create, writable, err);
}

hone_status hn_sqlite_open(const char *text, bool create, hn_storage **storage, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_storage_url url;
    settings set;
    const char *path;
    hn_sqlite *sqlite = NULL;
    hone_status status = hn_storage_url_parse(&arena, text, &url, err);
    if (!status)
        status = hn_storage_url_path(&url, &path, err);
    if (!status)
        status = hn_options_apply(&arena, &option_table, "storage sqlite", url.options, &set, err);
    if (!status)
        status = check_path(path, create && set.mode != MODE_READ, err);
    if (status)
        goto done;

    sqlite = hn_calloc(1, sizeof *sqlite);
    if (sqlite)
        sqlite->path = hn_strdup(path);
    if (!sqlite || !sqlite->path) {
        status = hn_out_of_memory(err);
        goto done;
    }
    sqlite->timeout_seconds = set.timeout_seconds;
    status = open_file(sqlite, &set, create, err);
    if (!status)
        status = set_up(sqlite, &set, create, err);
    if (!status) {
        sqlite->base.type = &hn_storage_sqlite;
        *storage = (hn_storage *)sqlite;
        sqlite = NULL;
    }
done:
    hn_sqlite_close((hn_storage *)sqlite);
    hn_arena_release(&arena);
    return status;
}

void hn_sqlite_close(hn_storage *storage)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    if (!sqlite)
        return;
    for (int i = 0; i < HN_SQL_COUNT; i++)
        sqlite3_finalize(sqlite->statements[i]);
    /* Moving the log into the file costs three syncs. A handle that wrote little, such as one `hone tell`,
     * leaves the log to a later one; it is bounded by wal_autocheckpoint. */
    if (sqlite->db && sqlite->writes <= FEW_WRITES)
        sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    sqlite3_close(sqlite->db);
    hn_vocabulary_release(&sqlite->vocabulary);
    hn_record_release(&sqlite->record);
    hn_arena_release(&sqlite->scratch);
    hn_buffer_release(&sqlite->text);
    hn_free(sqlite->known);
    hn_free(sqlite->path);
    hn_free(sqlite);
}
