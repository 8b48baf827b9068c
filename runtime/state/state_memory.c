/* SPDX-License-Identifier: Apache-2.0
 *
 * state_memory.c - a store in memory alone. Everything that can fail happens while a batch is
 * written aside; commit only moves pointers, so it cannot fail half way. */
#include <stdlib.h>
#include <string.h>

#include "state_parts.h"

/* A row, a change or a meta, with its texts behind it. */
struct block {
    uint32_t key_len, value_len;
    char bytes[];
};

struct step {
    enum { PUT_ROW, DELETE_ROW, PUT_CHANGE, TRIM_CHANGES, PUT_META, DELETE_META } kind;
    uint64_t number; /* slot or sequence number */
    struct block *block;
};

struct memory {
    struct mst_state_store store;
    struct block **rows; /* by slot */
    uint32_t row_capacity;
    struct block **changes; /* by sequence number, a ring: the capacity is a power of two */
    uint32_t change_capacity;
    uint64_t first_change, last_change;
    struct block **metas;
    uint32_t meta_count, meta_capacity;
    struct step *steps; /* of the batch */
    uint32_t step_count, step_capacity, new_change_count, new_meta_count;
    uint64_t reading; /* the next slot or sequence number to show */
};

static struct memory *as_memory(struct mst_state_store *store)
{
    return (struct memory *)store;
}

static struct block *make_block(mst_text key, mst_text value)
{
    struct block *block = malloc(sizeof *block + key.len + value.len);
    if (!block)
        return NULL;
    block->key_len = key.len;
    block->value_len = value.len;
    if (key.len > 0)
        memcpy(block->bytes, key.ptr, key.len);
    if (value.len > 0)
        memcpy(block->bytes + key.len, value.ptr, value.len);
    return block;
}

static mst_text value_of(const struct block *block)
{
    return (mst_text){block->bytes + block->key_len, block->value_len};
}

