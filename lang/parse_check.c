/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_check.c - what the grammar accepts more widely than the language does, so that it can be
 * refused with a sentence of its own and parsing goes on: chains, `=` for `==`, holes with more
 * than a name, forms of quantifiers, clauses written twice. */
#include <string.h>

#include "format/limits.h"
#include "grammar.h"
#include "parse_state.h"

struct mst_name mst_parse_name(const struct mst_token *token)
{
    return (struct mst_name){token->text, token->span};
}

/* Cuts what has grown too deep, so that nobody's recursion over it runs out of stack. */
static struct mst_expr *limit_depth(struct mst_parser *p, struct mst_expr *expr)
{
    if (expr == NULL || expr->depth <= MST_MAX_EXPR_DEPTH)
        return expr;
    mst_parse_error_too_deep(p, expr->span,
                             "More than " MST_LIMIT_TEXT(
                                 MST_MAX_EXPR_DEPTH) " operators are nested in each other here.");
    struct mst_expr *cut = mst_ast_expr(p->arena, MST_EXPR_ERROR, expr->span);
    return cut;
}

/* ---- literals and texts ------------------------------------------------------------------ */

struct mst_expr *mst_parse_literal(struct mst_parser *p, const struct mst_token *token)
{
    bool is_bad = token->kind == TOK_BAD;
    struct mst_expr *expr =
        mst_ast_expr(p->arena, is_bad ? MST_EXPR_ERROR : MST_EXPR_LITERAL, token->span);
    if (expr == NULL || is_bad)
        return expr;
    bool is_bool = token->kind == TOK_TRUE || token->kind == TOK_FALSE;
    expr->literal = is_bool ? (uint8_t)MST_LITERAL_BOOL : token->literal;
    expr->word = is_bool ? token->kind == TOK_TRUE : token->word;
    expr->parts = token->parts;
    return expr;
}

struct mst_expr *mst_parse_piece(struct mst_parser *p, const struct mst_token *token)
{
    return mst_ast_piece(p->arena, token->text, token->byte_count, token->span);
}

static bool is_piece(const struct mst_expr *expr)
{
    return expr->kind == MST_EXPR_PIECE;
}

struct mst_expr *mst_parse_plain_text(struct mst_parser *p, struct mst_expr *text)
{
    struct mst_expr *hole = text != NULL ? text->args.first : NULL;
    while (hole != NULL && is_piece(hole))
        hole = hole->next;
    if (hole == NULL)
        return text;
    struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_HOLE_OUTSIDE_MESSAGE, hole->span,
                                            "This text cannot hold a value: only messages "
                                            "can.");
    mst_diag_help(p->diags, diag, "write `{{` and `}}` for braces in a text");
    struct mst_expr *empty = mst_ast_piece(p->arena, "", 0, text->span);
    return mst_ast_sequence(p->arena, MST_EXPR_TEXT,
                            mst_ast_append((struct mst_expr_list){0}, empty), text->span);
}

struct mst_expr *mst_parse_hole(struct mst_parser *p, struct mst_expr *expr)
{
    if (expr == NULL)
        return NULL;
    bool is_allowed = expr->kind == MST_EXPR_NAME || expr->kind == MST_EXPR_MEMBER ||
                      expr->kind == MST_EXPR_INDEX || expr->kind == MST_EXPR_CALL ||
                      expr->kind == MST_EXPR_ERROR;
    if (is_allowed && !expr->in_parentheses)
        return expr;
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_HOLE_CONTENT, expr->span,
                        "Between the braces of a text stands a name, a path, a lookup or a call.");
    mst_diag_help(p->diags, diag, "give it a name with `let` and write that name here");
    expr->kind = MST_EXPR_ERROR;
    return expr;
}

/* ---- operators --------------------------------------------------------------------------- */

static struct mst_span span_of(const struct mst_expr *a, const struct mst_expr *b)
{
    if (a == NULL)
        return (struct mst_span){0, 0, 0};
    return b != NULL ? mst_ast_join(a->span, b->span) : a->span;
}

struct mst_expr *mst_parse_binary(struct mst_parser *p, enum mst_word op, struct mst_expr *a,
                                  struct mst_expr *b, struct mst_span span)
{
    struct mst_expr *const parts[3] = {a, b, NULL};
    return limit_depth(p, mst_ast_operation(p->arena, MST_EXPR_BINARY, op, span, parts));
}

