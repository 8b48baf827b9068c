/* SPDX-License-Identifier: Apache-2.0
 *
 * names.c - scopes of modules: declaring, finding, suggesting. Types, functions and values are
 * three name spaces; names are atoms, so a scope is a hash table over pointers. */
#include "names.h"

#include <string.h>

static size_t hash_atom(const char *atom, size_t capacity)
{
    uint64_t h = (uint64_t)(uintptr_t)atom;
    h = (h >> 4) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(h >> 32) & (capacity - 1);
}

struct mst_symbol *mst_scope_find(const struct mst_scope *scope, const char *atom)
{
    if (scope->capacity == 0)
        return NULL;
    size_t i = hash_atom(atom, scope->capacity);
    while (scope->table[i] != NULL && scope->table[i]->name.text != atom)
        i = (i + 1) & (scope->capacity - 1);
    return scope->table[i];
}

static void insert_symbol(struct mst_scope *scope, struct mst_symbol *symbol)
{
    size_t i = hash_atom(symbol->name.text, scope->capacity);
    while (scope->table[i] != NULL)
        i = (i + 1) & (scope->capacity - 1);
    scope->table[i] = symbol;
    scope->count++;
}

static bool grow_scope(struct mst_arena *arena, struct mst_scope *scope)
{
    struct mst_scope bigger = *scope;
    bigger.count = 0;
    bigger.capacity = scope->capacity != 0 ? scope->capacity * 2 : 16;
    bigger.table = MST_NEW_ARRAY(arena, bigger.capacity, struct mst_symbol *);
    if (bigger.table == NULL)
        return false;
    for (size_t i = 0; i < scope->capacity; i++)
        if (scope->table[i] != NULL)
            insert_symbol(&bigger, scope->table[i]);
    *scope = bigger;
    return true;
}

struct mst_symbol *mst_scope_add(struct mst_arena *arena, struct mst_scope *scope,
                                 struct mst_symbol *symbol)
{
    struct mst_symbol *there = mst_scope_find(scope, symbol->name.text);
    if (there != NULL)
        return there;
    if (scope->count * 2 >= scope->capacity && !grow_scope(arena, scope))
        return NULL;
    insert_symbol(scope, symbol);
    if (scope->last != NULL)
        scope->last->next = symbol;
    else
        scope->first = symbol;
    scope->last = symbol;
    return NULL;
}

static struct mst_scope *scope_of(struct mst_unit *unit, enum mst_space space)
{
    switch (space) {
    case MST_SPACE_TYPES: return &unit->types;
    case MST_SPACE_FUNCTIONS: return &unit->functions;
    case MST_SPACE_VALUES: break;
    }
    return &unit->values;
}

/* ---- names that must differ ---------------------------------------------------------------- */

static const char *fold_case(struct mst_program *program, const char *name)
{
    size_t len = strlen(name);
    char *lower = mst_arena_copy(program->arena, name, len);
    for (size_t i = 0; lower != NULL && i < len; i++)
        if (lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] - 'A' + 'a');
    return lower != NULL ? mst_atoms_intern(program->atoms, lower, len) : NULL;
}

/* The name that has `atom` as its key already; NULL where it is new, and gets the next number. */
static const struct mst_name *intern_name(struct mst_program *program, struct mst_name_set *set,
                                          struct mst_map *map, const char *atom)
{
    size_t next = set->names.count;
    struct mst_map_entry *entry =
        atom != NULL ? mst_map_intern(program->arena, map, (uint64_t)(uintptr_t)atom, next) : NULL;
    return entry != NULL && entry->number < next ? &set->names.items[entry->number] : NULL;
}

const struct mst_name *mst_name_set_note(struct mst_program *program, struct mst_name_set *set,
                                         struct mst_name name, const char *place)
{
    const struct mst_name *there = intern_name(program, set, &set->exact, name.text);
    if (there != NULL || name.text == NULL)
        return there;
    const struct mst_name *twin =
        intern_name(program, set, &set->folded, fold_case(program, name.text));
    if (twin != NULL) {
        struct mst_diag *d = mst_diag_report(
            program->diags, MST_DIAG_NAME_CASE_TWIN, name.span,
            "`%s` differs from another name of this %s only in case.", name.text, place);
        mst_diag_other(program->diags, d, twin->span, "the other one is here");
        mst_diag_help(program->diags, d, "rename one of the two");
    }
    MST_PUSH(program->arena, &set->names, name);
    return NULL;
}

