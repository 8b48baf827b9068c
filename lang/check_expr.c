/* SPDX-License-Identifier: Apache-2.0
 *
 * check_expr.c - the type of every expression. A name is resolved where it stands: locals, then
 * values of the module and its imports, then members of the enum that is expected there. */
#include "check.h"

#include <string.h>

#include "format/limits.h"
#include "zones.h"

static uint32_t type_of(struct mst_expr *e, uint32_t type)
{
    e->type = type;
    return type;
}

static uint32_t fail(struct mst_expr *e)
{
    return type_of(e, MST_TYPE_ERROR);
}

static struct mst_enum_type *enum_of(struct mst_program *program, uint32_t type)
{
    return MST_TYPE_KIND(type) == MST_TYPE_ENUM ? program->enums.items[MST_TYPE_INDEX(type)] : NULL;
}

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

static void help_member(struct mst_context *context, struct mst_diag *d,
                        const struct mst_enum_type *type, const char *wrong)
{
    struct mst_diags *diags = context->program->diags;
    const char *nearest = nearest_member(context->program, type, wrong);
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
        struct mst_diag *d = mst_diag_report(
            diags, MST_DIAG_UNKNOWN_OUTCOME, e->name.span,
            "`%s` is how the unknown outcome of %s is printed; nothing equals it.", e->name.text,
            type->name);
        mst_diag_help(diags, d, "write `%s is unknown`", type->name);
        return fail(e);
    }
    struct mst_diag *d = mst_diag_report(diags, MST_DIAG_MEMBER_UNKNOWN, e->name.span,
                                         "%s has no member `%s`.", type->name, e->name.text);
    help_member(context, d, type, e->name.text);
    return fail(e);
}

static uint32_t report_unknown_name(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    const char *name = e->name.text;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_NAME_UNKNOWN, e->name.span,
                                         "There is nothing called `%s` here.", name);
    const char *nearest = mst_names_suggest(program, context->unit, MST_SPACE_VALUES, name);
    const struct mst_enum_type *type = enum_with_member(context, name);
    if (type != NULL)
        mst_diag_help(program->diags, d, "for the member of %s write `%s.%s`", type->name,
                      type->name, name);
    else if (nearest != NULL)
        mst_diag_help(program->diags, d, "did you mean `%s`?", nearest);
    else
        mst_diag_help(program->diags, d,
                      "declare it with `let`, `param` or `facts`, or import the module that has it");
    return fail(e);
}

static uint32_t use_member(struct mst_expr *e, uint32_t type, uint32_t member)
{
    e->ref = MST_REF_MEMBER;
    e->number = member;
    return type_of(e, type);
}

/* What a value symbol is as an expression. */
static uint32_t use_symbol(struct mst_context *context, struct mst_expr *e,
                           struct mst_symbol *symbol)
{
    static const uint8_t refs[] = {
        [MST_SYMBOL_LET] = MST_REF_LET,        [MST_SYMBOL_PARAM] = MST_REF_PARAM,
        [MST_SYMBOL_SET] = MST_REF_SET,        [MST_SYMBOL_TABLE] = MST_REF_TABLE,
        [MST_SYMBOL_GROUP] = MST_REF_GROUP,    [MST_SYMBOL_POLICY] = MST_REF_VERDICT,
        [MST_SYMBOL_DECISION] = MST_REF_VERDICT, [MST_SYMBOL_LOCAL] = MST_REF_LOCAL,
    };
    e->symbol = symbol;
    if (symbol->kind == MST_SYMBOL_MODULE || symbol->kind == MST_SYMBOL_FIXTURE) {
        e->ref = MST_REF_NONE;
        return type_of(e, symbol->kind == MST_SYMBOL_MODULE ? (uint32_t)MST_TYPE_MODULE
                                                            : (uint32_t)MST_TYPE_ERROR);
    }
    e->ref = refs[symbol->kind];
    return type_of(e, mst_check_symbol(context, symbol, e->span));
}

