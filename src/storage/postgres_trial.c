/* Creating and updating trials: the lock, one statement that writes everything, and the notification go to
 * the server together. A statement sees what was committed before it began, which after the lock is all that
 * matters. */
#include <stdio.h>
#include <string.h>

#include "storage/postgres.h"

/* --- the rows of a trial --- */

/* The values $1 .. $12 of a statement that writes rows. */
typedef struct row_values {
    unsigned parts;
    hn_trial_rows rows;
    size_t n_names;
    const char **names, **distributions; /* of parameters */
    double *params, *reports;
    const char **value_kinds, **report_kinds;
    int64_t *steps;
    size_t n_system, n_user;
    const char **system_keys, **system_jsons, **user_keys, **user_jsons;
} row_values;

static hone_status fill_params(hn_postgres *pg, row_values *out, hone_error *err)
{
    const hn_trial_rows *rows = &out->rows;
    hone_status status = HONE_OK;
    out->n_names = rows->n_params;
    out->names = HN_ARENA_NEW(&pg->scratch, const char *, rows->n_params);
    out->distributions = HN_ARENA_NEW(&pg->scratch, const char *, rows->n_params);
    out->params = HN_ARENA_NEW(&pg->scratch, double, rows->n_params);
    if (!out->names || !out->distributions || !out->params)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < rows->n_params && !status; i++) {
        const hn_trial_param *param = &rows->params[i];
        size_t column = 0;
        status = hn_vocabulary_intern(&pg->vocabulary, param->name, param->distribution, &column, err);
        if (status)
            return status;
        out->names[i] = param->name;
        out->params[i] = param->value;
        out->distributions[i] = pg->vocabulary.texts.keys[pg->vocabulary.columns[column].text];
    }
    return status;
}

static hone_status fill_numbers(hn_postgres *pg, row_values *out, hone_error *err)
{
    const hn_trial_rows *rows = &out->rows;
    out->value_kinds = HN_ARENA_NEW(&pg->scratch, const char *, rows->n_values);
    out->report_kinds = HN_ARENA_NEW(&pg->scratch, const char *, rows->n_reports);
    out->reports = HN_ARENA_NEW(&pg->scratch, double, rows->n_reports);
    out->steps = HN_ARENA_NEW(&pg->scratch, int64_t, rows->n_reports);
    if (!out->value_kinds || !out->report_kinds || !out->reports || !out->steps)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < rows->n_values; i++)
        out->value_kinds[i] = hn_value_kind(rows->values[i]);
    for (size_t i = 0; i < rows->n_reports; i++) {
        out->report_kinds[i] = hn_value_kind(rows->reports[i].value);
        out->reports[i] = rows->reports[i].value;
        out->steps[i] = rows->reports[i].step;
    }
    return HONE_OK;
}

/* Constraints are an attribute too. Of a key that is given twice the last counts: one statement cannot write
 * a row twice. */
static void append(const char **keys, const char **jsons, size_t *n, const char *key, const char *json)
{
    size_t at = 0;
    while (at < *n && strcmp(keys[at], key) != 0)
        at++;
    keys[at] = key;
    jsons[at] = json;
    *n += at == *n;
}

static hone_status fill_attributes(hn_postgres *pg, row_values *out, hone_error *err)
{
    const hn_trial_rows *rows = &out->rows;
    size_t most = rows->n_attributes + 1;
    const char **room = HN_ARENA_NEW(&pg->scratch, const char *, 4 * most);
    if (!room)
        return hn_out_of_memory(err);
    out->system_keys = room;
    out->system_jsons = room + most;
    out->user_keys = room + 2 * most;
    out->user_jsons = room + 3 * most;
    if (rows->n_constraints) {
        hn_buffer_clear(&pg->text);
        hn_write_numbers(&pg->text, rows->constraints, rows->n_constraints);
        const char *json = hn_arena_strdup(&pg->scratch, hn_buffer_string(&pg->text));
        if (hn_buffer_failed(&pg->text) || !json)
            return hn_out_of_memory(err);
        append(out->system_keys, out->system_jsons, &out->n_system, HN_KEY_CONSTRAINTS, json);
    }
    for (size_t i = 0; i < rows->n_attributes; i++) {
        const hn_attribute *attribute = &rows->attributes[i];
        if (attribute->system)
            append(out->system_keys, out->system_jsons, &out->n_system, attribute->key, attribute->json);
        else
            append(out->user_keys, out->user_jsons, &out->n_user, attribute->key, attribute->json);
    }
    return HONE_OK;
}

