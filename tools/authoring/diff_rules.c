/* SPDX-License-Identifier: Apache-2.0
 *
 * diff_rules.c - compares two trees of nodes. The parts of two nodes are paired in passes: those
 * that say the same, wherever they stand; then those of one name; then those that are left, by
 * what they are. Pairs are found by sorting, so that tables of many rows cost little. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "muster/diff.h"

#define UNPAIRED SIZE_MAX

/* A part of a node, on one of the two sides. */
struct part {
    const mst_outline *node;
    size_t node_count; /* with all that belongs to it */
    uint64_t said;     /* hash of all of it */
    size_t other;      /* its partner on the other side */
};

struct parts {
    struct part *list;
    size_t count;
};

struct comparison {
    mst_diff *diff;
    const mst_outline *path[MST_CHANGE_MAX_DEPTH];
};

const char *mst_diff_word(mst_outline_kind kind)
{
    static const char *const words[] = {
        "module", "import",  "enum",     "member", "record", "facts",     "fact",    "subject",
        "set",    "param",   "table",    "column", "row",    "cell",      "let",     "def",
        "policy", "outcome", "include",  "check",  "advise", "undecided", "require", "reason",
        "remedy", "cite",    "decision", "case",   "field",  "because"};
    return (size_t)kind < sizeof words / sizeof *words ? words[kind] : "";
}

/* ---- hashes ------------------------------------------------------------------------------ */

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    return (hash ^ (text != NULL ? 0x100u : 0x101u)) * UINT64_C(0x100000001b3);
}

static uint64_t hash_node(uint64_t hash, const mst_outline *node)
{
    hash = (hash ^ (uint64_t)node->kind) * UINT64_C(0x100000001b3);
    hash = (hash ^ node->depth) * UINT64_C(0x100000001b3);
    hash = hash_text(hash, node->name);
    hash = hash_text(hash, node->title);
    hash = hash_text(hash, node->type);
    hash = hash_text(hash, node->text);
    return hash_text(hash, node->path);
}

/* ---- parts ------------------------------------------------------------------------------- */

static size_t count_nodes(const mst_outline *node, const mst_outline *end)
{
    size_t count = 1;
    while (node + count < end && node[count].depth > node->depth)
        count++;
    return count;
}

/* The nodes between two that stand at `depth`, imports left out: what they bring is compared. */
static struct parts list_parts(const mst_outline *node, const mst_outline *end)
{
    struct parts parts = {NULL, 0};
    for (size_t count; node < end; node += count) {
        count = count_nodes(node, end);
        if (node->kind == MST_OUTLINE_IMPORT)
            continue;
        struct part *part = MST_MEMORY_ADD(parts.list, parts.count);
        *part = (struct part){node, count, HASH_BEGIN, UNPAIRED};
        for (size_t i = 0; i < count; i++)
            part->said = hash_node(part->said, &node[i]);
    }
    return parts;
}

/* ---- pairing ----------------------------------------------------------------------------- */

