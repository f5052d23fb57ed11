#include "network/window.h"

const char *const hn_padding_names[] = {"valid", "same", NULL};

/* One or two positive whole numbers. */
static hone_status read_pair(const hn_node *node, const char *what, size_t pair[2], hone_error *err)
{
    enum { MOST = 4096 };
    bool list = node->kind == HN_LIST && node->count == 2;
    for (size_t i = 0; i < 2; i++) {
        int64_t value = 0;
        if (!hn_node_int(list ? node->as.items[i] : node, &value) || value < 1 || value > MOST) {
            return hn_fail(err, HONE_INVALID,
                           "%s must be a whole number from 1 to %d, or two: [down, across]", what, MOST);
        }
        pair[i] = (size_t)value;
    }
    return HONE_OK;
}

hone_status hn_window_place(const hn_node *size, const hn_node *stride, size_t usual, hn_padding padding,
                            const hn_shape *in, hn_window *window, hone_error *err)
{
    hn_window w = {.in = {in->dim[1], in->dim[2]}, .size = {1, 1}, .stride = {usual, usual}};
    hone_status status = in->rank == 3 ? read_pair(size, "its window", w.size, err)
                                       : hn_layer_wants(in, "an image, channels x height x width", err);
    if (!status && stride) {
        status = read_pair(stride, "its stride", w.stride, err);
    }
    for (size_t i = 0; !status && i < 2; i++) {
        w.stride[i] = w.stride[i] ? w.stride[i] : w.size[i];
        if (padding == HN_PADDING_SAME) {
            w.out[i] = (w.in[i] + w.stride[i] - 1) / w.stride[i];
            size_t covered = (w.out[i] - 1) * w.stride[i] + w.size[i];
            w.before[i] = covered > w.in[i] ? (covered - w.in[i]) / 2 : 0;
        } else if (w.in[i] < w.size[i]) {
            status =
                hn_fail(err, HONE_INVALID, "its window of %zu x %zu does not fit into an image of %zu x %zu",
                        w.size[0], w.size[1], w.in[0], w.in[1]);
        } else {
            w.out[i] = (w.in[i] - w.size[i]) / w.stride[i] + 1;
        }
    }
    if (!status) {
        *window = w;
    }
    return status;
}

void hn_window_graph(const hn_window *w, hn_graph *graph)
{
    int64_t size[2], stride[2], padding[4]; /* padding before, then after, in both directions */
    for (size_t i = 0; i < 2; i++) {
        size_t covered = (w->out[i] - 1) * w->stride[i] + w->size[i], inside = w->in[i] + w->before[i];
        size[i] = (int64_t)w->size[i];
        stride[i] = (int64_t)w->stride[i];
        padding[i] = (int64_t)w->before[i];
        padding[i + 2] = covered > inside ? (int64_t)(covered - inside) : 0;
    }
    hn_graph_set_ints(graph, "kernel_shape", 2, size);
    hn_graph_set_ints(graph, "strides", 2, stride);
    hn_graph_set_ints(graph, "pads", 4, padding);
}