/* A step twice: the last counts, as with attributes. */
static void drop_repeated_steps(row_values *out)
{
    size_t n = 0;
    for (size_t i = 0; i < out->rows.n_reports; i++) {
        size_t at = 0;
        /* Steps mostly ascend. */
        if (n && out->steps[n - 1] < out->steps[i])
            at = n;
        while (at < n && out->steps[at] != out->steps[i])
            at++;
        out->steps[at] = out->steps[i];
        out->reports[at] = out->reports[i];
        out->report_kinds[at] = out->report_kinds[i];
        n += at == n;
    }
    out->rows.n_reports = n;
}

/* Everything lives in scratch. */
static hone_status fill_rows(hn_postgres *pg, const hn_trial_rows *rows, row_values *out, hone_error *err)
{
    *out = (row_values){.rows = *rows};
    hone_status status = fill_params(pg, out, err);
    if (!status)
        status = fill_numbers(pg, out, err);
    if (!status)
        status = fill_attributes(pg, out, err);
    if (status)
        return status;
    drop_repeated_steps(out);
    out->parts = (rows->n_params ? HN_PG_PARAMS : 0u) | (rows->n_values ? HN_PG_VALUES : 0u) |
                 (rows->n_reports ? HN_PG_REPORTS : 0u) | (out->n_system ? HN_PG_SYSTEM : 0u) |
                 (out->n_user ? HN_PG_USER : 0u);
    return HONE_OK;
}

#define ROWS_FORMAT "TDTDTIDTTTTTt"
#define ROWS_VALUES(v, request)                                                                              \
    (v)->n_names, (v)->names, (v)->rows.n_params, (v)->params, (v)->n_names, (v)->distributions,             \
        (v)->rows.n_values, (v)->rows.values, (v)->rows.n_values, (v)->value_kinds, (v)->rows.n_reports,     \
        (v)->steps, (v)->rows.n_reports, (v)->reports, (v)->rows.n_reports, (v)->report_kinds,               \
        (v)->n_system, (v)->system_keys, (v)->n_system, (v)->system_jsons, (v)->n_user, (v)->user_keys,      \
        (v)->n_user, (v)->user_jsons, (request)

/* --- creating --- */

static hone_status check_trials(size_t n, const hn_new_trial *trials, size_t n_objectives, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; i < n && !status; i++) {
        hn_trial_rows rows = hn_rows_of_new(&trials[i]);
        status = hn_rows_check(&rows, n_objectives, err);
        if (!status)
            status = hn_lease_check(trials[i].lease, err);
    }
    return status;
}

/* Trials that are to be made. */
typedef struct making {
    int64_t study;
    size_t n;
    const hn_new_trial *trials;
    int64_t expected; /* number of the first; -1: any */
    char request[HN_PG_REQUEST_SIZE];
    /* width > 1: the one trial is filled by make for so many numbers from the expected one on, or up to the
     * last that it gives. */
    int64_t width, last;
    hn_new_trial *room;
    hn_trial_maker make;
    void *user;
} making;

/* One trial's parameters for each of several numbers. */
typedef struct choices {
    size_t n, capacity; /* parameters in all */
    int64_t *numbers;
    int64_t *places; /* of a parameter's column in columns */
    double *values;
    size_t n_columns;
    size_t *columns; /* of the vocabulary, each once */
} choices;

