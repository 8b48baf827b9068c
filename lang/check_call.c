/* SPDX-License-Identifier: Apache-2.0
 *
 * check_call.c - calls of defs and built-ins, and what a symbol stands for: lets, defs, defaults
 * and verdicts are checked when something first needs them, which is also how cycles are found. */
#include "check.h"

#include <string.h>

#include "builtin_list.h"
#include "format/limits.h"

/* ---- on demand ----------------------------------------------------------------------------- */

static void report_cycle(struct mst_context *context, const struct mst_symbol *symbol,
                         struct mst_span span)
{
    struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_CYCLE, span,
                                         "`%s` is defined by itself here.", symbol->name.text);
    mst_diag_other(context->program->diags, d, symbol->name.span, "it begins here");
    mst_diag_help(context->program->diags, d,
                  "nothing reads itself: write one of them without the other");
}

/* Begins checking `symbol`; false where it is done, or cannot be done. */
static bool begin(struct mst_context *context, struct mst_symbol *symbol, struct mst_span span,
                  struct mst_context *inner)
{
    if (symbol->progress == MST_DONE)
        return false;
    if (symbol->progress == MST_DOING) {
        report_cycle(context, symbol, span);
        return false;
    }
    if (context->depth >= MST_MAX_CALL_DEPTH) {
        struct mst_diag *d =
            mst_diag_report(context->program->diags, MST_DIAG_TOO_DEEP, symbol->name.span,
                            "More than %d items read each other in a row.", MST_MAX_CALL_DEPTH);
        mst_diag_help(context->program->diags, d, "join some of them into one");
        symbol->type = MST_TYPE_ERROR;
        symbol->progress = MST_DONE;
        return false;
    }
    symbol->progress = MST_DOING;
    *inner = (struct mst_context){.program = context->program,
                                  .unit = symbol->unit,
                                  .depth = context->depth + 1,
                                  .deepest = &symbol->depth};
    return true;
}

static void check_let(struct mst_context *context, struct mst_symbol *symbol, struct mst_span span)
{
    struct mst_context inner;
    struct mst_item *item = symbol->item;
    if (!begin(context, symbol, span, &inner))
        return;
    if (item->type != NULL) {
        uint32_t max_bytes;
        symbol->type = mst_check_type(context->program, symbol->unit, item->type, &max_bytes);
        mst_check_expect(&inner, item->value, symbol->type, "the let");
    } else {
        symbol->type = MST_TYPE_ERROR;
        symbol->type = mst_check_expr(&inner, item->value, 0);
    }
    uint32_t kind = MST_TYPE_KIND(symbol->type);
    if (!mst_check_is_scalar(symbol->type) && kind != MST_TYPE_ROW && kind != MST_TYPE_ELEMENT) {
        struct mst_diag *d =
            mst_diag_report(context->program->diags, MST_DIAG_LET_WHAT, item->value->span,
                            "A let names a value, a row or an element, not %s.",
                            mst_check_type_name(context->program, symbol->type));
        mst_diag_help(context->program->diags, d,
                      "write what is to be known of it, such as `%s`, or use it under its own name",
                      kind == MST_TYPE_TABLE ? "last(r in … where …)" : "any(v in …: …)");
        symbol->type = MST_TYPE_ERROR;
    }
    symbol->index = (uint32_t)context->program->lets.count;
    MST_PUSH(context->program->arena, &context->program->lets, symbol);
    symbol->progress = MST_DONE;
}

/* Binds the parameters of a def, so that its body sees them. */
static void bind_parameters(struct mst_context *inner, struct mst_symbol *symbol)
{
    struct mst_program *program = inner->program;
    struct mst_name_set names = {.names = {.count = 0}};
    for (struct mst_decl *d = symbol->item->decls.first; d != NULL; d = d->next) {
        struct mst_local *local = MST_NEW(program->arena, struct mst_local);
        uint32_t max_bytes;
        if (local == NULL || d->name.text == NULL)
            return;
        (void)mst_name_set_add(program, &names, d->name, "def");
        local->symbol.kind = MST_SYMBOL_LOCAL;
        local->symbol.name = d->name;
        local->symbol.unit = symbol->unit;
        local->symbol.decl = d;
        local->symbol.type = mst_check_type(program, symbol->unit, d->type, &max_bytes);
        local->outer = inner->locals;
        inner->locals = local;
        d->symbol = &local->symbol;
        if (mst_check_is_scalar(local->symbol.type))
            continue;
        struct mst_diag *diag =
            mst_diag_report(program->diags, MST_DIAG_TYPE_NESTED, d->span,
                            "A parameter of a def is a plain value or an enum, not %s.",
                            mst_check_type_name(program, local->symbol.type));
        mst_diag_help(program->diags, diag, "hand over the single values that it needs");
    }
}