static uint32_t check_name(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    struct mst_program *program = context->program;
    if (e->name.text == NULL)
        return fail(e);
    struct mst_local *local = find_local(context, e->name.text);
    if (local != NULL) {
        e->ref = MST_REF_LOCAL;
        e->symbol = &local->symbol;
        local->symbol.used = true;
        return type_of(e, local->symbol.type);
    }
    if (strcmp(e->name.text, "now") == 0) {
        e->ref = MST_REF_NOW;
        return type_of(e, MST_TYPE_TIME);
    }
    if (MST_TYPE_KIND(expected) == MST_TYPE_ZONE) {
        e->number = mst_zones_find(e->name.text);
        e->ref = MST_REF_ZONE;
        if (e->number != UINT32_MAX)
            return type_of(e, MST_TYPE_ZONE);
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_ZONE_UNKNOWN, e->name.span,
                                             "There is no time zone `%s`.", e->name.text);
        mst_diag_help(program->diags, d, "the zones are %s", mst_zones_list());
        return fail(e);
    }
    struct mst_symbol *symbol =
        mst_names_find(program, context->unit, MST_SPACE_VALUES, e->name);
    if (symbol != NULL)
        return use_symbol(context, e, symbol);
    const struct mst_enum_type *type = enum_of(program, expected);
    if (type == NULL)
        return report_unknown_name(context, e);
    uint32_t member = mst_check_member(type, e->name.text);
    if (member != UINT32_MAX)
        return use_member(e, expected, member);
    return report_no_member(context, e, type);
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
        return type_of(e, mst_check_symbol(context, d->symbol, e->span));
    }
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
    mst_diag_other(program->diags, d, group->name.span, "the group is declared here");
    return fail(e);
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
    }
    return fail(e);
}

static uint32_t check_column(struct mst_context *context, struct mst_expr *e)
{
    const struct mst_table *table =
        context->program->tables.items[MST_TYPE_INDEX(e->a->type)];
    for (size_t i = 0; i < table->columns.count; i++) {
        if (table->columns.items[i].name != e->name.text)
            continue;
        e->ref = MST_REF_COLUMN;
        e->number = (uint32_t)i;
        return type_of(e, table->columns.items[i].type);
    }
    return report_no_part(context, e, e->a->type);
}

static const struct mst_record_type *record_of(const struct mst_program *program, uint32_t type)
{
    if (MST_TYPE_KIND(type) == MST_TYPE_ELEMENT) {
        uint32_t list = program->facts.items[MST_TYPE_INDEX(type)].type;
        type = program->lists.items[MST_TYPE_INDEX(list)].element;
    }
    return &program->records.items[MST_TYPE_INDEX(type)];
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
        return type_of(e, d->symbol->type);
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
        return fail(e);
    if (symbol->kind == MST_SYMBOL_POLICY && strcmp(e->name.text, "check") == 0) {
        e->ref = MST_REF_CHECK;
        return type_of(e, MST_TYPE_OF(MST_TYPE_ENUM, rules->check_enum));
    }
    for (size_t i = 0; i < rules->fields.count; i++) {
        if (rules->fields.items[i].name != e->name.text)
            continue;
        e->ref = MST_REF_FIELD;
        e->number = (uint32_t)i;
        return type_of(e, rules->fields.items[i].type);
    }
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_PART_UNKNOWN, e->name.span,
        symbol->kind == MST_SYMBOL_POLICY ? "A policy has no `.%s`." : "No case of the decision has `%s`.",
        e->name.text);
    if (symbol->kind == MST_SYMBOL_POLICY)
        mst_diag_help(program->diags, d, "`%s.check` is the check that decides", symbol->name.text);
    return fail(e);
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
        symbol = mst_scope_find(&program->units.items[alias->index]->types, a->name.text);
    }
    if (symbol == NULL || symbol->kind != MST_SYMBOL_ENUM)
        return 0;
    const struct mst_enum_type *type = enum_of(program, symbol->type);
    uint32_t member = type != NULL ? mst_check_member(type, e->name.text) : UINT32_MAX;
    if (type == NULL)
        return fail(e);
    return member != UINT32_MAX ? use_member(e, symbol->type, member)
                                : report_no_member(context, e, type);
}

static uint32_t check_path(struct mst_context *context, struct mst_expr *e)
{
    if (e->a == NULL || e->name.text == NULL)
        return fail(e);
    uint32_t found = check_enum_path(context, e);
    if (found != 0)
        return found;
    uint32_t of = mst_check_expr(context, e->a, 0);
    switch (MST_TYPE_KIND(of)) {
    case MST_TYPE_ERROR:
        return fail(e);
    case MST_TYPE_MODULE: {
        struct mst_symbol *symbol =
            mst_names_find_in(context->program, e->a->symbol, MST_SPACE_VALUES, e->name);
        return symbol != NULL ? use_symbol(context, e, symbol) : fail(e);
    }
    case MST_TYPE_GROUP:
        return check_fact_path(context, e);
    case MST_TYPE_ROW:
        return check_column(context, e);
    case MST_TYPE_RECORD:
    case MST_TYPE_ELEMENT:
        return check_record_part(context, e);
    default:
        break;
    }
    if (e->a->ref == MST_REF_VERDICT)
        return check_verdict_part(context, e);
    return report_no_part(context, e, of);
}

