/* share.c: a dataset as one relocatable block, so that worker processes map it instead of parsing.
 *
 * Layout (native byte order: writer and reader are processes of one machine and build):
 *   header      see below
 *   doubles     (n_columns [+ 1 with group] [+ 1 with weight] [+ 1 with target], n_rows), 64-byte aligned
 *   records     one per column; the group comes after the features, then the weight
 *   texts       NUL-terminated, in the order they are read back
 *   samples     (n_rows, size) values, if the features are samples; 64-byte aligned. Of texts: (n_rows + 1)
 *               places where each begins, then the numbers of their words
 */
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "data/dataset.h"

static const char magic[16] = "hone dataset 5\n";

typedef struct block_header {
    char magic[16];
    uint64_t size; /* of the whole block */
    uint64_t n_rows, n_columns, n_classes;
    uint64_t records, texts; /* offsets */
    uint32_t task, has_header, has_target, has_group, has_weight;
    uint32_t sample_type, rank; /* type 0: no samples */
    uint64_t samples;           /* offset of their values; where texts end */
    uint64_t shape[HN_SAMPLE_MAX_RANK];
    uint64_t vocabulary, n_words; /* of a text; vocabulary 0: none */
    uint64_t words_hash, n_numbers;
    uint32_t pad_end, cut_end, plain;
    char pad[20];
} block_header;

_Static_assert(sizeof(block_header) % 64 == 0, "the doubles that follow are aligned");

typedef struct block_column {
    uint64_t kind, n_missing, n_categories;
} block_column;

static void append_text(hn_buffer *out, const char *text)
{
    hn_buffer_append(out, text, strlen(text) + 1);
}

/* The i-th column: the features, then the group, then the weight. */
static const hn_column *column_at(const hn_dataset *set, size_t i)
{
    return i < set->n_columns                  ? &set->columns[i]
           : i == set->n_columns && set->group ? set->group
                                               : set->weight;
}

static void describe_samples(const hn_sample_block *samples, size_t n_rows, block_header *header)
{
    header->sample_type = samples->type;
    header->rank = (uint32_t)samples->rank;
    for (size_t i = 0; i < samples->rank; i++)
        header->shape[i] = samples->shape[i];
    if (samples->text) {
        header->vocabulary = samples->text->vocabulary;
        header->n_words = samples->text->n_words;
        header->words_hash = samples->text->hash;
        header->n_numbers = samples->starts[n_rows];
        header->pad_end = samples->text->pad_end;
        header->cut_end = samples->text->cut_end;
        header->plain = samples->text->plain;
    }
}

static void append_words(hn_buffer *out, const hn_text_rule *rule)
{
    append_text(out, rule->column);
    for (size_t i = 0; i < rule->n_words; i++)
        append_text(out, rule->words[i]);
}

/* What follows the doubles up to the samples. */
static void append_descriptions(const hn_dataset *set, block_header *header, hn_buffer *out)
{
    for (size_t j = 0; j < header->n_columns; j++) {
        const hn_column *column = column_at(set, j);
        block_column record = {column->kind, column->n_missing, column->n_categories};
        hn_buffer_append(out, &record, sizeof record);
    }
    header->texts = header->records + out->size;
    append_text(out, set->source);
    append_text(out, set->target_name ? set->target_name : "");
    for (size_t k = 0; k < set->n_classes; k++)
        append_text(out, set->classes[k]);
    for (size_t j = 0; j < header->n_columns; j++) {
        const hn_column *column = column_at(set, j);
        append_text(out, column->name);
        for (size_t k = 0; k < column->n_categories; k++)
            append_text(out, column->categories[k]);
    }
    if (header->vocabulary)
        append_words(out, set->samples->text);
    header->samples = header->records + out->size;
}

/* The pieces of the samples, the first of them zeros up to a multiple of 64; how many. */
static size_t add_samples(const hn_sample_block *samples, const block_header *header, hn_piece *pieces)
{
    static const char zeros[64];
    size_t rows = header->n_rows, texts = samples->starts != NULL;
    size_t values = texts ? samples->starts[rows] : rows * samples->size;
    pieces[0] = (hn_piece){zeros, (sizeof zeros - header->samples % sizeof zeros) % sizeof zeros};
    pieces[1] = (hn_piece){samples->starts, texts * (rows + 1) * sizeof *samples->starts};
    pieces[2] = (hn_piece){samples->values, values * hn_sample_value_size(samples->type)};
    return 3;
}

