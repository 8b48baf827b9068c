/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_pool.c - values worth trying for a fact: those that the rules name or come to, and their
 * neighbours, since that is where rules turn. */
#include <stdlib.h>
#include <string.h>

#include "fact_values.h"
#include "memory.h"

#define MAX_WORDS 64 /* of a type */
#define MAX_TEXTS 32
#define MAX_KEYS 16 /* of a table: of more the first ones */
#define MAX_PART 65535
#define MAX_BASES 3 /* versions that are combined with numbers; those of the rules come first */

/* ---- the pool ------------------------------------------------------------------------------ */

void mst_facts_pool_add(struct mst_facts_pool *pool, uint32_t type_code, int64_t word)
{
    if (type_code > MST_TYPE_TIME || type_code == MST_TYPE_BOOL || type_code == MST_TYPE_TEXT)
        return;
    size_t *count = &pool->counts[type_code];
    for (size_t i = 0; i < *count; i++)
        if (pool->words[type_code][i] == word)
            return;
    if (*count < MAX_WORDS)
        *MST_MEMORY_ADD(pool->words[type_code], *count) = word;
}

/* A number or version as written; other literals come to the pool when they are evaluated. */
static void add_written(struct mst_facts_pool *pool, uint32_t type_code, mst_text written)
{
    uint64_t parts[4] = {0, 0, 0, 0};
    uint32_t part = 0;
    for (uint32_t i = 0; i < written.len; i++) {
        char c = written.ptr[i];
        if (c == '.' && part < 3)
            part++;
        else if (c >= '0' && c <= '9' && parts[part] < (uint64_t)INT64_MAX / 20)
            parts[part] = parts[part] * 10 + (uint64_t)(c - '0');
        else
            return;
    }
    if (type_code == MST_TYPE_INT && part == 0)
        mst_facts_pool_add(pool, MST_TYPE_INT, (int64_t)parts[0]);
    else if (type_code == MST_TYPE_VERSION)
        mst_facts_pool_add(pool, MST_TYPE_VERSION,
                           (int64_t)MST_VERSION(parts[0] & MAX_PART, parts[1] & MAX_PART,
                                                parts[2] & MAX_PART, parts[3] & MAX_PART));
}

static void add_text(struct mst_facts_pool *pool, mst_text written)
{
    if (pool->text_count >= MAX_TEXTS || written.len < 2 || written.ptr[0] != '"' ||
        memchr(written.ptr, '{', written.len) != NULL ||
        memchr(written.ptr + 1, '"', written.len - 2) != NULL)
        return;
    for (size_t i = 0; i < pool->text_count; i++)
        if (strlen(pool->texts[i]) == written.len - 2 &&
            memcmp(pool->texts[i], written.ptr + 1, written.len - 2) == 0)
            return;
    *MST_MEMORY_ADD(pool->texts, pool->text_count) =
        mst_memory_copy(written.ptr + 1, written.len - 2);
}

void mst_facts_pool_init(struct mst_facts_pool *pool, const struct mst_follow *follow)
{
    *pool = (struct mst_facts_pool){.texts = NULL};
    for (uint32_t i = 0; i < follow->count; i++) {
        const mst_site *site = &follow->sites[i];
        if (site->kind != MST_SITE_LITERAL && site->kind != MST_SITE_ELEMENT)
            continue;
        if (site->type_code == MST_TYPE_TEXT)
            add_text(pool, site->text);
        else if (site->text.len > 0)
            add_written(pool, site->type_code, site->text);
    }
}

static void add_key(struct mst_facts_pool *pool, const char *type, const char *key)
{
    mst_text written = {key, (uint32_t)strlen(key)};
    if (strcmp(type, "key int") == 0)
        add_written(pool, MST_TYPE_INT, written);
    else if (strcmp(type, "key version") == 0)
        add_written(pool, MST_TYPE_VERSION, written);
    else if (strcmp(type, "key text") == 0)
        add_text(pool, written);
}

