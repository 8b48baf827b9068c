/* SPDX-License-Identifier: Apache-2.0
 *
 * check_warn.c - warnings about names and data: what hides an import, what nothing reads, tables
 * that have grown old. Only the root module is judged, for whoever imports a package cannot mend
 * it; a table alone is looked at wherever it stands, because its age depends on the day. Warnings
 * about conditions are in check_warn_rules.c. */
#include "check.h"

#include <string.h>

#include "builtin_list.h"
#include "format/arith.h"
#include "format/calendar.h"

#define OLD_TABLE_S (60 * (int64_t)MST_DAY_S)

/* ---- names that hide others ---------------------------------------------------------------- */

static void warn_hiding(struct mst_program *program, const struct mst_symbol *symbol,
                        const struct mst_symbol *hidden)
{
    const char *name = symbol->name.text, *module = hidden->unit->module->name;
    const char *last = strrchr(module, '.') != NULL ? strrchr(module, '.') + 1 : module;
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_NAME_HIDES, symbol->name.span,
                        "This `%s` hides the `%s` that is imported from %s.", name, name, module);
    mst_diag_other(program->diags, d, hidden->name.span, "the hidden one is here");
    mst_diag_help(program->diags, d,
                  "rename it; if both are needed, write `import %s as %s` and `%s.%s` for the "
                  "other one",
                  module, last, last, name);
}

static void warn_hiding_builtin(struct mst_program *program, const struct mst_symbol *symbol)
{
    bool is_type = symbol->kind == MST_SYMBOL_ENUM || symbol->kind == MST_SYMBOL_RECORD;
    bool found = false;
    for (size_t i = 0; symbol->kind == MST_SYMBOL_DEF && i < mst_builtin_list_count; i++)
        found = found || strcmp(mst_builtin_list[i].name, symbol->name.text) == 0;
    for (uint32_t kind = MST_TYPE_BOOL; is_type && kind < MST_TYPE_ENUM; kind++)
        found = found || strcmp(mst_check_type_name(program, kind), symbol->name.text) == 0;
    if (!found)
        return;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_NAME_HIDES, symbol->name.span,
                                         "This `%s` hides the built-in %s of that name.",
                                         symbol->name.text, is_type ? "type" : "function");
    mst_diag_help(program->diags, d, "rename it, so that readers know which one is meant");
}

static const struct mst_scope *scope_of(const struct mst_unit *unit, size_t space)
{
    const struct mst_scope *const scopes[] = {&unit->types, &unit->functions, &unit->values};
    return scopes[space];
}

static void warn_hidden_names(struct mst_program *program, const struct mst_unit *unit)
{
    for (size_t space = 0; space < 3; space++) {
        for (const struct mst_symbol *s = scope_of(unit, space)->first; s != NULL; s = s->next) {
            warn_hiding_builtin(program, s);
            for (size_t i = 0; i < unit->imports.count && s->name.text[0] != '_'; i++) {
                const struct mst_import *import = &unit->imports.items[i];
                const struct mst_symbol *hidden =
                    mst_scope_find(scope_of(import->unit, space), s->name.text);
                if (!import->qualified && hidden != NULL && hidden->kind != MST_SYMBOL_MODULE)
                    warn_hiding(program, s, hidden);
            }
        }
    }
}

/* ---- imports ------------------------------------------------------------------------------- */

/* Would the image be another without this module, even if no name of it is used? Its verdicts are
 * part of the image, and it may declare the subject. */
static bool has_effect(const struct mst_program *program, const struct mst_unit *unit)
{
    for (size_t i = 0; i < program->verdicts.count; i++)
        if (program->verdicts.items[i]->symbol->unit == unit)
            return true;
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next)
        if (item->kind == MST_ITEM_SUBJECT)
            return true;
    return false;
}

/* Marks what a unit imports, directly or not: each unit once. */
static bool reaches_effect(const struct mst_program *program, const struct mst_unit *unit,
                           bool *seen)
{
    if (seen[unit->number])
        return false;
    seen[unit->number] = true;
    if (has_effect(program, unit))
        return true;
    for (size_t i = 0; i < unit->imports.count; i++)
        if (reaches_effect(program, unit->imports.items[i].unit, seen))
            return true;
    return false;
}

