/* fuzz_text.c: a column of text becomes rows of tokens below the vocabulary; the same words, given again,
 * make the same numbers, and a vocabulary fitted to all rows knows each. The first byte chooses vocabulary,
 * length and sides. */
#include <stdlib.h>
#include <string.h>

#include "data/preprocess.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check(const char *path, const hn_dataset *set)
{
    const hn_sample_block *block = set->samples;
    const hn_text_rule *rule = block->text;
    const int32_t *numbers = block->values;
    hn_dataset *again = NULL;
    hn_preprocess *fitted = NULL;
    hn_sample_view view;
    float row[8];
    hn_dataset_options options = {.text = rule, .header = -1, .no_target = true};
    require(rule->n_words >= 1);
    for (size_t i = 0; i < block->starts[set->n_rows]; i++)
        require(numbers[i] >= 2 && (size_t)numbers[i] < rule->n_words + 2);
    require(!hn_preprocess_fit(&(hn_preprocess_options){0}, set, NULL, 0, &fitted, NULL));
    require(!hn_preprocess_view(fitted, set, NULL, &view, NULL) && block->size <= 8);
    for (size_t i = 0; i < set->n_rows; i++) {
        hn_sample_row(&view, i, row);
        for (size_t k = 0; k < block->size; k++)
            require(row[k] >= 0 && row[k] < (float)rule->vocabulary);
    }
    hn_preprocess_destroy(fitted);
    require(hn_dataset_read(path, &options, &again, NULL) == HONE_OK && again->n_rows == set->n_rows);
    require(!memcmp(again->samples->values, numbers, block->starts[set->n_rows] * sizeof *numbers));
    hn_dataset_destroy(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[MEMORY_PATH_SIZE];
    hn_dataset *set = NULL;
    if (!size)
        return 0;
    hn_text_rule rule = {.column = "0",
                         .vocabulary = 3 + data[0] % 8,
                         .length = 1 + data[0] / 8 % 8,
                         .pad_end = data[0] / 64 % 2,
                         .cut_end = data[0] / 128};
    hn_dataset_options options = {.text = &rule, .header = -1, .no_target = true};
    int fd = memory_file(data + 1, size - 1, path);
    if (!hn_dataset_read(path, &options, &set, NULL)) {
        if (set->samples->text)
            check(path, set);
        hn_dataset_destroy(set);
    }
    close(fd);
    return 0;
}
