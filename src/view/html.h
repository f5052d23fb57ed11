/* view/html.h: what of a page of HTML comes from data: texts and tables. Thread-safe. */
#ifndef HN_VIEW_HTML_H
#define HN_VIEW_HTML_H

#include "view/table.h"

/* A text of anybody's as characters of HTML, in an element or between double quotes: no byte of it is markup.
 * Invalid UTF-8 and what HTML does not allow become U+FFFD; line ends and tabs stay. */
void hn_html_text(hn_buffer *out, const char *text);
/* <table class=...>, its first column as headings of the rows where there are no titles; numbers to the
 * right, rows of the class of their style. HONE_OUT_OF_MEMORY when the table failed. */
hone_status hn_html_table(hn_buffer *out, const hn_table *table, const char *class_name, bool titles,
                          hone_error *err);

#endif