static hone_status make_room(hn_postgres *pg, choices *c, size_t more, hone_error *err)
{
    if (c->n + more <= c->capacity)
        return HONE_OK;
    choices wider = *c;
    wider.capacity = 2 * (c->n + more);
    wider.numbers = HN_ARENA_NEW(&pg->scratch, int64_t, wider.capacity);
    wider.places = HN_ARENA_NEW(&pg->scratch, int64_t, wider.capacity);
    wider.values = HN_ARENA_NEW(&pg->scratch, double, wider.capacity);
    wider.columns = HN_ARENA_NEW(&pg->scratch, size_t, wider.capacity);
    if (!wider.numbers || !wider.places || !wider.values || !wider.columns)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < c->n; i++) {
        wider.numbers[i] = c->numbers[i];
        wider.places[i] = c->places[i];
        wider.values[i] = c->values[i];
    }
    for (size_t i = 0; i < c->n_columns; i++)
        wider.columns[i] = c->columns[i];
    *c = wider;
    return HONE_OK;
}

/* likely: trials are alike. */
static size_t place_of(choices *c, size_t column, size_t likely)
{
    if (likely < c->n_columns && c->columns[likely] == column)
        return likely;
    size_t at = 0;
    while (at < c->n_columns && c->columns[at] != column)
        at++;
    if (at == c->n_columns)
        c->columns[c->n_columns++] = column;
    return at;
}

static hone_status add_choice(hn_postgres *pg, choices *c, int64_t number, const hn_new_trial *trial,
                              hone_error *err)
{
    hone_status status = make_room(pg, c, trial->n_params, err);
    for (size_t i = 0; i < trial->n_params && !status; i++) {
        const hn_trial_param *param = &trial->params[i];
        size_t column = 0;
        status = hn_vocabulary_intern(&pg->vocabulary, param->name, param->distribution, &column, err);
        if (status)
            break;
        c->numbers[c->n] = number;
        c->places[c->n] = (int64_t)place_of(c, column, i) + 1; /* SQL counts from 1 */
        c->values[c->n++] = param->value;
    }
    return status;
}

/* Instead of the parameters of out->rows. Where make gives none for a later number, there are fewer. */
static hone_status fill_choices(hn_postgres *pg, making *m, row_values *out, choices *c, hone_error *err)
{
    hone_status status = m->make(m->user, m->expected, m->room, err);
    for (m->last = m->expected; !status; m->last++) {
        status = add_choice(pg, c, m->last, m->room, err);
        if (!status &&
            (m->last + 1 >= m->expected + m->width || m->make(m->user, m->last + 1, m->room, NULL)))
            break;
    }
    out->n_names = c->n_columns;
    out->names = HN_ARENA_NEW(&pg->scratch, const char *, c->n_columns);
    out->distributions = HN_ARENA_NEW(&pg->scratch, const char *, c->n_columns);
    if (!status && (!out->names || !out->distributions))
        status = hn_out_of_memory(err);
    for (size_t i = 0; i < c->n_columns && !status; i++) {
        const hn_vocabulary_column *column = &pg->vocabulary.columns[c->columns[i]];
        out->names[i] = column->name;
        out->distributions[i] = pg->vocabulary.texts.keys[column->text];
    }
    out->params = c->values;
    out->rows.n_params = c->n;
    out->parts = (out->parts & ~(unsigned)HN_PG_PARAMS) | (c->n ? HN_PG_CHOICES : 0u);
    return status;
}

/* The study's lock is kept until its transaction is committed: nobody shall wait for the disk with it. */
static bool may_commit_before_disk(const hn_postgres *pg, const making *m)
{
    bool all_run = true;
    for (size_t i = 0; i < m->n; i++)
        all_run = all_run && m->trials[i].state == HONE_RUNNING;
    return all_run && !pg->gathers && pg->durable;
}

static void add_trial(hn_postgres *pg, const making *m, size_t i, const row_values *values, const choices *c)
{
    const hn_new_trial *trial = &m->trials[i];
    bool runs = trial->state == HONE_RUNNING;
    int64_t expected = m->expected < 0 ? m->expected : m->expected + (int64_t)i;
    hn_pg_add(pg, hn_pg_statement(HN_PG_CREATE, values->parts), ROWS_FORMAT "iituutbiII",
              ROWS_VALUES(values, m->request), m->study, expected, hn_state_text(trial->state),
              trial->state == HONE_WAITING ? (int64_t)0 : trial->start_us,
              hn_state_finished(trial->state) ? trial->complete_us : (int64_t)0, runs ? trial->lease : NULL,
              (int)(runs && trial->beats), m->width > 1 ? m->last : expected, c->n, c->numbers, c->n,
              c->places);
}

