/* number.c: decimal text to doubles and back, independent of the process's locale.
 *
 * Reading: Clinger's fast path (1990): a significand below 2^53 and a power of ten up to 10^22 are exact
 * doubles, so one multiplication or division rounds correctly. Of up to 19 digits Eisel and Lemire's product
 * with a power of ten of 128 bits decides (2021); the rest goes to the C library under the "C" locale.
 * Writing: the digits come from one correctly rounded 17-digit conversion; 15 and 16 digits are tried first.
 */
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number_powers.h"

/* A decimal: digits * 10^exponent. */
typedef struct decimal {
    bool negative;
    uint64_t digits;
    int exponent;
} decimal;

enum { EXACT_POWER = 22, LONGEST_NUMBER = 1000, LARGEST_EXPONENT = 100000 };

static const double powers_of_ten[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
static const uint64_t two_to_53 = UINT64_C(1) << 53;

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* --- reading --- */

/* text is NUL-terminated and has been checked. */
static double read_slowly(const char *text)
{
    pthread_once(&c_locale_once, make_c_locale);
    return strtod_l(text, NULL, c_locale);
}

/* True when the decimal is exactly representable factor by factor; *value is then correctly rounded. */
static bool read_exactly(decimal d, double *value)
{
    if (d.digits > two_to_53 || d.exponent > EXACT_POWER || d.exponent < -EXACT_POWER)
        return false;
    double magnitude = (double)d.digits;
    magnitude =
        d.exponent < 0 ? magnitude / powers_of_ten[-d.exponent] : magnitude * powers_of_ten[d.exponent];
    *value = d.negative ? -magnitude : magnitude;
    return true;
}

/* The upper 128 bits of digits (its highest bit 1) times 5^exponent: as many as the rounding needs. */
static hn_power multiply(uint64_t digits, int exponent)
{
    enum { ROUNDING_BITS = 0x1FF }; /* those below the 53, the rounding bit and one for the carry */
    const hn_power *power = &hn_powers[exponent - HN_LOWEST_POWER];
    unsigned __int128 product = (unsigned __int128)digits * power->high;
    if (((uint64_t)(product >> 64) & ROUNDING_BITS) == ROUNDING_BITS)
        product += (uint64_t)((unsigned __int128)digits * power->low >> 64);
    return (hn_power){(uint64_t)(product >> 64), (uint64_t)product};
}

/* Eisel and Lemire's method (Lemire 2021): digits times a truncated power of ten decides the rounding of all
 * but rare decimals. False for those, and for numbers that are not normal. */
static bool read_by_product(decimal d, double *value)
{
    enum { FRACTION_BITS = 52, BIAS = 1023, LARGEST = 2046 };
    if (d.digits == 0 || d.exponent < HN_LOWEST_POWER || d.exponent > HN_HIGHEST_POWER)
        return false;
    int zeros = __builtin_clzll(d.digits);
    hn_power product = multiply(d.digits << zeros, d.exponent);
    int carry = (int)(product.high >> 63);
    uint64_t fraction = product.high >> (9 + carry);
    /* floor(log2(10^exponent)) is 217706 / 2^16 times exponent in this range. */
    int exponent = (int)((int64_t)217706 * d.exponent >> 16) + 63 + carry - zeros + BIAS;
    if (product.low == UINT64_MAX || exponent <= 0)
        return false;
    /* Exactly between two doubles: to the even one. */
    if (product.low <= 1 && d.exponent >= -4 && d.exponent <= 23 && (fraction & 3) == 1 &&
        fraction << (9 + carry) == product.high)
        fraction &= ~UINT64_C(1);
    fraction = (fraction + (fraction & 1)) >> 1;
    if (fraction == two_to_53) {
        fraction >>= 1;
        exponent++;
    }
    if (exponent > LARGEST)
        return false;
    uint64_t bits = (uint64_t)d.negative << 63 | (uint64_t)exponent << FRACTION_BITS |
                    (fraction & ((UINT64_C(1) << FRACTION_BITS) - 1));
    memcpy(value, &bits, sizeof bits);
    return true;
}

/* Eight decimal digits at once, the first in the lowest byte (Mula and Lemire, "SIMD-ized faster parse of
 * IPv4 addresses and numbers"); false when one of the bytes is something else. */
static bool scan_eight(const char *text, uint64_t *digits)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    const uint64_t high = UINT64_C(0xF0F0F0F0F0F0F0F0), digit = UINT64_C(0x3030303030303030);
    uint64_t above = word + UINT64_C(0x0606060606060606); /* carries into the high half beyond '9' */
    if ((word & high) != digit || (above & high) != digit)
        return false;
    word = (word & UINT64_C(0x0F0F0F0F0F0F0F0F)) * 2561 >> 8;               /* 10 * left + right, of bytes, */
    word = (word & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;           /* of pairs, */
    *digits = (word & UINT64_C(0x0000FFFF0000FFFF)) * 42949672960001 >> 32; /* of fours */
    return true;
}

/* Reads the significand at text[*i]; *dropped when it has more digits than are kept, which then have wrapped
 * around. False when it has none. */
static bool scan_significand(const char *text, size_t size, size_t *i, decimal *d, bool *dropped)
{
    enum { KEPT_DIGITS = 19 };
    size_t first = *i, end = first, count;
    uint64_t digits = 0, eight;
    for (; end < size && is_digit(text[end]); end++)
        digits = digits * 10 + (uint64_t)(text[end] - '0');
    count = end - first;
    if (end < size && text[end] == '.') {
        size_t point = end++;
        while (size - end >= 8 && scan_eight(text + end, &eight)) {
            digits = digits * 100000000 + eight;
            end += 8;
        }
        for (; end < size && is_digit(text[end]); end++)
            digits = digits * 10 + (uint64_t)(text[end] - '0');
        count += end - point - 1;
        d->exponent = -(int)(end - point - 1);
    }
    bool any = count > 0;
    for (size_t k = first; count > KEPT_DIGITS && k < end && (text[k] == '0' || text[k] == '.'); k++)
        count -= text[k] == '0';
    d->digits = digits;
    *i = end;
    *dropped = count > KEPT_DIGITS;
    return any;
}

static bool scan_exponent(const char *text, size_t size, size_t *i, decimal *d)
{
    if (*i == size || (text[*i] != 'e' && text[*i] != 'E'))
        return true;
    (*i)++;
    bool negative = *i < size && text[*i] == '-';
    if (*i < size && (text[*i] == '-' || text[*i] == '+'))
        (*i)++;
    int exponent = 0;
    size_t first = *i;
    for (; *i < size && is_digit(text[*i]); (*i)++)
        if (exponent < LARGEST_EXPONENT)
            exponent = exponent * 10 + (text[*i] - '0');
    d->exponent += negative ? -exponent : exponent;
    return *i > first;
}

static bool equals_ignoring_case(const char *text, size_t size, const char *lower)
{
    if (strlen(lower) != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]) != lower[i])
            return false;
    return true;
}

