/* SPDX-License-Identifier: Apache-2.0
 *
 * state.c - handles, and everything that reads. Writing is in state_batch.c. */
#include "state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state_parts.h"

/* ---- errors and memory ------------------------------------------------------------------- */

bool mst_state_may_pass(mst_state_status status)
{
    return status == MST_STATE_FULL || status == MST_STATE_READ_ONLY || status == MST_STATE_IO ||
           status == MST_STATE_BUSY || status == MST_STATE_MEMORY;
}

const char *mst_state_status_text(mst_state_status status)
{
    switch (status) {
    case MST_STATE_OK: return "no error";
    case MST_STATE_FULL: return "the disk is full";
    case MST_STATE_READ_ONLY: return "the file or its folder may not be written to";
    case MST_STATE_IO: return "the file cannot be read or written";
    case MST_STATE_BUSY: return "another process is using the file";
    case MST_STATE_CORRUPT: return "the file is damaged";
    case MST_STATE_NEWER: return "a newer version of Muster wrote the file";
    case MST_STATE_FOREIGN: return "the file is no state of Muster";
    case MST_STATE_NOT_FOUND: return "there is no such thing in the state";
    case MST_STATE_GONE: return "the history does not reach back that far";
    case MST_STATE_LIMIT: return "a limit is exceeded";
    case MST_STATE_MEMORY: return "out of memory";
    }
    return "unknown status";
}

mst_state_status mst_state_fail(mst_state *state, mst_state_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(state->why.text, sizeof state->why.text, format, args);
    va_end(args);
    return status;
}

mst_state_status mst_state_from_store(mst_state *state, mst_state_status status)
{
    if (status != MST_STATE_OK)
        state->why = state->store->why;
    return status;
}

const char *mst_state_message(const mst_state *state)
{
    return state->why.text;
}

void *mst_state_grow(void *list, uint32_t count, uint32_t *capacity, size_t element_size)
{
    if (count < *capacity)
        return list;
    uint32_t wanted = *capacity > 0 ? *capacity * 2 : 64;
    void *larger = realloc(list, wanted * element_size);
    if (larger)
        *capacity = wanted;
    return larger;
}

bool mst_state_make_room(void **list, uint32_t *capacity, uint32_t wanted, size_t element_size)
{
    if (wanted <= *capacity)
        return true;
    void *larger = malloc(wanted * element_size);
    if (!larger)
        return false;
    free(*list);
    *list = larger;
    *capacity = wanted;
    return true;
}

/* ---- handles ----------------------------------------------------------------------------- */

static mst_state_status open_store(mst_state *state)
{
    const mst_state_options *options = &state->options;
    if (options->subject_max == 0 || options->subject_max > MST_STATE_SLOT_MAX ||
        options->history_max == 0)
        return mst_state_fail(state, MST_STATE_LIMIT, "at least one subject and one change");
    mst_state_status status = options->path
                                  ? mst_state_sqlite_open(&state->store, options, &state->why)
                                  : mst_state_memory_open(&state->store);
    if (status == MST_STATE_OK)
        status = mst_state_names_load(state);
    if (status == MST_STATE_OK)
        status = mst_state_from_store(state, state->store->type->get_history(state->store,
                                                                             &state->first_change,
                                                                             &state->last_change));
    return status;
}

mst_state_status mst_state_open(mst_state **state, const mst_state_options *options,
                                mst_state_why *why)
{
    mst_state *opened = calloc(1, sizeof *opened);
    mst_state_status status = MST_STATE_MEMORY;
    *state = NULL;
    if (opened) {
        opened->options = *options;
        mst_state_fail(opened, status, "out of memory");
        status = open_store(opened);
    }
    if (status == MST_STATE_OK) {
        *state = opened;
        return status;
    }
    if (why && opened)
        *why = opened->why;
    else if (why)
        snprintf(why->text, sizeof why->text, "out of memory");
    mst_state_close(opened);
    return status;
}

void mst_state_close(mst_state *state)
{
    if (!state)
        return;
    mst_state_names_free(&state->names);
    mst_state_batch_free(&state->batch);
    free(state->groups);
    free(state->verdicts);
    if (state->store)
        state->store->type->close(state->store);
    free(state);
}

/* ---- subjects ---------------------------------------------------------------------------- */

mst_state_status mst_state_damaged_row(mst_state *state, const struct mst_state_row *row)
{
    return mst_state_fail(state, MST_STATE_CORRUPT, "what is kept in slot %u is damaged",
                          row->slot);
}

/* The largest name that a subject uses. */
static uint32_t last_name(const mst_state_group *groups, uint32_t group_count,
                          const mst_state_verdict *verdicts, uint32_t verdict_count)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < group_count; i++)
        last = groups[i].name > last ? groups[i].name : last;
    for (uint32_t i = 0; i < verdict_count; i++) {
        const mst_state_verdict *verdict = &verdicts[i];
        const uint32_t names[] = {verdict->name, verdict->outcome, verdict->check, verdict->rules};
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
            last = names[j] > last ? names[j] : last;
    }
    return last;
}

/* Another process may have written names since the handle read them. */
mst_state_status mst_state_read_row(mst_state *state, const struct mst_state_row *row,
                                    mst_state_group *groups, mst_state_verdict *verdicts)
{
    uint32_t group_count, verdict_count;
    if (!mst_state_row_count(row, &group_count, &verdict_count) ||
        !mst_state_row_read(row, groups, verdicts))
        return mst_state_damaged_row(state, row);
    uint32_t last = last_name(groups, group_count, verdicts, verdict_count);
    mst_state_status status = MST_STATE_OK;
    if (last >= state->names.count && state->options.is_read_only)
        status = mst_state_names_load(state);
    if (status == MST_STATE_OK && last >= state->names.count)
        status = mst_state_fail(state, MST_STATE_CORRUPT, "slot %u uses a name that is not there",
                                row->slot);
    return status;
}