static void check_def(struct mst_context *context, struct mst_symbol *symbol, struct mst_span span)
{
    struct mst_context inner;
    uint32_t max_bytes;
    if (!begin(context, symbol, span, &inner))
        return;
    if (symbol->item->decls.count > MST_MAX_DEF_PARAMETERS) {
        struct mst_diag *d =
            mst_diag_report(context->program->diags, MST_DIAG_CALL, symbol->name.span,
                            "A def takes at most %d arguments.", MST_MAX_DEF_PARAMETERS);
        mst_diag_help(context->program->diags, d,
                      "read facts in its body instead of handing them over");
    }
    symbol->type = mst_check_type(context->program, symbol->unit, symbol->item->type, &max_bytes);
    bind_parameters(&inner, symbol);
    mst_check_expect(&inner, symbol->item->value, symbol->type, "the result");
    symbol->progress = MST_DONE;
}

static void check_default(struct mst_context *context, struct mst_symbol *symbol,
                          struct mst_span span)
{
    struct mst_context inner;
    if (symbol->decl->value == NULL || !mst_check_is_scalar(symbol->type)) {
        symbol->progress = MST_DONE;
        return;
    }
    if (!begin(context, symbol, span, &inner))
        return;
    mst_check_expect(&inner, symbol->decl->value, symbol->type, "the fact");
    symbol->progress = MST_DONE;
}

static void check_constant_item(struct mst_context *context, struct mst_symbol *symbol,
                                struct mst_span span,
                                void (*check)(struct mst_program *, struct mst_symbol *))
{
    struct mst_context inner;
    if (!begin(context, symbol, span, &inner))
        return;
    symbol->type = MST_TYPE_ERROR;
    check(context->program, symbol);
    symbol->progress = MST_DONE;
}

uint32_t mst_check_symbol(struct mst_context *context, struct mst_symbol *symbol,
                          struct mst_span span)
{
    switch (symbol->kind) {
    case MST_SYMBOL_LET: check_let(context, symbol, span); break;
    case MST_SYMBOL_DEF: check_def(context, symbol, span); break;
    case MST_SYMBOL_FACT: check_default(context, symbol, span); break;
    case MST_SYMBOL_SET: check_constant_item(context, symbol, span, mst_check_set); break;
    case MST_SYMBOL_PARAM: check_constant_item(context, symbol, span, mst_check_param); break;
    case MST_SYMBOL_TABLE: check_constant_item(context, symbol, span, mst_check_table); break;
    case MST_SYMBOL_POLICY:
    case MST_SYMBOL_DECISION: {
        struct mst_context inner;
        if (begin(context, symbol, span, &inner)) {
            mst_check_rules(&inner, symbol);
            symbol->progress = MST_DONE;
        }
        break;
    }
    default: break;
    }
    if (context->deepest != NULL && *context->deepest <= symbol->depth)
        *context->deepest = symbol->depth + 1;
    if (symbol->depth > MST_MAX_CALL_DEPTH && MST_TYPE_KIND(symbol->type) != MST_TYPE_ERROR) {
        mst_diag_help(context->program->diags,
                      mst_diag_report(context->program->diags, MST_DIAG_TOO_DEEP, symbol->name.span,
                                      "More than %d items read each other in a row.",
                                      MST_MAX_CALL_DEPTH),
                      "join some of them into one");
        symbol->type = MST_TYPE_ERROR;
    }
    return symbol->type;
}

/* ---- calls --------------------------------------------------------------------------------- */

static struct mst_symbol *find_def(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    if (e->a == NULL)
        return mst_names_find(program, context->unit, MST_SPACE_FUNCTIONS, e->name);
    if (e->a->kind == MST_EXPR_NAME) {
        struct mst_symbol *alias =
            mst_names_find(program, context->unit, MST_SPACE_VALUES, e->a->name);
        if (alias != NULL && alias->kind == MST_SYMBOL_MODULE)
            return mst_names_find_in(program, alias, MST_SPACE_FUNCTIONS, e->name);
    }
    return NULL;
}

