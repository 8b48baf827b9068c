/* SPDX-License-Identifier: Apache-2.0
 *
 * check_name.c - what a name or path means where it stands: locals, then values of the module and
 * its imports, then members of the enum that is expected there. */
#include "check_expr.h"

#include <string.h>

#include "zones.h"

static struct mst_local *find_local(const struct mst_context *context, const char *name)
{
    for (struct mst_local *l = context->locals; l != NULL; l = l->outer)
        if (l->symbol.name.text == name)
            return l;
    return NULL;
}

/* ---- names --------------------------------------------------------------------------------- */

static const char *nearest_member(struct mst_program *program, const struct mst_enum_type *type,
                                  const char *wrong)
{
    const char **names = MST_NEW_ARRAY(program->arena, type->members.count + 1, const char *);
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < type->members.count; i++)
        names[i] = type->members.items[i].text;
    return mst_diag_nearest(wrong, names, type->members.count);
}

/* An enum of this module or its imports that has such a member, for help. */
static const struct mst_enum_type *enum_with_member(struct mst_context *context, const char *name)
{
    for (size_t i = 0; i < context->program->enums.count; i++) {
        const struct mst_enum_type *type = context->program->enums.items[i];
        if (type->has_other && strcmp(name, "other") != 0 &&
            mst_check_member(type, name) != UINT32_MAX)
            return type;
    }
    return NULL;
}

/* What other languages call a value. */
static const char *find_foreign_value(const char *name)
{
    static const char *const words[][2] = {
        {"True", "write `true`"},
        {"TRUE", "write `true`"},
        {"False", "write `false`"},
        {"FALSE", "write `false`"},
        {"null", "for a value that is not there write `… is unknown`"},
        {"NULL", "for a value that is not there write `… is unknown`"},
        {"None", "for a value that is not there write `… is unknown`"},
        {"nil", "for a value that is not there write `… is unknown`"},
        {"today", "write `date(now)`"},
        {"yes", "write `true`"},
        {"no", "write `false`"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], name) == 0)
            return words[i][1];
    return NULL;
}

static void help_member(struct mst_context *context, struct mst_diag *d,
                        const struct mst_enum_type *type, const char *wrong)
{
    struct mst_diags *diags = context->program->diags;
    const char *nearest = nearest_member(context->program, type, wrong);
    const char *foreign = find_foreign_value(wrong);
    if (nearest == NULL && foreign != NULL) {
        mst_diag_help(diags, d, "%s", foreign);
        return;
    }
    if (nearest != NULL) {
        mst_diag_help(diags, d, "did you mean `%s`?", nearest);
        return;
    }
    const char *list = "";
    for (size_t i = 0; i < type->members.count && i < 12; i++)
        list = mst_arena_printf(context->program->arena, "%s%s%s", list, i > 0 ? ", " : "",
                                type->members.items[i].text);
    mst_diag_help(diags, d, "%s has the members %s%s", type->name, list,
                  type->members.count > 12 ? ", …" : "");
}

static uint32_t report_no_member(struct mst_context *context, struct mst_expr *e,
                                 const struct mst_enum_type *type)
{
    struct mst_diags *diags = context->program->diags;
    for (size_t i = 0; i < context->program->verdicts.count; i++) {
        const struct mst_rules *rules = context->program->verdicts.items[i];
        if (context->program->enums.items[rules->enum_type] != type ||
            rules->symbol->kind != MST_SYMBOL_POLICY ||
            rules->symbol->item->unknown.name.text != e->name.text)
            continue;
        struct mst_diag *d =
            mst_diag_report(diags, MST_DIAG_UNKNOWN_OUTCOME, e->name.span,
                            "`%s` is how the unknown outcome of %s is printed; nothing equals it.",
                            e->name.text, type->name);
        mst_diag_help(diags, d, "write `%s is unknown`", type->name);
        return mst_check_failed(e);
    }
    struct mst_diag *d = mst_diag_report(diags, MST_DIAG_MEMBER_UNKNOWN, e->name.span,
                                         "%s has no member `%s`.", type->name, e->name.text);
    help_member(context, d, type, e->name.text);
    return mst_check_failed(e);
}