bool mst_name_set_add(struct mst_program *program, struct mst_name_set *set, struct mst_name name,
                      const char *place)
{
    const struct mst_name *there = mst_name_set_note(program, set, name, place);
    if (there == NULL)
        return true;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_NAME_TWICE, name.span,
                                         "`%s` is declared twice in this %s.", name.text, place);
    mst_diag_other(program->diags, d, there->span, "the first one is here");
    mst_diag_help(program->diags, d, "rename or remove one of the two");
    return false;
}

/* ---- declaring ----------------------------------------------------------------------------- */

static bool space_of_item(const struct mst_item *item, enum mst_symbol_kind *kind,
                          enum mst_space *space)
{
    static const struct {
        int symbol;
        enum mst_space space;
    } of[] = {
        [MST_ITEM_IMPORT] = {MST_SYMBOL_MODULE, MST_SPACE_VALUES},
        [MST_ITEM_ENUM] = {MST_SYMBOL_ENUM, MST_SPACE_TYPES},
        [MST_ITEM_RECORD] = {MST_SYMBOL_RECORD, MST_SPACE_TYPES},
        [MST_ITEM_FACTS] = {MST_SYMBOL_GROUP, MST_SPACE_VALUES},
        [MST_ITEM_SUBJECT] = {-1, MST_SPACE_VALUES},
        [MST_ITEM_SET] = {MST_SYMBOL_SET, MST_SPACE_VALUES},
        [MST_ITEM_PARAM] = {MST_SYMBOL_PARAM, MST_SPACE_VALUES},
        [MST_ITEM_TABLE] = {MST_SYMBOL_TABLE, MST_SPACE_VALUES},
        [MST_ITEM_LET] = {MST_SYMBOL_LET, MST_SPACE_VALUES},
        [MST_ITEM_DEF] = {MST_SYMBOL_DEF, MST_SPACE_FUNCTIONS},
        [MST_ITEM_POLICY] = {MST_SYMBOL_POLICY, MST_SPACE_VALUES},
        [MST_ITEM_DECISION] = {MST_SYMBOL_DECISION, MST_SPACE_VALUES},
        [MST_ITEM_FIXTURE] = {MST_SYMBOL_FIXTURE, MST_SPACE_VALUES},
        [MST_ITEM_TEST] = {-1, MST_SPACE_VALUES},
    };
    if (of[item->kind].symbol < 0 || item->name.text == NULL)
        return false;
    if (item->kind == MST_ITEM_IMPORT && !item->has_alias)
        return false;
    *kind = (enum mst_symbol_kind)of[item->kind].symbol;
    *space = of[item->kind].space;
    return true;
}

static void declare_item(struct mst_program *program, struct mst_unit *unit, struct mst_item *item,
                         struct mst_name_set *names)
{
    enum mst_symbol_kind kind;
    enum mst_space space;
    if (!space_of_item(item, &kind, &space))
        return;
    struct mst_symbol *symbol = MST_NEW(program->arena, struct mst_symbol);
    if (symbol == NULL)
        return;
    symbol->kind = kind;
    symbol->name = item->name;
    symbol->unit = unit;
    symbol->item = item;
    item->symbol = symbol;
    if (mst_name_set_add(program, &names[space], item->name, "module"))
        (void)mst_scope_add(program->arena, scope_of(unit, space), symbol);
}

void mst_names_declare(struct mst_program *program, struct mst_unit *unit)
{
    struct mst_name_set names[3] = {{.names = {.count = 0}}};
    for (struct mst_item *item = unit->module->items; item != NULL; item = item->next)
        declare_item(program, unit, item, names);
}

static bool is_private(const char *name)
{
    return name[0] == '_';
}

