/* SPDX-License-Identifier: Apache-2.0
 *
 * lookahead.c - four steps for each record, two records apart: its text, its place in the table of
 * ids, its subject, the subject's id. */
#include "lookahead.h"

#include <string.h>

#define RECORD_AHEAD 8
#define INDEX_AHEAD 6
#define SUBJECT_AHEAD 4
#define ID_AHEAD 2
#define ID_MAX_BYTES 128 /* a longer one is not worth it */

void mst_lookahead_begin(struct mst_lookahead *ahead)
{
    ahead->like = NULL;
    memset(ahead->is_guessed, 0, sizeof ahead->is_guessed);
}

void mst_lookahead_note(struct mst_lookahead *ahead, const char *record, size_t len, mst_text id)
{
    bool is_inside = (uintptr_t)id.ptr - (uintptr_t)record < len; /* else it had escapes */
    ahead->like = is_inside ? record : NULL;
    ahead->id_at = is_inside ? (size_t)(id.ptr - record) : 0;
}

/* False: there is nothing to be guessed. */
static bool guess_id(const struct mst_lookahead *ahead, const struct mst_batch *batch, uint32_t i,
                     mst_text *id)
{
    if (!ahead->like || i >= batch->count)
        return false;
    const struct mst_entry *entry = &batch->entries[i];
    const char *record = batch->in + entry->offset;
    if (entry->note || entry->is_bad || entry->len <= ahead->id_at ||
        memcmp(record, ahead->like, ahead->id_at) != 0)
        return false;
    size_t room = entry->len - ahead->id_at;
    id->ptr = record + ahead->id_at;
    const char *end = memchr(id->ptr, '"', room < ID_MAX_BYTES ? room : ID_MAX_BYTES);
    id->len = end ? (uint32_t)(end - id->ptr) : 0;
    return end != NULL;
}

static bool take(struct mst_lookahead *ahead, uint32_t i, uint32_t *place)
{
    *place = i % MST_LOOKAHEAD_RING;
    return ahead->is_guessed[*place];
}

void mst_lookahead_step(struct mst_lookahead *ahead, const struct mst_batch *batch, uint32_t i,
                        const mst_roster *roster)
{
    uint32_t place = (i + INDEX_AHEAD) % MST_LOOKAHEAD_RING;
    mst_text id;
    /* Another thread has written the record: it lies in another processor's cache. */
    if (i + RECORD_AHEAD < batch->count)
        __builtin_prefetch(batch->in + batch->entries[i + RECORD_AHEAD].offset);
    ahead->is_guessed[place] = guess_id(ahead, batch, i + INDEX_AHEAD, &id);
    if (ahead->is_guessed[place])
        ahead->hashes[place] = mst_roster_expect(roster, id.ptr, id.len);
    if (take(ahead, i + SUBJECT_AHEAD, &place)) {
        ahead->slots[place] = mst_roster_expect_subject(roster, ahead->hashes[place]);
        ahead->is_guessed[place] = ahead->slots[place] != MST_ROSTER_NONE;
    }
    if (take(ahead, i + ID_AHEAD, &place))
        mst_roster_expect_id(roster, ahead->slots[place]);
}
