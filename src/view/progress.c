#include "view/progress.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "space/distribution.h"
#include "view/bar.h"
#include "view/table.h"
#include "view/trial_node.h"
#include "view/width.h"

enum { DIGITS = 5 };

/* Values that no other trial dominates; of a single goal the best. */
typedef struct front_entry {
    int64_t number;
    double *values; /* (n_goals,) */
} front_entry;

struct hn_progress {
    hn_progress_config config;
    double start;                    /* monotonic seconds */
    double over;                     /* when the run is foreseen to end, alike; 0: not known */
    int64_t ended, failed, pruned;   /* of this run */
    int64_t paused, promoted, steps; /* alike: trials that wait, rungs that were climbed, steps run */
    front_entry *front;
    size_t n_front, front_capacity;
    bool drawn;      /* the last line stands there */
    hn_buffer fit;   /* the fit that was heard of last, as text; empty: none */
    int64_t fitting; /* its trial, -1: the fit at the end */
    double told;     /* when a line without a terminal told of a fit; monotonic seconds */
    hn_buffer crew;  /* the workers, as text; empty: they are this process' own */
};

/* --- which trials improve --- */

static bool at_least_as_good(const hn_progress *p, const double *a, const double *b)
{
    for (size_t i = 0; i < p->config.n_goals; i++) {
        bool better_or_equal = p->config.directions[i] == HONE_MAXIMIZE ? a[i] >= b[i] : a[i] <= b[i];
        if (!better_or_equal) {
            return false;
        }
    }
    return true;
}

