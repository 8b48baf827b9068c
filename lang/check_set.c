/* SPDX-License-Identifier: Apache-2.0
 *
 * check_set.c - named sets and params: constants that are evaluated here, once. */
#include "check.h"

#include <string.h>

static void report_nested(struct mst_program *program, const struct mst_symbol *symbol,
                          const char *what)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_TYPE_NESTED,
                                         symbol->item->type->span, "%s.", what);
    mst_diag_help(program->diags, d, "keep records and rows in a table");
}

/* Each member once: sets of sets of sets would grow without bound. */
static void add_cell(struct mst_program *program, struct mst_set *set, struct mst_cell cell)
{
    uint64_t key = (uint64_t)cell.word;
    if (set->type == MST_TYPE_TEXT)
        key = (uint64_t)(uintptr_t)mst_atoms_intern(program->atoms, cell.text.ptr, cell.text.len);
    size_t next = set->members.count;
    const struct mst_map_entry *entry = mst_map_intern(program->arena, &set->known, key, next);
    if (entry != NULL && entry->number == next)
        MST_PUSH(program->arena, &set->members, cell);
}

static void add_members(struct mst_context *context, struct mst_set *set, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    mst_check_expr(context, e, set->type);
    if (e->ref == MST_REF_SET && e->symbol->progress != MST_DONE)
        return; /* a circle, reported */
    if (e->ref == MST_REF_SET) {
        const struct mst_set *other = program->sets.items[MST_TYPE_INDEX(e->symbol->type)];
        if (!mst_check_agree(other->type, set->type)) {
            struct mst_diag *d = mst_diag_report(
                program->diags, MST_DIAG_EXPECTED, e->span, "The set `%s` holds %s, this one %s.",
                e->symbol->name.text, mst_check_type_name(program, other->type),
                mst_check_type_name(program, set->type));
            mst_diag_help(program->diags, d, "a set takes in sets of its own type only");
        }
        for (size_t i = 0; i < other->members.count; i++)
            add_cell(program, set, other->members.items[i]);
        return;
    }
    if (!mst_check_expect(context, e, set->type, "a member of the set") ||
        !mst_check_constant(program, e, "A member of a set"))
        return;
    struct mst_cell cell = mst_fold(program, e, NULL);
    if (cell.known) {
        add_cell(program, set, cell);
        return;
    }
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_CELL_EMPTY, e->span,
                                         "This member cannot be computed.");
    mst_diag_help(program->diags, d, "a number is out of range here, or there is no such day");
}

void mst_check_set(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_context context = {.program = program, .unit = symbol->unit};
    struct mst_set *set = MST_NEW(program->arena, struct mst_set);
    uint32_t max_bytes;
    if (set == NULL)
        return;
    set->symbol = symbol;
    set->type = mst_check_type(program, symbol->unit, symbol->item->type, &max_bytes);
    if (!mst_check_is_scalar(set->type))
        report_nested(program, symbol, "A set holds plain values or members of an enum");
    symbol->type = MST_TYPE_OF(MST_TYPE_SET, program->sets.count);
    MST_PUSH(program->arena, &program->sets, set);
    for (struct mst_expr *e = symbol->item->elements.first; e != NULL; e = e->next)
        add_members(&context, set, e);
}

/* The site's value for a param, or NULL. */
static const mst_param *find_setting(const struct mst_program *program,
                                     const struct mst_symbol *symbol)
{
    const char *module = symbol->unit->module->name;
    size_t len = strlen(module);
    for (size_t i = 0; i < program->options->param_count; i++) {
        const char *name = program->options->params[i].name;
        if (strncmp(name, module, len) == 0 && name[len] == '.' &&
            strcmp(name + len + 1, symbol->name.text) == 0)
            return &program->options->params[i];
    }
    return NULL;
}

static void report_setting(struct mst_program *program, const struct mst_symbol *symbol,
                           const mst_param *setting)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_PARAM_VALUE, symbol->name.span,
                        "The setting %s=\"%s\" cannot be read as %s.", setting->name,
                        setting->value, mst_check_type_name(program, symbol->type));
    const char *example = mst_check_example(symbol->type);
    if (example != NULL)
        mst_diag_help(program->diags, d, "write it as in --param %s=\"%s\"", setting->name,
                      example);
    else if (MST_TYPE_KIND(symbol->type) == MST_TYPE_ENUM)
        mst_diag_help(program->diags, d, "write one of the members of the enum");
    else
        mst_diag_help(program->diags, d, "write a shorter text");
}

void mst_check_param(struct mst_program *program, struct mst_symbol *symbol)
{
    struct mst_context context = {.program = program, .unit = symbol->unit};
    struct mst_param_value param = {symbol, {false, 0, {NULL, 0}}, NULL};
    uint32_t max_bytes;
    symbol->type = mst_check_type(program, symbol->unit, symbol->item->type, &max_bytes);
    if (!mst_check_is_scalar(symbol->type))
        report_nested(program, symbol, "A param is a plain value or a member of an enum");
    if (mst_check_expect(&context, symbol->item->value, symbol->type, "the param") &&
        mst_check_constant(program, symbol->item->value, "A param"))
        param.value = mst_fold(program, symbol->item->value, NULL);
    const mst_param *setting = find_setting(program, symbol);
    if (setting != NULL) {
        mst_text text = {setting->value, (uint32_t)strlen(setting->value)};
        if (mst_fold_read(program, symbol->type, max_bytes, text, &param.value) != MST_READ_OK)
            report_setting(program, symbol, setting);
    }
    if (!param.value.known && program->diags->error_count == 0)
        mst_diag_help(program->diags,
                      mst_diag_report(program->diags, MST_DIAG_CELL_EMPTY,
                                      symbol->item->value->span,
                                      "This param has no value: it cannot be computed."),
                      "a number is out of range here, or there is no such day");
    symbol->index = (uint32_t)program->params.count; /* others may have come before it meanwhile */
    MST_PUSH(program->arena, &program->params, param);
}
