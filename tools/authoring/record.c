/* SPDX-License-Identifier: Apache-2.0
 *
 * record.c - the values of an evaluation, written down. */
#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define MAX_READ 24  /* names: more than that nobody reads */
#define MAX_DEPTH 16 /* lets that read lets */

void mst_record_init(struct mst_record *record, struct mst_follow *follow)
{
    record->follow = follow;
    record->values = mst_memory_zero(follow->count * sizeof *record->values);
}

void mst_record_clear(struct mst_record *record)
{
    for (uint32_t i = 0; i < record->follow->count; i++) {
        free(record->values[i].text);
        record->values[i] = (struct mst_record_value){.state = MST_RECORD_UNREAD};
    }
}

void mst_record_free(struct mst_record *record)
{
    mst_record_clear(record);
    free(record->values);
}

static char *render(mst_vm *vm, const mst_site *site)
{
    char buffer[256];
    size_t len = 0;
    mst_status status =
        mst_watch_render(vm, site->slot, site->type_code, buffer, sizeof buffer, &len);
    if (status == MST_OK)
        return mst_memory_copy(buffer, len);
    if (status != MST_ERR_SPACE)
        return mst_memory_copy("", 0);
    char *text = mst_memory_resize(NULL, len + 1);
    mst_watch_render(vm, site->slot, site->type_code, text, len, &len);
    text[len] = '\0';
    return text;
}

void mst_record_done(void *context, mst_vm *vm, uint32_t i)
{
    struct mst_record *record = context;
    const mst_site *site = &record->follow->sites[i];
    struct mst_record_value *value = &record->values[i];
    mst_watched watched = MST_WATCHED_INIT;
    free(value->text);
    *value = (struct mst_record_value){.state = MST_RECORD_KNOWN};
    if (site->type_code == 0 || mst_watch_value(vm, site->slot, &watched) != MST_OK) {
        value->text = mst_memory_copy("", 0);
        return;
    }
    value->state = watched.known ? MST_RECORD_KNOWN : MST_RECORD_UNKNOWN;
    value->causes = watched.causes;
    value->word = watched.word;
    value->text = render(vm, site);
}

void mst_record_verdict(struct mst_record *record, mst_vm *vm, uint32_t verdict, int64_t at,
                        mst_verdict *found)
{
    mst_record_clear(record);
    mst_follow_begin(record->follow, vm, mst_record_done, record);
    (void)mst_eval(vm, verdict, at, found);
    mst_follow_end(vm);
}

/* ---- finding ------------------------------------------------------------------------------- */

uint32_t mst_record_find(const struct mst_record *record, mst_site_kind kind, uint32_t verdict,
                         uint32_t number)
{
    for (uint32_t i = 0; i < record->follow->count; i++) {
        const mst_site *site = &record->follow->sites[i];
        if (site->kind == kind && site->index == verdict && site->number == number &&
            site->first != MST_INDEX_NONE)
            return i;
    }
    return MST_INDEX_NONE;
}

uint32_t mst_record_last_case(const struct mst_record *record, uint32_t verdict)
{
    uint32_t last = MST_INDEX_NONE;
    for (uint32_t i = 0; i < record->follow->count; i++) {
        const mst_site *site = &record->follow->sites[i];
        if (site->kind == MST_SITE_CASE && site->index == verdict &&
            record->values[i].state != MST_RECORD_UNREAD)
            last = i;
    }
    return last;
}

/* ---- what was read ------------------------------------------------------------------------- */

static bool is_listed(const mst_author_value *list, size_t count, mst_text name)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i].name) == name.len && memcmp(list[i].name, name.ptr, name.len) == 0)
            return true;
    return false;
}

static void add_read(const struct mst_record *record, uint32_t i, mst_author_value **list,
                     size_t *count)
{
    static const char *const causes[] = {"missing", "invalid", "stale", "undecided", "fault"};
    const mst_site *site = &record->follow->sites[i];
    const struct mst_record_value *value = &record->values[i];
    mst_text name = site->kind == MST_SITE_FACT ? site->name : site->text;
    if (*count >= MAX_READ || is_listed(*list, *count, name))
        return;
    mst_author_value *added = MST_MEMORY_ADD(*list, *count);
    added->name = mst_memory_text(name);
    for (uint32_t kind = 0; value->state == MST_RECORD_UNKNOWN && kind < 5; kind++)
        if ((value->causes >> kind & 1) != 0 && added->value == NULL)
            added->value = mst_memory_format("unknown (%s)", causes[kind]);
    if (added->value == NULL)
        added->value = mst_memory_copy(value->text, strlen(value->text));
}

static bool is_read(const struct mst_record *record, uint32_t i)
{
    const mst_site *site = &record->follow->sites[i];
    if (record->values[i].state == MST_RECORD_UNREAD || site->type_code == 0)
        return false;
    return site->kind == MST_SITE_FACT || site->kind == MST_SITE_PART ||
           site->kind == MST_SITE_LET || site->kind == MST_SITE_NOW ||
           site->kind == MST_SITE_VERDICT;
}

static void read_below(const struct mst_record *record, uint32_t root, mst_author_value **list,
                       size_t *count, unsigned depth)
{
    const struct mst_follow *follow = record->follow;
    for (uint32_t i = root; i < follow->count && depth < MAX_DEPTH; i++) {
        if (i != root && follow->sites[i].parent == MST_INDEX_NONE)
            break; /* another block */
        if (!mst_follow_is_within(follow, i, root))
            continue;
        if (is_read(record, i))
            add_read(record, i, list, count);
        uint32_t target = follow->sites[i].target;
        if (target != MST_INDEX_NONE && record->values[i].state != MST_RECORD_UNREAD)
            read_below(record, target, list, count, depth + 1);
    }
}

void mst_record_read(const struct mst_record *record, uint32_t site, bool deeply,
                     mst_author_value **list, size_t *count)
{
    if (site != MST_INDEX_NONE)
        read_below(record, site, list, count, deeply ? 0 : MAX_DEPTH - 1);
}