struct mst_expr *mst_parse_unary(struct mst_parser *p, enum mst_word op, struct mst_expr *a,
                                 struct mst_span span)
{
    struct mst_expr *const parts[3] = {a, NULL, NULL};
    return limit_depth(p, mst_ast_operation(p->arena, MST_EXPR_UNARY, op, span, parts));
}

struct mst_expr *mst_parse_if(struct mst_parser *p, struct mst_expr *const parts[3],
                              struct mst_span span)
{
    return limit_depth(p, mst_ast_operation(p->arena, MST_EXPR_IF, MST_WORD_NONE, span, parts));
}

static bool is_comparison(const struct mst_expr *expr)
{
    if (expr == NULL || expr->in_parentheses)
        return false;
    bool compares =
        expr->kind == MST_EXPR_BINARY && expr->op >= MST_WORD_EQ && expr->op <= MST_WORD_WITHIN;
    return compares || expr->kind == MST_EXPR_IN || expr->kind == MST_EXPR_IS;
}

static bool is_order(enum mst_word op)
{
    return op >= MST_WORD_LT && op <= MST_WORD_GE;
}

static const char *order_sign(enum mst_word op)
{
    return op == MST_WORD_LT ? "<" : op == MST_WORD_LE ? "<=" : op == MST_WORD_GT ? ">" : ">=";
}

static const char *copy_text(struct mst_parser *p, struct mst_span span)
{
    const char *text = p->diags->sources[span.source].text + span.at;
    const char *copy = mst_arena_copy(p->arena, text, span.len);
    return copy != NULL ? copy : "";
}

static void report_chain(struct mst_parser *p, enum mst_word op, const struct mst_expr *a,
                         const struct mst_expr *b, struct mst_span span)
{
    struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_CHAINED_COMPARISON, span,
                                            "Comparisons cannot be chained.");
    if (is_order(op) && a->kind == MST_EXPR_BINARY && is_order((enum mst_word)a->op) &&
        span.len < 80 && a->b != NULL && b != NULL)
        mst_diag_help(p->diags, diag, "write two: `%s and %s %s %s`", copy_text(p, a->span),
                      copy_text(p, a->b->span), order_sign(op), copy_text(p, b->span));
    else
        mst_diag_help(p->diags, diag, "join them with `and`, or put one into parentheses");
}

static enum mst_expr_kind kind_of_comparison(enum mst_word op)
{
    if (op == MST_WORD_IN || op == MST_WORD_NOT_IN)
        return MST_EXPR_IN;
    return op == MST_WORD_IS || op == MST_WORD_IS_NOT ? MST_EXPR_IS : MST_EXPR_BINARY;
}

struct mst_expr *mst_parse_comparison(struct mst_parser *p, enum mst_word op, struct mst_expr *a,
                                      struct mst_expr *b, struct mst_span span)
{
    if (is_comparison(a)) {
        report_chain(p, op, a, b, span);
        return mst_ast_expr(p->arena, MST_EXPR_ERROR, span);
    }
    struct mst_expr *const parts[3] = {a, b, NULL};
    return limit_depth(p, mst_ast_operation(p->arena, kind_of_comparison(op), op, span, parts));
}

static const char *sign_of(enum mst_word op)
{
    return op == MST_WORD_EQ ? "==" : op == MST_WORD_NE ? "!=" : order_sign(op);
}

/* The comparison that stands last in conditions joined by `and` and `or`. */
static const struct mst_expr *find_last(const struct mst_expr *expr)
{
    while (expr != NULL && expr->kind == MST_EXPR_BINARY && !expr->in_parentheses &&
           (expr->op == MST_WORD_OR || expr->op == MST_WORD_AND))
        expr = expr->b;
    return expr;
}

struct mst_expr *mst_parse_repeated(struct mst_parser *p, enum mst_word join, struct mst_expr *a,
                                    enum mst_word op, struct mst_expr *b, struct mst_span span)
{
    const struct mst_expr *last = find_last(a);
    struct mst_expr *error = mst_ast_expr(p->arena, MST_EXPR_ERROR, span);
    if (last == NULL || b == NULL || last->kind == MST_EXPR_ERROR)
        return mst_parse_binary(p, join, a, error, span_of(a, error));
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_OR_MEMBER, span,
                        "`%s` joins whole conditions: what is compared stands in each.",
                        join == MST_WORD_OR ? "or" : "and");
    bool compares = is_comparison(last) && last->kind == MST_EXPR_BINARY && last->a != NULL &&
                    last->b != NULL && last->span.len + span.len < 80;
    bool is_set =
        compares && last->op == op && op == (join == MST_WORD_OR ? MST_WORD_EQ : MST_WORD_NE);
    if (is_set)
        mst_diag_help(p->diags, diag, "write `%s %s {%s, %s}`", copy_text(p, last->a->span),
                      join == MST_WORD_OR ? "in" : "not in", copy_text(p, last->b->span),
                      copy_text(p, b->span));
    else if (compares && (op == MST_WORD_EQ || op == MST_WORD_NE || is_order(op)))
        mst_diag_help(p->diags, diag, "write `%s %s %s`", copy_text(p, last->a->span), sign_of(op),
                      copy_text(p, b->span));
    else
        mst_diag_help(p->diags, diag, "write it on both sides: `x == a or x == b`");
    return mst_parse_binary(p, join, a, error, span_of(a, error));
}

