/* SPDX-License-Identifier: Apache-2.0
 *
 * state_batch.c - what a batch changes, gathered in memory and written in one go by commit: so a
 * subject that comes several times is written once, and to roll back is to forget. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "state_parts.h"

#define PIECE_BYTES ((size_t)256 << 10)
#define AHEAD 8 /* rows whose memory is asked for */

/* ---- memory ------------------------------------------------------------------------------ */

static struct mst_state_piece *add_piece(struct mst_state_arena *arena, size_t size)
{
    struct mst_state_piece *piece = malloc(sizeof *piece + size);
    if (!piece)
        return NULL;
    *piece = (struct mst_state_piece){.size = size};
    if (arena->current) {
        piece->next = arena->current->next;
        arena->current->next = piece;
    } else {
        arena->first = piece;
    }
    return piece;
}

static void *take_memory(struct mst_state_arena *arena, size_t len)
{
    len = (len + 7) & ~(size_t)7;
    struct mst_state_piece *piece = arena->current;
    while (piece && piece->size - piece->used < len)
        piece = piece->next;
    if (!piece)
        piece = add_piece(arena, len > PIECE_BYTES ? len : PIECE_BYTES);
    if (!piece)
        return NULL;
    arena->current = piece;
    void *memory = piece->bytes + piece->used;
    piece->used += len;
    return memory;
}

static void reset_arena(struct mst_state_arena *arena)
{
    for (struct mst_state_piece *piece = arena->first; piece; piece = piece->next)
        piece->used = 0;
    arena->current = arena->first;
}

static bool copy_text(struct mst_state_arena *arena, mst_text text, mst_text *copy)
{
    char *bytes = take_memory(arena, text.len);
    if (!bytes)
        return false;
    if (text.len > 0)
        memcpy(bytes, text.ptr, text.len);
    *copy = (mst_text){bytes, text.len};
    return true;
}

static mst_state_status no_memory(mst_state *state)
{
    return mst_state_fail(state, MST_STATE_MEMORY, "out of memory");
}

void mst_state_batch_free(struct mst_state_batch *batch)
{
    for (struct mst_state_piece *piece = batch->arena.first, *next; piece; piece = next) {
        next = piece->next;
        free(piece);
    }
    free(batch->subjects);
    free(batch->table);
    free(batch->changes);
    free(batch->metas);
    free(batch->row);
}

/* ---- subjects by slot -------------------------------------------------------------------- */

static uint32_t find_place(const struct mst_state_batch *batch, uint32_t slot)
{
    uint32_t mask = batch->table_size - 1, place = slot * 2654435769u & mask;
    while (batch->table[place] != 0 && batch->subjects[batch->table[place] - 1]->slot != slot)
        place = (place + 1) & mask;
    return place;
}

static struct mst_state_pending *find_pending(const struct mst_state_batch *batch, uint32_t slot)
{
    uint32_t number = batch->subject_count > 0 ? batch->table[find_place(batch, slot)] : 0;
    return number > 0 ? batch->subjects[number - 1] : NULL;
}

const struct mst_state_pending *mst_state_batch_find(const mst_state *state, uint32_t slot)
{
    return find_pending(&state->batch, slot);
}

static bool grow_table(struct mst_state_batch *batch)
{
    uint32_t size = batch->table_size > 0 ? batch->table_size * 2 : 1024;
    uint32_t *table = calloc(size, sizeof *table);
    if (!table)
        return false;
    free(batch->table);
    batch->table = table;
    batch->table_size = size;
    for (uint32_t i = 0; i < batch->subject_count; i++)
        table[find_place(batch, batch->subjects[i]->slot)] = i + 1;
    return true;
}

/* A new, empty entry for the slot, which has none. */
static struct mst_state_pending *add_pending(struct mst_state_batch *batch, uint32_t slot)
{
    if (batch->subject_count >= batch->table_size / 2 && !grow_table(batch))
        return NULL;
    struct mst_state_pending **list = mst_state_grow(batch->subjects, batch->subject_count,
                                                     &batch->subject_capacity, sizeof *list);
    if (!list)
        return NULL;
    batch->subjects = list;
    struct mst_state_pending *pending = take_memory(&batch->arena, sizeof *pending);
    if (!pending)
        return NULL;
    *pending = (struct mst_state_pending){.slot = slot};
    list[batch->subject_count] = pending;
    batch->table[find_place(batch, slot)] = ++batch->subject_count;
    return pending;
}

