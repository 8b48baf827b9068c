/* SPDX-License-Identifier: Apache-2.0
 *
 * coverage.c - which checks, cases, conditions and rows tests have exercised, and in which ways.
 *
 * A condition is an operand of `and` or `or`, a condition of `if`, a `when` of a check, an
 * `undecided when`, or one of several `require`s. It counts as having decided where the result
 * would have been another one with it turned round: the operands of an `and` that is true, the
 * first false one of an `and` that is false, and likewise for `or`. */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define NO_ITEM UINT32_MAX

enum { GOAL_PASSED, GOAL_FAILED, GOAL_UNKNOWN };
enum { GOAL_TRUE, GOAL_FALSE };
enum { ANSWER_NONE, ANSWER_TRUE, ANSWER_FALSE, ANSWER_UNKNOWN };

struct hit {
    uint32_t item, goal;
};

/* Rows of one table. */
struct rows {
    uint32_t *items;
    uint32_t count;
};

struct mst_author_coverage {
    mst_cover_item *items;
    size_t count;
    char **paths; /* of items: a path of a compilation is gone with it */
    size_t path_count;
    struct hit *pending;
    size_t pending_count;

    /* of the compilation that is followed */
    uint32_t *item_of;  /* by site */
    uint32_t *group_of; /* by site that is a condition: what it decides; else MST_INDEX_NONE */
    uint8_t *answers;   /* by site that is a condition, since its group was complete last */
    struct rows *tables;
    uint32_t table_count;
};

/* ---- items --------------------------------------------------------------------------------- */

static const char *keep_path(mst_author_coverage *c, const char *path)
{
    for (size_t i = 0; i < c->path_count; i++)
        if (strcmp(c->paths[i], path) == 0)
            return c->paths[i];
    return *MST_MEMORY_ADD(c->paths, c->path_count) = mst_memory_copy(path, strlen(path));
}

static bool is_same(const mst_cover_item *a, const mst_cover_item *b)
{
    bool is_named = b->kind != MST_COVER_CONDITION && b->kind != MST_COVER_ROW;
    return a->path == b->path && a->offset == b->offset && a->kind == b->kind && a->len == b->len &&
           (!is_named || strcmp(a->name, b->name) == 0);
}

/* The number of the item, which is added where it is new. `name` is taken over. */
static uint32_t add_item(mst_author_coverage *c, mst_cover_item item)
{
    static const uint32_t goals[MST_COVER_KINDS] = {3, 2, 1, 2, 1};
    item.path = keep_path(c, item.path);
    item.goal_count = goals[item.kind];
    for (size_t i = 0; i < c->count; i++)
        if (is_same(&c->items[i], &item)) {
            free(item.name);
            return (uint32_t)i;
        }
    *MST_MEMORY_ADD(c->items, c->count) = item;
    return (uint32_t)c->count - 1;
}

/* The condition as written, on one line. */
static char *name_condition(mst_text text)
{
    char *name = mst_memory_text(text);
    size_t to = 0;
    for (size_t i = 0; name[i] != '\0'; i++) {
        bool is_blank = strchr(" \t\r\n", name[i]) != NULL;
        if (!is_blank)
            name[to++] = name[i];
        else if (to > 0 && name[to - 1] != ' ')
            name[to++] = ' ';
    }
    name[to] = '\0';
    return name;
}

/* A name of the root module is the only one without its module before it. */
static char *name_rule(const mst_image *image, mst_text name)
{
    const char *dot = memchr(name.ptr, '.', name.len);
    size_t from = dot != NULL ? (size_t)(dot + 1 - name.ptr) : name.len;
    if (dot == NULL || memchr(dot + 1, '.', name.len - from) != NULL)
        return mst_memory_text(name);
    mst_text module = mst_image_module(image);
    return mst_memory_format("%.*s.%.*s", (int)module.len, module.ptr, (int)name.len, name.ptr);
}