static mst_state_status show_row(mst_state *state, const struct mst_state_row *row,
                                 mst_state_subject *subject)
{
    uint32_t group_count, verdict_count;
    if (!mst_state_row_count(row, &group_count, &verdict_count))
        return mst_state_damaged_row(state, row);
    void *groups = state->groups, *verdicts = state->verdicts;
    bool has_room =
        mst_state_make_room(&groups, &state->group_capacity, group_count, sizeof *state->groups);
    state->groups = groups;
    has_room = has_room && mst_state_make_room(&verdicts, &state->verdict_capacity, verdict_count,
                                               sizeof *state->verdicts);
    state->verdicts = verdicts;
    if (!has_room)
        return mst_state_fail(state, MST_STATE_MEMORY, "out of memory");
    *subject = (mst_state_subject){row->slot,     row->id,       group_count,
                                   verdict_count, state->groups, state->verdicts};
    return mst_state_read_row(state, row, state->groups, state->verdicts);
}

mst_state_status mst_state_scan(mst_state *state, uint32_t from, uint32_t max_count,
                                mst_state_visit *visit, void *context, uint32_t *next)
{
    const struct mst_state_store_type *type = state->store->type;
    mst_state_status status = mst_state_from_store(state, type->begin_rows(state->store, from));
    *next = from;
    while (status == MST_STATE_OK && max_count > 0) {
        struct mst_state_row row;
        mst_state_subject subject;
        status = mst_state_from_store(state, type->next_row(state->store, &row));
        if (status == MST_STATE_OK && row.slot >= state->options.subject_max)
            status = mst_state_fail(state, MST_STATE_LIMIT,
                                    "there is a subject in slot %u; the limit is %u subjects",
                                    row.slot, state->options.subject_max);
        if (status == MST_STATE_OK)
            status = show_row(state, &row, &subject);
        if (status != MST_STATE_OK)
            break;
        *next = row.slot + 1;
        max_count = visit(context, &subject) ? max_count - 1 : 0;
    }
    type->end_rows(state->store);
    if (status != MST_STATE_NOT_FOUND)
        return status;
    *next = MST_STATE_END;
    return MST_STATE_OK;
}

mst_state_status mst_state_read(mst_state *state, uint32_t slot, mst_state_subject *subject)
{
    const struct mst_state_pending *pending = mst_state_batch_find(state, slot);
    if (pending && pending->is_deleted)
        return mst_state_fail(state, MST_STATE_NOT_FOUND, "slot %u is empty", slot);
    if (pending) {
        *subject = (mst_state_subject){slot,
                                       pending->id,
                                       pending->group_count,
                                       pending->verdict_count,
                                       pending->groups,
                                       pending->verdicts};
        return MST_STATE_OK;
    }
    struct mst_state_row row;
    mst_state_status status = state->store->type->get_row(state->store, slot, &row);
    if (status == MST_STATE_NOT_FOUND)
        return mst_state_fail(state, status, "slot %u is empty", slot);
    if (status != MST_STATE_OK)
        return mst_state_from_store(state, status);
    return show_row(state, &row, subject);
}

mst_state_status mst_state_get_meta(mst_state *state, const char *key, mst_text *value)
{
    mst_text name = {key, (uint32_t)strlen(key)};
    mst_state_status status = state->store->type->get_meta(state->store, name, value);
    if (status == MST_STATE_NOT_FOUND)
        return mst_state_fail(state, status, "nothing is kept under '%s'", key);
    return mst_state_from_store(state, status);
}

/* ---- changes ----------------------------------------------------------------------------- */

mst_state_status mst_state_history(mst_state *state, uint64_t *first, uint64_t *last)
{
    if (state->options.is_read_only)
        return mst_state_from_store(state,
                                    state->store->type->get_history(state->store, first, last));
    *first = state->first_change;
    *last = state->last_change;
    return MST_STATE_OK;
}

static mst_state_status gone(mst_state *state, uint64_t after)
{
    return mst_state_fail(state, MST_STATE_GONE,
                          "what follows change %llu is not in the history any more",
                          (unsigned long long)after);
}

static mst_state_status show_changes(mst_state *state, uint64_t after, uint32_t max_count,
                                     mst_state_visit_change *visit, void *context)
{
    const struct mst_state_store_type *type = state->store->type;
    mst_state_status status =
        mst_state_from_store(state, type->begin_changes(state->store, after + 1));
    while (status == MST_STATE_OK && max_count > 0) {
        uint64_t sequence;
        mst_text event;
        status = mst_state_from_store(state, type->next_change(state->store, &sequence, &event));
        if (status != MST_STATE_OK)
            break;
        if (sequence != after + 1) {
            status = gone(state, after); /* trimmed by another process, just now */
            break;
        }
        after = sequence;
        max_count = visit(context, sequence, event) ? max_count - 1 : 0;
    }
    type->end_changes(state->store);
    return status == MST_STATE_NOT_FOUND ? MST_STATE_OK : status;
}

mst_state_status mst_state_read_changes(mst_state *state, uint64_t after, uint32_t max_count,
                                        mst_state_visit_change *visit, void *context)
{
    uint64_t first, last;
    mst_state_status status = mst_state_history(state, &first, &last);
    if (status != MST_STATE_OK)
        return status;
    if (after > last || after + 1 < first)
        return gone(state, after);
    return after == last ? MST_STATE_OK : show_changes(state, after, max_count, visit, context);
}