static hone_status add_trials(hn_postgres *pg, making *m, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; i < m->n && !status; i++) {
        hn_trial_rows rows = hn_rows_of_new(&m->trials[i]);
        row_values values;
        choices c = {0};
        status = fill_rows(pg, &rows, &values, err);
        if (!status && m->width > 1)
            status = fill_choices(pg, m, &values, &c, err);
        if (!status)
            add_trial(pg, m, i, &values, &c);
    }
    if (may_commit_before_disk(pg, m))
        hn_pg_add(pg, HN_PG_COMMIT_LATER, "");
    return status;
}

static void add_flush(hn_postgres *pg, const making *m)
{
    if (may_commit_before_disk(pg, m) && !pg->defers) {
        hn_pg_sync(pg);
        hn_pg_add(pg, HN_PG_FLUSH, "");
    }
}

/* One attempt: everything in one round trip. Results: the lock, then one for each trial. */
static hone_status send_trials(hn_postgres *pg, making *m, hone_error *err)
{
    hn_pg_start(pg);
    hn_pg_add(pg, HN_PG_STUDY_LOCK, "i", m->study);
    hone_status status = add_trials(pg, m, err);
    add_flush(pg, m);
    /* A worker's ask is not told: who asks next meets its number, and who waits does so for results. */
    if (m->expected < 0)
        hn_pg_notify(pg, m->study);
    hone_status sent = hn_pg_run(pg, err);
    return status ? status : sent;
}

/* After an attempt that was lost: was it committed? Then it is on the disk when this is. */
static hone_status find_made(hn_postgres *pg, const making *m, bool *made, int64_t *ids, int64_t *numbers,
                             hone_error *err)
{
    hn_pg_start(pg);
    hn_pg_add(pg, HN_PG_TRIALS_REQUESTED, "it", m->study, m->request);
    hn_pg_add(pg, HN_PG_FLUSH_ALL, "");
    hone_status status = hn_pg_run(pg, err);
    *made = !status && PQntuples(pg->results[0]) == (int)m->n;
    for (int i = 0; *made && i < (int)m->n; i++) {
        ids[i] = hn_pg_int(pg->results[0], i, 0);
        numbers[i] = hn_pg_int(pg->results[0], i, 1);
    }
    return status;
}

static hone_status no_study(hn_postgres *pg, int64_t study, hone_error *err)
{
    hn_pg_forget(pg, study);
    return hn_no_such_study_id(study, err);
}

/* What was made, one result each from `first` on. */
static hone_status read_made(const hn_postgres *pg, const making *m, size_t first, int64_t *ids,
                             int64_t *numbers, hone_error *err)
{
    for (size_t i = 0; i < m->n; i++) {
        const PGresult *row = pg->results[first + i];
        int64_t next = hn_pg_int(row, 0, 0);
        if (hn_pg_is_null(row, 0, 1))
            return hn_number_check(m->expected, next, numbers, err);
        ids[i] = hn_pg_int(row, 0, 1);
        numbers[i] = next;
    }
    return HONE_OK;
}

static hone_status begin_making(hn_postgres *pg, making *m, hone_error *err)
{
    hn_pg_study known = {0};
    hone_status status = hn_pg_study_known(pg, m->study, true, &known, err);
    if (!status)
        status = check_trials(m->n, m->trials, known.n_objectives, err);
    hn_pg_request(pg, m->request);
    return status;
}