static uint32_t check_index(struct mst_context *context, struct mst_expr *e)
{
    uint32_t of = mst_check_expr(context, e->a, 0);
    if (MST_TYPE_KIND(of) != MST_TYPE_TABLE) {
        mst_check_expr(context, e->b, 0);
        if (MST_TYPE_KIND(of) != MST_TYPE_ERROR)
            mst_diag_report(context->program->diags, MST_DIAG_INDEX, e->span,
                            "Only a table with a key can be looked up with `[…]`.");
        return fail(e);
    }
    const struct mst_table *table = context->program->tables.items[MST_TYPE_INDEX(of)];
    if (table->key == UINT32_MAX) {
        struct mst_diag *d =
            mst_diag_report(context->program->diags, MST_DIAG_INDEX, e->span,
                            "The table %s has no key.", table->symbol->name.text);
        mst_diag_help(context->program->diags, d, "write `key` before the column to look up by");
        return fail(e);
    }
    mst_check_expect(context, e->b, table->columns.items[table->key].type, "the key");
    return type_of(e, MST_TYPE_OF(MST_TYPE_ROW, MST_TYPE_INDEX(of)));
}

/* ---- operators ----------------------------------------------------------------------------- */

static const char *word_text(uint8_t op)
{
    static const char *const words[] = {
        [MST_WORD_OR] = "or",   [MST_WORD_AND] = "and",   [MST_WORD_NOT] = "not",
        [MST_WORD_EQ] = "==",   [MST_WORD_NE] = "!=",     [MST_WORD_LT] = "<",
        [MST_WORD_LE] = "<=",   [MST_WORD_GT] = ">",      [MST_WORD_GE] = ">=",
        [MST_WORD_IN] = "in",   [MST_WORD_NOT_IN] = "not in", [MST_WORD_LIKE] = "like",
        [MST_WORD_WITHIN] = "within", [MST_WORD_IS] = "is unknown",
        [MST_WORD_IS_NOT] = "is not unknown", [MST_WORD_ELSE] = "??", [MST_WORD_ADD] = "+",
        [MST_WORD_SUB] = "-",   [MST_WORD_MUL] = "*",     [MST_WORD_DIV] = "/",
        [MST_WORD_MOD] = "%",   [MST_WORD_NEG] = "-",     [MST_WORD_ANY] = "any",
        [MST_WORD_ALL] = "all", [MST_WORD_COUNT] = "count", [MST_WORD_FIRST] = "first",
        [MST_WORD_LAST] = "last", [MST_WORD_MIN] = "min", [MST_WORD_MAX] = "max",
        [MST_WORD_SUM] = "sum",
    };
    return op < sizeof words / sizeof words[0] && words[op] != NULL ? words[op] : "?";
}

/* A bare name that means nothing by itself: perhaps a member of what stands opposite. */
static bool is_open_name(struct mst_context *context, const struct mst_expr *e)
{
    return e->kind == MST_EXPR_NAME && e->name.text != NULL &&
           find_local(context, e->name.text) == NULL && strcmp(e->name.text, "now") != 0 &&
           mst_names_find(context->program, context->unit, MST_SPACE_VALUES, e->name) == NULL;
}

static void help_mismatch(struct mst_context *context, struct mst_diag *d, uint32_t a, uint32_t b,
                          const struct mst_expr *right)
{
    struct mst_diags *diags = context->program->diags;
    uint32_t ka = MST_TYPE_KIND(a), kb = MST_TYPE_KIND(b);
    if (ka == MST_TYPE_VERSION && kb == MST_TYPE_INT)
        mst_diag_help(diags, d, "for the leading parts write `within %lld`; for one part use "
                                "`part(…, n)`; a whole version is written 26100.4929",
                      right->kind == MST_EXPR_LITERAL ? (long long)right->word : 26100LL);
    else if (ka == MST_TYPE_INT && kb == MST_TYPE_VERSION)
        mst_diag_help(diags, d, "a number with a point is a version; for one part of a version use "
                                "`part(…, n)`");
    else if (ka == MST_TYPE_ENUM && kb == MST_TYPE_TEXT)
        mst_diag_help(diags, d, "members are written without quotes; list the spelling \"…\" in the "
                                "enum if data has it");
    else if (ka == MST_TYPE_TIME && kb == MST_TYPE_DATE)
        mst_diag_help(diags, d, "write the instant, as in 2026-11-10T00:00:00Z, or compare `date(…)`");
    else if (ka == MST_TYPE_DATE && kb == MST_TYPE_TIME)
        mst_diag_help(diags, d, "compare with `date(…)` of the time");
    else if (ka == MST_TYPE_BOOL && kb == MST_TYPE_INT)
        mst_diag_help(diags, d, "a bool stands by itself: `require os.secure_boot`, or `not …`");
    else if (ka == MST_TYPE_DURATION && kb == MST_TYPE_INT)
        mst_diag_help(diags, d, "write the unit, as in `28 days`");
    else if (kb == MST_TYPE_TEXT)
        mst_diag_help(diags, d, "only a text can be compared with a text in quotes");
}