/* Room for the groups of a row and two more. */
static mst_state_status load_row(mst_state *state, const struct mst_state_row *stored,
                                 struct mst_state_pending **pending)
{
    struct mst_state_arena *arena = &state->batch.arena;
    struct mst_state_row row = *stored;
    uint32_t group_count, verdict_count;
    if (!mst_state_row_count(&row, &group_count, &verdict_count))
        return mst_state_damaged_row(state, &row);
    mst_state_group *groups = take_memory(arena, (group_count + 2) * sizeof *groups);
    mst_state_verdict *verdicts = take_memory(arena, verdict_count * sizeof *verdicts);
    if (!groups || !verdicts || !copy_text(arena, stored->id, &row.id) ||
        !copy_text(arena, stored->data, &row.data))
        return no_memory(state);
    mst_state_status status = mst_state_read_row(state, &row, groups, verdicts);
    if (status != MST_STATE_OK)
        return status;
    struct mst_state_pending *loaded = add_pending(&state->batch, row.slot);
    if (!loaded)
        return no_memory(state);
    loaded->id = row.id;
    loaded->groups = groups;
    loaded->group_count = group_count;
    loaded->group_capacity = group_count + 2;
    loaded->verdicts = verdicts;
    loaded->verdict_count = verdict_count;
    *pending = loaded;
    return MST_STATE_OK;
}

/* The subject to change, from the batch or from the store. */
static mst_state_status take_subject(mst_state *state, uint32_t slot,
                                     struct mst_state_pending **pending)
{
    struct mst_state_row row;
    assert(state->batch.is_open);
    *pending = find_pending(&state->batch, slot);
    mst_state_status status = MST_STATE_OK;
    if (!*pending) {
        status = state->store->type->get_row(state->store, slot, &row);
        if (status == MST_STATE_OK)
            return load_row(state, &row, pending);
    } else if ((*pending)->is_deleted) {
        status = MST_STATE_NOT_FOUND;
    }
    if (status == MST_STATE_NOT_FOUND)
        return mst_state_fail(state, status, "slot %u is empty", slot);
    return mst_state_from_store(state, status);
}

/* ---- changes to subjects ----------------------------------------------------------------- */

mst_state_status mst_state_put_subject(mst_state *state, uint32_t slot, mst_text id)
{
    mst_text copy;
    assert(state->batch.is_open);
    if (slot >= state->options.subject_max)
        return mst_state_fail(state, MST_STATE_LIMIT, "slot %u is beyond the limit of %u subjects",
                              slot, state->options.subject_max);
    if (id.len == 0 || id.len > MST_STATE_ID_MAX_BYTES)
        return mst_state_fail(state, MST_STATE_LIMIT, "an id of %u bytes: 1 to %u are allowed",
                              id.len, MST_STATE_ID_MAX_BYTES);
    if (!copy_text(&state->batch.arena, id, &copy))
        return no_memory(state);
    struct mst_state_pending *pending = find_pending(&state->batch, slot);
    if (!pending)
        pending = add_pending(&state->batch, slot);
    if (!pending)
        return no_memory(state);
    *pending = (struct mst_state_pending){.slot = slot, .is_changed = true, .id = copy};
    return MST_STATE_OK;
}

static mst_state_group *find_group(const struct mst_state_pending *pending, uint32_t name)
{
    for (uint32_t i = 0; i < pending->group_count; i++)
        if (pending->groups[i].name == name)
            return &pending->groups[i];
    return NULL;
}

static bool grow_groups(struct mst_state_arena *arena, struct mst_state_pending *pending)
{
    if (pending->group_count < pending->group_capacity)
        return true;
    uint32_t capacity = pending->group_capacity * 2 + 4;
    mst_state_group *groups = take_memory(arena, capacity * sizeof *groups);
    if (!groups)
        return false;
    if (pending->group_count > 0)
        memcpy(groups, pending->groups, pending->group_count * sizeof *groups);
    pending->groups = groups;
    pending->group_capacity = capacity;
    return true;
}

mst_state_status mst_state_put_group(mst_state *state, uint32_t slot, uint32_t name,
                                     int64_t observed, mst_text text)
{
    struct mst_state_pending *pending;
    struct mst_state_arena *arena = &state->batch.arena;
    mst_text copy;
    if (text.len > MST_STATE_GROUP_MAX_BYTES)
        return mst_state_fail(state, MST_STATE_LIMIT, "a group of %u bytes: %u are allowed",
                              text.len, MST_STATE_GROUP_MAX_BYTES);
    mst_state_status status = take_subject(state, slot, &pending);
    if (status != MST_STATE_OK)
        return status;
    assert(name > 0 && name < state->names.count);
    mst_state_group *group = find_group(pending, name);
    if (!group && pending->group_count == MST_STATE_GROUP_MAX)
        return mst_state_fail(state, MST_STATE_LIMIT, "a subject has at most %u groups",
                              MST_STATE_GROUP_MAX);
    if (!copy_text(arena, text, &copy) || (!group && !grow_groups(arena, pending)))
        return no_memory(state);
    if (!group)
        group = &pending->groups[pending->group_count++];
    *group = (mst_state_group){name, observed, copy};
    pending->is_changed = true;
    return MST_STATE_OK;
}

