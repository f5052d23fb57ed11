#include "view/html.h"

#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

/* HTML 13.2.3.5: controls and noncharacters are errors, U+0000 to U+001F mean nothing but for three of them.
 */
static bool is_allowed(uint32_t code)
{
    if (code < ' ') {
        return code == '\n' || code == '\t';
    }
    bool control = code >= 0x7f && code < 0xa0;
    bool nothing = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
    return !control && !nothing;
}

void hn_html_text(hn_buffer *out, const char *text)
{
    for (size_t size = strlen(text), length; size; text += length, size -= length) {
        uint32_t code;
        length = hn_utf8_decode(text, size, &code);
        const char *entity = entity_of(code);
        if (entity) {
            hn_buffer_text(out, entity);
        } else if (code == 0xfffd || !is_allowed(code)) {
            hn_buffer_text(out, "\xef\xbf\xbd");
        } else {
            hn_buffer_append(out, text, length);
        }
    }
}

static void write_cell(hn_buffer *out, const char *element, const hn_table_column *column, const char *text)
{
    bool right = column->align == HN_ALIGN_RIGHT;
    hn_buffer_printf(out, "<%s%s>", element, right ? " class=\"n\"" : "");
    hn_html_text(out, text);
    hn_buffer_printf(out, "</%.2s>", element);
}

static void write_titles(hn_buffer *out, const hn_table *table)
{
    hn_buffer_text(out, "<thead><tr>");
    for (size_t i = 0; i < table->n_columns; i++) {
        write_cell(out, "th scope=\"col\"", &table->columns[i], table->columns[i].title);
    }
    hn_buffer_text(out, "</tr></thead>\n");
}

hone_status hn_html_table(hn_buffer *out, const hn_table *table, const char *class_name, bool titles,
                          hone_error *err)
{
    static const char *const styles[] = {"", " class=\"strong\"", " class=\"good\"", " class=\"bad\"",
                                         " class=\"faint\""};
    if (table->failed) {
        return hn_out_of_memory(err);
    }
    hn_buffer_printf(out, "<div class=\"wide\"><table class=\"%s\">\n", class_name);
    if (titles) {
        write_titles(out, table);
    }
    hn_buffer_text(out, "<tbody>\n");
    for (size_t i = 0; i < table->n_cells; i++) {
        size_t column = i % table->n_columns;
        if (!column) {
            hn_buffer_printf(out, "<tr%s>", styles[table->styles[i / table->n_columns]]);
        }
        bool heads = !titles && !column;
        write_cell(out, heads ? "th scope=\"row\"" : "td", &table->columns[column], table->cells[i]);
        if (column + 1 == table->n_columns) {
            hn_buffer_text(out, "</tr>\n");
        }
    }
    hn_buffer_text(out, "</tbody></table></div>\n");
    return hn_buffer_failed(out) ? hn_out_of_memory(err) : HONE_OK;
}