static uint32_t report_mismatch(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_MISMATCH, e->span, "`%s` needs two of one type: here are %s and %s.",
        word_text(e->op), mst_check_type_name(program, e->a->type),
        mst_check_type_name(program, e->b->type));
    help_mismatch(context, d, e->a->type, e->b->type, e->b);
    return fail(e);
}

/* Types both sides, each helping the other to resolve bare members. */
static void check_sides(struct mst_context *context, struct mst_expr *a, struct mst_expr *b,
                        uint32_t expected)
{
    if (is_open_name(context, a) && !is_open_name(context, b)) {
        uint32_t type = mst_check_expr(context, b, expected);
        mst_check_expr(context, a, type);
        return;
    }
    uint32_t type = mst_check_expr(context, a, expected);
    mst_check_expr(context, b, MST_TYPE_KIND(type) == MST_TYPE_ERROR ? expected : type);
}

static uint32_t check_equal(struct mst_context *context, struct mst_expr *e)
{
    struct mst_diags *diags = context->program->diags;
    struct mst_expr *other = e->b->kind == MST_EXPR_UNKNOWN ? e->a : e->b;
    if (e->a->kind == MST_EXPR_UNKNOWN || e->b->kind == MST_EXPR_UNKNOWN) {
        struct mst_expr *unknown = other == e->a ? e->b : e->a;
        mst_check_expr(context, other, 0);
        unknown->type = other->type;
        if (context->in_expect)
            return type_of(e, MST_TYPE_BOOL);
        struct mst_diag *d = mst_diag_report(diags, MST_DIAG_EQ_UNKNOWN, e->span,
                                             "Nothing is equal to `unknown`, not even itself.");
        mst_diag_help(diags, d, "write `… is %sunknown`", e->op == MST_WORD_NE ? "not " : "");
        return type_of(e, MST_TYPE_BOOL);
    }
    check_sides(context, e->a, e->b, 0);
    uint32_t kind = MST_TYPE_KIND(e->a->type);
    if (kind == MST_TYPE_ERROR || MST_TYPE_KIND(e->b->type) == MST_TYPE_ERROR)
        return type_of(e, MST_TYPE_BOOL);
    if (!mst_check_is_scalar(e->a->type) || !mst_check_is_scalar(e->b->type)) {
        uint32_t bad = mst_check_is_scalar(e->a->type) ? e->b->type : e->a->type;
        mst_diag_report(diags, MST_DIAG_NO_EQUALITY, e->span, "%s cannot be compared with `%s`.",
                        mst_check_type_name(context->program, bad), word_text(e->op));
        return type_of(e, MST_TYPE_BOOL);
    }
    if (!mst_check_agree(e->a->type, e->b->type))
        report_mismatch(context, e);
    return type_of(e, MST_TYPE_BOOL);
}

static uint32_t check_order(struct mst_context *context, struct mst_expr *e)
{
    check_sides(context, e->a, e->b, 0);
    if (MST_TYPE_KIND(e->a->type) == MST_TYPE_ERROR || MST_TYPE_KIND(e->b->type) == MST_TYPE_ERROR)
        return type_of(e, MST_TYPE_BOOL);
    if (!mst_check_agree(e->a->type, e->b->type)) {
        report_mismatch(context, e);
        return type_of(e, MST_TYPE_BOOL);
    }
    if (!mst_check_is_ordered(e->a->type)) {
        struct mst_diag *d = mst_diag_report(
            context->program->diags, MST_DIAG_NO_ORDER, e->span, "%s has no order: `%s` means nothing.",
            mst_check_type_name(context->program, e->a->type), word_text(e->op));
        if (MST_TYPE_KIND(e->a->type) == MST_TYPE_TEXT)
            mst_diag_help(context->program->diags, d,
                          "turn it into what it is: `int(…)`, `version(…)`, `date(…)`");
        else
            mst_diag_help(context->program->diags, d, "list what is meant: `in {…}`");
    }
    return type_of(e, MST_TYPE_BOOL);
}