static mst_state_status no_memory(struct memory *memory)
{
    memcpy(memory->store.why.text, "out of memory", sizeof "out of memory");
    return MST_STATE_MEMORY;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Names live in the handle. */
static mst_state_status get_name(struct mst_state_store *store, uint32_t number, mst_text *name)
{
    (void)store;
    (void)number;
    (void)name;
    return MST_STATE_NOT_FOUND;
}

/* The place of the meta, or meta_count. */
static uint32_t find_meta(const struct memory *memory, const char *key, size_t len)
{
    uint32_t i = 0;
    while (i < memory->meta_count &&
           (memory->metas[i]->key_len != len || memcmp(memory->metas[i]->bytes, key, len) != 0))
        i++;
    return i;
}

static mst_state_status get_meta(struct mst_state_store *store, mst_text key, mst_text *value)
{
    struct memory *memory = as_memory(store);
    uint32_t place = find_meta(memory, key.ptr, key.len);
    if (place == memory->meta_count)
        return MST_STATE_NOT_FOUND;
    *value = value_of(memory->metas[place]);
    return MST_STATE_OK;
}

static mst_state_status get_row(struct mst_state_store *store, uint32_t slot,
                                struct mst_state_row *row)
{
    struct memory *memory = as_memory(store);
    const struct block *block = slot < memory->row_capacity ? memory->rows[slot] : NULL;
    if (!block)
        return MST_STATE_NOT_FOUND;
    *row = (struct mst_state_row){slot, {block->bytes, block->key_len}, value_of(block)};
    return MST_STATE_OK;
}

static mst_state_status begin_reading(struct mst_state_store *store, uint64_t from)
{
    as_memory(store)->reading = from;
    return MST_STATE_OK;
}

static mst_state_status begin_rows(struct mst_state_store *store, uint32_t from)
{
    return begin_reading(store, from);
}

static mst_state_status next_row(struct mst_state_store *store, struct mst_state_row *row)
{
    struct memory *memory = as_memory(store);
    while (memory->reading < memory->row_capacity)
        if (get_row(store, (uint32_t)memory->reading++, row) == MST_STATE_OK)
            return MST_STATE_OK;
    return MST_STATE_NOT_FOUND;
}

static void end_reading(struct mst_state_store *store)
{
    (void)store;
}

static struct block **change_at(struct memory *memory, uint64_t sequence)
{
    return &memory->changes[sequence & (memory->change_capacity - 1)];
}

static mst_state_status get_history(struct mst_state_store *store, uint64_t *first, uint64_t *last)
{
    *first = as_memory(store)->first_change;
    *last = as_memory(store)->last_change;
    return MST_STATE_OK;
}

static mst_state_status next_change(struct mst_state_store *store, uint64_t *sequence,
                                    mst_text *event)
{
    struct memory *memory = as_memory(store);
    if (memory->reading > memory->last_change)
        return MST_STATE_NOT_FOUND;
    *sequence = memory->reading++;
    *event = value_of(*change_at(memory, *sequence));
    return MST_STATE_OK;
}

/* ---- writing aside ----------------------------------------------------------------------- */

static mst_state_status begin(struct mst_state_store *store)
{
    (void)store;
    return MST_STATE_OK;
}

static void rollback(struct mst_state_store *store)
{
    struct memory *memory = as_memory(store);
    for (uint32_t i = 0; i < memory->step_count; i++)
        free(memory->steps[i].block);
    memory->step_count = memory->new_change_count = memory->new_meta_count = 0;
}

/* Takes the block, which may be NULL where memory has run out. */
static mst_state_status add_step(struct memory *memory, struct step step, bool has_block)
{
    struct step *steps =
        mst_state_grow(memory->steps, memory->step_count, &memory->step_capacity, sizeof *steps);
    if (steps)
        memory->steps = steps;
    if (!steps || (has_block && !step.block)) {
        free(step.block);
        return no_memory(memory);
    }
    steps[memory->step_count++] = step;
    return MST_STATE_OK;
}

static mst_state_status put_name(struct mst_state_store *store, uint32_t number, mst_text name)
{
    (void)store;
    (void)number;
    (void)name;
    return MST_STATE_OK;
}

static void expect_row(const struct mst_state_store *store, uint32_t slot)
{
    const struct memory *memory = (const struct memory *)store;
    if (slot < memory->row_capacity)
        __builtin_prefetch(&memory->rows[slot]);
}

static mst_state_status put_row(struct mst_state_store *store, const struct mst_state_row *row)
{
    struct memory *memory = as_memory(store);
    if (row->slot >= memory->row_capacity) {
        uint32_t capacity = memory->row_capacity > 0 ? memory->row_capacity : 1024;
        while (capacity <= row->slot)
            capacity *= 2;
        struct block **rows = realloc(memory->rows, capacity * sizeof(struct block *));
        if (!rows)
            return no_memory(memory);
        memset(rows + memory->row_capacity, 0,
               (capacity - memory->row_capacity) * sizeof(struct block *));
        memory->rows = rows;
        memory->row_capacity = capacity;
    }
    return add_step(memory, (struct step){PUT_ROW, row->slot, make_block(row->id, row->data)},
                    true);
}

static mst_state_status delete_row(struct mst_state_store *store, uint32_t slot)
{
    return add_step(as_memory(store), (struct step){DELETE_ROW, slot, NULL}, false);
}

static bool grow_changes(struct memory *memory)
{
    struct memory larger = *memory;
    uint64_t count = memory->last_change + 1 - memory->first_change;
    if (count + memory->new_change_count < memory->change_capacity)
        return true;
    larger.change_capacity = memory->change_capacity > 0 ? memory->change_capacity * 2 : 256;
    larger.changes = calloc(larger.change_capacity, sizeof(struct block *));
    if (!larger.changes)
        return false;
    for (uint64_t i = memory->first_change; i <= memory->last_change; i++)
        *change_at(&larger, i) = *change_at(memory, i);
    free(memory->changes);
    *memory = larger;
    return true;
}

static mst_state_status put_change(struct mst_state_store *store, uint64_t sequence, mst_text event)
{
    struct memory *memory = as_memory(store);
    if (!grow_changes(memory))
        return no_memory(memory);
    memory->new_change_count++;
    struct block *block = make_block((mst_text){NULL, 0}, event);
    return add_step(memory, (struct step){PUT_CHANGE, sequence, block}, true);
}

static mst_state_status trim_changes(struct mst_state_store *store, uint64_t first)
{
    return add_step(as_memory(store), (struct step){TRIM_CHANGES, first, NULL}, false);
}

static mst_state_status put_meta(struct mst_state_store *store, mst_text key, mst_text value)
{
    struct memory *memory = as_memory(store);
    struct block **metas =
        mst_state_grow(memory->metas, memory->meta_count + memory->new_meta_count,
                       &memory->meta_capacity, sizeof(struct block *));
    if (!metas)
        return no_memory(memory);
    memory->metas = metas;
    memory->new_meta_count++;
    return add_step(memory, (struct step){PUT_META, 0, make_block(key, value)}, true);
}

static mst_state_status delete_meta(struct mst_state_store *store, mst_text key)
{
    struct block *block = make_block(key, (mst_text){NULL, 0});
    return add_step(as_memory(store), (struct step){DELETE_META, 0, block}, true);
}

/* ---- commit ------------------------------------------------------------------------------ */

static void replace_row(struct memory *memory, uint64_t slot, struct block *block)
{
    if (slot >= memory->row_capacity)
        return;
    free(memory->rows[slot]);
    memory->rows[slot] = block;
}

static void drop_changes(struct memory *memory, uint64_t first)
{
    for (; memory->first_change < first && memory->first_change <= memory->last_change;
         memory->first_change++) {
        struct block **change = change_at(memory, memory->first_change);
        free(*change);
        *change = NULL;
    }
    memory->first_change = first;
}

static void replace_meta(struct memory *memory, struct block *block)
{
    uint32_t place = find_meta(memory, block->bytes, block->key_len);
    if (place < memory->meta_count)
        free(memory->metas[place]);
    else
        memory->meta_count++;
    memory->metas[place] = block;
}

static void drop_meta(struct memory *memory, struct block *key)
{
    uint32_t place = find_meta(memory, key->bytes, key->key_len);
    free(key);
    if (place == memory->meta_count)
        return;
    free(memory->metas[place]);
    memory->metas[place] = memory->metas[--memory->meta_count];
}

static void add_change(struct memory *memory, uint64_t sequence, struct block *block)
{
    *change_at(memory, sequence) = block;
    memory->last_change = sequence;
}

static mst_state_status commit(struct mst_state_store *store)
{
    struct memory *memory = as_memory(store);
    for (uint32_t i = 0; i < memory->step_count; i++) {
        struct step *step = &memory->steps[i];
        switch (step->kind) {
        case PUT_ROW:
        case DELETE_ROW: replace_row(memory, step->number, step->block); break;
        case PUT_CHANGE: add_change(memory, step->number, step->block); break;
        case TRIM_CHANGES: drop_changes(memory, step->number); break;
        case PUT_META: replace_meta(memory, step->block); break;
        case DELETE_META: drop_meta(memory, step->block); break;
        }
    }
    memory->step_count = memory->new_change_count = memory->new_meta_count = 0;
    return MST_STATE_OK;
}

/* ---- open and close ---------------------------------------------------------------------- */

static void close_memory(struct mst_state_store *store)
{
    struct memory *memory = as_memory(store);
    rollback(store);
    for (uint32_t i = 0; i < memory->row_capacity; i++)
        free(memory->rows[i]);
    for (uint32_t i = 0; i < memory->change_capacity; i++)
        free(memory->changes[i]);
    for (uint32_t i = 0; i < memory->meta_count; i++)
        free(memory->metas[i]);
    free(memory->rows);
    free(memory->changes);
    free(memory->metas);
    free(memory->steps);
    free(memory);
}

static const struct mst_state_store_type memory_type = {
    .close = close_memory,
    .get_name = get_name,
    .get_meta = get_meta,
    .get_row = get_row,
    .begin_rows = begin_rows,
    .next_row = next_row,
    .end_rows = end_reading,
    .get_history = get_history,
    .begin_changes = begin_reading,
    .next_change = next_change,
    .end_changes = end_reading,
    .begin = begin,
    .put_name = put_name,
    .expect_row = expect_row,
    .put_row = put_row,
    .delete_row = delete_row,
    .put_change = put_change,
    .trim_changes = trim_changes,
    .put_meta = put_meta,
    .delete_meta = delete_meta,
    .commit = commit,
    .rollback = rollback,
};

mst_state_status mst_state_memory_open(struct mst_state_store **store)
{
    struct memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        return MST_STATE_MEMORY;
    memory->store.type = &memory_type;
    memory->first_change = 1;
    *store = &memory->store;
    return MST_STATE_OK;
}