/* v26100: a family of versions, as other languages write one. */
static bool is_version_with_v(const char *name)
{
    size_t len = strlen(name);
    return (name[0] == 'v' || name[0] == 'V') && len > 1 &&
           strspn(name + 1, "0123456789") == len - 1;
}

/* The policy in which something stands, or NULL. */
static const struct mst_item *find_policy(const struct mst_unit *unit, struct mst_span span)
{
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next)
        if (item->kind == MST_ITEM_POLICY && item->span.at <= span.at &&
            span.at < item->span.at + item->span.len)
            return item;
    return NULL;
}

static uint32_t report_unknown_name(struct mst_context *context, struct mst_expr *e,
                                    uint32_t expected)
{
    struct mst_program *program = context->program;
    const char *name = e->name.text;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_NAME_UNKNOWN, e->name.span,
                                         "There is nothing called `%s` here.", name);
    const char *nearest = mst_names_suggest(program, context->unit, MST_SPACE_VALUES, name);
    const struct mst_enum_type *type = enum_with_member(context, name);
    const char *foreign = find_foreign_value(name);
    const struct mst_item *policy =
        strcmp(name, "check") == 0 ? find_policy(context->unit, e->span) : NULL;
    if (foreign != NULL)
        mst_diag_help(program->diags, d, "%s", foreign);
    else if (policy != NULL)
        mst_diag_help(program->diags, d, "for the check that decides write `%s.check`",
                      policy->name.text);
    else if (is_version_with_v(name))
        mst_diag_help(program->diags, d,
                      "a version is written without `v`: for all of one family write `within %s`",
                      name + 1);
    else if (type != NULL)
        mst_diag_help(program->diags, d, "for the member of %s write `%s.%s`", type->name,
                      type->name, name);
    else if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else if (expected == MST_TYPE_TEXT)
        mst_diag_help(program->diags, d, "a text stands between quotes: \"%s\"", name);
    else
        mst_diag_help(
            program->diags, d,
            "declare it with `let`, `param` or `facts`, or import the module that has it");
    return mst_check_failed(e);
}

static uint32_t use_member(struct mst_expr *e, uint32_t type, uint32_t member)
{
    e->ref = MST_REF_MEMBER;
    e->number = member;
    return mst_check_typed(e, type);
}

/* What a value symbol is as an expression. */
static uint32_t use_symbol(struct mst_context *context, struct mst_expr *e,
                           struct mst_symbol *symbol)
{
    static const uint8_t refs[] = {
        [MST_SYMBOL_LET] = MST_REF_LET,          [MST_SYMBOL_PARAM] = MST_REF_PARAM,
        [MST_SYMBOL_SET] = MST_REF_SET,          [MST_SYMBOL_TABLE] = MST_REF_TABLE,
        [MST_SYMBOL_GROUP] = MST_REF_GROUP,      [MST_SYMBOL_POLICY] = MST_REF_VERDICT,
        [MST_SYMBOL_DECISION] = MST_REF_VERDICT, [MST_SYMBOL_LOCAL] = MST_REF_LOCAL,
    };
    e->symbol = symbol;
    if (symbol->kind == MST_SYMBOL_MODULE)
        return mst_check_typed(e, MST_TYPE_MODULE);
    if (symbol->kind == MST_SYMBOL_FIXTURE) {
        mst_diag_help(context->program->diags,
                      mst_diag_report(context->program->diags, MST_DIAG_MISPLACED, e->span,
                                      "A fixture stands in tests only, as in `given %s`.",
                                      symbol->name.text),
                      "name facts and verdicts here");
        return mst_check_failed(e);
    }
    e->ref = refs[symbol->kind];
    return mst_check_typed(e, mst_check_symbol(context, symbol, e->span));
}

static uint32_t report_no_zone(struct mst_program *program, struct mst_expr *e)
{
    const char *names[32];
    size_t count = 0;
    while (count < 32 && *mst_zones_name((uint32_t)count) != '\0') {
        names[count] = mst_zones_name((uint32_t)count);
        count++;
    }
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_ZONE_UNKNOWN, e->name.span,
                                         "There is no time zone `%s`.", e->name.text);
    const char *nearest = mst_diag_nearest(e->name.text, names, count);
    if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else
        mst_diag_help(program->diags, d, "the zones are %s", mst_zones_list());
    return mst_check_failed(e);
}