/* `e == A or B`: the bare B is a member of what was compared before. */
static bool report_or_member(struct mst_context *context, struct mst_expr *e)
{
    struct mst_expr *left = e->a;
    while (left->kind == MST_EXPR_BINARY && left->op == e->op)
        left = left->b;
    if (left->kind != MST_EXPR_BINARY || (left->op != MST_WORD_EQ && left->op != MST_WORD_NE) ||
        !is_open_name(context, e->b))
        return false;
    const struct mst_enum_type *type = enum_of(context->program, left->a->type);
    if (type == NULL || mst_check_member(type, e->b->name.text) == UINT32_MAX)
        return false;
    struct mst_diag *d =
        mst_diag_report(context->program->diags, MST_DIAG_OR_MEMBER, e->b->span,
                        "`%s` stands alone here: `%s` joins conditions, not members.",
                        e->b->name.text, word_text(e->op));
    mst_diag_help(context->program->diags, d, "write `… %s {…, %s}`",
                  left->op == MST_WORD_NE ? "not in" : "in", e->b->name.text);
    e->b->type = MST_TYPE_ERROR;
    return true;
}

static uint32_t check_logic(struct mst_context *context, struct mst_expr *e)
{
    mst_check_expect(context, e->a, MST_TYPE_BOOL,
                     e->op == MST_WORD_NOT ? "what follows `not`" : "a side of `and` or `or`");
    if (e->b != NULL && !report_or_member(context, e))
        mst_check_expect(context, e->b, MST_TYPE_BOOL, "a side of `and` or `or`");
    return type_of(e, MST_TYPE_BOOL);
}

static uint32_t check_else(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    check_sides(context, e->a, e->b, expected);
    if (!mst_check_agree(e->a->type, e->b->type))
        return report_mismatch(context, e);
    return type_of(e, MST_TYPE_KIND(e->a->type) == MST_TYPE_ERROR ? e->b->type : e->a->type);
}

static const struct {
    uint8_t op, left, right, result;
} arithmetic[] = {
    {MST_WORD_ADD, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT},
    {MST_WORD_SUB, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT},
    {MST_WORD_MUL, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT},
    {MST_WORD_DIV, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT},
    {MST_WORD_MOD, MST_TYPE_INT, MST_TYPE_INT, MST_TYPE_INT},
    {MST_WORD_ADD, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_TYPE_DURATION},
    {MST_WORD_SUB, MST_TYPE_DURATION, MST_TYPE_DURATION, MST_TYPE_DURATION},
    {MST_WORD_MUL, MST_TYPE_DURATION, MST_TYPE_INT, MST_TYPE_DURATION},
    {MST_WORD_MUL, MST_TYPE_INT, MST_TYPE_DURATION, MST_TYPE_DURATION},
    {MST_WORD_ADD, MST_TYPE_TIME, MST_TYPE_DURATION, MST_TYPE_TIME},
    {MST_WORD_SUB, MST_TYPE_TIME, MST_TYPE_DURATION, MST_TYPE_TIME},
    {MST_WORD_SUB, MST_TYPE_TIME, MST_TYPE_TIME, MST_TYPE_DURATION},
    {MST_WORD_ADD, MST_TYPE_DATE, MST_TYPE_DURATION, MST_TYPE_DATE},
    {MST_WORD_SUB, MST_TYPE_DATE, MST_TYPE_DURATION, MST_TYPE_DATE},
    {MST_WORD_SUB, MST_TYPE_DATE, MST_TYPE_DATE, MST_TYPE_DURATION},
    {MST_WORD_ADD, MST_TYPE_MONTH, MST_TYPE_INT, MST_TYPE_MONTH},
    {MST_WORD_SUB, MST_TYPE_MONTH, MST_TYPE_INT, MST_TYPE_MONTH},
    {MST_WORD_SUB, MST_TYPE_MONTH, MST_TYPE_MONTH, MST_TYPE_INT},
};