static bool parse_special(const char *text, size_t size, bool negative, double *value)
{
    double special;
    if (equals_ignoring_case(text, size, "nan"))
        special = (double)NAN;
    else if (equals_ignoring_case(text, size, "inf") || equals_ignoring_case(text, size, "infinity"))
        special = (double)INFINITY;
    else
        return false;
    *value = negative ? -special : special;
    return true;
}

bool hn_parse_double(const char *text, size_t size, bool allow_special, double *value)
{
    if (size == 0 || size > LONGEST_NUMBER)
        return false;
    decimal d = {.negative = text[0] == '-'};
    size_t i = text[0] == '-' || text[0] == '+';
    if (allow_special && parse_special(text + i, size - i, d.negative, value))
        return true;
    bool dropped = false;
    if (!scan_significand(text, size, &i, &d, &dropped) || !scan_exponent(text, size, &i, &d) || i != size)
        return false;
    if (!dropped && (read_exactly(d, value) || read_by_product(d, value)))
        return true;
    char copy[LONGEST_NUMBER + 1];
    memcpy(copy, text, size);
    copy[size] = '\0';
    *value = read_slowly(copy);
    return true;
}

bool hn_parse_int(const char *text, size_t size, int64_t *value)
{
    bool negative = size > 0 && text[0] == '-';
    size_t i = size > 0 && (text[0] == '-' || text[0] == '+');
    if (i == size)
        return false;
    int64_t result = 0; /* built negative, whose range is larger by one */
    for (; i < size; i++) {
        if (!is_digit(text[i]) || __builtin_mul_overflow(result, 10, &result) ||
            __builtin_sub_overflow(result, text[i] - '0', &result))
            return false;
    }
    if (!negative && result == INT64_MIN)
        return false;
    *value = negative ? result : -result;
    return true;
}

/* --- writing --- */

/* Digits of the value: d0.d1d2... * 10^exponent, without trailing zeros. */
typedef struct digit_text {
    char digits[24];
    int count, exponent;
} digit_text;

static void trim_zeros(digit_text *d)
{
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
}

