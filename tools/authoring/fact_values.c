/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_values.c - facts taken out of a vm, put back, changed and written as literals. */
#include "fact_values.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define MEMBER_MASK 0xffff /* of an enum's word: the number of the member */

/* ---- which facts --------------------------------------------------------------------------- */

static bool stands_alone(const mst_fact_info *info)
{
    return info->parent == MST_INDEX_NONE && info->type != MST_TYPE_LIST &&
           info->type != MST_TYPE_RECORD;
}

static uint32_t count_members(const mst_image *image, const mst_fact_info *info)
{
    mst_enum_info members = MST_ENUM_INFO_INIT;
    return info->type == MST_TYPE_ENUM &&
                   mst_enum_info_at(image, info->enum_index, &members) == MST_OK
               ? members.member_count
               : 0;
}

static void add_fact(struct mst_facts *facts, const mst_site *site)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    if (mst_fact_info_at(facts->image, site->index, &info) != MST_OK || !stands_alone(&info) ||
        site->index == mst_image_subject(facts->image))
        return;
    for (size_t i = 0; i < facts->count; i++)
        if (facts->list[i].info.slot == info.slot)
            return;
    struct mst_facts_fact *fact = MST_MEMORY_ADD(facts->list, facts->count);
    fact->info = info;
    fact->type_code = site->type_code;
    fact->members = count_members(facts->image, &info);
}

void mst_facts_init(struct mst_facts *facts, const mst_image *image,
                    const struct mst_follow *follow)
{
    *facts = (struct mst_facts){.image = image};
    for (uint32_t i = 0; i < follow->count; i++)
        if (follow->sites[i].kind == MST_SITE_FACT)
            add_fact(facts, &follow->sites[i]);
}

void mst_facts_free(struct mst_facts *facts)
{
    free(facts->list);
}

#define MAX_DEPTH 16 /* lets that read lets */

static void mark(const struct mst_facts *facts, mst_text name, bool *is_read)
{
    for (size_t i = 0; i < facts->count; i++) {
        mst_text other = facts->list[i].info.name;
        if (other.len == name.len && memcmp(other.ptr, name.ptr, name.len) == 0)
            is_read[i] = true;
    }
}

static void mark_below(const struct mst_facts *facts, const struct mst_follow *follow,
                       uint32_t root, bool *is_read, unsigned depth)
{
    for (uint32_t i = root; i < follow->count && depth < MAX_DEPTH; i++) {
        const mst_site *site = &follow->sites[i];
        if (i != root && site->parent == MST_INDEX_NONE)
            break;
        if (site->kind == MST_SITE_FACT)
            mark(facts, site->name, is_read);
        if (site->target != MST_INDEX_NONE)
            mark_below(facts, follow, site->target, is_read, depth + 1);
    }
}

void mst_facts_below(const struct mst_facts *facts, const struct mst_follow *follow, uint32_t site,
                     bool *is_read)
{
    mark_below(facts, follow, site, is_read, 0);
}

/* ---- values -------------------------------------------------------------------------------- */

static bool is_other(const struct mst_facts_fact *fact, int64_t word)
{
    return fact->info.type == MST_TYPE_ENUM && (word & MEMBER_MASK) == fact->members;
}

struct mst_facts_value mst_facts_take(const struct mst_facts *facts, size_t i, const mst_vm *vm)
{
    const struct mst_facts_fact *fact = &facts->list[i];
    struct mst_facts_value value = {MST_FACTS_MISSING, 0, NULL};
    mst_watched watched = MST_WATCHED_INIT;
    if (mst_watch_value(vm, fact->info.slot, &watched) != MST_OK)
        return value;
    if (!watched.known) {
        bool is_invalid = (watched.causes >> MST_CAUSE_INVALID & 1) != 0;
        value.known = is_invalid ? MST_FACTS_INVALID : MST_FACTS_MISSING;
        return value;
    }
    value.known = MST_FACTS_KNOWN;
    value.word = watched.word;
    if (fact->info.type == MST_TYPE_ENUM)
        value.word &= MEMBER_MASK;
    if (fact->info.type == MST_TYPE_TEXT)
        value.word = 0;
    if (fact->info.type == MST_TYPE_TEXT || is_other(fact, value.word))
        value.text = mst_memory_text(mst_fact_text_of(vm, fact->info.slot));
    return value;
}

