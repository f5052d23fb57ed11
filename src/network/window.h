/* network/window.h: where a window that slides over an image stands: what convolution and pooling share. */
#ifndef HN_NETWORK_WINDOW_H
#define HN_NETWORK_WINDOW_H

#include "network/layer.h"

typedef enum hn_padding {
    HN_PADDING_VALID, /* only windows that lie inside */
    HN_PADDING_SAME,  /* zeros around, so that stride 1 keeps the size; the odd one to the right and below */
} hn_padding;

extern const char *const hn_padding_names[];

/* Of both directions: [0] down, [1] across. */
typedef struct hn_window {
    size_t in[2], out[2], size[2], stride[2], before[2]; /* before: padding above, to the left */
} hn_window;

/* size and stride: a number, or a list of two (down, across); stride NULL: as `usual` says (0: the size).
 * HONE_INVALID for an image smaller than the window. in: (channels, height, width). */
hone_status hn_window_place(const hn_node *size, const hn_node *stride, size_t usual, hn_padding padding,
                            const hn_shape *in, hn_window *window, hone_error *err);

/* The window as the attributes of the latest node of a graph. */
void hn_window_graph(const hn_window *window, hn_graph *graph);

#endif