static hone_status make_expected(hn_postgres *pg, making *m, int64_t *ids, int64_t *numbers, hone_error *err)
{
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        bool made = false;
        if (attempts.count)
            status = find_made(pg, m, &made, ids, numbers, err);
        if (made)
            return HONE_OK;
        if (!status || !pg->lost)
            status = send_trials(pg, m, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    pg->unsynced = pg->unsynced || (!status && hn_pg_defers(pg));
    if (!status && PQntuples(pg->results[0]) == 0)
        return no_study(pg, m->study, err);
    return status ? status : read_made(pg, m, 1, ids, numbers, err);
}

hone_status hn_pg_trial_create(hn_storage *storage, int64_t study, size_t n, const hn_new_trial *trials,
                               int64_t expected_number, int64_t *ids, int64_t *numbers, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    making m = {.study = study, .n = n, .trials = trials, .expected = expected_number};
    hone_status status = begin_making(pg, &m, err);
    return status || !n ? status : make_expected(pg, &m, ids, numbers, err);
}

/* How many numbers to propose for: others who ask as often as we do take some of them first. */
static int64_t count_choices(const hn_postgres *pg)
{
    enum { MOST = 32 };
    int64_t width = pg->crowd ? 2 * pg->crowd + 2 : 1;
    return width < MOST ? width : MOST;
}

hone_status hn_pg_trial_make(hn_storage *storage, int64_t study, hn_new_trial *trial, int64_t expected,
                             hn_trial_maker make, void *user, int64_t *id, int64_t *number, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    making m = {.study = study,
                .n = 1,
                .trials = trial,
                .expected = expected,
                .width = count_choices(pg),
                .room = trial,
                .make = make,
                .user = user};
    int64_t next = expected;
    hone_status status = begin_making(pg, &m, err);
    if (!status)
        status = make_expected(pg, &m, id, &next, err);
    if (!status || status == HONE_CONFLICT)
        pg->crowd = next > expected ? next - expected : pg->crowd / 2;
    if (!status && m.width > 1)
        status = make(user, next, trial, err);
    if (!status || status == HONE_CONFLICT)
        *number = next;
    return status;
}

hone_status hn_pg_trial_find(hn_storage *storage, int64_t study, int64_t number, int64_t *id, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_STUDY_KEY, "i", study);
        hn_pg_add(pg, HN_PG_TRIAL_BY_NUMBER, "ii", study, number);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    if (PQntuples(pg->results[0]) == 0)
        return hn_no_such_study_id(study, err);
    if (PQntuples(pg->results[1]) == 0)
        return hn_no_such_number(number, hn_pg_int(pg->results[0], 0, 2), err);
    *id = hn_pg_int(pg->results[1], 0, 0);
    return HONE_OK;
}

/* --- one trial's state --- */

hone_status hn_pg_read_trial(const PGresult *result, int64_t trial, const char *request, hn_pg_trial *out,
                             hone_error *err)
{
    if (PQntuples(result) == 0)
        return hn_no_such_trial(trial, err);
    *out = (hn_pg_trial){
        .study = hn_pg_int(result, 0, 0),
        .number = hn_pg_int(result, 0, 1),
        .n_objectives = (size_t)hn_pg_int(result, 0, 3),
        .ended = hn_pg_int(result, 0, 5) != 0,
        .paused = hn_pg_int(result, 0, 6) != 0,
        .mine = request && strcmp(hn_pg_text(result, 0, 7), request) == 0,
        .done = hn_pg_int(result, 0, 8) != 0,
    };
    snprintf(out->lease, sizeof out->lease, "%s", hn_pg_text(result, 0, 4));
    if (!hn_state_from_text(hn_pg_text(result, 0, 2), &out->state))
        return hn_fail(err, HONE_STORAGE, "trial %lld has the unknown state '%s'", (long long)out->number,
                       hn_pg_text(result, 0, 2));
    return HONE_OK;
}

