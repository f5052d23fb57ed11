#include "app/report.h"
hone_status hn_report_write_plots(hn_report *r, const hn_report_study *s, hone_error *err)
{
    (void)r;
    (void)s;
    (void)err;
    return HONE_OK;
}