static uint32_t check_def_call(struct mst_context *context, struct mst_expr *e,
                               struct mst_symbol *def)
{
    struct mst_diags *diags = context->program->diags;
    e->ref = MST_REF_DEF;
    e->symbol = def;
    mst_check_symbol(context, def, e->name.span);
    if (e->args.count != def->item->decls.count) {
        struct mst_diag *d = mst_diag_report(
            diags, MST_DIAG_CALL, e->span, "`%s` takes %u argument%s, not %u.", def->name.text,
            def->item->decls.count, def->item->decls.count == 1 ? "" : "s", e->args.count);
        mst_diag_other(diags, d, def->name.span, "it is declared here");
        mst_diag_help(diags, d, "write one argument for each of its parameters");
    }
    struct mst_decl *d = def->item->decls.first;
    for (struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next) {
        if (d != NULL && d->symbol != NULL)
            mst_check_expect(context, arg, d->symbol->type, "the argument");
        else
            mst_check_expr(context, arg, 0);
        d = d != NULL ? d->next : NULL;
    }
    return e->type = def->type;
}

static uint32_t arg_type(struct mst_program *program, uint8_t arg)
{
    if (arg == MST_ARG_WEEKDAY)
        return MST_TYPE_OF(MST_TYPE_ENUM, mst_check_weekday_enum(program));
    if (arg == MST_ARG_CLOCK)
        return MST_TYPE_CLOCK;
    return arg;
}

static bool fits(const struct mst_builtin *b, const struct mst_expr *e)
{
    return strcmp(b->name, e->name.text) == 0 && b->arg_count == e->args.count;
}

/* What the i-th argument must be wherever so many arguments are possible; 0: it depends. */
static uint32_t expected_argument(struct mst_program *program, const struct mst_expr *e, size_t i)
{
    uint32_t expected = UINT32_MAX;
    for (size_t k = 0; k < mst_builtin_list_count; k++) {
        if (!fits(&mst_builtin_list[k], e))
            continue;
        uint32_t type = arg_type(program, mst_builtin_list[k].args[i]);
        expected = expected == UINT32_MAX || expected == type ? type : 0;
    }
    return expected == UINT32_MAX ? 0 : expected;
}

/* Types the arguments; false where one is reported already. */
static bool check_arguments(struct mst_context *context, struct mst_expr *e)
{
    size_t i = 0;
    bool good = true;
    for (struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next, i++) {
        uint32_t expected =
            i < MST_BUILTIN_MAX_ARGS ? expected_argument(context->program, e, i) : 0;
        if (MST_TYPE_KIND(mst_check_expr(context, arg, expected)) == MST_TYPE_ERROR)
            good = false;
    }
    return good;
}

static const struct mst_builtin *find_overload(struct mst_program *program,
                                               const struct mst_expr *e)
{
    for (size_t k = 0; k < mst_builtin_list_count; k++) {
        const struct mst_builtin *b = &mst_builtin_list[k];
        size_t i = 0;
        bool same = fits(b, e);
        for (struct mst_expr *arg = e->args.first; same && arg != NULL; arg = arg->next, i++)
            same = arg->type == arg_type(program, b->args[i]);
        if (same)
            return b;
    }
    return NULL;
}

static const char *builtin_type_name(struct mst_program *program, uint8_t arg)
{
    return mst_check_type_name(program, arg_type(program, arg));
}

static void help_overloads(struct mst_program *program, struct mst_diag *d, const char *name)
{
    const char *list = NULL;
    for (size_t k = 0; k < mst_builtin_list_count; k++) {
        const struct mst_builtin *b = &mst_builtin_list[k];
        if (strcmp(b->name, name) != 0)
            continue;
        const char *args = "";
        for (size_t i = 0; i < b->arg_count; i++)
            args = mst_arena_printf(program->arena, "%s%s%s", args, i > 0 ? ", " : "",
                                    builtin_type_name(program, b->args[i]));
        list = mst_arena_printf(program->arena, "%s%s`%s(%s)`", list != NULL ? list : "",
                                list != NULL ? ", " : "", name, args);
    }
    if (list != NULL)
        mst_diag_help(program->diags, d, "there is %s", list);
}

static bool is_builtin(const char *name)
{
    for (size_t k = 0; k < mst_builtin_list_count; k++)
        if (strcmp(mst_builtin_list[k].name, name) == 0)
            return true;
    return false;
}

/* "a, b" */
static const char *quote_arguments(struct mst_program *program, const struct mst_expr *e)
{
    const char *list = "";
    for (const struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next)
        list = mst_arena_printf(program->arena, "%s%s%s", list, arg != e->args.first ? ", " : "",
                                mst_check_quote(program, arg));
    return list;
}