static block_header make_header(const hn_dataset *set)
{
    block_header header = {.n_rows = set->n_rows,
                           .n_columns = set->n_columns + (set->group != NULL) + (set->weight != NULL),
                           .n_classes = set->n_classes,
                           .task = (uint32_t)set->task,
                           .has_header = set->has_header,
                           .has_target = set->target != NULL,
                           .has_group = set->group != NULL,
                           .has_weight = set->weight != NULL};
    memcpy(header.magic, magic, sizeof magic);
    header.records = sizeof header + (header.n_columns + header.has_target) * set->n_rows * sizeof(double);
    if (set->samples)
        describe_samples(set->samples, set->n_rows, &header);
    return header;
}

/* The arrays are written as they lie: beside dataset and block there is no third copy. */
hone_status hn_dataset_share(const hn_dataset *set, int *fd, hone_error *err)
{
    enum { OTHERS = 6 }; /* the header, the target, the descriptions, the samples */
    hn_buffer descriptions = HN_BUFFER_INIT;
    block_header header = make_header(set);
    hn_piece *pieces = hn_calloc(header.n_columns + OTHERS, sizeof *pieces);
    size_t n = 0, column = set->n_rows * sizeof(double);
    hone_status status = pieces ? HONE_OK : hn_out_of_memory(err);
    append_descriptions(set, &header, &descriptions);
    if (!status && hn_buffer_failed(&descriptions))
        status = hn_out_of_memory(err);
    if (!status) {
        pieces[n++] = (hn_piece){&header, sizeof header};
        for (size_t j = 0; j < header.n_columns; j++)
            pieces[n++] = (hn_piece){column_at(set, j)->values, column};
        pieces[n++] = (hn_piece){set->target, set->target ? column : 0};
        pieces[n++] = (hn_piece){descriptions.data, descriptions.size};
        n += set->samples ? add_samples(set->samples, &header, pieces + n) : 0;
        for (size_t i = 0; i < n; i++)
            header.size += pieces[i].size;
        status = hn_shared_memory_create("hone-dataset", pieces, n, fd, err);
    }
    hn_free(pieces);
    hn_buffer_release(&descriptions);
    return status;
}

/* --- attaching --- */

/* Reads the texts one after the other; NULL past the end. */
typedef struct text_reader {
    const char *at, *end;
} text_reader;

static const char *next_text(text_reader *texts)
{
    const char *text = texts->at;
    const char *end = text < texts->end ? memchr(text, '\0', (size_t)(texts->end - text)) : NULL;
    if (!end)
        return NULL;
    texts->at = end + 1;
    return text;
}

/* Values of all rows. */
static uint64_t sample_values(const block_header *header)
{
    uint64_t count = header->n_rows;
    for (uint32_t i = 0; i < header->rank; i++)
        count = header->shape[i] && count <= header->size / header->shape[i] ? count * header->shape[i] : 0;
    return count;
}

static uint64_t first_sample(const block_header *header)
{
    return (header->samples + 63) / 64 * 64;
}

static bool samples_are_sound(const block_header *header)
{
    uint64_t size = header->size, values = 0;
    if (header->samples < header->texts || header->samples > size)
        return false;
    if (!header->sample_type)
        return header->samples == size && !header->vocabulary;
    if (header->sample_type > HN_SAMPLE_TOKENS || header->rank < 1 || header->rank > HN_SAMPLE_MAX_RANK ||
        !(values = sample_values(header)))
        return false;
    values *= hn_sample_value_size((hn_sample_type)header->sample_type);
    if (header->vocabulary) {
        if (header->n_numbers > size || header->n_rows > size)
            return false;
        values = (header->n_rows + 1) * sizeof(uint64_t) + header->n_numbers * sizeof(int32_t);
    }
    return first_sample(header) <= size && size - first_sample(header) == values && header->n_words < size;
}

/* Every offset lies inside the block and leaves room for what it counts. */
static bool header_is_sound(const block_header *header, size_t size)
{
    if (memcmp(header->magic, magic, sizeof magic) != 0 || header->size != size || header->n_rows == 0 ||
        header->has_group > 1 || header->has_weight > 1 ||
        header->n_columns < header->has_group + header->has_weight)
        return false;
    uint64_t columns = header->n_columns + (header->has_target != 0);
    if (header->n_columns > size / sizeof(block_column) || columns > size / sizeof(double) / header->n_rows)
        return false;
    uint64_t doubles = columns * header->n_rows * sizeof(double);
    return header->records == sizeof *header + doubles && header->records <= size &&
           header->texts == header->records + header->n_columns * sizeof(block_column) &&
           header->texts < size && header->n_classes < size && samples_are_sound(header);
}

/* NULL when the texts end early or memory is out. */
static const char *const *read_list(hn_arena *arena, text_reader *texts, uint64_t n)
{
    if (n > (uint64_t)(texts->end - texts->at))
        return NULL;
    const char **list = HN_ARENA_NEW(arena, const char *, n);
    for (uint64_t i = 0; list && i < n; i++)
        if (!(list[i] = next_text(texts)))
            return NULL;
    return list;
}