/* Takes the values into the front; false when a trial there is as good. */
static bool improves(hn_progress *p, int64_t number, const double *values)
{
    for (size_t i = 0; i < p->n_front; i++) {
        if (at_least_as_good(p, p->front[i].values, values)) {
            return false;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < p->n_front; i++) {
        if (at_least_as_good(p, values, p->front[i].values)) {
            hn_free(p->front[i].values);
        } else {
            p->front[kept++] = p->front[i];
        }
    }
    p->n_front = kept;
    double *copy = hn_calloc(p->config.n_goals, sizeof *copy);
    if (!copy || HN_GROW(p->front, p->n_front, p->front_capacity)) {
        hn_free(copy);
        return true; /* shown as an improvement; later ones are compared with less */
    }
    memcpy(copy, values, p->config.n_goals * sizeof *copy);
    p->front[p->n_front++] = (front_entry){number, copy};
    return true;
}

/* --- text --- */

static void add_number(hn_buffer *out, double value)
{
    char text[HN_NUMBER_SIZE];
    hn_format_short(text, value, DIGITS);
    hn_buffer_text(out, text);
}

static void add_duration(hn_buffer *out, double seconds)
{
    char text[HN_NUMBER_SIZE];
    hn_format_duration(text, seconds);
    hn_buffer_text(out, text);
}

static void add_value(hn_buffer *out, hone_value value)
{
    if (value.type == HONE_FLOAT) {
        add_number(out, value.as.real);
    } else {
        hn_value_write(out, value);
    }
}

static void write_buffer(hn_progress *p, hn_buffer *text)
{
    if (!hn_buffer_failed(text) && text->size) {
        p->config.sink.write(p->config.sink.user, text->data, text->size);
    }
    hn_buffer_release(text);
}

static void erase(hn_progress *p, hn_buffer *out)
{
    if (p->drawn) {
        hn_buffer_text(out, "\r\x1b[K");
        p->drawn = false;
    }
}

static size_t line_width(const hn_progress *p)
{
    size_t columns = hn_sink_width(&p->config.sink);
    return columns ? columns : SIZE_MAX;
}

/* Appends a line: its head in a style, the rest plain, both together no wider than the terminal. Consumes
 * head. */
static void add_line(hn_progress *p, hn_buffer *out, hn_style style, hn_buffer *head, const hn_buffer *rest)
{
    size_t width = line_width(p), used = hn_text_width(hn_buffer_string(head));
    const char *tail = hn_buffer_string(rest);
    if (used > width) {
        head->size = hn_text_fit(head->data, width);
        head->data[head->size] = '\0';
    }
    hn_style_text(out, p->config.sink.color, style, hn_buffer_string(head));
    hn_buffer_append(out, tail, used < width ? hn_text_fit(tail, width - used) : 0);
    hn_buffer_char(out, '\n');
}

/* --- the line of a trial --- */

static void add_outcome(const hn_progress *p, hn_buffer *head, const hn_progress_trial *trial, bool improved)
{
    hn_buffer_printf(head, "  #%-4lld", (long long)trial->number);
    if (trial->state == HONE_FAILED) {
        hn_buffer_printf(head, " failed: %s", trial->message ? trial->message : "no reason given");
    } else if (trial->state == HONE_PRUNED) {
        hn_buffer_text(head, trial->paused ? " paused" : " pruned");
        if (trial->to) {
            hn_buffer_printf(head, " at %lld", (long long)trial->to);
        }
    }
    for (size_t i = 0; trial->state == HONE_COMPLETE && trial->values && i < p->config.n_goals; i++) {
        hn_buffer_printf(head, " %s ", p->config.goals[i]);
        add_number(head, trial->values[i]);
    }
    if (trial->state == HONE_COMPLETE && !trial->feasible) {
        hn_buffer_text(head, " (breaks a constraint)");
    }
    hn_buffer_text(head, improved ? " ★" : "");
}

static void add_trial_line(hn_progress *p, hn_buffer *out, const hn_progress_trial *trial, bool improved)
{
    hn_buffer head = HN_BUFFER_INIT, rest = HN_BUFFER_INIT;
    hn_style style = trial->state == HONE_FAILED ? HN_STYLE_BAD : improved ? HN_STYLE_GOOD : HN_STYLE_PLAIN;
    add_outcome(p, &head, trial, improved);
    for (size_t i = 0; i < trial->n_params; i++) {
        hn_buffer_printf(&rest, "   %s ", trial->params[i].name);
        add_value(&rest, trial->params[i].value);
    }
    hn_buffer_text(&rest, "   ");
    add_duration(&rest, trial->seconds);
    add_line(p, out, style, &head, &rest);
    hn_buffer_release(&head);
    hn_buffer_release(&rest);
}

/* --- the time left --- */

static double seconds_left(const hn_progress *p, double elapsed)
{
    const hn_progress_config *config = &p->config;
    double by_trials = INFINITY, by_time = INFINITY;
    if (p->over > 0) {
        by_trials = p->start + elapsed < p->over ? p->over - p->start - elapsed : 0;
    } else if (config->total && p->ended) {
        by_trials = (double)(config->total - config->done - p->ended) * elapsed / (double)p->ended;
    }
    if (config->seconds > 0) {
        by_time = config->seconds - elapsed;
    }
    return fmax(fmin(by_trials, by_time), 0);
}

static void add_trial_json(hn_progress *p, hn_buffer *out, const hn_progress_trial *trial, bool improved)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_node_map(&arena), *values = hn_node_list(&arena);
    for (size_t i = 0; trial->values && i < p->config.n_goals; i++) {
        values = hn_list_append(&arena, values, hn_node_real(&arena, trial->values[i]));
    }
    map = hn_map_set(&arena, map, "event", hn_node_string(&arena, "trial"));
    if (p->config.study) {
        map = hn_map_set(&arena, map, "study", hn_node_string(&arena, p->config.study));
    }
    map = hn_map_set(&arena, map, "trial", hn_node_integer(&arena, trial->number));
    map = hn_map_set(&arena, map, "state",
                     hn_node_string(&arena, trial->paused ? "paused" : hone_trial_state_name(trial->state)));
    if (trial->values) {
        map = hn_map_set(&arena, map, "values", values);
    }
    map = hn_map_set(&arena, map, "params", hn_params_node(&arena, trial->params, trial->n_params));
    if (trial->to) {
        map = hn_map_set(&arena, map, "steps", hn_node_integer(&arena, trial->to));
    }
    if (trial->promoted) {
        map = hn_map_set(&arena, map, "promoted", hn_node_bool(&arena, true));
    }
    map = hn_map_set(&arena, map, "improved", hn_node_bool(&arena, improved));
    map = hn_map_set(&arena, map, "seconds", hn_node_real(&arena, round(trial->seconds * 1e6) / 1e6));
    double left = seconds_left(p, hn_monotonic_seconds() - p->start);
    if (isfinite(left)) {
        map = hn_map_set(&arena, map, "seconds_left", hn_node_real(&arena, round(left * 1e3) / 1e3));
    }
    if (trial->message) {
        map = hn_map_set(&arena, map, "message", hn_node_string(&arena, trial->message));
    }
    if (map) {
        hn_json_write(out, map, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    }
    hn_arena_release(&arena);
}

/* --- the last line --- */

static void add_rate(hn_buffer *out, double per_second)
{
    char text[HN_NUMBER_SIZE];
    bool slow = per_second * 60 < 100;
    hn_format_short(text, per_second * (slow ? 60 : 1), 2);
    hn_buffer_printf(out, "   %s/%s", text, slow ? "min" : "s");
}

static void add_facts(const hn_progress *p, hn_buffer *out)
{
    double elapsed = hn_monotonic_seconds() - p->start, left = seconds_left(p, elapsed);
    if (p->n_front == 1 && p->config.n_goals == 1) {
        hn_buffer_text(out, "best ");
        add_number(out, p->front[0].values[0]);
        hn_buffer_printf(out, " (#%lld)", (long long)p->front[0].number);
    } else if (p->n_front) {
        hn_buffer_printf(out, "%zu best", p->n_front);
    }
    if (p->ended && elapsed > 0) {
        add_rate(out, (double)p->ended / elapsed);
    }
    if (p->pruned) {
        hn_buffer_printf(out, "   %lld pruned", (long long)p->pruned);
    }
    if (p->paused > 0) {
        hn_buffer_printf(out, "   %lld paused", (long long)p->paused);
    }
    if (p->promoted) {
        hn_buffer_printf(out, "   %lld promoted", (long long)p->promoted);
    }
    if (p->failed) {
        hn_buffer_printf(out, "   %lld failed", (long long)p->failed);
    }
    if (p->steps && (p->pruned || p->promoted || p->paused > 0)) {
        hn_buffer_printf(out, "   %lld steps", (long long)p->steps);
    }
    if (isfinite(left)) {
        hn_buffer_text(out, "   ");
        add_duration(out, left);
        hn_buffer_text(out, " left");
    }
    if (p->crew.size) {
        hn_buffer_printf(out, "   %s", hn_buffer_string(&p->crew));
    }
}

/* "#12 fold 2/5 epoch 3/10   loss 0.21   accuracy 0.93   rate 0.001   12 s left" */
static void add_fit(hn_buffer *out, const hn_progress_step *step)
{
    if (step->trial < 0) {
        hn_buffer_text(out, "final fit");
    } else {
        hn_buffer_printf(out, "#%lld", (long long)step->trial);
    }
    if (step->folds > 1) {
        hn_buffer_printf(out, " fold %lld/%lld", (long long)step->fold, (long long)step->folds);
    }
    hn_buffer_printf(out, " epoch %lld/%lld", (long long)step->step, (long long)step->steps);
    const struct {
        const char *name;
        double value;
    } facts[] = {{"loss", step->loss}, {step->metric, step->score}, {"rate", step->rate}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (facts[i].name && !isnan(facts[i].value)) {
            hn_buffer_printf(out, "   %s ", facts[i].name);
            add_number(out, facts[i].value);
        }
    }
    if (!isnan(step->left)) {
        hn_buffer_text(out, "   ");
        add_duration(out, step->left);
        hn_buffer_text(out, " left");
    }
}

static void add_fit_line(const hn_progress *p, hn_buffer *out)
{
    hn_buffer line = HN_BUFFER_INIT;
    hn_buffer_printf(&line, "  %s", hn_buffer_string(&p->fit));
    hn_buffer_append(out, hn_buffer_string(&line), hn_text_fit(hn_buffer_string(&line), line_width(p)));
    hn_buffer_release(&line);
}

static void add_last_line(hn_progress *p, hn_buffer *out)
{
    enum { MIN_BAR = 6, MAX_BAR = 28 };
    const hn_progress_config *config = &p->config;
    hn_buffer head = HN_BUFFER_INIT, facts = HN_BUFFER_INIT;
    size_t width = line_width(p);
    long long done = config->done + p->ended;
    hn_buffer_printf(&head, "  %lld", done);
    if (config->total) {
        hn_buffer_printf(&head, "/%lld", (long long)config->total);
    }
    hn_buffer_text(&head, "  ");
    add_facts(p, &facts);
    if (p->fit.size) {
        hn_buffer_printf(&facts, "   %s", hn_buffer_string(&p->fit));
    }
    size_t used = hn_text_width(hn_buffer_string(&head)) + hn_text_width(hn_buffer_string(&facts)) + 4;
    size_t room = used < width ? width - used : 0;
    hn_buffer_append(out, hn_buffer_string(&head), hn_text_fit(hn_buffer_string(&head), width));
    if (config->total && room >= MIN_BAR) {
        hn_bar_text(out, 0, (double)done / (double)config->total, room < MAX_BAR ? room : MAX_BAR,
                    config->sink.ascii);
        hn_buffer_text(out, "   ");
    }
    size_t left = used < width ? SIZE_MAX : width - hn_text_fit(hn_buffer_string(&head), width);
    hn_buffer_append(out, hn_buffer_string(&facts),
                     left == SIZE_MAX ? facts.size : hn_text_fit(hn_buffer_string(&facts), left));
    hn_buffer_release(&head);
    hn_buffer_release(&facts);
    p->drawn = true;
}

/* --- the interface --- */

hone_status hn_progress_create(const hn_progress_config *config, hn_progress **progress, hone_error *err)
{
    hn_progress *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    made->config = *config;
    *progress = made;
    return HONE_OK;
}

void hn_progress_destroy(hn_progress *progress)
{
    if (progress) {
        for (size_t i = 0; i < progress->n_front; i++) {
            hn_free(progress->front[i].values);
        }
        hn_free(progress->front);
        hn_buffer_release(&progress->fit);
        hn_buffer_release(&progress->crew);
        hn_free(progress);
    }
}

void hn_progress_known(hn_progress *progress, int64_t number, const double *values)
{
    improves(progress, number, values);
}

static bool shown(const hn_progress *p)
{
    return p->config.sink.write;
}

static bool redraws(const hn_progress *p)
{
    return shown(p) && p->config.sink.terminal && !p->config.json;
}

void hn_progress_begin(hn_progress *progress)
{
    progress->start = hn_monotonic_seconds();
    if (shown(progress) && !progress->config.json && progress->config.header) {
        hn_progress_note(progress, progress->config.header);
    }
}

void hn_progress_ended(hn_progress *progress, const hn_progress_trial *trial)
{
    hn_buffer out = HN_BUFFER_INIT;
    bool complete = trial->state == HONE_COMPLETE;
    bool improved =
        complete && trial->values && trial->feasible && improves(progress, trial->number, trial->values);
    if (progress->fitting == trial->number) {
        hn_buffer_clear(&progress->fit);
    }
    bool pruned = trial->state == HONE_PRUNED;
    progress->ended += !trial->paused && !(pruned && progress->config.whole_only);
    progress->failed += trial->state == HONE_FAILED;
    progress->promoted += trial->promoted;
    progress->paused += trial->paused - trial->promoted;
    progress->steps += trial->to > trial->from ? trial->to - trial->from : 0;
    progress->pruned += pruned && !trial->paused;
    if (!shown(progress)) {
        return;
    }
    if (progress->config.json) {
        add_trial_json(progress, &out, trial, improved);
    } else if (!redraws(progress) || improved || progress->config.all_trials || trial->state == HONE_FAILED) {
        erase(progress, &out);
        add_trial_line(progress, &out, trial, improved);
    }
    write_buffer(progress, &out);
    hn_progress_tick(progress);
}

void hn_progress_dropped(hn_progress *progress, int64_t count)
{
    progress->ended += progress->config.whole_only ? 0 : count;
    progress->pruned += count;
    progress->paused -= count;
}

void hn_progress_foresee(hn_progress *progress, double seconds)
{
    progress->over = isnan(seconds) ? 0 : hn_monotonic_seconds() + seconds;
}

void hn_progress_tick(hn_progress *progress)
{
    hn_buffer out = HN_BUFFER_INIT;
    if (redraws(progress)) {
        erase(progress, &out);
        if (progress->fit.size && progress->fitting < 0) {
            add_fit_line(progress, &out);
            progress->drawn = true;
        } else {
            add_last_line(progress, &out);
        }
        write_buffer(progress, &out);
    }
}

static void add_fit_json(const hn_progress *p, const hn_progress_step *step, hn_buffer *out)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_map_set(&arena, hn_node_map(&arena), "event", hn_node_string(&arena, "epoch"));
    if (p->config.study) {
        map = hn_map_set(&arena, map, "study", hn_node_string(&arena, p->config.study));
    }
    if (step->trial >= 0) {
        map = hn_map_set(&arena, map, "trial", hn_node_integer(&arena, step->trial));
    }
    map = hn_map_set(&arena, map, "fold", hn_node_integer(&arena, step->fold));
    map = hn_map_set(&arena, map, "epoch", hn_node_integer(&arena, step->step));
    map = hn_map_set(&arena, map, "epochs", hn_node_integer(&arena, step->steps));
    map = hn_map_set(&arena, map, "loss", hn_node_real(&arena, step->loss));
    if (step->metric) {
        map = hn_map_set(&arena, map, step->metric, hn_node_real(&arena, step->score));
    }
    map = hn_map_set(&arena, map, "learning_rate", hn_node_real(&arena, step->rate));
    map = hn_map_set(&arena, map, "seconds_left", hn_node_real(&arena, step->left));
    if (map) {
        hn_json_write(out, map, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    }
    hn_arena_release(&arena);
}

void hn_progress_fit(hn_progress *progress, const hn_progress_step *step)
{
    enum { SECONDS_BETWEEN_LINES = 10 };
    hn_buffer out = HN_BUFFER_INIT;
    double now = hn_monotonic_seconds();
    hn_buffer_clear(&progress->fit);
    add_fit(&progress->fit, step);
    progress->fitting = step->trial;
    progress->told = progress->told > 0 ? progress->told : now;
    if (redraws(progress)) {
        hn_progress_tick(progress);
    } else if (shown(progress) && now - progress->told >= SECONDS_BETWEEN_LINES) {
        progress->told = now;
        if (progress->config.json) {
            add_fit_json(progress, step, &out);
        } else {
            hn_buffer_printf(&out, "  %s\n", hn_buffer_string(&progress->fit));
        }
        write_buffer(progress, &out);
    }
}

static void add_crew_json(const hn_progress_crew *crew, hn_buffer *out)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_map_set(&arena, hn_node_map(&arena), "event", hn_node_string(&arena, "workers"));
    map = hn_map_set(&arena, map, "job", hn_node_string(&arena, crew->job));
    map = hn_map_set(&arena, map, "running", hn_node_integer(&arena, crew->running));
    map = hn_map_set(&arena, map, "waiting", hn_node_integer(&arena, crew->waiting));
    if (crew->waiting && *crew->reason) {
        map = hn_map_set(&arena, map, "reason", hn_node_string(&arena, crew->reason));
    }
    if (map) {
        hn_json_write(out, map, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    }
    hn_arena_release(&arena);
}

/* "job 45: 2 workers run, 6 wait (Resources)" */
static void add_crew(const hn_progress_crew *crew, hn_buffer *out)
{
    hn_buffer_printf(out, "job %s: %lld worker%s", crew->job, (long long)crew->running,
                     crew->running == 1 ? " runs" : "s run");
    if (crew->waiting) {
        hn_buffer_printf(out, ", %lld wait%s", (long long)crew->waiting, crew->waiting == 1 ? "s" : "");
    }
    if (crew->waiting && *crew->reason) {
        hn_buffer_printf(out, " (%s)", crew->reason);
    }
}

void hn_progress_set_crew(hn_progress *progress, const hn_progress_crew *crew)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_buffer_clear(&progress->crew);
    add_crew(crew, &progress->crew);
    if (redraws(progress)) {
        hn_progress_tick(progress);
    } else if (shown(progress) && progress->config.json) {
        add_crew_json(crew, &out);
    } else if (shown(progress)) {
        hn_buffer_printf(&out, "  %s\n", hn_buffer_string(&progress->crew));
    }
    write_buffer(progress, &out);
}

void hn_progress_note(hn_progress *progress, const char *text)
{
    hn_buffer out = HN_BUFFER_INIT;
    if (!shown(progress) || progress->config.json) {
        return;
    }
    erase(progress, &out);
    for (size_t size; *text; text += size + (text[size] == '\n')) {
        size = strcspn(text, "\n");
        size_t fits = hn_text_fit(text, line_width(progress));
        hn_buffer_append(&out, text, fits < size ? fits : size);
        hn_buffer_char(&out, '\n');
    }
    write_buffer(progress, &out);
}

void hn_progress_end(hn_progress *progress)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_buffer_clear(&progress->fit);
    erase(progress, &out);
    write_buffer(progress, &out);
}