static void digits_of_integer(uint64_t value, digit_text *d)
{
    char reversed[24];
    d->count = 0;
    do {
        reversed[d->count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (int i = 0; i < d->count; i++)
        d->digits[i] = reversed[d->count - 1 - i];
    d->exponent = d->count - 1;
    trim_zeros(d);
}

/* `precision` significant digits, correctly rounded. "%e" writes one digit, the locale's point (of any
 * length), the other digits, 'e' and the exponent, so the digits can be picked out whatever the locale is. */
static void digits_rounded(double magnitude, int precision, digit_text *d)
{
    char text[64];
    int length = snprintf(text, sizeof text, "%.*e", precision - 1, magnitude);
    const char *e = memchr(text, 'e', (size_t)length);
    d->digits[0] = text[0];
    memcpy(d->digits + 1, e - (precision - 1), (size_t)(precision - 1));
    d->count = precision;
    int exponent = 0;
    for (const char *c = e + 2; *c != '\0'; c++)
        exponent = exponent * 10 + (*c - '0');
    d->exponent = e[1] == '-' ? -exponent : exponent;
    trim_zeros(d);
}

static bool reads_back(const digit_text *d, double magnitude)
{
    decimal number = {.exponent = d->exponent - (d->count - 1)};
    for (int i = 0; i < d->count; i++)
        number.digits = number.digits * 10 + (uint64_t)(d->digits[i] - '0');
    double value;
    if (!read_exactly(number, &value) && !read_by_product(number, &value)) {
        char text[48];
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)number.digits, number.exponent);
        value = read_slowly(text);
    }
    return value == magnitude;
}

/* Rounds 17 digits to `precision`, to the nearest or up; false when the digits dropped are a tie, which 17
 * digits cannot decide. */
static bool shorten(const digit_text *full, int precision, bool up, digit_text *d)
{
    *d = *full;
    if (full->count <= precision)
        return true;
    bool tie = full->digits[precision] == '5' && full->count == precision + 1;
    if (tie && !up)
        return false;
    d->count = precision;
    if (up || full->digits[precision] >= '5') {
        int i = precision - 1;
        while (i >= 0 && d->digits[i] == '9')
            d->digits[i--] = '0';
        if (i >= 0) {
            d->digits[i]++;
        } else {
            d->digits[0] = '1';
            d->exponent++;
        }
    }
    trim_zeros(d);
    return true;
}

/* Decimals with few places (0.01, 12.5), the most frequent case: m = value * 10^places is whole and m /
 * 10^places, one correctly rounded division, gives the value back. Below 10^15 no other decimal so short
 * does. */
static bool digits_of_short_decimal(double magnitude, digit_text *d)
{
    for (int places = 0; places <= 6; places++) {
        double scaled = magnitude * powers_of_ten[places];
        if (scaled >= 1e15)
            return false;
        if (scaled >= 1 && scaled == floor(scaled) && scaled / powers_of_ten[places] == magnitude) {
            digits_of_integer((uint64_t)scaled, d);
            d->exponent -= places;
            return true;
        }
    }
    return false;
}

static void digits_shortest(double magnitude, digit_text *d)
{
    if (magnitude == floor(magnitude) && magnitude < 1e15) {
        digits_of_integer((uint64_t)magnitude, d);
        return;
    }
    if (digits_of_short_decimal(magnitude, d))
        return;
    digit_text full;
    digits_rounded(magnitude, 17, &full);
    int exponent;
    bool power_of_two = frexp(magnitude, &exponent) == 0.5;
    /* Subnormals hold fewer than 15 decimal digits, so that shorter ones may do. */
    for (int precision = magnitude < 2.2250738585072014e-308 ? 1 : 15; precision < 17; precision++) {
        if (!shorten(&full, precision, false, d))
            digits_rounded(magnitude, precision, d);
        if (reads_back(d, magnitude))
            return;
        /* Above a power of two doubles are twice as far apart as below: the next decimal up may still read
         * back. */
        if (power_of_two && shorten(&full, precision, true, d) && reads_back(d, magnitude))
            return;
    }
    *d = full;
}

/* Lays digits out as Python's repr does: plain when -4 <= exponent < plain_below, else with an exponent of at
 * least two digits. */