static uint32_t check_arithmetic(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    uint32_t a = mst_check_expr(context, e->a, 0), b = mst_check_expr(context, e->b, 0);
    if (MST_TYPE_KIND(a) == MST_TYPE_ERROR || MST_TYPE_KIND(b) == MST_TYPE_ERROR)
        return fail(e);
    bool swapped = false;
    for (size_t i = 0; i < sizeof arithmetic / sizeof arithmetic[0]; i++) {
        if (arithmetic[i].op != e->op)
            continue;
        if (arithmetic[i].left == a && arithmetic[i].right == b)
            return type_of(e, arithmetic[i].result);
        swapped = swapped || (e->op == MST_WORD_ADD && arithmetic[i].left == b &&
                              arithmetic[i].right == a);
    }
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_ARITHMETIC, e->span,
                                         "`%s` cannot join %s and %s.", word_text(e->op),
                                         mst_check_type_name(program, a), mst_check_type_name(program, b));
    if (swapped)
        mst_diag_help(program->diags, d, "what is moved stands on the left: `t + 7 days`");
    else if (a == MST_TYPE_TEXT && b == MST_TYPE_TEXT)
        mst_diag_help(program->diags, d, "texts are put together in messages: \"{a} and {b}\"");
    else if ((a == MST_TYPE_TIME || a == MST_TYPE_DATE) && b == MST_TYPE_INT)
        mst_diag_help(program->diags, d, "write the unit, as in `7 days`, or `days(…)`");
    return fail(e);
}

static uint32_t check_negative(struct mst_context *context, struct mst_expr *e)
{
    uint32_t type = mst_check_expr(context, e->a, 0);
    if (type == MST_TYPE_INT || type == MST_TYPE_DURATION || MST_TYPE_KIND(type) == MST_TYPE_ERROR)
        return type_of(e, type);
    mst_diag_report(context->program->diags, MST_DIAG_ARITHMETIC, e->span, "%s has no negative.",
                    mst_check_type_name(context->program, type));
    return fail(e);
}

static uint32_t check_like(struct mst_context *context, struct mst_expr *e)
{
    mst_check_expect(context, e->a, MST_TYPE_TEXT, "the left of `like`");
    if (e->b->kind != MST_EXPR_TEXT)
        mst_diag_report(context->program->diags, MST_DIAG_LITERAL_NEEDED, e->b->span,
                        "The pattern of `like` is written as a text: \"Windows*\".");
    else
        mst_check_plain(context->program, e->b);
    e->b->type = MST_TYPE_TEXT;
    return type_of(e, MST_TYPE_BOOL);
}

static uint32_t check_within(struct mst_context *context, struct mst_expr *e)
{
    mst_check_expect(context, e->a, MST_TYPE_VERSION, "the left of `within`");
    if (e->b->kind != MST_EXPR_LITERAL ||
        (e->b->literal != MST_LITERAL_VERSION && e->b->literal != MST_LITERAL_INT))
        mst_diag_report(context->program->diags, MST_DIAG_LITERAL_NEEDED, e->b->span,
                        "`within` takes a version as written: `within 26100` or `within 10.0`.");
    else if (e->b->literal == MST_LITERAL_INT && e->b->word > 65535)
        mst_diag_report(context->program->diags, MST_DIAG_LITERAL_NEEDED, e->b->span,
                        "A part of a version is at most 65535.");
    e->b->type = MST_TYPE_VERSION;
    return type_of(e, MST_TYPE_BOOL);
}

static void check_elements(struct mst_context *context, struct mst_expr *set, uint32_t type)
{
    struct mst_program *program = context->program;
    for (struct mst_expr *m = set->args.first; m != NULL; m = m->next) {
        uint32_t found = mst_check_expr(context, m, type);
        if (MST_TYPE_KIND(found) == MST_TYPE_SET) /* a named set stands for its members */
            found = program->sets.items[MST_TYPE_INDEX(found)]->type;
        if (mst_check_agree(found, type))
            continue;
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_EXPECTED, m->span,
                                             "Here stands %s, but the set holds %s.",
                                             mst_check_type_name(program, found),
                                             mst_check_type_name(program, type));
        help_mismatch(context, d, type, found, m);
    }
    set->type = MST_TYPE_SET;
}

static uint32_t check_in(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    uint32_t type = mst_check_expr(context, e->a, 0);
    type_of(e, MST_TYPE_BOOL);
    if (e->b->kind == MST_EXPR_SET) {
        check_elements(context, e->b, type);
        if (!mst_check_is_scalar(type))
            mst_diag_report(program->diags, MST_DIAG_NO_EQUALITY, e->a->span,
                            "%s cannot be a member of a set.", mst_check_type_name(program, type));
        return e->type;
    }
    uint32_t of = mst_check_expr(context, e->b, 0);
    uint32_t wanted = MST_TYPE_ERROR;
    if (MST_TYPE_KIND(of) == MST_TYPE_SET) {
        wanted = program->sets.items[MST_TYPE_INDEX(of)]->type;
    } else if (MST_TYPE_KIND(of) == MST_TYPE_TABLE) {
        const struct mst_table *table = program->tables.items[MST_TYPE_INDEX(of)];
        if (table->key != UINT32_MAX)
            wanted = table->columns.items[table->key].type;
        else
            mst_diag_report(program->diags, MST_DIAG_INDEX, e->b->span, "The table %s has no key.",
                            table->symbol->name.text);
    } else if (MST_TYPE_KIND(of) != MST_TYPE_ERROR) {
        struct mst_diag *d =
            mst_diag_report(program->diags, MST_DIAG_IN_WHAT, e->b->span,
                            "After `in` stands a set or a table, not %s.",
                            mst_check_type_name(program, of));
        if (MST_TYPE_KIND(of) == MST_TYPE_LIST)
            mst_diag_help(program->diags, d, "write `any(v in …: v == …)`");
        else
            mst_diag_help(program->diags, d, "put braces around it: `in {…}`");
    }
    if (!mst_check_agree(type, wanted))
        mst_diag_report(program->diags, MST_DIAG_MISMATCH, e->span,
                        "`in` needs %s here, not %s.", mst_check_type_name(program, wanted),
                        mst_check_type_name(program, type));
    return e->type;
}