static uint32_t add_site_item(mst_author_coverage *c, const mst_site *site, mst_cover_kind kind,
                              char *name)
{
    return add_item(c, (mst_cover_item){
                           .kind = kind,
                           .path = site->place.path,
                           .offset = site->offset,
                           .len = site->text.len,
                           .line = site->place.line,
                           .column = site->place.column,
                           .name = name,
                       });
}

/* ---- conditions ---------------------------------------------------------------------------- */

static bool is_logic(mst_site_kind kind)
{
    return kind == MST_SITE_AND || kind == MST_SITE_OR;
}

/* Is there more than one `require` in the check that this is one of? */
static bool has_siblings(const struct mst_follow *follow, uint32_t i)
{
    uint32_t parent = follow->sites[i].parent;
    for (uint32_t k = parent + 1; k < follow->count; k++) {
        if (follow->sites[k].parent == MST_INDEX_NONE)
            break;
        if (k != i && follow->sites[k].parent == parent &&
            follow->sites[k].role == MST_ROLE_REQUIRE)
            return true;
    }
    return false;
}

/* What a condition helps to decide: the whole of a chain of `and`s, the check, itself. */
static uint32_t find_group(const struct mst_follow *follow, uint32_t i)
{
    const mst_site *site = &follow->sites[i];
    uint32_t parent = site->parent;
    if (parent == MST_INDEX_NONE || site->kind == MST_SITE_LITERAL || site->kind == MST_SITE_PARAM)
        return MST_INDEX_NONE;
    mst_site_kind of = follow->sites[parent].kind;
    if (site->role == MST_ROLE_CONDITION)
        return of == MST_SITE_IF ? i : MST_INDEX_NONE;
    if (site->role == MST_ROLE_WHEN)
        return of != MST_SITE_CASE ? i : MST_INDEX_NONE;
    if (site->role == MST_ROLE_UNDECIDED)
        return i;
    if (site->role == MST_ROLE_REQUIRE)
        return has_siblings(follow, i) ? parent : MST_INDEX_NONE;
    if (!is_logic(of) || site->kind == of)
        return MST_INDEX_NONE;
    while (follow->sites[parent].parent != MST_INDEX_NONE &&
           follow->sites[follow->sites[parent].parent].kind == of)
        parent = follow->sites[parent].parent;
    return parent;
}

static uint32_t add_site(mst_author_coverage *c, const mst_image *image,
                         const struct mst_follow *follow, uint32_t i)
{
    const mst_site *site = &follow->sites[i];
    switch (site->kind) {
    case MST_SITE_CHECK:
        return add_site_item(c, site, MST_COVER_CHECK, name_rule(image, site->name));
    case MST_SITE_ADVISE:
        return add_site_item(c, site, MST_COVER_ADVISE, name_rule(image, site->name));
    case MST_SITE_CASE: return add_site_item(c, site, MST_COVER_CASE, name_rule(image, site->name));
    default: break;
    }
    if (c->group_of[i] == MST_INDEX_NONE || mst_follow_is_of_test(follow, i))
        return NO_ITEM;
    return add_site_item(c, site, MST_COVER_CONDITION, name_condition(site->text));
}

static void add_rows(mst_author_coverage *c, const mst_compilation *compilation)
{
    mst_row_site row = MST_ROW_SITE_INIT;
    for (uint32_t t = 0; mst_row_site_at(compilation, t, 0, &row) == MST_OK; t++) {
        struct rows *rows = MST_MEMORY_ADD(c->tables, c->table_count);
        for (uint32_t i = 0; mst_row_site_at(compilation, t, i, &row) == MST_OK; i++)
            *MST_MEMORY_ADD(rows->items, rows->count) =
                add_item(c, (mst_cover_item){
                                .kind = MST_COVER_ROW,
                                .path = row.place.path,
                                .offset = row.offset,
                                .len = row.text.len,
                                .line = row.place.line,
                                .column = row.place.column,
                                .name = mst_memory_text(row.table),
                            });
    }
}

static void detach(mst_author_coverage *c)
{
    for (uint32_t i = 0; i < c->table_count; i++)
        free(c->tables[i].items);
    free(c->tables);
    free(c->item_of);
    free(c->group_of);
    free(c->answers);
    c->tables = NULL;
    c->table_count = 0;
    c->item_of = c->group_of = NULL;
    c->answers = NULL;
}