mst_state_status mst_state_clear_group(mst_state *state, uint32_t slot, uint32_t name)
{
    struct mst_state_pending *pending;
    mst_state_status status = take_subject(state, slot, &pending);
    mst_state_group *group = status == MST_STATE_OK ? find_group(pending, name) : NULL;
    if (group) {
        *group = pending->groups[--pending->group_count];
        pending->is_changed = true;
    }
    return status;
}

mst_state_status mst_state_put_verdicts(mst_state *state, uint32_t slot,
                                        const mst_state_verdict *verdicts, uint32_t count)
{
    struct mst_state_pending *pending;
    if (count > MST_STATE_VERDICT_MAX)
        return mst_state_fail(state, MST_STATE_LIMIT, "a subject has at most %u verdicts",
                              MST_STATE_VERDICT_MAX);
    mst_state_status status = take_subject(state, slot, &pending);
    if (status != MST_STATE_OK)
        return status;
    mst_state_verdict *copy = take_memory(&state->batch.arena, count * sizeof *copy);
    if (!copy)
        return no_memory(state);
    if (count > 0)
        memcpy(copy, verdicts, count * sizeof *copy);
    pending->verdicts = copy;
    pending->verdict_count = count;
    pending->is_changed = true;
    return MST_STATE_OK;
}

mst_state_status mst_state_delete_subject(mst_state *state, uint32_t slot)
{
    assert(state->batch.is_open);
    struct mst_state_pending *pending = find_pending(&state->batch, slot);
    if (!pending)
        pending = add_pending(&state->batch, slot);
    if (!pending)
        return no_memory(state);
    *pending = (struct mst_state_pending){.slot = slot, .is_deleted = true, .is_changed = true};
    return MST_STATE_OK;
}

/* ---- changes and meta -------------------------------------------------------------------- */

mst_state_status mst_state_append_change(mst_state *state, mst_text event, uint64_t *sequence)
{
    struct mst_state_batch *batch = &state->batch;
    assert(batch->is_open);
    if (event.len > MST_STATE_CHANGE_MAX_BYTES)
        return mst_state_fail(state, MST_STATE_LIMIT, "a change of %u bytes is too long",
                              event.len);
    mst_text *list =
        mst_state_grow(batch->changes, batch->change_count, &batch->change_capacity, sizeof *list);
    if (!list)
        return no_memory(state);
    batch->changes = list;
    if (!copy_text(&batch->arena, event, &list[batch->change_count]))
        return no_memory(state);
    *sequence = state->last_change + ++batch->change_count;
    return MST_STATE_OK;
}

static mst_state_status add_meta(mst_state *state, const char *key, mst_text value, bool is_deleted)
{
    struct mst_state_batch *batch = &state->batch;
    struct mst_state_meta meta = {.is_deleted = is_deleted};
    size_t len = strlen(key);
    assert(batch->is_open);
    if (len > MST_STATE_NAME_MAX_BYTES || value.len > MST_STATE_META_MAX_BYTES)
        return mst_state_fail(state, MST_STATE_LIMIT, "'%.64s' is too long", key);
    struct mst_state_meta *list =
        mst_state_grow(batch->metas, batch->meta_count, &batch->meta_capacity, sizeof *list);
    if (!list)
        return no_memory(state);
    batch->metas = list;
    if (!copy_text(&batch->arena, (mst_text){key, (uint32_t)len}, &meta.key) ||
        !copy_text(&batch->arena, value, &meta.value))
        return no_memory(state);
    list[batch->meta_count++] = meta;
    return MST_STATE_OK;
}

mst_state_status mst_state_put_meta(mst_state *state, const char *key, mst_text value)
{
    return add_meta(state, key, value, false);
}

mst_state_status mst_state_delete_meta(mst_state *state, const char *key)
{
    return add_meta(state, key, (mst_text){NULL, 0}, true);
}

/* ---- the batch itself -------------------------------------------------------------------- */

mst_state_status mst_state_begin(mst_state *state)
{
    assert(!state->batch.is_open);
    if (state->options.is_read_only)
        return mst_state_fail(state, MST_STATE_READ_ONLY, "the state was opened to read only");
    mst_state_status status = mst_state_from_store(state, state->store->type->begin(state->store));
    state->batch.is_open = status == MST_STATE_OK;
    return status;
}