static void warn_unused_imports(struct mst_program *program, const struct mst_unit *unit)
{
    for (size_t i = 0; i < unit->imports.count; i++) {
        const struct mst_import *import = &unit->imports.items[i];
        const struct mst_symbol *alias = import->item->symbol;
        if (import->used || (alias != NULL && alias->used))
            continue;
        bool *seen = MST_NEW_ARRAY(program->arena, program->units.count + 1, bool);
        if (seen == NULL || reaches_effect(program, import->unit, seen))
            continue;
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_IMPORT_UNUSED, import->item->span,
                            "Nothing of the module %s is used here.", import->unit->module->name);
        mst_diag_help(program->diags, d, "delete this import");
    }
}

/* ---- what nothing reads -------------------------------------------------------------------- */

static void mark_list(const struct mst_expr_list *list);

static void mark_read(const struct mst_expr *e)
{
    if (e == NULL)
        return;
    if (e->symbol != NULL)
        e->symbol->used = true;
    mark_read(e->a);
    mark_read(e->b);
    mark_read(e->c);
    mark_list(&e->args);
}

static void mark_list(const struct mst_expr_list *list)
{
    for (const struct mst_expr *e = list->first; e != NULL; e = e->next)
        mark_read(e);
}

static void mark_rules(const struct mst_item *item)
{
    for (const struct mst_entry *entry = item->entries; entry != NULL; entry = entry->next) {
        mark_read(entry->when);
        for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next) {
            mark_read(c->expr);
            mark_read(c->text);
        }
    }
    for (const struct mst_case *c = item->cases; c != NULL; c = c->next) {
        mark_read(c->when);
        mark_read(c->because);
        mark_list(&c->fields);
    }
}

/* Tests do not count: what only they read starts no verdict. */
static void mark_item(struct mst_program *program, const struct mst_item *item)
{
    if (item->kind == MST_ITEM_FIXTURE || item->kind == MST_ITEM_TEST)
        return;
    mark_read(item->path);
    mark_read(item->value);
    mark_list(&item->elements);
    mark_rules(item);
    for (const struct mst_decl *d = item->decls.first; d != NULL; d = d->next)
        mark_read(d->value);
    for (const struct mst_row *row = item->rows.first; row != NULL; row = row->next)
        mark_list(&row->cells);
    if (item->kind != MST_ITEM_FACTS || item->symbol == NULL)
        return;
    uint32_t observed = program->groups.items[item->symbol->index].observed;
    if (observed != UINT32_MAX)
        program->facts.items[observed].symbol->used = true;
}

static void forget_marks(const struct mst_item *item)
{
    if (item->symbol != NULL)
        item->symbol->used = false;
    for (const struct mst_decl *d = item->decls.first; d != NULL; d = d->next)
        if (d->symbol != NULL)
            d->symbol->used = false;
}

static const char *word_of(const struct mst_item *item)
{
    switch (item->kind) {
    case MST_ITEM_LET: return "let";
    case MST_ITEM_DEF: return "def";
    case MST_ITEM_SET: return "set";
    case MST_ITEM_PARAM: return "param";
    case MST_ITEM_TABLE: return "table";
    case MST_ITEM_ENUM: return "enum";
    case MST_ITEM_RECORD: return "record";
    case MST_ITEM_FACTS: return "group";
    default: return NULL;
    }
}

static bool is_private(const struct mst_item *item)
{
    return item->name.text != NULL && item->name.text[0] == '_';
}

/* By the marks of whoever looked the name up, tests included. */
static void warn_unused_private(struct mst_program *program, const struct mst_item *item)
{
    const char *word = word_of(item);
    if (word == NULL || item->symbol == NULL || item->symbol->used || !is_private(item))
        return;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_PRIVATE_UNUSED, item->name.span,
                                         "Nothing in this module uses the %s `%s`, and no other "
                                         "module can.",
                                         word, item->name.text);
    mst_diag_help(program->diags, d,
                  "delete it, or take the `_` off its name if other modules should use it");
}

