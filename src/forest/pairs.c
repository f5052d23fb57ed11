#include "forest/pairs.h"

#include <string.h>

#include "base/memory.h"

static size_t count_ones(const uint16_t *column, size_t n)
{
    size_t ones = 0;
    for (size_t i = 0; i < n; i++)
        ones += column[i];
    return ones;
}

/* Numbers the pairs; begin[i + 1] becomes the number of row i's marks. */
static void number_pairs(hn_pairs *p, const uint16_t *codes, const uint32_t *n_codes, size_t n, size_t d)
{
    p->n_pairs = 0;
    for (size_t j = 0; j < d; j++) {
        const uint16_t *column = codes + j * n;
        p->number[j] = HN_NO_PAIR;
        if (n_codes[j] != 2)
            continue;
        uint16_t rare = count_ones(column, n) <= n / 2;
        for (size_t i = 0; i < n; i++)
            p->begin[i + 1] += column[i] == rare;
        p->rare[p->n_pairs] = rare;
        p->number[j] = (uint32_t)p->n_pairs++;
    }
}

/* begin[i] is where row i's next mark goes, in the end where row i + 1 begins. */
static void set_marks(hn_pairs *p, const uint16_t *codes, size_t n, size_t d)
{
    for (size_t j = 0; j < d; j++) {
        const uint16_t *column = codes + j * n;
        if (p->number[j] == HN_NO_PAIR)
            continue;
        uint16_t rare = p->rare[p->number[j]];
        for (size_t i = 0; i < n; i++)
            if (column[i] == rare)
                p->marks[p->begin[i]++] = p->number[j];
    }
}

bool hn_pairs_init(hn_pairs *p, const uint16_t *codes, const uint32_t *n_codes, size_t n, size_t d)
{
    *p = (hn_pairs){0};
    p->number = hn_calloc(d, sizeof *p->number);
    p->rare = hn_calloc(d, sizeof *p->rare);
    p->begin = hn_calloc(n + 1, sizeof *p->begin);
    bool made = p->number && p->rare && p->begin;
    if (made) {
        number_pairs(p, codes, n_codes, n, d);
        for (size_t i = 0; i < n; i++)
            p->begin[i + 1] += p->begin[i];
        p->marks = hn_calloc(p->begin[n], sizeof *p->marks);
        made = p->marks;
    }
    if (!made) {
        hn_pairs_release(p);
        return false;
    }
    set_marks(p, codes, n, d);
    memmove(p->begin + 1, p->begin, n * sizeof *p->begin);
    p->begin[0] = 0;
    return true;
}

void hn_pairs_release(hn_pairs *p)
{
    hn_free(p->number);
    hn_free(p->rare);
    hn_free(p->begin);
    hn_free(p->marks);
    *p = (hn_pairs){0};
}

bool hn_pairs_are_exact(const hn_sample *samples, size_t n)
{
    double sum = 0;
    bool exact = true;
    for (size_t i = 0; i < n; i++) {
        double weight = samples[i].weight;
        exact = exact && weight <= UINT32_MAX && weight == (double)(uint32_t)weight;
        exact = exact && (samples[i].y == 0 || samples[i].y == 1);
        sum += weight;
    }
    return exact && sum <= UINT32_MAX;
}

void hn_pairs_add(const hn_pairs *p, const hn_sample *samples, size_t n, hn_pair_tally *tallies)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t weight = (uint32_t)samples[i].weight;
        hn_pair_tally sample = {1, weight, samples[i].y > 0 ? weight : 0};
        const uint32_t *end = p->marks + p->begin[samples[i].row + 1];
        for (const uint32_t *mark = p->marks + p->begin[samples[i].row]; mark < end; mark++)
            tallies[*mark] += sample;
    }
}

void hn_pairs_take(const hn_pairs *p, const hn_sample *samples, size_t n, hn_pair_tally *tallies)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t weight = (uint32_t)samples[i].weight;
        hn_pair_tally sample = {1, weight, samples[i].y > 0 ? weight : 0};
        const uint32_t *end = p->marks + p->begin[samples[i].row + 1];
        for (const uint32_t *mark = p->marks + p->begin[samples[i].row]; mark < end; mark++)
            tallies[*mark] -= sample;
    }
}
