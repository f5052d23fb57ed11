#include "base/buffer.h"
#include "network/layer.h"

size_t hn_shape_size(const hn_shape *shape)
{
    size_t size = 1;
    for (size_t i = 0; i < shape->rank; i++) {
        size *= shape->dim[i];
    }
    return size;
}

void hn_shape_text(hn_buffer *out, const hn_shape *shape)
{
    for (size_t i = 0; i < shape->rank; i++) {
        hn_buffer_printf(out, "%s%zu", i ? " x " : "", shape->dim[i]);
    }
}

hone_status hn_layer_wants(const hn_shape *got, const char *what, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_shape_text(&text, got);
    hone_status status = hn_fail(err, HONE_INVALID, "it gets %s and needs %s", hn_buffer_string(&text), what);
    hn_buffer_release(&text);
    return status;
}

size_t hn_layer_tensor_size(const hn_layer_tensor *tensor)
{
    size_t size = 1;
    for (size_t i = 0; i < tensor->rank; i++) {
        size *= tensor->dim[i];
    }
    return size;
}