static uint32_t check_binary(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    if (e->a == NULL || e->b == NULL)
        return fail(e);
    switch (e->op) {
    case MST_WORD_OR:
    case MST_WORD_AND:
        return check_logic(context, e);
    case MST_WORD_EQ:
    case MST_WORD_NE:
        return check_equal(context, e);
    case MST_WORD_LT:
    case MST_WORD_LE:
    case MST_WORD_GT:
    case MST_WORD_GE:
        return check_order(context, e);
    case MST_WORD_LIKE:
        return check_like(context, e);
    case MST_WORD_WITHIN:
        return check_within(context, e);
    case MST_WORD_ELSE:
        return check_else(context, e, expected);
    default:
        return check_arithmetic(context, e);
    }
}

static uint32_t check_if(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    mst_check_expect(context, e->a, MST_TYPE_BOOL, "the condition of `if`");
    check_sides(context, e->b, e->c, expected);
    if (mst_check_agree(e->b->type, e->c->type))
        return type_of(e, MST_TYPE_KIND(e->b->type) == MST_TYPE_ERROR ? e->c->type : e->b->type);
    mst_diag_report(context->program->diags, MST_DIAG_MISMATCH, e->span,
                    "`then` yields %s, but `else` yields %s.",
                    mst_check_type_name(context->program, e->b->type),
                    mst_check_type_name(context->program, e->c->type));
    return fail(e);
}

/* ---- quantifiers --------------------------------------------------------------------------- */

/* An element that is a record is known by its list: that is where its fields lie. */
static uint32_t list_element(const struct mst_program *program, const struct mst_expr *list)
{
    uint32_t element = program->lists.items[MST_TYPE_INDEX(list->type)].element;
    if (MST_TYPE_KIND(element) != MST_TYPE_RECORD || list->ref != MST_REF_FACT)
        return element;
    return MST_TYPE_OF(MST_TYPE_ELEMENT, list->symbol->index);
}

static uint32_t element_type(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    uint32_t of = mst_check_expr(context, e->a, 0);
    if (MST_TYPE_KIND(of) == MST_TYPE_LIST)
        return list_element(program, e->a);
    if (MST_TYPE_KIND(of) == MST_TYPE_ERROR)
        return MST_TYPE_ERROR;
    if (MST_TYPE_KIND(of) != MST_TYPE_TABLE) {
        mst_diag_report(program->diags, MST_DIAG_QUANTIFIER, e->a->span,
                        "`%s` goes through a table or a list, not %s.", word_text(e->op),
                        mst_check_type_name(program, of));
        return MST_TYPE_ERROR;
    }
    const struct mst_table *table = program->tables.items[MST_TYPE_INDEX(of)];
    if ((e->op == MST_WORD_FIRST || e->op == MST_WORD_LAST) && table->ordered_by == UINT32_MAX) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_QUANTIFIER, e->span,
                                             "`%s` needs a table with an order; %s has none.",
                                             word_text(e->op), table->symbol->name.text);
        mst_diag_help(program->diags, d, "write `ordered by COLUMN` behind its columns");
    }
    return MST_TYPE_OF(MST_TYPE_ROW, MST_TYPE_INDEX(of));
}