/* A function called on a value, `name.lower()`, or a table called like one: false if it is
 * neither. */
static bool help_call(struct mst_context *context, struct mst_diag *d, const struct mst_expr *e)
{
    struct mst_program *program = context->program;
    const char *args = quote_arguments(program, e);
    if (e->a != NULL && is_builtin(e->name.text)) {
        mst_diag_help(program->diags, d, "write `%s(%s%s%s)`", e->name.text,
                      mst_check_quote(program, e->a), *args != '\0' ? ", " : "", args);
        return true;
    }
    const struct mst_symbol *symbol =
        e->a == NULL ? mst_names_find(program, context->unit, MST_SPACE_VALUES, e->name) : NULL;
    if (symbol == NULL || symbol->kind == MST_SYMBOL_MODULE)
        return false;
    if (symbol->kind == MST_SYMBOL_TABLE)
        mst_diag_help(program->diags, d, "a row is looked up by its key: write `%s[%s]`",
                      e->name.text, args);
    else
        mst_diag_help(program->diags, d, "it is a value: write `%s`", e->name.text);
    return true;
}

static uint32_t report_no_function(struct mst_context *context, struct mst_expr *e)
{
    const char *names[128];
    size_t count = 0;
    bool is_on_value = e->a != NULL && is_builtin(e->name.text);
    for (size_t k = 0; k < mst_builtin_list_count && count < 128; k++)
        names[count++] = mst_builtin_list[k].name;
    struct mst_diag *d = mst_diag_report(
        context->program->diags, MST_DIAG_FUNCTION_UNKNOWN, e->name.span,
        is_on_value ? "`%s` is not called on a value." : "There is no function `%s`.",
        e->name.text);
    const char *nearest =
        mst_names_suggest(context->program, context->unit, MST_SPACE_FUNCTIONS, e->name.text);
    if (nearest == NULL)
        nearest = mst_diag_nearest(e->name.text, names, count);
    if (!help_call(context, d, e) && nearest != NULL)
        mst_diag_help(context->program->diags, d, "did you mean `%s(…)`?", nearest);
    for (struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next)
        mst_check_expr(context, arg, 0);
    return e->type = MST_TYPE_ERROR;
}

/* version(a), version(a, b, c, d) and text(enum) have no line of their own: lowering composes
 * them from the others. */
static uint32_t check_composed(struct mst_expr *e)
{
    uint32_t first = e->args.first != NULL ? e->args.first->type : 0;
    if (strcmp(e->name.text, "version") == 0 && (e->args.count == 1 || e->args.count == 4)) {
        for (struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next)
            if (arg->type != MST_TYPE_INT)
                return 0;
        return MST_TYPE_VERSION;
    }
    if (strcmp(e->name.text, "text") == 0 && e->args.count == 1 &&
        (MST_TYPE_KIND(first) == MST_TYPE_ENUM || first == MST_TYPE_TEXT))
        return MST_TYPE_TEXT;
    return 0;
}

static uint32_t check_builtin_call(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    e->ref = MST_REF_BUILTIN;
    if (!check_arguments(context, e))
        return e->type = MST_TYPE_ERROR;
    const struct mst_builtin *b = find_overload(program, e);
    e->number = b != NULL ? b->number : 0;
    e->type = b != NULL ? arg_type(program, b->result) : check_composed(e);
    if (e->type != 0)
        return e->type;
    const char *args = "";
    for (struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next)
        args = mst_arena_printf(program->arena, "%s%s%s", args, arg != e->args.first ? ", " : "",
                                mst_check_type_name(program, arg->type));
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_CALL, e->span,
                                         "`%s` cannot be called with (%s).", e->name.text, args);
    help_overloads(program, d, e->name.text);
    return e->type = MST_TYPE_ERROR;
}

uint32_t mst_check_call(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    (void)expected;
    if (e->name.text == NULL)
        return e->type = MST_TYPE_ERROR;
    struct mst_symbol *def = find_def(context, e);
    if (def != NULL)
        return check_def_call(context, e, def);
    if (e->a == NULL && is_builtin(e->name.text))
        return check_builtin_call(context, e);
    return report_no_function(context, e);
}

/* ---- constants ----------------------------------------------------------------------------- */

static const struct mst_expr *find_moving(struct mst_program *program, const struct mst_expr *e);

