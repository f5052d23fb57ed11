#include "storage_faults.h"

#include <sqlite3.h>
#include <string.h>

/* Each file is the real one with another table of methods, of which three may fail. */
static sqlite3_vfs faulty;
static const sqlite3_vfs *real;
static sqlite3_io_methods methods[2]; /* of journals and logs, which are not locked; of the database */
static const sqlite3_io_methods *real_methods;
static long countdown = -1;
static int fault_code, met;
static long log_syncs;

static int fault(void)
{
    if (countdown < 0)
        return SQLITE_OK;
    if (countdown > 0) {
        countdown--;
        return SQLITE_OK;
    }
    met = 1;
    return fault_code;
}

static int faulty_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 at)
{
    int code = fault();
    return code ? code : real_methods->xWrite(file, data, size, at);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = fault();
    return code ? code : real_methods->xTruncate(file, size);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    int code = fault();
    log_syncs += file->pMethods == &methods[0];
    return code ? code : real_methods->xSync(file, flags);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    int code = real->xOpen(vfs, name, file, flags, out);
    if (code == SQLITE_OK && file->pMethods) {
        sqlite3_io_methods *mine = &methods[(flags & SQLITE_OPEN_MAIN_DB) != 0];
        real_methods = file->pMethods; /* the three replaced are the same in both */
        *mine = *real_methods;
        mine->xWrite = faulty_write;
        mine->xTruncate = faulty_truncate;
        mine->xSync = faulty_sync;
        file->pMethods = mine;
    }
    return code;
}

void storage_faults_install(void)
{
    if (real)
        return;
    real = sqlite3_vfs_find(NULL);
    faulty = *real;
    faulty.zName = "faulty";
    faulty.pNext = NULL;
    faulty.xOpen = faulty_open;
    sqlite3_vfs_register(&faulty, 1);
}

void storage_faults_at(long k, int code)
{
    countdown = k;
    fault_code = code;
    met = 0;
}

long storage_faults_log_syncs(void)
{
    return log_syncs;
}

int storage_faults_met(void)
{
    return met;
}