struct mst_expr *mst_parse_assignment(struct mst_parser *p, struct mst_expr *a, struct mst_expr *b,
                                      struct mst_span sign)
{
    struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_ASSIGNMENT_IN_CONDITION, sign,
                                            "`=` gives a name to a value; it does not compare.");
    mst_diag_help(p->diags, diag, "write `==`");
    return mst_parse_comparison(p, MST_WORD_EQ, a, b, span_of(a, b));
}

/* ---- paths and calls --------------------------------------------------------------------- */

static bool is_path(const struct mst_expr *expr)
{
    while (expr != NULL && expr->kind == MST_EXPR_MEMBER && !expr->in_parentheses)
        expr = expr->a;
    return expr == NULL || (expr->kind == MST_EXPR_NAME && !expr->in_parentheses);
}

struct mst_expr *mst_parse_path(struct mst_parser *p, struct mst_expr *expr)
{
    if (is_path(expr))
        return expr;
    struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_NOT_A_PATH, expr->span,
                                            "Before `has` stands a list of causes.");
    mst_diag_help(p->diags, diag, "write `expect VERDICT.missing has GROUP.FACT`");
    return mst_ast_expr(p->arena, MST_EXPR_ERROR, expr->span);
}

struct mst_expr *mst_parse_member(struct mst_parser *p, struct mst_expr *of,
                                  const struct mst_token *name, struct mst_span span)
{
    return limit_depth(p, mst_ast_member(p->arena, of, mst_parse_name(name), span));
}

struct mst_expr *mst_parse_index(struct mst_parser *p, struct mst_expr *of, struct mst_expr *key,
                                 struct mst_span span)
{
    struct mst_expr *const parts[3] = {of, key, NULL};
    return limit_depth(p, mst_ast_operation(p->arena, MST_EXPR_INDEX, MST_WORD_NONE, span, parts));
}

struct mst_expr *mst_parse_call(struct mst_parser *p, struct mst_expr *of,
                                const struct mst_token *name, struct mst_expr_list args,
                                struct mst_span span)
{
    if (!is_path(of)) {
        struct mst_diag *diag =
            mst_diag_report(p->diags, MST_DIAG_NOT_A_FUNCTION, name->span,
                            "A function is called by its name, not on a value.");
        mst_diag_help(p->diags, diag, "write `%s(...)` with the value between the parentheses",
                      name->text);
        return mst_ast_expr(p->arena, MST_EXPR_ERROR, span);
    }
    return limit_depth(p, mst_ast_call(p->arena, of, mst_parse_name(name), args, span));
}

/* ---- quantifiers ------------------------------------------------------------------------- */

static const struct quantifier_form {
    int kind;
    enum mst_word word;
    bool needs_where, may_have_where, needs_value;
    const char *form;
} quantifier_forms[] = {
    {TOK_ANY, MST_WORD_ANY, false, false, true, "any(x in xs: condition)"},
    {TOK_ALL, MST_WORD_ALL, false, false, true, "all(x in xs: condition)"},
    {TOK_COUNT, MST_WORD_COUNT, false, false, true, "count(x in xs: condition)"},
    {TOK_FIRST, MST_WORD_FIRST, true, true, false, "first(x in xs where condition)"},
    {TOK_LAST, MST_WORD_LAST, true, true, false, "last(x in xs where condition)"},
    {TOK_MIN, MST_WORD_MIN, false, true, true, "min(x in xs where condition: value)"},
    {TOK_MAX, MST_WORD_MAX, false, true, true, "max(x in xs where condition: value)"},
    {TOK_SUM, MST_WORD_SUM, false, true, true, "sum(x in xs where condition: value)"},
};

static const struct quantifier_form *find_form(int kind)
{
    size_t i = 0;
    while (quantifier_forms[i].kind != kind)
        i++;
    return &quantifier_forms[i];
}