uint32_t mst_check_named(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    struct mst_program *program = context->program;
    if (e->name.text == NULL)
        return mst_check_failed(e);
    struct mst_local *local = find_local(context, e->name.text);
    if (local != NULL) {
        e->ref = MST_REF_LOCAL;
        e->symbol = &local->symbol;
        local->symbol.used = true;
        return mst_check_typed(e, local->symbol.type);
    }
    if (strcmp(e->name.text, "now") == 0) {
        e->ref = MST_REF_NOW;
        return mst_check_typed(e, MST_TYPE_TIME);
    }
    if (MST_TYPE_KIND(expected) == MST_TYPE_ZONE) {
        e->number = mst_zones_find(e->name.text);
        e->ref = MST_REF_ZONE;
        if (e->number != UINT32_MAX)
            return mst_check_typed(e, MST_TYPE_ZONE);
        return report_no_zone(program, e);
    }
    struct mst_symbol *symbol = mst_names_find(program, context->unit, MST_SPACE_VALUES, e->name);
    if (symbol != NULL)
        return use_symbol(context, e, symbol);
    const struct mst_enum_type *type = mst_check_enum_of(program, expected);
    if (MST_TYPE_KIND(expected) == MST_TYPE_ERROR)
        return mst_check_failed(e); /* perhaps a member: of what, is wrong already */
    if (type == NULL)
        return report_unknown_name(context, e, expected);
    uint32_t member = mst_check_member(type, e->name.text);
    if (member != UINT32_MAX)
        return use_member(e, expected, member);
    return report_no_member(context, e, type);
}

bool mst_check_is_open_name(struct mst_context *context, const struct mst_expr *e)
{
    return e->kind == MST_EXPR_NAME && e->name.text != NULL &&
           find_local(context, e->name.text) == NULL && strcmp(e->name.text, "now") != 0 &&
           mst_names_find(context->program, context->unit, MST_SPACE_VALUES, e->name) == NULL;
}

/* ---- paths --------------------------------------------------------------------------------- */

