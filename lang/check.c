/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c - the order in which a program is checked: names and types of all modules first, then
 * everything that has a value, then messages, which may read anything. Last, each thing that can
 * be at fault gets its number, in declaration order. */
#include "check.h"

#include <string.h>

#include "format/limits.h"

const char *mst_program_full_name(struct mst_program *program, const struct mst_unit *unit,
                                  const char *name)
{
    if (unit == mst_program_root(program))
        return name;
    return mst_arena_printf(program->arena, "%s.%s", unit->module->name, name);
}

struct mst_unit *mst_program_root(const struct mst_program *program)
{
    return program->units.items[program->units.count - 1];
}

/* Each takes about 400 bytes of stack, 1.4 KiB in a sanitized build. */
#define MAX_NESTING 3000

bool mst_program_enter(struct mst_program *program, struct mst_span span)
{
    if (program->nesting < MAX_NESTING) {
        program->nesting++;
        return true;
    }
    if (!program->too_deep) {
        struct mst_diag *d = mst_diag_report(
            program->diags, MST_DIAG_TOO_DEEP, span,
            "This is nested too deeply, counted through the lets and defs that it reads.");
        mst_diag_help(program->diags, d, "shorten the chain: let fewer items read each other");
    }
    program->too_deep = true;
    return false;
}

void mst_program_leave(struct mst_program *program)
{
    program->nesting--;
}

typedef void (*item_function)(struct mst_program *, struct mst_unit *, struct mst_item *);

static void each_item(struct mst_program *program, item_function function)
{
    for (size_t u = 0; u < program->units.count; u++) {
        struct mst_unit *unit = program->units.items[u];
        for (struct mst_item *item = unit->module->items; item != NULL; item = item->next)
            function(program, unit, item);
    }
}

static void check_types(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    (void)unit;
    if (item->symbol == NULL)
        return;
    item->symbol->type = MST_TYPE_ERROR;
    if (item->kind == MST_ITEM_ENUM)
        mst_check_enum(program, item->symbol);
}

static void check_records(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    (void)unit;
    if (item->kind == MST_ITEM_RECORD && item->symbol != NULL)
        mst_check_record(program, item->symbol);
}

static void check_groups(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    (void)unit;
    if (item->kind == MST_ITEM_FACTS && item->symbol != NULL)
        mst_check_group(program, item->symbol);
}

static void number_verdicts(struct mst_program *program, struct mst_unit *unit,
                            struct mst_item *item)
{
    (void)unit;
    if ((item->kind != MST_ITEM_POLICY && item->kind != MST_ITEM_DECISION) || item->symbol == NULL)
        return;
    struct mst_rules *rules = MST_NEW(program->arena, struct mst_rules);
    if (rules == NULL)
        return;
    rules->symbol = item->symbol;
    if (program->verdicts.count == MST_MAX_VERDICTS)
        mst_diag_help(program->diags,
                      mst_diag_report(program->diags, MST_DIAG_PROGRAM_TOO_LARGE, item->name.span,
                                      "There are more than %d policies and decisions.",
                                      MST_MAX_VERDICTS),
                      "make two modules of it");
    rules->unknown_cause = UINT32_MAX;
    item->symbol->index = (uint32_t)program->verdicts.count;
    MST_PUSH(program->arena, &program->verdicts, rules);
}

static void check_shapes(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    struct mst_context context = {.program = program, .unit = unit};
    if ((item->kind == MST_ITEM_POLICY || item->kind == MST_ITEM_DECISION) && item->symbol != NULL)
        mst_check_shape(&context, item->symbol);
}

static void check_values(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    struct mst_context context = {.program = program, .unit = unit};
    mst_check_plain(program, item->kind == MST_ITEM_TEST ? NULL : item->doc);
    if (item->kind == MST_ITEM_SUBJECT)
        mst_check_subject(program, unit, item);
    else if (item->kind == MST_ITEM_FACTS && item->symbol != NULL)
        mst_check_group_defaults(program, item->symbol);
    else if (item->symbol != NULL)
        mst_check_symbol(&context, item->symbol, item->name.span);
}

static void check_messages(struct mst_program *program, struct mst_unit *unit,
                           struct mst_item *item)
{
    (void)unit;
    if ((item->kind == MST_ITEM_POLICY || item->kind == MST_ITEM_DECISION) && item->symbol != NULL)
        mst_check_messages(program, item->symbol);
}

/* ---- causes -------------------------------------------------------------------------------- */

static uint32_t add_cause(struct mst_program *program, const char *name)
{
    MST_PUSH(program->arena, &program->causes, name);
    return (uint32_t)program->causes.count - 1;
}