static size_t lay_out(char *out, bool negative, const digit_text *d, int plain_below, bool keep_point)
{
    char *c = out;
    if (negative)
        *c++ = '-';
    if (d->exponent < -4 || d->exponent >= plain_below) {
        *c++ = d->digits[0];
        if (d->count > 1) {
            *c++ = '.';
            memcpy(c, d->digits + 1, (size_t)(d->count - 1));
            c += d->count - 1;
        }
        c += snprintf(c, 6, "e%c%02d", d->exponent < 0 ? '-' : '+', abs(d->exponent));
    } else {
        int first = d->exponent < 0 ? d->exponent : 0; /* zeros before the digits of 0.00d0d1 */
        int units = d->exponent < 0 ? first : d->exponent;
        int last = d->count - 1 > d->exponent ? d->count - 1 : d->exponent;
        for (int i = first; i <= last; i++) {
            *c++ = i >= 0 && i < d->count ? d->digits[i] : '0';
            if (i == units && i < last)
                *c++ = '.';
        }
        if (keep_point && d->count - 1 <= d->exponent) {
            *c++ = '.';
            *c++ = '0';
        }
    }
    *c = '\0';
    return (size_t)(c - out);
}

static size_t put_text(char out[HN_NUMBER_SIZE], const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size + 1);
    return size;
}

size_t hn_format_double(char out[HN_NUMBER_SIZE], double value)
{
    if (!isfinite(value))
        return put_text(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    digit_text d;
    digits_shortest(fabs(value), &d);
    return lay_out(out, signbit(value), &d, 16, false);
}

size_t hn_format_python_double(char out[HN_NUMBER_SIZE], double value)
{
    if (!isfinite(value))
        return put_text(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
    digit_text d;
    digits_shortest(fabs(value), &d);
    return lay_out(out, signbit(value), &d, 16, true);
}

size_t hn_format_short(char out[HN_NUMBER_SIZE], double value, int digits)
{
    if (!isfinite(value))
        return hn_format_double(out, value);
    digits = digits < 1 ? 1 : digits > 17 ? 17 : digits;
    digit_text d;
    digits_rounded(fabs(value), digits, &d);
    return lay_out(out, signbit(value) && value != 0, &d, digits, false);
}

size_t hn_format_fixed(char out[HN_NUMBER_SIZE], double value, int decimals)
{
    enum { MOST_DIGITS = 7 };
    if (!(fabs(value) < 1e9)) {
        return hn_format_short(out, value, MOST_DIGITS);
    }
    long long unit = 1;
    for (int i = 0; i < decimals; i++) {
        unit *= 10;
    }
    long long scaled = llround(value * (double)unit), size = scaled < 0 ? -scaled : scaled;
    const char *sign = scaled < 0 ? "-" : "";
    int length = decimals > 0 ? snprintf(out, HN_NUMBER_SIZE, "%s%lld.%0*lld", sign, size / unit, decimals,
                                         size % unit)
                              : snprintf(out, HN_NUMBER_SIZE, "%s%lld", sign, size);
    return (size_t)length;
}

int hn_decimals_for(double step)
{
    enum { MOST = 9 };
    if (!(step > 0 && step < 1)) {
        return 0;
    }
    double decimals = ceil(-log10(step) - 1e-9);
    return decimals < MOST ? (int)decimals : MOST;
}

/* --- steps --- */

__extension__ typedef __int128 wide;

/* The shortest decimal of a double as an integer times 10^exponent. */
static decimal decimal_of(double value)
{
    digit_text text;
    digits_shortest(fabs(value), &text);
    decimal d = {.negative = signbit(value), .exponent = text.exponent - (text.count - 1)};
    for (int i = 0; i < text.count; i++)
        d.digits = d.digits * 10 + (uint64_t)(text.digits[i] - '0');
    if (d.digits == 0)
        d.exponent = 0;
    return d;
}

/* d / 10^exponent; false when it does not fit. */
static bool scale_to(decimal d, int exponent, wide *value)
{
    wide result = (wide)d.digits;
    if (d.digits == 0)
        exponent = d.exponent;
    if (d.exponent - exponent > 20) /* 17 digits + 20 < 38, the digits of 128 bits */
        return false;
    for (int i = exponent; i < d.exponent; i++)
        result *= 10;
    *value = d.negative ? -result : result;
    return true;
}

bool hn_step_divides(double low, double high, double step)
{
    if (!isfinite(low) || !isfinite(high) || !isfinite(step) || step == 0)
        return false;
    decimal l = decimal_of(low), h = decimal_of(high), s = decimal_of(step);
    int exponent = s.exponent;
    if (l.digits != 0 && l.exponent < exponent)
        exponent = l.exponent;
    if (h.digits != 0 && h.exponent < exponent)
        exponent = h.exponent;
    wide wide_low, wide_high, wide_step;
    if (scale_to(l, exponent, &wide_low) && scale_to(h, exponent, &wide_high) &&
        scale_to(s, exponent, &wide_step))
        return (wide_high - wide_low) % wide_step == 0;
    return fmod(high - low, step) == 0;
}