void mst_coverage_attach(mst_author_coverage *c, const mst_compilation *compilation,
                         const mst_image *image, const struct mst_follow *follow)
{
    detach(c);
    c->item_of = mst_memory_resize(NULL, follow->count * sizeof *c->item_of);
    c->group_of = mst_memory_resize(NULL, follow->count * sizeof *c->group_of);
    c->answers = mst_memory_zero(follow->count);
    for (uint32_t i = 0; i < follow->count; i++) {
        c->group_of[i] = find_group(follow, i);
        c->item_of[i] = add_site(c, image, follow, i);
    }
    add_rows(c, compilation);
}

/* ---- hits ---------------------------------------------------------------------------------- */

static void hit(mst_author_coverage *c, uint32_t item, uint32_t goal)
{
    if (item != NO_ITEM)
        *MST_MEMORY_ADD(c->pending, c->pending_count) = (struct hit){item, goal};
}

static uint8_t answer_of(const mst_vm *vm, const mst_site *site)
{
    mst_watched watched = MST_WATCHED_INIT;
    if (mst_watch_value(vm, site->slot, &watched) != MST_OK || !watched.known)
        return ANSWER_UNKNOWN;
    return watched.word != 0 ? ANSWER_TRUE : ANSWER_FALSE;
}

/* An `and` (or the `require`s of a check) that is true was decided by all, one that is false by the
 * first that is; of an `or` the other way round. What was not read did not decide, and nothing
 * decided what is unknown. */
static void decide_group(mst_author_coverage *c, const struct mst_follow *follow, uint32_t group,
                         uint8_t result)
{
    bool is_or = follow->sites[group].kind == MST_SITE_OR;
    uint8_t by_one = is_or ? ANSWER_TRUE : ANSWER_FALSE;
    bool is_decided = false;
    for (uint32_t i = group + 1; i < follow->count; i++) {
        if (follow->sites[i].parent == MST_INDEX_NONE)
            break;
        if (c->group_of[i] != group)
            continue;
        if (result != ANSWER_UNKNOWN && c->answers[i] == result && !is_decided) {
            hit(c, c->item_of[i], result == ANSWER_TRUE ? GOAL_TRUE : GOAL_FALSE);
            is_decided = result == by_one;
        }
        c->answers[i] = ANSWER_NONE;
    }
}

static bool is_group(mst_site_kind kind)
{
    return is_logic(kind) || kind == MST_SITE_CHECK || kind == MST_SITE_ADVISE;
}

static void take_condition(mst_author_coverage *c, uint32_t i, uint8_t answer)
{
    if (c->group_of[i] != i)
        c->answers[i] = answer;
    else if (answer != ANSWER_UNKNOWN)
        hit(c, c->item_of[i], answer == ANSWER_TRUE ? GOAL_TRUE : GOAL_FALSE);
}

static void use_row(mst_author_coverage *c, uint32_t table, int64_t row)
{
    if (table < c->table_count && row >= 0 && row < c->tables[table].count)
        hit(c, c->tables[table].items[row], 0);
}

/* A row is used where a quantifier picks it: its condition is true, or all of them count. */
static void take_part_of_loop(mst_author_coverage *c, const mst_site *loop, const mst_site *part,
                              const mst_vm *vm)
{
    mst_watched row = MST_WATCHED_INIT;
    bool is_all = loop->text.len > 3 && memcmp(loop->text.ptr, "all", 3) == 0;
    bool is_picked =
        part->role != MST_ROLE_CONDITION || is_all || answer_of(vm, part) == ANSWER_TRUE;
    if (is_picked && mst_watch_value(vm, loop->row_slot, &row) == MST_OK && row.known)
        use_row(c, loop->index, row.word);
}