/* Every number lies inside, and means a word. */
static bool texts_are_sound(const block_header *header, const hn_sample_block *block)
{
    const int32_t *numbers = block->values;
    bool sound = block->starts[0] == 0 && block->starts[header->n_rows] == header->n_numbers;
    for (size_t i = 0; sound && i < header->n_rows; i++)
        sound = block->starts[i] <= block->starts[i + 1];
    for (size_t i = 0; sound && i < header->n_numbers; i++)
        sound = numbers[i] >= 1 && (uint64_t)numbers[i] < header->n_words + 2;
    return sound;
}

static bool rebuild_samples(hn_dataset *set, const block_header *header, text_reader *texts)
{
    hn_sample_block *block = HN_ARENA_NEW(&set->arena, hn_sample_block, 1);
    hn_text_rule *rule = header->vocabulary ? HN_ARENA_NEW(&set->arena, hn_text_rule, 1) : NULL;
    if (!block || (header->vocabulary && !rule))
        return false;
    *block = (hn_sample_block){.type = (hn_sample_type)header->sample_type,
                               .rank = header->rank,
                               .size = sample_values(header) / header->n_rows,
                               .values = (const char *)header + first_sample(header),
                               .text = rule};
    for (size_t i = 0; i < block->rank; i++)
        block->shape[i] = header->shape[i];
    if (rule) {
        block->starts = block->values;
        block->values = block->starts + header->n_rows + 1;
        *rule = (hn_text_rule){.column = next_text(texts),
                               .vocabulary = header->vocabulary,
                               .length = block->size,
                               .pad_end = header->pad_end != 0,
                               .cut_end = header->cut_end != 0,
                               .plain = header->plain != 0,
                               .n_words = header->n_words,
                               .hash = header->words_hash};
        rule->words = read_list(&set->arena, texts, rule->n_words);
    }
    set->samples = block;
    return !rule || (rule->column && rule->words && texts_are_sound(header, block));
}

static bool rebuild(hn_dataset *set, const block_header *header)
{
    const char *base = (const char *)header;
    const double *values = (const double *)(base + sizeof *header);
    const block_column *records = (const block_column *)(base + header->records);
    text_reader texts = {base + header->texts, base + header->samples};
    set->n_rows = header->n_rows;
    size_t n_columns = header->n_columns;
    set->n_columns = n_columns - header->has_group - header->has_weight;
    set->task = (hn_model_task)header->task;
    set->has_header = header->has_header != 0;
    set->n_classes = header->n_classes;
    set->target = header->has_target ? values + n_columns * set->n_rows : NULL;
    set->source = next_text(&texts);
    const char *target_name = next_text(&texts);
    set->target_name = set->target ? target_name : NULL;
    set->classes = read_list(&set->arena, &texts, set->n_classes);
    set->columns = HN_ARENA_NEW(&set->arena, hn_column, n_columns);
    if (!set->source || !target_name || !set->classes || !set->columns)
        return false;
    for (size_t j = 0; j < n_columns; j++) {
        hn_column *column = &set->columns[j];
        *column = (hn_column){.kind = (hn_column_kind)records[j].kind,
                              .values = values + j * set->n_rows,
                              .n_missing = records[j].n_missing,
                              .n_categories = records[j].n_categories,
                              .name = next_text(&texts)};
        column->categories = read_list(&set->arena, &texts, column->n_categories);
        if (!column->name || !column->categories)
            return false;
    }
    set->group = header->has_group ? &set->columns[set->n_columns] : NULL;
    set->weight = header->has_weight ? &set->columns[n_columns - 1] : NULL;
    return !header->sample_type || rebuild_samples(set, header, &texts);
}

hone_status hn_dataset_attach(int fd, hn_dataset **dataset, hone_error *err)
{
    size_t size = 0;
    const void *data = NULL;
    hone_status status = hn_shared_memory_map(fd, &size, &data, err);
    if (status)
        return status;
    hn_dataset *set = hn_calloc(1, sizeof *set);
    if (!set) {
        hn_shared_memory_unmap(data, size);
        return hn_out_of_memory(err);
    }
    set->mapping = data;
    set->mapping_size = size;
    if (size < sizeof(block_header) || !header_is_sound(data, size) || !rebuild(set, data)) {
        hn_dataset_destroy(set);
        return hn_fail(err, HONE_PARSE,
                       "descriptor %d does not hold a shared dataset of this version of hone", fd);
    }
    *dataset = set;
    return HONE_OK;
}