static void number_rules(struct mst_program *program, struct mst_rules *rules)
{
    const char *base =
        mst_program_full_name(program, rules->symbol->unit, rules->symbol->name.text);
    for (size_t i = 0; i < rules->checks.count; i++)
        rules->checks.items[i].cause =
            add_cause(program, mst_arena_printf(program->arena, "%s.%s", base,
                                                rules->checks.items[i].entry->name.text));
    for (size_t i = 0; i < rules->advice.count; i++)
        rules->advice.items[i].cause =
            add_cause(program, mst_arena_printf(program->arena, "%s.%s", base,
                                                rules->advice.items[i].entry->name.text));
    if (rules->symbol->kind == MST_SYMBOL_POLICY)
        return;
    for (const struct mst_case *c = rules->symbol->item->cases; c != NULL; c = c->next) {
        if (c->is_unknown && rules->unknown_cause == UINT32_MAX)
            rules->unknown_cause =
                add_cause(program, mst_arena_printf(program->arena, "%s.unknown", base));
        for (size_t i = 0; i < rules->outcomes.count; i++)
            if (rules->outcomes.items[i].name == c->outcome.text &&
                rules->outcomes.items[i].cause == UINT32_MAX)
                rules->outcomes.items[i].cause = add_cause(
                    program, mst_arena_printf(program->arena, "%s.%s", base, c->outcome.text));
    }
}

static void number_causes(struct mst_program *program, struct mst_unit *unit, struct mst_item *item)
{
    struct mst_symbol *symbol = item->symbol;
    if (symbol == NULL)
        return;
    switch (item->kind) {
    case MST_ITEM_FACTS:
        for (struct mst_decl *d = item->decls.first; d != NULL; d = d->next)
            if (d->symbol != NULL && d->value != NULL && d->symbol->index < program->facts.count)
                program->facts.items[d->symbol->index].cause =
                    add_cause(program, program->facts.items[d->symbol->index].name);
        break;
    case MST_ITEM_LET:
        item->let_cause =
            add_cause(program, mst_program_full_name(program, unit, symbol->name.text));
        break;
    case MST_ITEM_TABLE:
        if (symbol->index < program->tables.count)
            program->tables.items[symbol->index]->cause =
                add_cause(program, mst_program_full_name(program, unit, symbol->name.text));
        break;
    case MST_ITEM_POLICY:
    case MST_ITEM_DECISION: number_rules(program, program->verdicts.items[symbol->index]); break;
    default: break;
    }
}

static void report_effective(struct mst_program *program, const struct mst_module *module)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_EFFECTIVE_IMPORTED, module->effective_from->span,
                        "`effective from` stands in the root module only, not in an import.");
    mst_diag_help(program->diags, d, "move it to the module that is built");
}

/* The grammar takes any literal in these places. */
static void check_header(struct mst_program *program, const struct mst_module *module)
{
    const struct mst_expr *version = module->version, *from = module->effective_from;
    if (version != NULL && version->literal != MST_LITERAL_VERSION &&
        version->literal != MST_LITERAL_INT) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_LITERAL_NEEDED, version->span,
                                             "This is not the version of a module.");
        mst_diag_help(program->diags, d, "write it with points, as in `version 2026.11`");
    }
    if (from != NULL && from->literal != MST_LITERAL_TIME) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_LITERAL_NEEDED, from->span,
                                             "Rules take effect at an instant.");
        mst_diag_help(program->diags, d, "write it as in `effective from 2026-11-10T18:00:00Z`");
    }
}

/* Names whose item came from a module that turned out to hold nothing to decide. */
static void check_root(struct mst_program *program)
{
    struct mst_unit *root = mst_program_root(program);
    for (size_t u = 0; u + 1 < program->units.count; u++) {
        const struct mst_module *module = program->units.items[u]->module;
        if (module->effective_from != NULL)
            report_effective(program, module);
        check_header(program, module);
    }
    check_header(program, root->module);
    for (struct mst_item *item = root->module->items; item != NULL; item = item->next)
        if (item->kind == MST_ITEM_SUBJECT)
            mst_check_subject(program, root, item);
}

/* Tests of imported modules are checked too, and run where their own module is the root. */
static void check_tests(struct mst_program *program)
{
    for (size_t u = 0; u < program->units.count && !program->arena->failed; u++) {
        program->steps.count = 0;
        mst_check_tests(program, program->units.items[u]); /* the root is last */
    }
}

void mst_check_program(struct mst_program *program)
{
    for (size_t u = 0; u < program->units.count; u++)
        mst_names_declare(program, program->units.items[u]);
    mst_names_link_imports(program);
    each_item(program, check_types);
    each_item(program, check_records);
    each_item(program, check_groups);
    each_item(program, number_verdicts);
    each_item(program, check_shapes);
    check_root(program);
    each_item(program, check_values);
    each_item(program, check_messages);
    if (!program->arena->failed)
        each_item(program, number_causes);
    check_tests(program);
    mst_check_warn(program);
}