static void take_lookup(mst_author_coverage *c, const struct mst_follow *follow, const mst_vm *vm,
                        uint32_t i)
{
    const mst_site *site = &follow->sites[i];
    mst_watched value = MST_WATCHED_INIT;
    uint32_t row;
    if (mst_watch_value(vm, site->slot, &value) != MST_OK || !value.known)
        return;
    if (site->kind == MST_SITE_LOOKUP)
        use_row(c, site->index, value.word);
    else if (value.word != 0 && i + 1 < follow->count &&
             mst_watch_row(vm, site->index, follow->sites[i + 1].slot, &row) == MST_OK)
        use_row(c, site->index, row);
}

static void take_rule(mst_author_coverage *c, const mst_site *site, uint32_t item, uint8_t answer)
{
    static const uint32_t goals[] = {0, GOAL_PASSED, GOAL_FAILED, GOAL_UNKNOWN};
    if (site->kind == MST_SITE_CASE && (answer == ANSWER_TRUE || site->type_code == 0))
        hit(c, item, 0);
    else if (site->kind == MST_SITE_CHECK ||
             (site->kind == MST_SITE_ADVISE && answer != ANSWER_UNKNOWN))
        hit(c, item, goals[answer]);
}

void mst_coverage_done(mst_author_coverage *c, const struct mst_follow *follow, const mst_vm *vm,
                       uint32_t i)
{
    const mst_site *site = &follow->sites[i];
    uint32_t parent = site->parent;
    if (c->group_of[i] != MST_INDEX_NONE)
        take_condition(c, i, answer_of(vm, site));
    if (is_group(site->kind))
        decide_group(c, follow, i, answer_of(vm, site));
    if (site->kind <= MST_SITE_CASE)
        take_rule(c, site, c->item_of[i], answer_of(vm, site));
    if (parent != MST_INDEX_NONE && follow->sites[parent].kind == MST_SITE_QUANTIFIER &&
        follow->sites[parent].row_slot != MST_INDEX_NONE)
        take_part_of_loop(c, &follow->sites[parent], site, vm);
    if ((site->kind == MST_SITE_IN || site->kind == MST_SITE_LOOKUP) &&
        site->index != MST_INDEX_NONE)
        take_lookup(c, follow, vm, i);
}

void mst_coverage_settle(mst_author_coverage *c, bool counts)
{
    for (size_t i = 0; i < c->pending_count && counts; i++)
        c->items[c->pending[i].item].hits[c->pending[i].goal]++;
    free(c->pending);
    c->pending = NULL;
    c->pending_count = 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

mst_author_coverage *mst_author_coverage_new(void)
{
    return mst_memory_zero(sizeof(mst_author_coverage));
}

void mst_author_coverage_free(mst_author_coverage *c)
{
    if (c == NULL)
        return;
    detach(c);
    mst_coverage_settle(c, false);
    for (size_t i = 0; i < c->count; i++)
        free(c->items[i].name);
    for (size_t i = 0; i < c->path_count; i++)
        free(c->paths[i]);
    free(c->items);
    free(c->paths);
    free(c);
}

void mst_author_coverage_add(mst_author_coverage *c, const mst_compilation *compilation,
                             const mst_image *image)
{
    struct mst_follow follow;
    mst_follow_init(&follow, compilation);
    mst_coverage_attach(c, compilation, image, &follow);
    mst_follow_free(&follow);
}

static int compare_items(const void *a, const void *b)
{
    const mst_cover_item *x = a, *y = b;
    int order = strcmp(x->path, y->path);
    if (order != 0)
        return order;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return strcmp(x->name, y->name);
}

const mst_cover_item *mst_author_coverage_items(mst_author_coverage *c, size_t *count)
{
    detach(c); /* which counts items in their old order */
    if (c->count > 0)
        qsort(c->items, c->count, sizeof *c->items, compare_items);
    *count = c->count;
    return c->items;
}

const char *mst_author_goal_name(mst_cover_kind kind, uint32_t goal)
{
    static const char *const rules[] = {"passed", "failed", "unknown"};
    static const char *const conditions[] = {"decided true", "decided false"};
    switch (kind) {
    case MST_COVER_CASE: return "taken";
    case MST_COVER_ROW: return "used";
    case MST_COVER_CONDITION: return conditions[goal & 1];
    default: return rules[goal % 3];
    }
}