const char *mst_parse_quantifier_form(int kind)
{
    return find_form(kind)->form;
}

static bool has_form(const struct quantifier_form *form, const struct mst_expr *where,
                     const struct mst_expr *value)
{
    bool where_fits = where != NULL ? form->may_have_where : !form->needs_where;
    return where_fits && (value != NULL) == form->needs_value;
}

struct mst_expr *mst_parse_quantifier(struct mst_parser *p, const struct mst_token *op,
                                      const struct mst_token *variable,
                                      struct mst_expr *const parts[3], struct mst_span span)
{
    const struct quantifier_form *form = find_form(op->kind);
    struct mst_expr *where = parts[1], *value = parts[2];
    if (!p->arena->failed && !has_form(form, where, value)) {
        struct mst_diag *diag =
            mst_diag_report(p->diags, MST_DIAG_SYNTAX, span, "`%s` is not written so.", op->text);
        mst_diag_help(p->diags, diag, "write `%s`", form->form);
        return mst_ast_expr(p->arena, MST_EXPR_ERROR, span);
    }
    bool value_is_condition = form->needs_value && !form->may_have_where;
    struct mst_expr *const ordered[3] = {parts[0], value_is_condition ? value : where,
                                         value_is_condition ? NULL : value};
    struct mst_expr *expr =
        mst_ast_operation(p->arena, MST_EXPR_QUANTIFIER, form->word, span, ordered);
    if (expr != NULL)
        expr->name = mst_parse_name(variable);
    return limit_depth(p, expr);
}

/* ---- lists and types --------------------------------------------------------------------- */

static void report_too_many(struct mst_parser *p, struct mst_span span, const char *what)
{
    struct mst_diag *diag =
        mst_diag_report(p->diags, MST_DIAG_TOO_MANY, span, "There are more than %d %s here.",
                        MST_MAX_AST_LIST, what);
    mst_diag_help(p->diags, diag, "keep data in tables read from CSV files");
    p->gives_up = true;
}

struct mst_expr_list mst_parse_append(struct mst_parser *p, struct mst_expr_list list,
                                      struct mst_expr *expr)
{
    if (list.count < MST_MAX_AST_LIST)
        return mst_ast_append(list, expr);
    if (list.last != NULL)
        report_too_many(p, list.last->span, "elements");
    return list;
}

struct mst_expr *mst_parse_field(const struct mst_token *name, struct mst_expr *value)
{
    if (value != NULL)
        value->field_name = mst_parse_name(name);
    return value;
}

void mst_parse_row(struct mst_parser *p, struct mst_row_list *rows, struct mst_expr_list cells,
                   struct mst_span span)
{
    if (rows->count < MST_MAX_AST_LIST)
        *rows = mst_ast_append_row(p->arena, *rows, cells, span);
    else if (rows->last != NULL)
        report_too_many(p, rows->last->span, "rows");
}

struct mst_type_syntax *mst_parse_type(struct mst_parser *p, struct mst_expr *path,
                                       struct mst_type_syntax *element, struct mst_expr *size,
                                       struct mst_span span)
{
    if (path == NULL)
        return NULL;
    struct mst_name module = {NULL, path->span};
    if (path->kind == MST_EXPR_MEMBER && path->a != NULL) {
        module.text = mst_ast_dotted(p->atoms, path->a);
        module.span = path->a->span;
    }
    struct mst_type_syntax *type = mst_ast_type(p->arena, module, path->name, span);
    if (type == NULL)
        return NULL;
    type->element = element;
    type->size = size;
    return type;
}

/* ---- items ------------------------------------------------------------------------------- */

bool mst_parse_once(struct mst_parser *p, bool is_written, const char *what, struct mst_span span)
{
    if (!is_written)
        return true;
    if (p->is_second_module)
        return false; /* which is reported as a whole */
    struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_WRITTEN_TWICE, span,
                                            "The `%s` is written a second time.", what);
    mst_diag_help(p->diags, diag, "keep one of them");
    return false;
}

