/* base/number.h: numbers as text, independent of the locale. The only file where digits become doubles and
 * back. Thread-safe. */
#ifndef HN_BASE_NUMBER_H
#define HN_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HN_NUMBER_SIZE = 32 }; /* room for any number as text with its NUL */

/* Whole text must be one decimal number ("1e-5", "-3", ".5", "+2."); also "nan", "inf", "infinity" with a
 * sign, in any case, when allow_special. Surrounding blanks are not allowed. False leaves *value alone.
 * Correctly rounded. */
bool hn_parse_double(const char *text, size_t size, bool allow_special, double *value);
/* Whole text must be one decimal integer within int64. */
bool hn_parse_int(const char *text, size_t size, int64_t *value);
/* Durations "10m", "90s", "1h30m", "250ms", "2d"; a plain number means seconds. Result in seconds, >= 0. */
bool hn_parse_duration(const char *text, size_t size, double *seconds);
/* Sizes "512M", "4G", "1.5GiB", "1000": bytes (K, M, G, T are powers of 1024). */
bool hn_parse_bytes(const char *text, size_t size, uint64_t *bytes);

/* The shortest decimal that reads back exactly; integers below 1e16 print without exponent or point ("3").
 * Returns the length. */
size_t hn_format_double(char out[HN_NUMBER_SIZE], double value);
/* As above, and always recognisable as a float in JSON and Python ("3.0", "1e-05", "NaN", "Infinity"). */
size_t hn_format_python_double(char out[HN_NUMBER_SIZE], double value);
/* For people: at most `digits` significant digits ("0.9905", "1.2e-05"). */
size_t hn_format_short(char out[HN_NUMBER_SIZE], double value, int digits);
/* For people: so many decimals (0 to 9), for numbers below each other ("0.40", "12"); beyond 1e9 as
 * hn_format_short. */
size_t hn_format_fixed(char out[HN_NUMBER_SIZE], double value, int decimals);
/* The decimals that tell numbers apart which differ by `step`: 2 for 0.05, 0 for 10. 0 unless step > 0. */
int hn_decimals_for(double step);
/* For people: "0.21 s", "3 min 20 s", "2 h 5 min". */
size_t hn_format_duration(char out[HN_NUMBER_SIZE], double seconds);

/* True when (high - low) / step is a whole number judged in decimal, so that 0.3 / 0.1 divides. */
bool hn_step_divides(double low, double high, double step);

#endif
