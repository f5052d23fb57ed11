/* pool.c: the largest or the mean value of each window of an image, or of all of it. */
#include <stddef.h>
#include <string.h>

#include "math/wide.h"
#include "network/window.h"

typedef struct pool {
    const hn_node *size, *strides;
    int padding;
} pool;

static const hn_option options[] = {
    {"size", HN_OPTION_NODE, "2", 0, 0, NULL, offsetof(pool, size), "window: a number, or [down, across]"},
    {"strides", HN_OPTION_NODE, NULL, 0, 0, NULL, offsetof(pool, strides),
     "how far windows are apart; the window's size when not given"},
    {"padding", HN_OPTION_CHOICE, "valid", 0, 0, hn_padding_names, offsetof(pool, padding),
     "same: windows may reach over the edge, where nothing counts"},
};

static hone_status place(const pool *p, const hn_shape *in, hn_window *window, hone_error *err)
{
    return hn_window_place(p->size, p->strides, 0, (hn_padding)p->padding, in, window, err);
}

static hone_status plan_mean(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    hn_window window;
    hone_status status = place(config, in, &window, err);
    if (!status) {
        plan->out = (hn_shape){.rank = 3, .dim = {in->dim[0], window.out[0], window.out[1]}};
    }
    return status;
}

/* The cache holds where in its channel each maximum was found. */
static hone_status plan_max(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    enum { MOST = 1 << 24 };
    hone_status status = plan_mean(config, in, plan, err);
    if (!status && in->dim[1] * in->dim[2] > MOST) {
        return hn_fail(err, HONE_LIMIT, "its images have more than %d points", MOST);
    }
    if (!status) {
        plan->cache = hn_shape_size(&plan->out);
    }
    return status;
}

/* The part of window number `index` that lies in the image: rows [from[0], to[0]), columns [from[1], to[1]).
 */
static void bounds(const hn_window *w, size_t index, size_t from[2], size_t to[2])
{
    const size_t at[2] = {index / w->out[1], index % w->out[1]};
    for (size_t i = 0; i < 2; i++) {
        size_t start = at[i] * w->stride[i], end = start + w->size[i];
        from[i] = start > w->before[i] ? start - w->before[i] : 0;
        to[i] = end > w->before[i] ? end - w->before[i] : 0;
        to[i] = to[i] < w->in[i] ? to[i] : w->in[i];
    }
}

/* One channel of one sample. */
typedef struct channel {
    const hn_window *w;
    const float *in, *d_out;
    float *out, *cache, *d_in;
} channel;

static void largest(const channel *c, const size_t from[2], const size_t to[2], size_t index)
{
    size_t width = c->w->in[1], best = from[0] * width + from[1];
    for (size_t y = from[0]; y < to[0]; y++) {
        for (size_t at = y * width + from[1]; at < y * width + to[1]; at++) {
            best = c->in[at] > c->in[best] ? at : best;
        }
    }
    c->out[index] = c->in[best];
    c->cache[index] = (float)best;
}

/* Windows of 2 x 2 side by side, the usual ones: without inner loops. */
WIDE static void largest_of_four(const channel *c)
{
    size_t width = c->w->in[1], across = c->w->out[1];
    for (size_t y = 0; y < c->w->out[0]; y++) {
        const float *above = c->in + 2 * y * width, *below = above + width;
        float *out = c->out + y * across, *cache = c->cache + y * across;
        ptrdiff_t first = (ptrdiff_t)(2 * y * width), row = (ptrdiff_t)width;
        for (ptrdiff_t x = 0; x < (ptrdiff_t)across; x++) {
            float best = above[2 * x];
            ptrdiff_t at = 0;
            at = above[2 * x + 1] > best ? 1 : at;
            best = above[2 * x + 1] > best ? above[2 * x + 1] : best;
            at = below[2 * x] > best ? row : at;
            best = below[2 * x] > best ? below[2 * x] : best;
            at = below[2 * x + 1] > best ? row + 1 : at;
            best = below[2 * x + 1] > best ? below[2 * x + 1] : best;
            out[x] = best;
            cache[x] = (float)(first + 2 * x + at);
        }
    }
}

static bool of_four(const hn_window *w)
{
    bool usual = true;
    for (size_t i = 0; i < 2; i++) {
        usual &= w->size[i] == 2 && w->stride[i] == 2 && 2 * w->out[i] <= w->in[i];
    }
    return usual;
}

static void forward_largest(const channel *c)
{
    if (of_four(c->w)) {
        largest_of_four(c);
        return;
    }
    for (size_t i = 0; i < c->w->out[0] * c->w->out[1]; i++) {
        size_t from[2], to[2];
        bounds(c->w, i, from, to);
        largest(c, from, to, i);
    }
}