struct mst_symbol *mst_names_find(struct mst_program *program, struct mst_unit *unit,
                                  enum mst_space space, struct mst_name name)
{
    struct mst_symbol *found = mst_scope_find(scope_of(unit, space), name.text);
    struct mst_import *by = NULL;
    for (size_t i = 0; i < unit->imports.count && (found == NULL || by != NULL); i++) {
        struct mst_import *import = &unit->imports.items[i];
        if (import->qualified || is_private(name.text))
            continue;
        struct mst_symbol *here = mst_scope_find(scope_of(import->unit, space), name.text);
        if (here == NULL || here == found || here->kind == MST_SYMBOL_MODULE)
            continue;
        if (found != NULL) {
            struct mst_diag *d =
                mst_diag_report(program->diags, MST_DIAG_NAME_AMBIGUOUS, name.span,
                                "`%s` is declared by both %s and %s.", name.text,
                                by->unit->module->name, import->unit->module->name);
            mst_diag_help(program->diags, d, "import one of them with `as x` and write `x.%s`",
                          name.text);
            break;
        }
        found = here;
        by = import;
    }
    if (by != NULL)
        by->used = true;
    if (found != NULL)
        found->used = true;
    return found;
}

static const char *nearest_in(struct mst_program *program, const struct mst_scope *scope,
                              const char *wrong, bool is_own)
{
    const char **names = MST_NEW_ARRAY(program->arena, scope->count + 1, const char *);
    size_t count = 0;
    if (names == NULL)
        return NULL;
    for (struct mst_symbol *s = scope->first; s != NULL; s = s->next)
        if (is_own || !is_private(s->name.text))
            names[count++] = s->name.text;
    return mst_diag_nearest(wrong, names, count);
}

/* Why a module has no such name: it is its own affair, or that of a module that it imports. */
static void report_not_in(struct mst_program *program, struct mst_unit *unit, enum mst_space space,
                          struct mst_name name)
{
    struct mst_diags *diags = program->diags;
    if (is_private(name.text) && mst_scope_find(scope_of(unit, space), name.text) != NULL) {
        struct mst_diag *d =
            mst_diag_report(diags, MST_DIAG_NAME_UNKNOWN, name.span,
                            "`%s` is private to module %s.", name.text, unit->module->name);
        mst_diag_help(diags, d,
                      "names that begin with `_` are used in their own module only: "
                      "rename it there, or read what it is made of");
        return;
    }
    struct mst_diag *d = mst_diag_report(diags, MST_DIAG_NAME_UNKNOWN, name.span,
                                         "module %s has no `%s`.", unit->module->name, name.text);
    for (size_t i = 0; i < unit->imports.count; i++) {
        struct mst_unit *other = unit->imports.items[i].unit;
        if (is_private(name.text) || mst_scope_find(scope_of(other, space), name.text) == NULL)
            continue;
        mst_diag_help(diags, d, "it is declared in %s: import that", other->module->name);
        return;
    }
    const char *near = nearest_in(program, scope_of(unit, space), name.text, false);
    if (near != NULL)
        mst_diag_help(diags, d, "did you mean `%s`?", near);
    else
        mst_diag_help(diags, d, "look there for what it declares");
}

struct mst_symbol *mst_names_find_in(struct mst_program *program, struct mst_symbol *alias,
                                     enum mst_space space, struct mst_name name)
{
    struct mst_unit *unit = program->units.items[alias->index];
    struct mst_symbol *found =
        is_private(name.text) ? NULL : mst_scope_find(scope_of(unit, space), name.text);
    for (size_t i = 0; i < alias->unit->imports.count; i++)
        if (alias->unit->imports.items[i].item == alias->item)
            alias->unit->imports.items[i].used = true;
    if (found != NULL) {
        found->used = true;
        return found;
    }
    report_not_in(program, unit, space, name);
    return NULL;
}

const char *mst_names_suggest(struct mst_program *program, struct mst_unit *unit,
                              enum mst_space space, const char *wrong)
{
    if (program->diags->error_count >= program->diags->max_errors)
        return NULL; /* nobody will read it */
    const char *found = nearest_in(program, scope_of(unit, space), wrong, true);
    for (size_t i = 0; i < unit->imports.count && found == NULL; i++)
        if (!unit->imports.items[i].qualified)
            found = nearest_in(program, scope_of(unit->imports.items[i].unit, space), wrong, false);
    return found;
}

void mst_names_link_imports(struct mst_program *program)
{
    for (size_t u = 0; u < program->units.count; u++) {
        struct mst_unit *unit = program->units.items[u];
        for (size_t i = 0; i < unit->imports.count; i++)
            if (unit->imports.items[i].qualified && unit->imports.items[i].item->symbol != NULL)
                unit->imports.items[i].item->symbol->index = unit->imports.items[i].unit->number;
    }
}