void mst_facts_pool_add_keys(struct mst_facts_pool *pool, const mst_compilation *compilation)
{
    mst_outline node = MST_OUTLINE_INIT;
    const char *type = "";
    size_t left = 0;
    for (size_t i = 0; mst_outline_at(compilation, i, &node) == MST_OK; i++) {
        if (node.kind == MST_OUTLINE_TABLE) {
            type = "";
            left = MAX_KEYS;
        } else if (node.kind == MST_OUTLINE_COLUMN && strncmp(node.type, "key ", 4) == 0) {
            type = node.type;
        } else if (node.kind == MST_OUTLINE_ROW && node.name != NULL && left > 0) {
            add_key(pool, type, node.name);
            left--;
        }
    }
}

void mst_facts_pool_free(struct mst_facts_pool *pool)
{
    for (size_t type = 0; type <= MST_TYPE_TIME; type++)
        free(pool->words[type]);
    for (size_t i = 0; i < pool->text_count; i++)
        free(pool->texts[i]);
    free(pool->texts);
}

/* ---- candidates ---------------------------------------------------------------------------- */

struct candidates {
    struct mst_facts_value *list;
    size_t count;
    const struct mst_facts_value *now;
};

static void add(struct candidates *c, enum mst_facts_known known, int64_t word, const char *text)
{
    struct mst_facts_value value = {known, word, (char *)(uintptr_t)text};
    if (mst_facts_is_equal(&value, c->now))
        return;
    for (size_t i = 0; i < c->count; i++)
        if (mst_facts_is_equal(&value, &c->list[i]))
            return;
    *MST_MEMORY_ADD(c->list, c->count) = mst_facts_copy(&value);
}

/* A value, then its neighbours. */
static void add_near(struct candidates *c, int64_t word, int64_t step)
{
    add(c, MST_FACTS_KNOWN, word, NULL);
    if (word < INT64_MAX - step)
        add(c, MST_FACTS_KNOWN, word + step, NULL);
    if (word > INT64_MIN + step)
        add(c, MST_FACTS_KNOWN, word - step, NULL);
}

/* Rules look at parts of versions: a version with one part set to a number of the pool. */
static void add_parts(struct candidates *c, const struct mst_facts_pool *pool, uint64_t version)
{
    for (size_t i = 0; i < pool->counts[MST_TYPE_INT]; i++)
        for (int64_t near = -1; near <= 1; near++)
            for (unsigned shift = 0; shift < 64; shift += 16) {
                int64_t number = pool->words[MST_TYPE_INT][i] + near;
                uint64_t others = version & ~((uint64_t)MAX_PART << shift);
                if (number > 4 && number <= MAX_PART)
                    add(c, MST_FACTS_KNOWN, (int64_t)(others | (uint64_t)number << shift), NULL);
            }
}

struct mst_facts_value *mst_facts_candidates(const struct mst_facts *facts, size_t i,
                                             const struct mst_facts_pool *pool,
                                             const struct mst_facts_value *now, size_t *count)
{
    const struct mst_facts_fact *fact = &facts->list[i];
    mst_type type = fact->info.type;
    struct candidates c = {NULL, 0, now};
    if (type == MST_TYPE_BOOL) {
        add(&c, MST_FACTS_KNOWN, 1, NULL);
        add(&c, MST_FACTS_KNOWN, 0, NULL);
    } else if (type == MST_TYPE_ENUM) {
        for (uint32_t member = 0; member < fact->members; member++)
            add(&c, MST_FACTS_KNOWN, member, NULL);
        add(&c, MST_FACTS_KNOWN, fact->members, "Unlisted");
    } else if (type == MST_TYPE_TEXT) {
        for (size_t t = 0; t < pool->text_count; t++)
            add(&c, MST_FACTS_KNOWN, 0, pool->texts[t]);
    } else if (type <= MST_TYPE_TIME) {
        /* a version's neighbours differ in the second part: rules have two most often */
        int64_t step = type == MST_TYPE_VERSION ? (int64_t)1 << 32 : 1;
        for (size_t w = 0; w < pool->counts[type]; w++)
            add_near(&c, pool->words[type][w], step);
        if (type == MST_TYPE_VERSION && now->known == MST_FACTS_KNOWN)
            add_parts(&c, pool, (uint64_t)now->word);
        for (size_t w = 0; type == MST_TYPE_VERSION && w < pool->counts[type] && w < MAX_BASES; w++)
            add_parts(&c, pool, (uint64_t)pool->words[type][w]);
    }
    add(&c, MST_FACTS_MISSING, 0, NULL);
    *count = c.count;
    return c.list;
}
