#include "storage_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The plug-in: another type's functions with one of its own, to show that nothing but the table is asked. */
static long dummy_updates;
static const hn_storage_type *inner;

static hone_status dummy_update(hn_storage *storage, int64_t trial, const char *lease,
                                const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                                hone_error *err)
{
    dummy_updates++;
    return inner->trial_update(storage, trial, lease, update, state, lease_lost, err);
}

long storage_dummy_updates(void)
{
    return dummy_updates;
}

static const hn_storage_type *find_type(const char *name)
{
    for (size_t i = 0; hn_storage_at(i); i++) {
        if (strcmp(hn_storage_at(i)->name, name) == 0)
            return hn_storage_at(i);
    }
    ck_abort_msg("no storage %s", name);
    return NULL;
}

static hn_storage *open_dummy(void)
{
    static hn_storage_type type;
    hone_error err;
    hn_storage *storage;
    inner = find_type("memory");
    type = *inner;
    type.name = "dummy";
    type.scheme = "dummy:";
    type.trial_update = dummy_update;
    ok(type.open("memory:", true, &storage, &err));
    ((struct hn_storage_base *)storage)->type = &type;
    return storage;
}

hn_storage *storage_fixture(int i)
{
    hone_error err;
    hn_storage *storage;
    char url[512] = "memory:";
    if (i == STORAGE_DUMMY)
        return open_dummy();
    if (i == STORAGE_POSTGRES) {
        hn_test_postgres_url(url);
    } else if (i == STORAGE_SQLITE) {
        char *folder = hn_test_temp_dir();
        snprintf(url, sizeof url, "sqlite:///%s/study.db", folder);
        free(folder);
    }
    ok(hn_storage_open(url, true, &storage, &err));
    return storage;
}

int64_t storage_study(hn_storage *storage, const char *name)
{
    static const hone_direction minimize = HONE_MINIMIZE;
    hone_error err;
    hn_study_row row = {.name = name, .n_objectives = 1, .directions = &minimize, .definition = "{}"};
    int64_t study;
    bool created;
    ok(hn_storage_of(storage)->study_create(storage, &row, &study, &created, &err));
    ck_assert(created);
    return study;
}

hn_new_trial storage_trial(const char *lease)
{
    static const hone_value choices[] = {
        {HONE_STRING, {.string = "red"}}, {HONE_NULL, {0}}, {HONE_INT, {.integer = 3}}};
    static const hn_distribution x = {.kind = HN_FLOAT, .low = 0, .high = 1},
                                 c = {.kind = HN_CATEGORICAL, .n_choices = 3, .choices = choices};
    static const hn_trial_param params[] = {{"x", &x, 0.25}, {"c", &c, 2}};
    return (hn_new_trial){
        .state = HONE_RUNNING, .lease = lease, .start_us = 1700000000000001, .n_params = 2, .params = params};
}

int64_t storage_start(hn_storage *storage, int64_t study, const char *lease)
{
    hone_error err;
    hn_new_trial trial = storage_trial(lease);
    int64_t id, number;
    ok(hn_storage_of(storage)->trial_create(storage, study, 1, &trial, -1, &id, &number, &err));
    return id;
}

hn_trial_update storage_end(hone_trial_state state, const double *value)
{
    return (hn_trial_update){
        .state = state, .complete_us = 1700000001500002, .n_values = value ? 1 : 0, .values = value};
}

hone_status storage_see(void *user, const hn_trial_record *record, hone_error *err)
{
    (void)err;
    storage_seen *seen = user;
    if (seen->count < sizeof seen->ids / sizeof *seen->ids)
        seen->ids[seen->count] = record->id;
    seen->count++;
    seen->last = *record;
    for (size_t i = 0; i < record->n_params && i < 8; i++) {
        seen->params[i] = record->params[i].value;
        snprintf(seen->names[i], sizeof seen->names[i], "%s", record->params[i].name);
    }
    for (size_t i = 0; i < record->n_values && i < 8; i++)
        seen->values[i] = record->values[i];
    for (size_t i = 0; i < record->n_constraints && i < 8; i++)
        seen->constraints[i] = record->constraints[i];
    for (size_t i = 0; i < record->n_reports && i < 8; i++) {
        seen->steps[i] = record->reports[i].step;
        seen->reports[i] = record->reports[i].value;
    }
    for (size_t i = 0; i < record->n_attributes && i < 8; i++) {
        snprintf(seen->keys[i], sizeof seen->keys[i], "%s", record->attributes[i].key);
        snprintf(seen->jsons[i], sizeof seen->jsons[i], "%s", record->attributes[i].json);
    }
    return HONE_OK;
}

storage_seen storage_read(hn_storage *storage, int64_t trial)
{
    hone_error err;
    storage_seen seen = {0};
    ok(hn_storage_of(storage)->trial_read(storage, trial, storage_see, &seen, &err));
    return seen;
}

void storage_ok(hone_status status, const hone_error *err, int line)
{
    ck_assert_msg(status == HONE_OK, "line %d: %s: %s", line, hone_status_name(status), err->message);
}
