/* A hash table of chains, and a queue from the oldest to the newest. */
#include "app/answer_memory.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"

enum { N_CHAINS = 1 << 14 };

typedef struct kept {
    struct kept *in_chain, *newer;
    uint64_t hash;  /* of study and id */
    uint64_t asked; /* of operation and body */
    size_t study_size, id_size, size;
    char text[]; /* study, id, answer */
} kept;

struct hn_answer_memory {
    pthread_mutex_t lock;
    size_t most, used; /* bytes */
    kept *oldest, *newest;
    kept *chains[N_CHAINS];
};

static size_t cost(const kept *k)
{
    return sizeof *k + k->study_size + k->id_size + k->size;
}

static uint64_t hash_name(const hn_answer_key *key)
{
    return hn_hash_bytes(key->id, strlen(key->id), hn_hash_bytes(key->study, strlen(key->study) + 1, 0));
}

static uint64_t hash_asked(const hn_answer_key *key)
{
    return hn_hash_bytes(key->body, key->body_size, hn_hash_bytes(key->op, strlen(key->op) + 1, 0));
}

static kept *find(const hn_answer_memory *memory, const hn_answer_key *key, uint64_t hash)
{
    size_t study_size = strlen(key->study), id_size = strlen(key->id);
    kept *k = memory->chains[hash % N_CHAINS];
    while (k &&
           !(k->hash == hash && k->study_size == study_size && k->id_size == id_size &&
             !memcmp(k->text, key->study, study_size) && !memcmp(k->text + study_size, key->id, id_size))) {
        k = k->in_chain;
    }
    return k;
}

/* It is not found any more, but stays until it is the oldest. */
static void unlink_from_chain(hn_answer_memory *memory, const kept *k)
{
    kept **at = &memory->chains[k->hash % N_CHAINS];
    while (*at && *at != k) {
        at = &(*at)->in_chain;
    }
    if (*at) {
        *at = k->in_chain;
    }
}

static void drop_oldest(hn_answer_memory *memory)
{
    kept *oldest = memory->oldest;
    unlink_from_chain(memory, oldest);
    memory->oldest = oldest->newer;
    if (!memory->oldest) {
        memory->newest = NULL;
    }
    memory->used -= cost(oldest);
    hn_free(oldest);
}

hone_status hn_answer_memory_create(size_t bytes, hn_answer_memory **memory, hone_error *err)
{
    hn_answer_memory *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    pthread_mutex_init(&made->lock, NULL);
    made->most = bytes;
    *memory = made;
    return HONE_OK;
}

hone_status hn_answer_memory_find(hn_answer_memory *memory, const hn_answer_key *key, bool *found,
                                  hn_buffer *body, hone_error *err)
{
    hone_status status = HONE_OK;
    pthread_mutex_lock(&memory->lock);
    const kept *k = find(memory, key, hash_name(key));
    *found = k && k->asked == hash_asked(key);
    if (*found) {
        hn_buffer_append(body, k->text + k->study_size + k->id_size, k->size);
    } else if (k) {
        status = hn_fail(err, HONE_CONFLICT,
                         "the identifier '%.60s' belongs to another request; each needs its own", key->id);
    }
    pthread_mutex_unlock(&memory->lock);
    return status;
}

void hn_answer_memory_keep(hn_answer_memory *memory, const hn_answer_key *key, const hn_buffer *body)
{
    size_t study_size = strlen(key->study), id_size = strlen(key->id);
    kept *k = hn_malloc(sizeof *k + study_size + id_size + body->size);
    if (!k) {
        return;
    }
    *k = (kept){.hash = hash_name(key),
                .asked = hash_asked(key),
                .study_size = study_size,
                .id_size = id_size,
                .size = body->size};
    memcpy(k->text, key->study, study_size);
    memcpy(k->text + study_size, key->id, id_size);
    memcpy(k->text + study_size + id_size, body->data, body->size);
    pthread_mutex_lock(&memory->lock);
    if (cost(k) > memory->most || find(memory, key, k->hash)) {
        hn_free(k);
    } else {
        while (memory->used + cost(k) > memory->most) {
            drop_oldest(memory);
        }
        memory->used += cost(k);
        k->in_chain = memory->chains[k->hash % N_CHAINS];
        memory->chains[k->hash % N_CHAINS] = k;
        if (memory->newest) {
            memory->newest->newer = k;
        } else {
            memory->oldest = k;
        }
        memory->newest = k;
    }
    pthread_mutex_unlock(&memory->lock);
}

void hn_answer_memory_forget(hn_answer_memory *memory, const hn_answer_key *key)
{
    pthread_mutex_lock(&memory->lock);
    const kept *k = find(memory, key, hash_name(key));
    if (k) {
        unlink_from_chain(memory, k);
    }
    pthread_mutex_unlock(&memory->lock);
}

void hn_answer_memory_destroy(hn_answer_memory *memory)
{
    if (!memory) {
        return;
    }
    while (memory->oldest) {
        drop_oldest(memory);
    }
    pthread_mutex_destroy(&memory->lock);
    hn_free(memory);
}
