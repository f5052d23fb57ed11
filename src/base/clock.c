/* clock.c: clocks, and dates of the proleptic Gregorian calendar without the C library's time zones. */
#include "base/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

static _Atomic(const hn_clock *) in_use;

void hn_clock_use(const hn_clock *clock)
{
    atomic_store(&in_use, clock);
}

int64_t hn_monotonic_ns(void)
{
    const hn_clock *clock = atomic_load_explicit(&in_use, memory_order_relaxed);
    if (clock != NULL)
        return clock->monotonic_ns();
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

double hn_monotonic_seconds(void)
{
    return (double)hn_monotonic_ns() * 1e-9;
}

int64_t hn_wall_us(void)
{
    const hn_clock *clock = atomic_load_explicit(&in_use, memory_order_relaxed);
    if (clock != NULL)
        return clock->wall_us();
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void hn_sleep_ms(int64_t ms)
{
    if (ms <= 0)
        return;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
        continue;
}

enum { FIRST_YEAR = 1, LAST_YEAR = 9999 };

/* Days from 1970-01-01 to a date. Years are counted from March, so that the leap day ends a year; an era is
 * 400 years of 146097 days. */
static int64_t days_of_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year; /* at least 0 for FIRST_YEAR */
    int64_t era = y / 400, year_of_era = y % 400;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_of_days(int64_t days, int *year, int *month, int *day)
{
    int64_t d = days + 719468; /* from 0000-03-01; not negative for the years allowed */
    int64_t era = d / 146097, day_of_era = d % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = (int)(era * 400 + year_of_era + (*month <= 2));
}

static const int64_t us_per_day = INT64_C(86400000000);

static void put_digits(char *out, int n, int64_t value)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
}

void hn_format_datetime(char out[HN_DATETIME_SIZE], int64_t wall_us)
{
    int64_t first = days_of_date(FIRST_YEAR, 1, 1) * us_per_day;
    int64_t last = (days_of_date(LAST_YEAR, 12, 31) + 1) * us_per_day - 1;
    wall_us = wall_us < first ? first : wall_us > last ? last : wall_us;
    int64_t days = wall_us / us_per_day, rest = wall_us % us_per_day;
    if (rest < 0) {
        rest += us_per_day;
        days--;
    }
    int year, month, day;
    date_of_days(days, &year, &month, &day);
    memcpy(out, "0000-00-00 00:00:00.000000", HN_DATETIME_SIZE);
    put_digits(out, 4, year);
    put_digits(out + 5, 2, month);
    put_digits(out + 8, 2, day);
    put_digits(out + 11, 2, rest / INT64_C(3600000000));
    put_digits(out + 14, 2, rest / 60000000 % 60);
    put_digits(out + 17, 2, rest / 1000000 % 60);
    put_digits(out + 20, 6, rest % 1000000);
}

/* The n digits at text into *value. */
static bool get_digits(const char *text, int n, int *value)
{
    int result = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        result = result * 10 + (text[i] - '0');
    }
    *value = result;
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* ".5" into 500000 microseconds; an empty text is 0. */
static bool parse_fraction(const char *text, size_t size, int *us)
{
    *us = 0;
    if (size == 0)
        return true;
    if (text[0] != '.' || size < 2 || size > 7 || !get_digits(text + 1, (int)size - 1, us))
        return false;
    for (size_t digits = size - 1; digits < 6; digits++)
        *us *= 10;
    return true;
}

bool hn_parse_datetime(const char *text, size_t size, int64_t *wall_us)
{
    enum { WHOLE = 19 }; /* "YYYY-MM-DD HH:MM:SS" */
    int year, month, day, hour, minute, second, us;
    if (size < WHOLE || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') ||
        text[13] != ':' || text[16] != ':')
        return false;
    if (!get_digits(text, 4, &year) || !get_digits(text + 5, 2, &month) || !get_digits(text + 8, 2, &day) ||
        !get_digits(text + 11, 2, &hour) || !get_digits(text + 14, 2, &minute) ||
        !get_digits(text + 17, 2, &second) || !parse_fraction(text + WHOLE, size - WHOLE, &us))
        return false;
    if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t seconds =
        days_of_date(year, month, day) * 86400 + (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    *wall_us = seconds * 1000000 + us;
    return true;
}