void mst_parse_outcome(struct mst_parser *p, struct mst_item *policy, int word,
                       const struct mst_token *name, struct mst_expr *label, struct mst_span span)
{
    if (policy == NULL)
        return;
    struct mst_outcome_syntax *outcome = word == TOK_PASS   ? &policy->pass
                                         : word == TOK_FAIL ? &policy->fail
                                                            : &policy->unknown;
    if (outcome->name.text != NULL) {
        struct mst_diag *diag =
            mst_diag_report(p->diags, MST_DIAG_WRITTEN_TWICE, span, "`%s` stands once in a policy.",
                            mst_lex_spelling(word));
        mst_diag_other(p->diags, diag, outcome->span, "it was written here");
        mst_diag_help(p->diags, diag, "keep one of them");
        return;
    }
    if (policy->entries != NULL) {
        struct mst_diag *diag =
            mst_diag_report(p->diags, MST_DIAG_SYNTAX, span, "`%s` stands before the checks.",
                            mst_lex_spelling(word));
        mst_diag_other(p->diags, diag, policy->entries->span, "the first one is here");
        mst_diag_help(p->diags, diag, "begin the policy with `pass`, `fail` and `unknown`");
    }
    outcome->name = mst_parse_name(name);
    outcome->label = label;
    outcome->span = mst_ast_join(span, label != NULL ? label->span : name->span);
}

void mst_parse_case_part(struct mst_parser *p, const struct mst_case *to, const char *what,
                         bool is_label, struct mst_span span)
{
    if (to == NULL || (to->because == NULL && !(is_label && to->has_fields)))
        return;
    struct mst_diag *diag = mst_diag_report(
        p->diags, MST_DIAG_SYNTAX, span, "The %s of an outcome stand%s before %s.", what,
        is_label ? "s" : "", to->because != NULL ? "`because`" : "its fields");
    mst_diag_help(p->diags, diag, "write `then NAME \"label\" { fields } because \"...\"`");
}

void mst_parse_case_fields(struct mst_parser *p, struct mst_case *to,
                           const struct mst_expr_list *fields, struct mst_span span)
{
    mst_parse_case_part(p, to, "fields", false, span);
    if (to == NULL || !mst_parse_once(p, to->has_fields, "fields", span))
        return;
    to->has_fields = true;
    to->fields = *fields;
}

static void check_record(struct mst_parser *p, const struct mst_item *item)
{
    for (const struct mst_decl *decl = item->decls.first; decl != NULL; decl = decl->next) {
        if (decl->value == NULL)
            continue;
        struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_SYNTAX, decl->value->span,
                                                "A field of a record has no default.");
        mst_diag_help(p->diags, diag, "use `??` where the field is read");
    }
}

static void check_table(struct mst_parser *p, const struct mst_item *item)
{
    if (item->from != NULL && item->has_rows) {
        struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_WRITTEN_TWICE, item->from->span,
                                                "A table has rows or a file, not both.");
        mst_diag_help(p->diags, diag, "keep one of them");
    } else if (item->from == NULL && !item->has_rows) {
        struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_CLAUSE_MISSING, item->name.span,
                                                "The table `%s` has no rows.", item->name.text);
        mst_diag_help(p->diags, diag, "end it with `from \"FILE.csv\"` or rows in braces");
    }
}

void mst_parse_end_item(struct mst_parser *p, struct mst_item *item, struct mst_span span)
{
    if (item == NULL || p->arena->failed)
        return;
    item->span = span;
    if (item->kind == MST_ITEM_RECORD)
        check_record(p, item);
    if (item->kind == MST_ITEM_TABLE)
        check_table(p, item);
    if (item->kind == MST_ITEM_TEST)
        p->module->is_test = true;
    if (p->item_count++ < MST_MAX_AST_LIST)
        mst_ast_add_item(p->module, item);
    else
        report_too_many(p, p->module->last_item->span, "items");
}

void mst_parse_module_path(struct mst_parser *p, struct mst_expr *path, struct mst_span span)
{
    if (p->module->path != NULL) {
        p->is_second_module = true; /* reported once it is complete */
        return;
    }
    p->module->path = path;
    p->module->name = mst_ast_dotted(p->atoms, path);
    p->module->span = span;
}

void mst_parse_second_module(struct mst_parser *p, struct mst_span span)
{
    p->is_second_module = false;
    if (p->lacks_module) { /* it is the first one, and not at the beginning: reported */
        p->lacks_module = false;
        return;
    }
    struct mst_diag *diag = mst_diag_report(p->diags, MST_DIAG_MODULE_NOT_FIRST, span,
                                            "A file holds one module, named at its beginning.");
    mst_diag_other(p->diags, diag, p->module->span, "it was named here");
    mst_diag_help(p->diags, diag, "move what follows to a file of its own");
}

void mst_parse_resume(struct mst_parser *p, uint32_t bracket_count)
{
    p->recovering = p->is_second_module = p->lexer.in_list = p->lexer.in_enum = false;
    if (p->bracket_count > bracket_count)
        p->bracket_count = bracket_count;
}