struct key {
    uint64_t hash;
    size_t number;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* What two parts must have in common in a pass; false: none of this pass. */
typedef bool find_key(const struct part *part, uint64_t *key);

static bool key_of_all(const struct part *part, uint64_t *key)
{
    *key = part->said;
    return true;
}

static bool key_of_name(const struct part *part, uint64_t *key)
{
    *key = hash_text(HASH_BEGIN ^ (uint64_t)part->node->kind, part->node->name);
    return part->node->name != NULL;
}

/* Of a case whose outcome has another name now, or a clause without a name. */
static bool key_of_condition(const struct part *part, uint64_t *key)
{
    *key = hash_text(HASH_BEGIN ^ (uint64_t)part->node->kind, part->node->text);
    return part->node->kind == MST_OUTLINE_CASE || part->node->kind == MST_OUTLINE_UNDECIDED;
}

static bool key_of_kind(const struct part *part, uint64_t *key)
{
    *key = (uint64_t)part->node->kind;
    return part->node->name == NULL && part->node->kind != MST_OUTLINE_ROW;
}

static struct key *list_keys(const struct parts *parts, find_key *find, size_t *count)
{
    struct key *keys = mst_memory_resize(NULL, parts->count * sizeof *keys);
    *count = 0;
    for (size_t i = 0; i < parts->count; i++) {
        if (parts->list[i].other != UNPAIRED || !find(&parts->list[i], &keys[*count].hash))
            continue;
        keys[(*count)++].number = i;
    }
    qsort(keys, *count, sizeof *keys, compare_keys);
    return keys;
}

static void pair(struct parts *before, struct parts *after, find_key *find)
{
    size_t before_count, after_count;
    struct key *a = list_keys(before, find, &before_count);
    struct key *b = list_keys(after, find, &after_count);
    for (size_t i = 0, j = 0; i < before_count && j < after_count;) {
        if (a[i].hash == b[j].hash) {
            before->list[a[i].number].other = b[j].number;
            after->list[b[j].number].other = a[i].number;
        }
        size_t was = i;
        i += a[i].hash <= b[j].hash;
        j += a[was].hash >= b[j].hash;
    }
    free(a);
    free(b);
}

static void pair_all(struct parts *before, struct parts *after)
{
    static find_key *const passes[] = {key_of_all, key_of_name, key_of_condition, key_of_kind};
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
        pair(before, after, passes[i]);
}

/* ---- changes ----------------------------------------------------------------------------- */

static mst_change *add_change(struct comparison *c, mst_change_kind kind, const mst_outline *node)
{
    mst_change *change = MST_MEMORY_ADD(c->diff->changes, c->diff->count);
    memcpy(change->path, c->path, sizeof c->path);
    change->kind = kind;
    change->depth = node->depth;
    change->path[node->depth] = node;
    return change;
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void compare_texts(struct comparison *c, const mst_outline *node, const char *what,
                          const char *before, const char *after)
{
    if (is_same(before, after))
        return;
    mst_change *change = add_change(c, MST_CHANGE_ALTERED, node);
    change->what = what;
    change->before = before;
    change->after = after;
}

/* What the texts of a node are, in the words of the language. */
static const char *name_text(mst_outline_kind kind)
{
    switch (kind) {
    case MST_OUTLINE_MODULE: return "version";
    case MST_OUTLINE_MEMBER: return "spellings";
    case MST_OUTLINE_FACT: return "default";
    case MST_OUTLINE_INCLUDE: return "except";
    case MST_OUTLINE_CHECK:
    case MST_OUTLINE_ADVISE:
    case MST_OUTLINE_CASE: return "when";
    case MST_OUTLINE_FACTS: return "staleness";
    default: return "text";
    }
}

static const char *name_title(mst_outline_kind kind)
{
    switch (kind) {
    case MST_OUTLINE_OUTCOME:
    case MST_OUTLINE_CASE: return "label";
    case MST_OUTLINE_UNDECIDED: return "because";
    case MST_OUTLINE_FACT:
    case MST_OUTLINE_FACTS:
    case MST_OUTLINE_PARAM:
    case MST_OUTLINE_MODULE: return "description";
    case MST_OUTLINE_POLICY:
    case MST_OUTLINE_DECISION:
    case MST_OUTLINE_CHECK:
    case MST_OUTLINE_ADVISE: return "title";
    default: return "text";
    }
}

static void compare_parts(struct comparison *c, const mst_outline *before, size_t before_count,
                          const mst_outline *after, size_t after_count);

static void compare_nodes(struct comparison *c, const struct part *before, const struct part *after)
{
    const mst_outline *a = before->node, *b = after->node;
    if (before->said == after->said)
        return;
    c->path[b->depth] = b;
    compare_texts(c, b, "name", a->name, b->name);
    compare_texts(c, b, name_title(b->kind), a->title, b->title);
    compare_texts(c, b, "type", a->type, b->type);
    compare_texts(c, b, b->kind == MST_OUTLINE_TABLE ? "csv" : "path", a->path, b->path);
    compare_texts(c, b, name_text(b->kind), a->text, b->text);
    compare_parts(c, a + 1, before->node_count - 1, b + 1, after->node_count - 1);
}

/* ---- order ------------------------------------------------------------------------------- */

static bool is_ordered(mst_outline_kind kind)
{
    return kind == MST_OUTLINE_CHECK || kind == MST_OUTLINE_INCLUDE || kind == MST_OUTLINE_CASE;
}

/* Marks the longest run of pairs whose order is the same on both sides: the others have moved. */
static bool *find_kept(const struct parts *after)
{
    size_t *length = mst_memory_zero((after->count + 1) * sizeof *length);
    size_t *previous = mst_memory_zero((after->count + 1) * sizeof *previous);
    bool *kept = mst_memory_zero(after->count + 1);
    size_t best = UNPAIRED;
    for (size_t i = 0; i < after->count; i++) {
        const struct part *part = &after->list[i];
        previous[i] = UNPAIRED;
        if (part->other == UNPAIRED || !is_ordered(part->node->kind))
            continue;
        length[i] = 1;
        for (size_t j = 0; j < i; j++) {
            if (length[j] == 0 || after->list[j].other > part->other || length[j] < length[i])
                continue;
            length[i] = length[j] + 1;
            previous[i] = j;
        }
        if (best == UNPAIRED || length[i] > length[best])
            best = i;
    }
    for (; best != UNPAIRED; best = previous[best])
        kept[best] = true;
    free(length);
    free(previous);
    return kept;
}

/* Whose place decides: the checks of a policy, the cases of a decision. */
static void compare_order(struct comparison *c, const struct parts *after)
{
    const char *before_it = NULL;
    bool any = false;
    for (size_t i = 0; i < after->count; i++)
        any = any || is_ordered(after->list[i].node->kind);
    if (!any)
        return;
    bool *kept = find_kept(after);
    for (size_t i = 0; i < after->count; i++) {
        const struct part *part = &after->list[i];
        if (!is_ordered(part->node->kind))
            continue;
        if (part->other != UNPAIRED && !kept[i])
            add_change(c, MST_CHANGE_MOVED, part->node)->after = before_it;
        before_it = part->node->name;
    }
    free(kept);
}

/* ---- the whole --------------------------------------------------------------------------- */

static void add_whole(struct comparison *c, mst_change_kind kind, const struct part *part)
{
    add_change(c, kind, part->node)->node_count = part->node_count;
}

static void compare_parts(struct comparison *c, const mst_outline *before, size_t before_count,
                          const mst_outline *after, size_t after_count)
{
    struct parts a = list_parts(before, before + before_count);
    struct parts b = list_parts(after, after + after_count);
    pair_all(&a, &b);
    for (size_t i = 0; i < b.count; i++) {
        const struct part *part = &b.list[i];
        if (part->other == UNPAIRED)
            add_whole(c, MST_CHANGE_ADDED, part);
        else
            compare_nodes(c, &a.list[part->other], part);
    }
    for (size_t i = 0; i < a.count; i++)
        if (a.list[i].other == UNPAIRED)
            add_whole(c, MST_CHANGE_REMOVED, &a.list[i]);
    compare_order(c, &b);
    free(a.list);
    free(b.list);
}

void mst_diff_make(mst_diff *diff, const mst_diff_rules *before, const mst_diff_rules *after)
{
    struct comparison comparison = {.diff = diff};
    *diff = (mst_diff){NULL, 0};
    compare_parts(&comparison, before->nodes, before->count, after->nodes, after->count);
}

void mst_diff_free(mst_diff *diff)
{
    free(diff->changes);
}