static void forget(struct mst_state_batch *batch)
{
    reset_arena(&batch->arena);
    if (batch->table)
        memset(batch->table, 0, batch->table_size * sizeof *batch->table);
    batch->subject_count = batch->change_count = batch->meta_count = 0;
    batch->is_open = false;
}

void mst_state_rollback(mst_state *state)
{
    if (state->batch.is_open)
        state->store->type->rollback(state->store);
    forget(&state->batch);
}

static mst_state_status write_subject(mst_state *state, const struct mst_state_pending *pending)
{
    struct mst_state_batch *batch = &state->batch;
    mst_state_subject subject;
    if (!pending->is_changed)
        return MST_STATE_OK;
    if (pending->is_deleted)
        return mst_state_from_store(state,
                                    state->store->type->delete_row(state->store, pending->slot));
    mst_state_read(state, pending->slot, &subject);
    size_t bound = mst_state_row_bound(&subject);
    if (bound > batch->row_capacity) {
        char *larger = realloc(batch->row, bound * 2);
        if (!larger)
            return no_memory(state);
        batch->row = larger;
        batch->row_capacity = bound * 2;
    }
    struct mst_state_row row = {pending->slot, pending->id, {batch->row, 0}};
    row.data.len = (uint32_t)mst_state_row_write(&subject, batch->row);
    return mst_state_from_store(state, state->store->type->put_row(state->store, &row));
}

static mst_state_status write_names(mst_state *state)
{
    mst_state_status status = MST_STATE_OK;
    for (uint32_t i = state->names.kept_count; status == MST_STATE_OK && i < state->names.count;
         i++)
        status = state->store->type->put_name(state->store, i, state->names.list[i]);
    return mst_state_from_store(state, status);
}

/* The oldest change to keep, once those of the batch are there. */
static uint64_t oldest_kept(const mst_state *state)
{
    uint64_t last = state->last_change + state->batch.change_count;
    uint64_t first = last < state->options.history_max ? 1 : last - state->options.history_max + 1;
    return first > state->first_change ? first : state->first_change;
}

static mst_state_status write_changes(mst_state *state)
{
    const struct mst_state_batch *batch = &state->batch;
    uint64_t oldest = oldest_kept(state);
    mst_state_status status = MST_STATE_OK;
    if (oldest > state->first_change)
        status = state->store->type->trim_changes(state->store, oldest);
    for (uint32_t i = 0; status == MST_STATE_OK && i < batch->change_count; i++) {
        uint64_t sequence = state->last_change + 1 + i;
        if (sequence >= oldest)
            status = state->store->type->put_change(state->store, sequence, batch->changes[i]);
    }
    return mst_state_from_store(state, status);
}

static mst_state_status write_metas(mst_state *state)
{
    const struct mst_state_batch *batch = &state->batch;
    mst_state_status status = MST_STATE_OK;
    for (uint32_t i = 0; status == MST_STATE_OK && i < batch->meta_count; i++) {
        const struct mst_state_meta *meta = &batch->metas[i];
        status = meta->is_deleted
                     ? state->store->type->delete_meta(state->store, meta->key)
                     : state->store->type->put_meta(state->store, meta->key, meta->value);
    }
    return mst_state_from_store(state, status);
}

static mst_state_status write_batch(mst_state *state)
{
    const struct mst_state_batch *batch = &state->batch;
    mst_state_status status = write_names(state);
    for (uint32_t i = 0; status == MST_STATE_OK && i < batch->subject_count; i++) {
        if (i + AHEAD < batch->subject_count)
            state->store->type->expect_row(state->store, batch->subjects[i + AHEAD]->slot);
        status = write_subject(state, batch->subjects[i]);
    }
    if (status == MST_STATE_OK)
        status = write_changes(state);
    if (status == MST_STATE_OK)
        status = write_metas(state);
    return status;
}

mst_state_status mst_state_commit(mst_state *state)
{
    struct mst_state_batch *batch = &state->batch;
    uint64_t first = oldest_kept(state);
    assert(batch->is_open);
    mst_state_status status = write_batch(state);
    if (status != MST_STATE_OK) {
        mst_state_rollback(state);
        return status;
    }
    status = mst_state_from_store(state, state->store->type->commit(state->store));
    if (status == MST_STATE_OK) {
        state->names.kept_count = state->names.count;
        state->first_change = first;
        state->last_change += batch->change_count;
    }
    forget(batch);
    return status;
}

mst_state_status mst_state_probe(mst_state *state)
{
    mst_state_status status = mst_state_begin(state);
    if (status == MST_STATE_OK)
        status = mst_state_put_meta(state, "state.probe", (mst_text){"", 0});
    if (status == MST_STATE_OK)
        return mst_state_commit(state);
    mst_state_rollback(state);
    return status;
}