hone_status hn_pg_trial_claim(hn_storage *storage, int64_t trial, const char *lease, int64_t start_us,
                              bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                              hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_trial_rows rows = {.state = HONE_RUNNING, .n_params = n_params, .params = params};
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    char request[HN_PG_REQUEST_SIZE];
    hone_status status = hn_rows_check(&rows, 0, err);
    if (!status)
        status = hn_lease_check(lease, err);
    if (status)
        return status;
    hn_pg_request(pg, request);
    do {
        row_values values;
        hn_pg_start(pg);
        status = fill_rows(pg, &rows, &values, err);
        if (status)
            return status;
        hn_pg_add(pg, HN_PG_TRIAL_LOCK, "i", trial);
        hn_pg_add(pg, hn_pg_statement(HN_PG_CLAIM, values.parts), ROWS_FORMAT "itub",
                  ROWS_VALUES(&values, request), trial, lease, start_us, (int)beats);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (!status)
        status = hn_pg_read_trial(pg->results[1], trial, request, &key, err);
    if (!status)
        *claimed = key.done || key.mine;
    return status;
}

/* One attempt at an update. checked: its rows may be stored if the study has as many objectives as the
 * statement demands; otherwise the trial is only looked at, for the error. */
static hone_status send_update(hn_postgres *pg, int64_t trial, const char *lease,
                               const hn_trial_update *update, bool checked, const char *request,
                               hone_error *err)
{
    hn_trial_rows rows = hn_rows_of_update(update);
    row_values values;
    hn_pg_start(pg);
    hn_pg_add(pg, HN_PG_TRIAL_LOCK, "i", trial);
    if (!checked) {
        hn_pg_add(pg, HN_PG_TRIAL_KEY, "i", trial);
        return hn_pg_run(pg, err);
    }
    hone_status status = fill_rows(pg, &rows, &values, err);
    if (status) {
        hn_pg_run(pg, NULL);
        return status;
    }
    if (update->state == HONE_RUNNING)
        hn_pg_add(pg, hn_pg_statement(HN_PG_REPORT, values.parts), ROWS_FORMAT "it",
                  ROWS_VALUES(&values, request), trial, lease);
    else
        hn_pg_add(pg, hn_pg_statement(HN_PG_END, values.parts), ROWS_FORMAT "ittuii",
                  ROWS_VALUES(&values, request), trial, lease, hn_state_text(update->state),
                  update->complete_us, (int64_t)update->n_values,
                  update->state == HONE_COMPLETE ? (int64_t)update->n_values : INT64_MAX);
    if (hn_pg_defers(pg))
        hn_pg_add(pg, HN_PG_COMMIT_LATER, "");
    hn_pg_notify_of(pg, trial, true);
    return hn_pg_run(pg, err);
}

/* Why the statement did not write. */
static hone_status explain(const hn_pg_trial *key, const hn_trial_update *update, bool lost, hone_error *err)
{
    hn_trial_rows rows = hn_rows_of_update(update);
    if (lost || hn_state_finished(key->state))
        return hn_trial_refused(key->number, key->state, lost, err);
    if (update->state == HONE_WAITING)
        return hn_fail(err, HONE_INVALID, "trial %lld cannot go back to waiting", (long long)key->number);
    return hn_rows_check(&rows, key->n_objectives, err);
}

hone_status hn_pg_trial_update(hn_storage *storage, int64_t trial, const char *lease,
                               const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                               hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_trial_rows rows = hn_rows_of_update(update);
    hn_pg_attempts attempts = {0};
    hn_pg_trial key = {0};
    char request[HN_PG_REQUEST_SIZE];
    bool checked = update->state != HONE_WAITING && !hn_rows_check(&rows, rows.n_values, NULL);
    hone_status status = HONE_OK;
    hn_pg_request(pg, request);
    do {
        status = send_update(pg, trial, lease, update, checked, request, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    pg->unsynced = pg->unsynced || (!status && hn_pg_defers(pg));
    if (!status)
        status = hn_pg_read_trial(pg->results[1], trial, request, &key, err);
    if (status)
        return status;
    bool finished = hn_state_finished(key.state), written = key.done || key.mine;
    bool lost =
        !written && lease && (strcmp(lease, key.lease) != 0 || (finished && !(key.ended && key.lease[0])));
    if (!written)
        status = explain(&key, update, lost, err);
    if (status == HONE_OK || status == HONE_CONFLICT) {
        if (state)
            *state = status == HONE_OK && hn_state_finished(update->state) ? update->state : key.state;
        if (lease_lost)
            *lease_lost = lost;
    }
    return status;
}