static void warn_unused_facts(struct mst_program *program, const struct mst_item *item)
{
    bool any = item->symbol->used;
    for (const struct mst_decl *d = item->decls.first; d != NULL && !any; d = d->next)
        any = d->symbol == NULL || d->symbol->used;
    if (!any) {
        struct mst_diag *diag =
            mst_diag_report(program->diags, MST_DIAG_FACT_UNUSED, item->name.span,
                            "No rule reads a fact of the group `%s`.", item->name.text);
        mst_diag_help(program->diags, diag, "delete the group, or write the check that reads it");
        return;
    }
    for (const struct mst_decl *d = item->decls.first; d != NULL; d = d->next) {
        if (d->symbol == NULL || d->symbol->used)
            continue;
        struct mst_diag *diag =
            mst_diag_report(program->diags, MST_DIAG_FACT_UNUSED, d->name.span,
                            "No rule reads the fact `%s.%s`.", item->name.text, d->name.text);
        mst_diag_help(program->diags, diag, "delete it, or write the check that reads it");
    }
}

static void warn_unused_item(struct mst_program *program, const struct mst_item *item)
{
    const char *word = word_of(item);
    if (word == NULL || item->symbol == NULL || is_private(item))
        return;
    if (item->kind == MST_ITEM_FACTS) {
        warn_unused_facts(program, item);
        return;
    }
    if (item->symbol->used || item->kind == MST_ITEM_ENUM || item->kind == MST_ITEM_RECORD)
        return;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_ITEM_UNUSED, item->name.span,
                                         "No rule reads the %s `%s`.", word, item->name.text);
    mst_diag_help(program->diags, d, "delete it, or use it in a check or decision");
}

/* A module without verdicts declares for others: nothing in it is unused but what is private. */
static void warn_unused(struct mst_program *program, const struct mst_unit *unit)
{
    bool has_verdicts = false;
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next) {
        has_verdicts |= item->kind == MST_ITEM_POLICY || item->kind == MST_ITEM_DECISION;
        warn_unused_private(program, item);
    }
    if (!has_verdicts)
        return;
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next)
        forget_marks(item);
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next)
        mark_item(program, item);
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next)
        warn_unused_item(program, item);
}

/* ---- old tables ---------------------------------------------------------------------------- */

/* The instant of the newest row; false where rows are not ordered by time. */
static bool find_newest(const struct mst_table *table, struct mst_cell *newest, int64_t *time)
{
    if (table->ordered_by == UINT32_MAX || table->row_count == 0 || table->cells == NULL)
        return false;
    uint32_t type = table->columns.items[table->ordered_by].type;
    *newest = table->cells[(table->row_count - 1) * table->columns.count + table->ordered_by];
    *time = type == MST_TYPE_DATE ? newest->word * MST_DAY_S : newest->word;
    return newest->known && (type == MST_TYPE_DATE || type == MST_TYPE_TIME);
}

static void warn_old_table(struct mst_program *program, const struct mst_table *table)
{
    struct mst_cell newest;
    int64_t time, at = program->options->at;
    char row[MST_PRINT_MAX], day[MST_PRINT_MAX];
    if (!find_newest(table, &newest, &time) || at < MST_TIME_MIN || at > MST_TIME_MAX ||
        at - time <= OLD_TABLE_S)
        return;
    const struct mst_item *item = table->symbol->item;
    uint32_t type = table->columns.items[table->ordered_by].type;
    int row_len = (int)mst_print_value((mst_type)type, newest.word, row);
    int day_len = (int)mst_print_value(MST_TYPE_DATE, mst_floor_div(at, MST_DAY_S), day);
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_TABLE_OLD, item->name.span,
        "The newest row of the table `%s` is of %.*s, %lld days before %.*s.", item->name.text,
        row_len, row, (long long)((at - time) / MST_DAY_S), day_len, day);
    const char *file = mst_check_plain(program, item->from);
    if (file != NULL)
        mst_diag_help(program->diags, d, "add to \"%s\" what has happened since then", file);
    else
        mst_diag_help(program->diags, d, "add the rows for what has happened since then");
}

/* ---- the whole ----------------------------------------------------------------------------- */

void mst_check_warn(struct mst_program *program)
{
    const struct mst_unit *root = mst_program_root(program);
    if (program->diags->error_count > 0 || program->arena->failed)
        return;
    for (size_t i = 0; i < program->tables.count; i++)
        warn_old_table(program, program->tables.items[i]);
    warn_hidden_names(program, root);
    warn_unused_imports(program, root);
    warn_unused(program, root);
    mst_check_warn_rules(program, root);
}