static uint32_t check_fact_path(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    struct mst_symbol *group = e->a->symbol;
    for (struct mst_decl *d = group->item->decls.first; d != NULL; d = d->next) {
        if (d->name.text != e->name.text || d->symbol == NULL)
            continue;
        e->ref = MST_REF_FACT;
        e->symbol = d->symbol;
        return mst_check_typed(e, mst_check_symbol(context, d->symbol, e->span));
    }
    if (program->diags->only_certain && group->item->is_doubtful)
        return mst_check_failed(e);
    const char *names[256];
    size_t count = 0;
    for (struct mst_decl *d = group->item->decls.first; d != NULL && count < 256; d = d->next)
        if (d->name.text != NULL)
            names[count++] = d->name.text;
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_FACT_UNKNOWN, e->name.span,
                        "The group %s has no fact `%s`.", group->name.text, e->name.text);
    const char *nearest = mst_diag_nearest(e->name.text, names, count);
    if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s.%s`?", group->name.text, nearest);
    else
        mst_diag_help(program->diags, d, "declare it there, as in `%s: text`", e->name.text);
    mst_diag_other(program->diags, d, group->name.span, "the group is declared here");
    return mst_check_failed(e);
}

static const struct mst_record_type *record_of(const struct mst_program *program, uint32_t type)
{
    if (MST_TYPE_KIND(type) == MST_TYPE_ELEMENT) {
        uint32_t list = program->facts.items[MST_TYPE_INDEX(type)].type;
        type = program->lists.items[MST_TYPE_INDEX(list)].element;
    }
    return &program->records.items[MST_TYPE_INDEX(type)];
}

static const char *list_fields(struct mst_program *program, const struct mst_record_type *record)
{
    const char *list = "";
    for (const struct mst_decl *d = record->fields->first; d != NULL && list != NULL; d = d->next)
        list = mst_arena_printf(program->arena, "%s%s%s", list,
                                d != record->fields->first ? ", " : "", d->name.text);
    return list;
}

static uint32_t report_no_part(struct mst_context *context, struct mst_expr *e, uint32_t of)
{
    struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_PART_UNKNOWN,
                                         e->name.span, "There is no `.%s` in %s.", e->name.text,
                                         mst_check_type_name(context->program, of));
    if (MST_TYPE_KIND(of) == MST_TYPE_ROW) {
        const struct mst_table *table = context->program->tables.items[MST_TYPE_INDEX(of)];
        const char *list = "";
        for (size_t i = 0; i < table->columns.count; i++)
            list = mst_arena_printf(context->program->arena, "%s%s%s", list, i > 0 ? ", " : "",
                                    table->columns.items[i].name);
        mst_diag_help(context->program->diags, d, "its columns are %s", list);
        return mst_check_failed(e);
    }
    uint32_t kind = MST_TYPE_KIND(of);
    if (kind == MST_TYPE_RECORD || kind == MST_TYPE_ELEMENT)
        mst_diag_help(context->program->diags, d, "its fields are %s",
                      list_fields(context->program, record_of(context->program, of)));
    else if (of == MST_TYPE_VERSION)
        mst_diag_help(context->program->diags, d, "for a part of a version write `part(%s, 1)`",
                      mst_check_quote(context->program, e->a));
    else
        mst_diag_help(context->program->diags, d, "only rows and records have parts");
    return mst_check_failed(e);
}

static uint32_t check_column(struct mst_context *context, struct mst_expr *e)
{
    const struct mst_table *table = context->program->tables.items[MST_TYPE_INDEX(e->a->type)];
    for (size_t i = 0; i < table->columns.count; i++) {
        if (table->columns.items[i].name != e->name.text)
            continue;
        e->ref = MST_REF_COLUMN;
        e->number = (uint32_t)i;
        return mst_check_typed(e, table->columns.items[i].type);
    }
    return report_no_part(context, e, e->a->type);
}

static uint32_t check_record_part(struct mst_context *context, struct mst_expr *e)
{
    const struct mst_record_type *record = record_of(context->program, e->a->type);
    uint32_t number = 0;
    for (struct mst_decl *d = record->fields->first; d != NULL; d = d->next, number++) {
        if (d->name.text != e->name.text || d->symbol == NULL)
            continue;
        e->ref = MST_REF_PART;
        e->number = number;
        return mst_check_typed(e, d->symbol->type);
    }
    return report_no_part(context, e, e->a->type);
}

/* policy.check, or a field of a decision */
static uint32_t check_verdict_part(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    struct mst_symbol *symbol = e->a->symbol;
    struct mst_rules *rules = mst_check_rules_of(program, symbol);
    e->symbol = symbol;
    if (rules == NULL)
        return mst_check_failed(e);
    if (symbol->kind == MST_SYMBOL_POLICY && strcmp(e->name.text, "check") == 0) {
        e->ref = MST_REF_CHECK;
        return mst_check_typed(e, MST_TYPE_OF(MST_TYPE_ENUM, rules->check_enum));
    }
    for (size_t i = 0; i < rules->fields.count; i++) {
        if (rules->fields.items[i].name != e->name.text)
            continue;
        e->ref = MST_REF_FIELD;
        e->number = (uint32_t)i;
        return mst_check_typed(e, rules->fields.items[i].type);
    }
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_PART_UNKNOWN, e->name.span,
                        symbol->kind == MST_SYMBOL_POLICY ? "A policy has no `.%s`."
                                                          : "No case of the decision has `%s`.",
                        e->name.text);
    if (symbol->kind == MST_SYMBOL_POLICY)
        mst_diag_help(program->diags, d, "`%s.check` is the check that decides", symbol->name.text);
    return mst_check_failed(e);
}

/* Edition.Enterprise, where no value is called Edition. Returns 0 if it is no such thing. */
static uint32_t check_enum_path(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    struct mst_expr *a = e->a;
    struct mst_symbol *symbol = NULL;
    if (a->kind == MST_EXPR_NAME && a->name.text != NULL) {
        if (find_local(context, a->name.text) != NULL ||
            mst_names_find(program, context->unit, MST_SPACE_VALUES, a->name) != NULL)
            return 0;
        symbol = mst_names_find(program, context->unit, MST_SPACE_TYPES, a->name);
    } else if (a->kind == MST_EXPR_MEMBER && a->a != NULL && a->a->kind == MST_EXPR_NAME) {
        struct mst_symbol *alias =
            mst_names_find(program, context->unit, MST_SPACE_VALUES, a->a->name);
        if (alias == NULL || alias->kind != MST_SYMBOL_MODULE)
            return 0;
        symbol = a->name.text[0] == '_'
                     ? NULL
                     : mst_scope_find(&program->units.items[alias->index]->types, a->name.text);
    }
    if (symbol == NULL || symbol->kind != MST_SYMBOL_ENUM)
        return 0;
    const struct mst_enum_type *type = mst_check_enum_of(program, symbol->type);
    uint32_t member = type != NULL ? mst_check_member(type, e->name.text) : UINT32_MAX;
    if (type == NULL)
        return mst_check_failed(e);
    return member != UINT32_MAX ? use_member(e, symbol->type, member)
                                : report_no_member(context, e, type);
}

uint32_t mst_check_path(struct mst_context *context, struct mst_expr *e)
{
    if (e->a == NULL || e->name.text == NULL)
        return mst_check_failed(e);
    uint32_t found = check_enum_path(context, e);
    if (found != 0)
        return found;
    uint32_t of = mst_check_expr(context, e->a, 0);
    switch (MST_TYPE_KIND(of)) {
    case MST_TYPE_ERROR: return mst_check_failed(e);
    case MST_TYPE_MODULE: {
        struct mst_symbol *symbol =
            mst_names_find_in(context->program, e->a->symbol, MST_SPACE_VALUES, e->name);
        return symbol != NULL ? use_symbol(context, e, symbol) : mst_check_failed(e);
    }
    case MST_TYPE_GROUP: return check_fact_path(context, e);
    case MST_TYPE_ROW: return check_column(context, e);
    case MST_TYPE_RECORD:
    case MST_TYPE_ELEMENT: return check_record_part(context, e);
    default: break;
    }
    if (e->a->ref == MST_REF_VERDICT)
        return check_verdict_part(context, e);
    return report_no_part(context, e, of);
}

uint32_t mst_check_index(struct mst_context *context, struct mst_expr *e)
{
    uint32_t of = mst_check_expr(context, e->a, 0);
    if (MST_TYPE_KIND(of) != MST_TYPE_TABLE) {
        mst_check_expr(context, e->b, 0);
        if (MST_TYPE_KIND(of) == MST_TYPE_ERROR)
            return mst_check_failed(e);
        struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_INDEX, e->span,
                                             "Only a table with a key can be looked up with `[…]`, "
                                             "not %s.",
                                             mst_check_type_name(context->program, of));
        if (of == MST_TYPE_VERSION)
            mst_diag_help(context->program->diags, d, "for a part of a version write `part(%s, 1)`",
                          mst_check_quote(context->program, e->a));
        else if (MST_TYPE_KIND(of) == MST_TYPE_LIST)
            mst_diag_help(context->program->diags, d,
                          "for an element of a list write `first(v in %s where …)`",
                          mst_check_quote(context->program, e->a));
        else
            mst_diag_help(context->program->diags, d, "name a table before the `[`");
        return mst_check_failed(e);
    }
    const struct mst_table *table = context->program->tables.items[MST_TYPE_INDEX(of)];
    if (table->key == UINT32_MAX) {
        struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_INDEX, e->span,
                                             "The table %s has no key.", table->symbol->name.text);
        mst_diag_help(context->program->diags, d, "write `key` before the column to look up by");
        return mst_check_failed(e);
    }
    mst_check_expect(context, e->b, table->columns.items[table->key].type, "the key");
    return mst_check_typed(e, MST_TYPE_OF(MST_TYPE_ROW, MST_TYPE_INDEX(of)));
}