static void backward_largest(const channel *c)
{
    for (size_t i = 0; i < c->w->out[0] * c->w->out[1]; i++) {
        c->d_in[(size_t)c->cache[i]] += c->d_out[i];
    }
}

static float count(const size_t from[2], const size_t to[2])
{
    return (float)((to[0] - from[0]) * (to[1] - from[1]));
}

static void forward_average(const channel *c)
{
    size_t width = c->w->in[1];
    for (size_t i = 0; i < c->w->out[0] * c->w->out[1]; i++) {
        size_t from[2], to[2];
        float sum = 0;
        bounds(c->w, i, from, to);
        for (size_t y = from[0]; y < to[0]; y++) {
            for (size_t x = from[1]; x < to[1]; x++) {
                sum += c->in[y * width + x];
            }
        }
        c->out[i] = sum / count(from, to);
    }
}

static void backward_average(const channel *c)
{
    size_t width = c->w->in[1];
    for (size_t i = 0; i < c->w->out[0] * c->w->out[1]; i++) {
        size_t from[2], to[2];
        bounds(c->w, i, from, to);
        float share = c->d_out[i] / count(from, to);
        for (size_t y = from[0]; y < to[0]; y++) {
            for (size_t x = from[1]; x < to[1]; x++) {
                c->d_in[y * width + x] += share;
            }
        }
    }
}

/* Calls `each` for every channel of every sample. d_out and d_in mean nothing unless it goes back. */
static hone_status walk(const hn_pass *pass, const float *d_out, float *d_in, void (*each)(const channel *),
                        hone_error *err)
{
    hn_window w;
    hone_status status = place(pass->config, &pass->plan->in, &w, err);
    if (status) {
        return status;
    }
    bool back = d_out != pass->out;
    size_t area = w.in[0] * w.in[1], positions = w.out[0] * w.out[1];
    channel c = {
        .w = &w, .in = pass->in, .d_out = d_out, .out = pass->out, .cache = pass->cache, .d_in = d_in};
    for (size_t i = 0; i < pass->n * pass->plan->in.dim[0]; i++) {
        each(&c);
        c.in += area;
        c.out += positions;
        if (pass->cache) {
            c.cache += positions;
        }
        if (back) {
            c.d_in += area;
            c.d_out += positions;
        }
    }
    return HONE_OK;
}

static hone_status forward_max(const hn_pass *pass, hone_error *err)
{
    return walk(pass, pass->out, pass->out, forward_largest, err);
}

static hone_status forward_mean(const hn_pass *pass, hone_error *err)
{
    return walk(pass, pass->out, pass->out, forward_average, err);
}

static hone_status back(const hn_pass *pass, const float *d_out, float *d_in, void (*each)(const channel *),
                        hone_error *err)
{
    if (!d_in) {
        return HONE_OK;
    }
    memset(d_in, 0, pass->n * hn_shape_size(&pass->plan->in) * sizeof *d_in);
    return walk(pass, d_out, d_in, each, err);
}

static hone_status backward_max(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    return back(pass, d_out, d_in, backward_largest, err);
}

static hone_status backward_mean(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    return back(pass, d_out, d_in, backward_average, err);
}

/* --- as graphs: what the operators pad with does not count, either --- */

static hn_value over_windows(const char *op, const pool *p, const hn_layer_plan *plan, hn_value rows,
                             hn_graph *graph)
{
    hn_window w;
    rows = HN_OP(graph, op, rows);
    if (!place(p, &plan->in, &w, NULL)) {
        hn_window_graph(&w, graph);
    }
    return rows;
}

static hn_value graph_max(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                          hn_graph *graph)
{
    (void)values;
    return over_windows("MaxPool", config, plan, rows, graph);
}

static hn_value graph_mean(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                           hn_graph *graph)
{
    (void)values;
    return over_windows("AveragePool", config, plan, rows, graph);
}

extern const hn_layer_type hn_layer_max_pool, hn_layer_average_pool;

const hn_layer_type hn_layer_max_pool = {
    .name = "max_pool",
    .help = "the largest value of each window of an image",
    .options = {options, sizeof options / sizeof *options, sizeof(pool)},
    .plan = plan_max,
    .forward = forward_max,
    .backward = backward_max,
    .graph = graph_max,
};

const hn_layer_type hn_layer_average_pool = {
    .name = "average_pool",
    .help = "the mean of each window of an image",
    .options = {options, sizeof options / sizeof *options, sizeof(pool)},
    .plan = plan_mean,
    .forward = forward_mean,
    .backward = backward_mean,
    .graph = graph_mean,
};