/* Of a let or def: found once. */
static bool is_moving(struct mst_program *program, struct mst_symbol *symbol)
{
    if (symbol->moving == 0)
        symbol->moving = find_moving(program, symbol->item->value) != NULL ? 2 : 1;
    return symbol->moving == 2;
}

static const struct mst_expr *find_moving_part(struct mst_program *program,
                                               const struct mst_expr *e)
{
    switch ((enum mst_meaning)e->ref) {
    case MST_REF_NOW:
    case MST_REF_FACT:
    case MST_REF_TABLE:
    case MST_REF_VERDICT:
    case MST_REF_CHECK:
    case MST_REF_FIELD: return e;
    case MST_REF_LET: return is_moving(program, e->symbol) ? e : NULL;
    case MST_REF_DEF:
        if (is_moving(program, e->symbol))
            return e;
        break;
    default: break;
    }
    const struct mst_expr *found = find_moving(program, e->a);
    found = found != NULL ? found : find_moving(program, e->b);
    found = found != NULL ? found : find_moving(program, e->c);
    for (const struct mst_expr *arg = e->args.first; arg != NULL && found == NULL; arg = arg->next)
        found = find_moving(program, arg);
    return found;
}

/* The first part of an expression that is no constant, or NULL. */
static const struct mst_expr *find_moving(struct mst_program *program, const struct mst_expr *e)
{
    if (e == NULL || !mst_program_enter(program, e->span))
        return NULL;
    const struct mst_expr *found = find_moving_part(program, e);
    mst_program_leave(program);
    return found;
}

bool mst_check_constant(struct mst_program *program, const struct mst_expr *e, const char *what)
{
    if (e != NULL && MST_TYPE_KIND(e->type) == MST_TYPE_ERROR)
        return false; /* what is wrong with it is reported */
    const struct mst_expr *found = find_moving(program, e);
    if (found == NULL)
        return true;
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_NOT_CONSTANT, found->span,
        "%s is fixed when compiling: it cannot read `now`, facts, tables or verdicts.", what);
    mst_diag_help(program->diags, d, "write the value itself; what changes is named with `let`");
    return false;
}

/* ---- texts --------------------------------------------------------------------------------- */

const char *mst_check_plain(struct mst_program *program, struct mst_expr *text)
{
    if (text == NULL)
        return NULL;
    if (text->kind == MST_EXPR_PIECE)
        return text->bytes;
    text->type = MST_TYPE_TEXT;
    for (struct mst_expr *part = text->args.first; part != NULL; part = part->next) {
        if (part->kind == MST_EXPR_PIECE)
            continue;
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_HOLE_OUTSIDE_MESSAGE,
                                             part->span, "This text cannot hold a value.");
        mst_diag_help(program->diags, d,
                      "only reason, remedy, cite and because do; for a brace write `{{`");
        return NULL;
    }
    return text->args.first != NULL ? text->args.first->bytes : "";
}

static void report_hole(struct mst_program *program, const struct mst_expr *part, uint32_t type)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_HOLE_WHAT, part->span,
                        "A message cannot print %s.", mst_check_type_name(program, type));
    if (MST_TYPE_KIND(type) == MST_TYPE_LIST)
        mst_diag_help(program->diags, d,
                      "name what it should say with `let`, such as `let n = count(v in %s: true)`, "
                      "and print that",
                      mst_check_quote(program, part));
    else if (MST_TYPE_KIND(type) == MST_TYPE_TABLE)
        mst_diag_help(program->diags, d,
                      program->tables.items[MST_TYPE_INDEX(type)]->key != UINT32_MAX
                          ? "name a row of it, as in `let row = %s[…]`, and print a value of that: "
                            "`{row.NAME}`"
                          : "name a row of it, as in `let row = last(r in %s where …)`, and print "
                            "a value of that: `{row.NAME}`",
                      mst_check_quote(program, part));
    else
        mst_diag_help(program->diags, d, "print a single value of it, as in `{%s.NAME}`",
                      mst_check_quote(program, part));
}

void mst_check_text(struct mst_context *context, struct mst_expr *text)
{
    if (text == NULL)
        return;
    text->type = MST_TYPE_TEXT;
    for (struct mst_expr *part = text->args.first; part != NULL; part = part->next) {
        if (part->kind == MST_EXPR_PIECE)
            continue;
        uint32_t type = mst_check_expr(context, part, 0);
        if (!mst_check_is_scalar(type))
            report_hole(context->program, part, type);
    }
}
