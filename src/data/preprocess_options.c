#include <string.h>

#include "data/preprocess.h"

#define OFFSET(field) offsetof(hn_preprocess_options, field)

static const char *const scales[] = {"none", "standard", "minmax", "robust", NULL};
static const char *const imputes[] = {"mean", "median", "most_frequent", "constant", NULL};
static const char *const encodes[] = {"onehot", "ordinal", NULL};

/* The table writes a choice as int and a whole number as int64_t. */
_Static_assert(sizeof(hn_scale) == sizeof(int) && sizeof(hn_impute) == sizeof(int) &&
                   sizeof(hn_encode) == sizeof(int) && sizeof(size_t) == sizeof(int64_t),
               "fields of hn_preprocess_options");

static const hn_option options[] = {
    {.name = "scale",
     .type = HN_OPTION_CHOICE,
     .default_text = "none",
     .choices = scales,
     .offset = OFFSET(scale),
     .help = "numbers: mean 0 and variance 1, 0 to 1, or median 0 and quartiles 1 apart"},
    {.name = "impute",
     .type = HN_OPTION_CHOICE,
     .default_text = "mean",
     .choices = imputes,
     .offset = OFFSET(impute),
     .help = "what replaces a missing number"},
    {.name = "fill",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = -1e300,
     .high = 1e300,
     .offset = OFFSET(fill),
     .help = "the number that impute: constant puts in"},
    {.name = "encode",
     .type = HN_OPTION_CHOICE,
     .default_text = "onehot",
     .choices = encodes,
     .offset = OFFSET(encode),
     .help = "categories as one 0/1 column each, or as their index"},
    {.name = "max_categories",
     .type = HN_OPTION_INT,
     .default_text = "100",
     .low = 1,
     .high = 1e9,
     .offset = OFFSET(max_categories),
     .help = "categories kept of a column, the most frequent"},
    {.name = "min_variance",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0",
     .low = 0,
     .high = 1e300,
     .offset = OFFSET(min_variance),
     .help = "leave out columns whose variance before scaling is no larger; 0 keeps all"},
    {.name = "select",
     .type = HN_OPTION_INT,
     .default_text = "0",
     .low = 0,
     .high = 1e9,
     .offset = OFFSET(select),
     .help = "keep so many columns, the best by their F against the target; 0 keeps all"},
};

const hn_option_table hn_preprocess_table = {options, sizeof options / sizeof *options,
                                             sizeof(hn_preprocess_options)};

const hn_option *hn_preprocess_option(const char *name)
{
    static const char prefix[] = "preprocess.";
    size_t size = sizeof prefix - 1;
    return strncmp(name, prefix, size) ? NULL : hn_option_find(&hn_preprocess_table, name + size);
}