static uint32_t quantifier_result(struct mst_context *context, struct mst_expr *e, uint32_t element)
{
    switch (e->op) {
    case MST_WORD_ANY:
    case MST_WORD_ALL:
        return MST_TYPE_BOOL;
    case MST_WORD_COUNT:
        return MST_TYPE_INT;
    case MST_WORD_FIRST:
    case MST_WORD_LAST:
        return element;
    default:
        break;
    }
    uint32_t type = mst_check_expr(context, e->c, 0);
    bool good = e->op == MST_WORD_SUM ? type == MST_TYPE_INT || type == MST_TYPE_DURATION
                                      : mst_check_is_ordered(type);
    if (good || MST_TYPE_KIND(type) == MST_TYPE_ERROR)
        return type;
    mst_diag_report(context->program->diags, MST_DIAG_QUANTIFIER, e->c->span,
                    "`%s` cannot be taken of %s.", word_text(e->op),
                    mst_check_type_name(context->program, type));
    return MST_TYPE_ERROR;
}

static uint32_t check_quantifier(struct mst_context *context, struct mst_expr *e)
{
    if (e->a == NULL || e->name.text == NULL)
        return fail(e);
    struct mst_local *local = MST_NEW(context->program->arena, struct mst_local);
    if (local == NULL)
        return fail(e);
    local->symbol.kind = MST_SYMBOL_LOCAL;
    local->symbol.name = e->name;
    local->symbol.unit = context->unit;
    local->symbol.type = element_type(context, e);
    local->outer = context->locals;
    e->symbol = &local->symbol;
    context->locals = local;
    if (e->b != NULL)
        mst_check_expect(context, e->b, MST_TYPE_BOOL, "the condition");
    uint32_t type = quantifier_result(context, e, local->symbol.type);
    context->locals = local->outer;
    return type_of(e, type);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static uint32_t check_literal(struct mst_expr *e)
{
    static const uint32_t types[] = {
        [MST_LITERAL_BOOL] = MST_TYPE_BOOL,       [MST_LITERAL_INT] = MST_TYPE_INT,
        [MST_LITERAL_VERSION] = MST_TYPE_VERSION, [MST_LITERAL_DATE] = MST_TYPE_DATE,
        [MST_LITERAL_MONTH] = MST_TYPE_MONTH,     [MST_LITERAL_TIME] = MST_TYPE_TIME,
        [MST_LITERAL_CLOCK] = MST_TYPE_CLOCK,     [MST_LITERAL_DURATION] = MST_TYPE_DURATION,
    };
    return type_of(e, types[e->literal]);
}

static uint32_t report_misplaced(struct mst_context *context, struct mst_expr *e, const char *what)
{
    mst_diag_report(context->program->diags, MST_DIAG_MISPLACED, e->span,
                    "%s cannot stand here.", what);
    return fail(e);
}

uint32_t mst_check_expr(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    if (e == NULL)
        return MST_TYPE_ERROR;
    switch ((enum mst_expr_kind)e->kind) {
    case MST_EXPR_LITERAL:
        return check_literal(e);
    case MST_EXPR_TEXT:
    case MST_EXPR_PIECE:
        mst_check_plain(context->program, e);
        return type_of(e, MST_TYPE_TEXT);
    case MST_EXPR_UNKNOWN:
        return report_misplaced(context, e, "The word `unknown`");
    case MST_EXPR_NAME:
        return check_name(context, e, expected);
    case MST_EXPR_MEMBER:
        return check_path(context, e);
    case MST_EXPR_INDEX:
        return check_index(context, e);
    case MST_EXPR_CALL:
        return mst_check_call(context, e, expected);
    case MST_EXPR_UNARY:
        return e->op == MST_WORD_NOT ? check_logic(context, e) : check_negative(context, e);
    case MST_EXPR_BINARY:
        return check_binary(context, e, expected);
    case MST_EXPR_IS:
        mst_check_expr(context, e->a, 0);
        return type_of(e, MST_TYPE_BOOL);
    case MST_EXPR_IN:
        return check_in(context, e);
    case MST_EXPR_IF:
        return check_if(context, e, expected);
    case MST_EXPR_QUANTIFIER:
        return check_quantifier(context, e);
    case MST_EXPR_SET:
        return report_misplaced(context, e, "A set in braces");
    case MST_EXPR_LIST:
        return report_misplaced(context, e, "A list in brackets");
    case MST_EXPR_RECORD:
        return report_misplaced(context, e, "A record in braces");
    case MST_EXPR_ERROR:
        break;
    }
    return fail(e);
}

bool mst_check_expect(struct mst_context *context, struct mst_expr *e, uint32_t type,
                      const char *what)
{
    struct mst_program *program = context->program;
    if (e == NULL)
        return false;
    uint32_t found = mst_check_expr(context, e, type);
    if (mst_check_agree(found, type))
        return true;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_EXPECTED, e->span,
                                         "Here stands %s, but %s is %s.",
                                         mst_check_type_name(program, found), what,
                                         mst_check_type_name(program, type));
    help_mismatch(context, d, type, found, e);
    return false;
}