static void put_word(mst_vm *vm, const struct mst_facts_fact *fact,
                     const struct mst_facts_value *value)
{
    mst_slot slot = fact->info.slot;
    switch (fact->info.type) {
    case MST_TYPE_BOOL: (void)mst_fact_bool(vm, slot, value->word != 0); break;
    case MST_TYPE_INT: (void)mst_fact_int(vm, slot, value->word); break;
    case MST_TYPE_VERSION: (void)mst_fact_version(vm, slot, (uint64_t)value->word); break;
    case MST_TYPE_DATE: (void)mst_fact_date(vm, slot, value->word); break;
    case MST_TYPE_MONTH: (void)mst_fact_month(vm, slot, value->word); break;
    case MST_TYPE_DURATION: (void)mst_fact_duration(vm, slot, value->word); break;
    case MST_TYPE_TIME: (void)mst_fact_time(vm, slot, value->word); break;
    case MST_TYPE_ENUM: (void)mst_fact_enum(vm, slot, (uint32_t)value->word); break;
    default: break;
    }
}

void mst_facts_put(const struct mst_facts *facts, size_t i, mst_vm *vm,
                   const struct mst_facts_value *value)
{
    const struct mst_facts_fact *fact = &facts->list[i];
    mst_slot slot = fact->info.slot;
    if (value->known == MST_FACTS_MISSING)
        (void)mst_fact_missing(vm, slot);
    else if (value->known == MST_FACTS_INVALID)
        (void)mst_fact_invalid(vm, slot);
    else if (fact->info.type == MST_TYPE_TEXT)
        (void)mst_fact_text(vm, slot, value->text, strlen(value->text));
    else if (is_other(fact, value->word) && value->text != NULL)
        (void)mst_fact_other(vm, slot, value->text, strlen(value->text));
    else
        put_word(vm, fact, value);
}

struct mst_facts_value mst_facts_copy(const struct mst_facts_value *value)
{
    struct mst_facts_value copy = *value;
    if (value->text != NULL)
        copy.text = mst_memory_copy(value->text, strlen(value->text));
    return copy;
}

void mst_facts_drop(struct mst_facts_value *value)
{
    free(value->text);
    value->text = NULL;
}

bool mst_facts_is_equal(const struct mst_facts_value *a, const struct mst_facts_value *b)
{
    if (a->known != b->known || (a->text == NULL) != (b->text == NULL))
        return false;
    return a->known != MST_FACTS_KNOWN ||
           (a->word == b->word && (a->text == NULL || strcmp(a->text, b->text) == 0));
}

/* ---- literals ------------------------------------------------------------------------------ */

/* A text as the language writes it: quotes and braces are doubled. */
static char *quote(const char *text)
{
    char *quoted = mst_memory_resize(NULL, 2 * strlen(text) + 3);
    size_t len = 0;
    quoted[len++] = '"';
    for (; *text != '\0'; text++) {
        if (strchr("\"{}", *text) != NULL)
            quoted[len++] = *text;
        quoted[len++] = *text;
    }
    quoted[len++] = '"';
    quoted[len] = '\0';
    return quoted;
}

char *mst_facts_literal(const struct mst_facts *facts, size_t i, mst_vm *vm,
                        const struct mst_facts_value *value)
{
    const struct mst_facts_fact *fact = &facts->list[i];
    char buffer[128];
    size_t len = 0;
    if (value->known == MST_FACTS_MISSING)
        return mst_memory_copy("unknown", 7);
    if (value->known == MST_FACTS_INVALID)
        return mst_memory_format("raw \"\"\"?\"\"\"");
    if (fact->info.type == MST_TYPE_TEXT)
        return quote(value->text);
    if (is_other(fact, value->word))
        return mst_memory_format("raw \"\"\"%s\"\"\"", value->text != NULL ? value->text : "?");
    if (fact->info.type == MST_TYPE_ENUM)
        return mst_memory_text(
            mst_enum_member(facts->image, fact->info.enum_index, (uint32_t)value->word));
    struct mst_facts_value before = mst_facts_take(facts, i, vm);
    put_word(vm, fact, value);
    (void)mst_watch_render(vm, fact->info.slot, fact->type_code, buffer, sizeof buffer, &len);
    mst_facts_put(facts, i, vm, &before);
    return mst_memory_copy(buffer, len < sizeof buffer ? len : sizeof buffer);
}
