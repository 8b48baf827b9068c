/* SPDX-License-Identifier: Apache-2.0
 *
 * check_operator.c - operators: which types they join, and what to write instead where they do
 * not (spec/language.md, section 6.1). */
#include "check_expr.h"

#include <string.h>

#define MAX_PATH_DEPTH 4 /* of what is looked at twice */

const char *mst_check_word(uint8_t op)
{
    static const char *const words[] = {
        [MST_WORD_OR] = "or",
        [MST_WORD_AND] = "and",
        [MST_WORD_NOT] = "not",
        [MST_WORD_EQ] = "==",
        [MST_WORD_NE] = "!=",
        [MST_WORD_LT] = "<",
        [MST_WORD_LE] = "<=",
        [MST_WORD_GT] = ">",
        [MST_WORD_GE] = ">=",
        [MST_WORD_IN] = "in",
        [MST_WORD_NOT_IN] = "not in",
        [MST_WORD_LIKE] = "like",
        [MST_WORD_WITHIN] = "within",
        [MST_WORD_IS] = "is unknown",
        [MST_WORD_IS_NOT] = "is not unknown",
        [MST_WORD_ELSE] = "??",
        [MST_WORD_ADD] = "+",
        [MST_WORD_SUB] = "-",
        [MST_WORD_MUL] = "*",
        [MST_WORD_DIV] = "/",
        [MST_WORD_MOD] = "%",
        [MST_WORD_NEG] = "-",
        [MST_WORD_ANY] = "any",
        [MST_WORD_ALL] = "all",
        [MST_WORD_COUNT] = "count",
        [MST_WORD_FIRST] = "first",
        [MST_WORD_LAST] = "last",
        [MST_WORD_MIN] = "min",
        [MST_WORD_MAX] = "max",
        [MST_WORD_SUM] = "sum",
    };
    return op < sizeof words / sizeof words[0] && words[op] != NULL ? words[op] : "?";
}

/* A text in quotes that would do without them: "26100.1" for a version. */
static bool help_quotes(struct mst_program *program, struct mst_diag *d, uint32_t wanted,
                        const struct mst_expr *text)
{
    struct mst_cell cell;
    mst_text bytes = {text->bytes, text->byte_count};
    if (text->kind != MST_EXPR_TEXT || text->bytes == NULL || bytes.len == 0 || bytes.len > 64 ||
        mst_fold_read(program, wanted, 64, bytes, &cell) != MST_READ_OK)
        return false;
    const struct mst_enum_type *type = mst_check_enum_of(program, wanted);
    if (type != NULL && (size_t)cell.word < type->members.count)
        mst_diag_help(program->diags, d, "write the member without quotes: `%s`",
                      type->members.items[cell.word].text);
    else if (wanted == MST_TYPE_BOOL)
        mst_diag_help(program->diags, d, "write `%s` without quotes",
                      cell.word != 0 ? "true" : "false");
    else if (wanted == MST_TYPE_DURATION)
        mst_diag_help(program->diags, d, "write a duration without quotes, as in `28 days`");
    else
        mst_diag_help(program->diags, d, "write it without quotes: `%s`", text->bytes);
    return true;
}

/* 10.11.2026 is read as a version, 10/11/2026 as divisions. */
static bool looks_like_date(const struct mst_expr *e)
{
    if (e->kind == MST_EXPR_LITERAL && e->literal == MST_LITERAL_VERSION)
        return e->parts == 3;
    return e->kind == MST_EXPR_BINARY && e->op == MST_WORD_DIV && e->a->kind == MST_EXPR_BINARY &&
           e->a->op == MST_WORD_DIV && e->b->kind == MST_EXPR_LITERAL && e->b->word >= 1900;
}

static void help_date(struct mst_diags *diags, struct mst_diag *d, uint32_t wanted)
{
    if (wanted == MST_TYPE_TIME)
        mst_diag_help(diags, d,
                      "dates are written year first: compare `date(…)` with 2026-11-10, or write "
                      "the instant, 2026-11-10T00:00:00Z");
    else
        mst_diag_help(diags, d, "dates are written year first: 2026-11-10");
}

void mst_check_help_mismatch(struct mst_context *context, struct mst_diag *diag, uint32_t wanted,
                             uint32_t found, const struct mst_expr *expr)
{
    struct mst_diags *diags = context->program->diags;
    uint32_t to = MST_TYPE_KIND(wanted), from = MST_TYPE_KIND(found);
    if (from == MST_TYPE_TEXT && help_quotes(context->program, diag, wanted, expr))
        return;
    if ((to == MST_TYPE_TIME || to == MST_TYPE_DATE) && looks_like_date(expr))
        help_date(diags, diag, wanted);
    else if (to == MST_TYPE_VERSION && from == MST_TYPE_INT)
        mst_diag_help(diags, diag, "a version is written with its parts, as in 26100.4929");
    else if (to == MST_TYPE_INT && from == MST_TYPE_VERSION)
        mst_diag_help(diags, diag,
                      "a number with a point is a version; for one part of a version use "
                      "`part(…, n)`");
    else if (to == MST_TYPE_ENUM && from == MST_TYPE_TEXT && expr->kind != MST_EXPR_TEXT)
        mst_diag_help(diags, diag, "to compare its name with a text, write `text(…)` around it");
    else if (to == MST_TYPE_ENUM && from == MST_TYPE_TEXT)
        mst_diag_help(diags, diag,
                      "members are written without quotes; list the spelling \"…\" in the "
                      "enum if data has it");
    else if (to == MST_TYPE_TIME && from == MST_TYPE_DATE)
        mst_diag_help(diags, diag,
                      "write the instant, as in 2026-11-10T00:00:00Z, or compare `date(…)`");
    else if (to == MST_TYPE_DATE && from == MST_TYPE_TIME)
        mst_diag_help(diags, diag, "compare with `date(…)` of the time");
    else if (to == MST_TYPE_BOOL && from == MST_TYPE_INT)
        mst_diag_help(diags, diag, "a bool stands by itself: `require os.secure_boot`, or `not …`");
    else if (to == MST_TYPE_DURATION && from == MST_TYPE_INT)
        mst_diag_help(diags, diag, "write the unit, as in `28 days`");
    else if (to == MST_TYPE_TEXT && from == MST_TYPE_INT && expr->kind == MST_EXPR_LITERAL)
        mst_diag_help(diags, diag, "write a text between quotes: \"%lld\"", (long long)expr->word);
    else if (to == MST_TYPE_BOOL)
        mst_diag_help(diags, diag,
                      "write a condition: something that is true or false, as `a == b` is");
    else if (from == MST_TYPE_TEXT && mst_check_example(wanted) != NULL)
        mst_diag_help(diags, diag, "%s is written without quotes, as in `%s`",
                      mst_check_type_name(context->program, wanted), mst_check_example(wanted));
    else if (to == MST_TYPE_ENUM && expr->kind == MST_EXPR_NAME && expr->name.text != NULL &&
             mst_check_member(mst_check_enum_of(context->program, wanted), expr->name.text) !=
                 UINT32_MAX)
        mst_diag_help(diags, diag, "for the member, and not what is called so here, write `%s.%s`",
                      mst_check_type_name(context->program, wanted), expr->name.text);
    else if (to == MST_TYPE_ENUM && mst_check_enum_of(context->program, wanted)->members.count > 0)
        mst_diag_help(diags, diag, "write a member of %s, such as `%s`",
                      mst_check_type_name(context->program, wanted),
                      mst_check_enum_of(context->program, wanted)->members.items[0].text);
}

static uint32_t report_mismatch(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_MISMATCH, e->span,
        "`%s` takes two values of one type, not %s and %s.", mst_check_word(e->op),
        mst_check_type_name(program, e->a->type), mst_check_type_name(program, e->b->type));
    bool is_turned = e->a->kind == MST_EXPR_LITERAL || e->a->kind == MST_EXPR_TEXT;
    if (e->a->type == MST_TYPE_VERSION && e->b->type == MST_TYPE_INT)
        mst_diag_help(program->diags, d,
                      "a number is no version: for all of one family write `within %lld`, for one "
                      "part `part(…, 2)`; a version is written 26100.4929",
                      e->b->kind == MST_EXPR_LITERAL ? (long long)e->b->word : 26100LL);
    else if (is_turned)
        mst_check_help_mismatch(context, d, e->b->type, e->a->type, e->a);
    else
        mst_check_help_mismatch(context, d, e->a->type, e->b->type, e->b);
    return mst_check_failed(e);
}

/* Types both sides, each helping the other to resolve bare members. */
static void check_sides(struct mst_context *context, struct mst_expr *a, struct mst_expr *b,
                        uint32_t expected)
{
    if (mst_check_is_open_name(context, a) && !mst_check_is_open_name(context, b)) {
        uint32_t type = mst_check_expr(context, b, expected);
        mst_check_expr(context, a, type);
        return;
    }
    uint32_t type = mst_check_expr(context, a, expected);
    bool is_lost = MST_TYPE_KIND(type) == MST_TYPE_ERROR && expected != 0;
    mst_check_expr(context, b, is_lost ? expected : type);
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
            return mst_check_typed(e, MST_TYPE_BOOL);
        struct mst_diag *d = mst_diag_report(diags, MST_DIAG_EQ_UNKNOWN, e->span,
                                             "Nothing is equal to `unknown`, not even itself.");
        mst_diag_help(diags, d, "write `%s is %sunknown`", mst_check_quote(context->program, other),
                      e->op == MST_WORD_NE ? "not " : "");
        return mst_check_typed(e, MST_TYPE_BOOL);
    }
    if (mst_check_choice_in_parentheses(context, e))
        return mst_check_typed(e, MST_TYPE_BOOL);
    check_sides(context, e->a, e->b, 0);
    uint32_t kind = MST_TYPE_KIND(e->a->type);
    if (kind == MST_TYPE_ERROR || MST_TYPE_KIND(e->b->type) == MST_TYPE_ERROR)
        return mst_check_typed(e, MST_TYPE_BOOL);
    if (!mst_check_is_scalar(e->a->type) || !mst_check_is_scalar(e->b->type)) {
        uint32_t bad = mst_check_is_scalar(e->a->type) ? e->b->type : e->a->type;
        struct mst_diag *d =
            mst_diag_report(diags, MST_DIAG_NO_EQUALITY, e->span, "`%s` cannot compare %s.",
                            mst_check_word(e->op), mst_check_type_name(context->program, bad));
        if (MST_TYPE_KIND(bad) == MST_TYPE_SET && bad == e->b->type)
            mst_diag_help(diags, d, "write `%s %s`", e->op == MST_WORD_NE ? "not in" : "in",
                          mst_check_quote(context->program, e->b));
        else
            mst_diag_help(diags, d, "compare single values of it");
        return mst_check_typed(e, MST_TYPE_BOOL);
    }
    if (!mst_check_agree(e->a->type, e->b->type))
        report_mismatch(context, e);
    return mst_check_typed(e, MST_TYPE_BOOL);
}

static uint32_t check_order(struct mst_context *context, struct mst_expr *e)
{
    check_sides(context, e->a, e->b, 0);
    if (MST_TYPE_KIND(e->a->type) == MST_TYPE_ERROR || MST_TYPE_KIND(e->b->type) == MST_TYPE_ERROR)
        return mst_check_typed(e, MST_TYPE_BOOL);
    if (!mst_check_agree(e->a->type, e->b->type)) {
        report_mismatch(context, e);
        return mst_check_typed(e, MST_TYPE_BOOL);
    }
    if (!mst_check_is_ordered(e->a->type)) {
        struct mst_diag *d =
            mst_diag_report(context->program->diags, MST_DIAG_NO_ORDER, e->span,
                            "`%s` cannot compare %s: it has no order.", mst_check_word(e->op),
                            mst_check_type_name(context->program, e->a->type));
        if (MST_TYPE_KIND(e->a->type) == MST_TYPE_TEXT)
            mst_diag_help(context->program->diags, d,
                          "turn it into what it is: `int(…)`, `version(…)`, `date(…)`");
        else
            mst_diag_help(context->program->diags, d, "list what is meant: `%s in {…}`",
                          mst_check_quote(context->program, e->a));
    }
    return mst_check_typed(e, MST_TYPE_BOOL);
}

static uint32_t check_logic(struct mst_context *context, struct mst_expr *e)
{
    if (e->b != NULL)
        mst_check_choice(context, e);
    mst_check_expect(context, e->a, MST_TYPE_BOOL,
                     e->op == MST_WORD_NOT ? "what follows `not`" : "a side of `and` or `or`");
    if (e->b != NULL)
        mst_check_expect(context, e->b, MST_TYPE_BOOL, "a side of `and` or `or`");
    return mst_check_typed(e, MST_TYPE_BOOL);
}

static uint32_t check_else(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    check_sides(context, e->a, e->b, expected);
    if (!mst_check_is_value(context, e->a, false) || !mst_check_is_value(context, e->b, false))
        return mst_check_failed(e);
    if (!mst_check_agree(e->a->type, e->b->type))
        return report_mismatch(context, e);
    return mst_check_typed(e,
                           MST_TYPE_KIND(e->a->type) == MST_TYPE_ERROR ? e->b->type : e->a->type);
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

/* "7 days" */
static bool is_quoted_duration(const struct mst_expr *e)
{
    return e->kind == MST_EXPR_TEXT && e->bytes != NULL && e->bytes[0] >= '1' &&
           e->bytes[0] <= '9' && e->byte_count < 20 && strchr(e->bytes, ' ') != NULL;
}

static uint32_t check_arithmetic(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    uint32_t a = mst_check_expr(context, e->a, 0), b = mst_check_expr(context, e->b, 0);
    if (MST_TYPE_KIND(a) == MST_TYPE_ERROR || MST_TYPE_KIND(b) == MST_TYPE_ERROR)
        return mst_check_failed(e);
    bool swapped = false;
    for (size_t i = 0; i < sizeof arithmetic / sizeof arithmetic[0]; i++) {
        if (arithmetic[i].op != e->op)
            continue;
        if (arithmetic[i].left == a && arithmetic[i].right == b)
            return mst_check_typed(e, arithmetic[i].result);
        swapped = swapped ||
                  (e->op == MST_WORD_ADD && arithmetic[i].left == b && arithmetic[i].right == a);
    }
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_ARITHMETIC, e->span, "`%s` cannot join %s and %s.",
        mst_check_word(e->op), mst_check_type_name(program, a), mst_check_type_name(program, b));
    if (swapped)
        mst_diag_help(program->diags, d, "what is moved stands on the left: `t + 7 days`");
    else if (a == MST_TYPE_TEXT && b == MST_TYPE_TEXT)
        mst_diag_help(program->diags, d, "texts are put together in messages: \"{a} and {b}\"");
    else if (is_quoted_duration(e->b))
        mst_diag_help(program->diags, d, "write the duration without quotes: `%s`", e->b->bytes);
    else if ((a == MST_TYPE_TIME || a == MST_TYPE_DATE) && b == MST_TYPE_INT)
        mst_diag_help(program->diags, d, "write the unit, as in `7 days`, or `days(…)`");
    else
        mst_diag_help(program->diags, d,
                      "calculations join ints, durations, and times, dates or months with what "
                      "moves them: `t + 7 days`");
    return mst_check_failed(e);
}

static uint32_t check_negative(struct mst_context *context, struct mst_expr *e)
{
    uint32_t type = mst_check_expr(context, e->a, 0);
    if (type == MST_TYPE_INT || type == MST_TYPE_DURATION || MST_TYPE_KIND(type) == MST_TYPE_ERROR)
        return mst_check_typed(e, type);
    struct mst_diag *d =
        mst_diag_report(context->program->diags, MST_DIAG_ARITHMETIC, e->span,
                        "There is no negative of %s.", mst_check_type_name(context->program, type));
    mst_diag_help(context->program->diags, d, "`-` stands before an int or a duration");
    return mst_check_failed(e);
}

static void report_no_literal(struct mst_context *context, const struct mst_expr *e,
                              const char *message, const char *help)
{
    struct mst_diag *d =
        mst_diag_report(context->program->diags, MST_DIAG_LITERAL_NEEDED, e->span, "%s", message);
    mst_diag_help(context->program->diags, d, "%s", help);
}

/* os.build like "26100.*" */
static bool report_like_version(struct mst_context *context, struct mst_expr *e)
{
    const char *text = e->b->kind == MST_EXPR_TEXT && e->b->bytes != NULL ? e->b->bytes : "";
    int len = 0;
    while ((text[len] >= '0' && text[len] <= '9') || (len > 0 && text[len] == '.'))
        len++;
    bool is_prefix = text[len] == '*' && text[len + 1] == '\0';
    while (len > 0 && text[len - 1] == '.')
        len--;
    if (len == 0 || !is_prefix || e->a->depth > MAX_PATH_DEPTH ||
        mst_check_expr(context, e->a, 0) != MST_TYPE_VERSION)
        return false;
    struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_EXPECTED, e->a->span,
                                         "This is version, but the left of `like` must be text.");
    mst_diag_help(context->program->diags, d, "write `%s within %.*s`",
                  mst_check_quote(context->program, e->a), len, text);
    return true;
}

static uint32_t check_like(struct mst_context *context, struct mst_expr *e)
{
    if (!report_like_version(context, e))
        mst_check_expect(context, e->a, MST_TYPE_TEXT, "the left of `like`");
    if (e->b->kind != MST_EXPR_TEXT)
        report_no_literal(context, e->b, "The pattern of `like` is a text between quotes.",
                          "write it as in `like \"Windows*\"`; to compare two texts write `==`");
    else
        mst_check_plain(context->program, e->b);
    e->b->type = MST_TYPE_TEXT;
    return mst_check_typed(e, MST_TYPE_BOOL);
}

static uint32_t check_within(struct mst_context *context, struct mst_expr *e)
{
    mst_check_expect(context, e->a, MST_TYPE_VERSION, "the left of `within`");
    if (e->b->kind != MST_EXPR_LITERAL ||
        (e->b->literal != MST_LITERAL_VERSION && e->b->literal != MST_LITERAL_INT))
        report_no_literal(context, e->b, "After `within` stands a version in figures.",
                          "write it as in `within 26100` or `within 10.0`");
    else if (e->b->literal == MST_LITERAL_INT && e->b->word > 65535)
        report_no_literal(context, e->b, "A part of a version is at most 65535.",
                          "write the first part of the version, as in `within 26100`");
    e->b->type = MST_TYPE_VERSION;
    return mst_check_typed(e, MST_TYPE_BOOL);
}

/* os.build in {26100, 26200}: said once for the set. */
static void report_families(struct mst_program *program, const struct mst_expr *of,
                            const struct mst_expr *member)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_EXPECTED, member->span,
                        "This is int, but the members of this set must be version.");
    mst_diag_help(program->diags, d,
                  "a set holds single versions such as 26100.4929; for whole families write "
                  "`%s within 26100 or %s within 26200`",
                  mst_check_quote(program, of), mst_check_quote(program, of));
}

static void check_elements(struct mst_context *context, const struct mst_expr *of,
                           struct mst_expr *set)
{
    uint32_t type = of->type;
    struct mst_program *program = context->program;
    for (struct mst_expr *m = set->args.first; m != NULL; m = m->next) {
        uint32_t found = mst_check_expr(context, m, type);
        if (MST_TYPE_KIND(found) == MST_TYPE_SET) /* a named set stands for its members */
            found = program->sets.items[MST_TYPE_INDEX(found)]->type;
        if (mst_check_agree(found, type))
            continue;
        if (type == MST_TYPE_VERSION && found == MST_TYPE_INT) {
            report_families(program, of, m);
            break;
        }
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_EXPECTED, m->span,
                                             "This is %s, but the members of this set must be %s.",
                                             mst_check_type_name(program, found),
                                             mst_check_type_name(program, type));
        mst_check_help_mismatch(context, d, type, found, m);
    }
    set->type = MST_TYPE_SET;
}

static void report_no_member(struct mst_program *program, const struct mst_expr *e, uint32_t type)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_NO_EQUALITY, e->span, "`in` cannot look for %s.",
                        mst_check_type_name(program, type));
    mst_diag_help(program->diags, d, "look for a single value of it");
}

static void report_no_key(struct mst_program *program, const struct mst_expr *e,
                          const struct mst_table *table)
{
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_INDEX, e->span,
                                         "The table %s has no key.", table->symbol->name.text);
    mst_diag_help(program->diags, d, "write `key` before the column in which to look");
}

uint32_t mst_check_in(struct mst_context *context, struct mst_expr *e)
{
    struct mst_program *program = context->program;
    mst_check_typed(e, MST_TYPE_BOOL);
    if (mst_check_choice_in_parentheses(context, e))
        return e->type;
    uint32_t type = mst_check_expr(context, e->a, 0);
    if (e->b->kind == MST_EXPR_SET) {
        check_elements(context, e->a, e->b);
        if (!mst_check_is_scalar(type))
            report_no_member(program, e->a, type);
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
            report_no_key(program, e->b, table);
    } else if (MST_TYPE_KIND(of) != MST_TYPE_ERROR) {
        struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_IN_WHAT, e->b->span,
                                             "After `in` stands a set or a table, not %s.",
                                             mst_check_type_name(program, of));
        if (MST_TYPE_KIND(of) == MST_TYPE_LIST)
            mst_diag_help(program->diags, d, "write `any(v in %s: v == %s)`",
                          mst_check_quote(program, e->b), mst_check_quote(program, e->a));
        else
            mst_diag_help(program->diags, d, "put braces around it: `in {%s}`",
                          mst_check_quote(program, e->b));
    }
    if (mst_check_agree(type, wanted))
        return e->type;
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_MISMATCH, e->span, "`in %s` looks for %s, not %s.",
                        mst_check_quote(program, e->b), mst_check_type_name(program, wanted),
                        mst_check_type_name(program, type));
    mst_check_help_mismatch(context, d, wanted, type, e->a);
    return e->type;
}

uint32_t mst_check_binary(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    if (e->a == NULL || e->b == NULL)
        return mst_check_failed(e);
    switch (e->op) {
    case MST_WORD_OR:
    case MST_WORD_AND: return check_logic(context, e);
    case MST_WORD_EQ:
    case MST_WORD_NE: return check_equal(context, e);
    case MST_WORD_LT:
    case MST_WORD_LE:
    case MST_WORD_GT:
    case MST_WORD_GE: return check_order(context, e);
    case MST_WORD_LIKE: return check_like(context, e);
    case MST_WORD_WITHIN: return check_within(context, e);
    case MST_WORD_ELSE: return check_else(context, e, expected);
    default: return check_arithmetic(context, e);
    }
}

uint32_t mst_check_if(struct mst_context *context, struct mst_expr *e, uint32_t expected)
{
    mst_check_expect(context, e->a, MST_TYPE_BOOL, "the condition of `if`");
    check_sides(context, e->b, e->c, expected);
    if (!mst_check_is_value(context, e->b, false) || !mst_check_is_value(context, e->c, false))
        return mst_check_failed(e);
    if (mst_check_agree(e->b->type, e->c->type))
        return mst_check_typed(e, MST_TYPE_KIND(e->b->type) == MST_TYPE_ERROR ? e->c->type
                                                                              : e->b->type);
    struct mst_diag *d = mst_diag_report(context->program->diags, MST_DIAG_MISMATCH, e->span,
                                         "`then` yields %s, but `else` yields %s.",
                                         mst_check_type_name(context->program, e->b->type),
                                         mst_check_type_name(context->program, e->c->type));
    mst_diag_help(context->program->diags, d, "both branches yield values of one type");
    return mst_check_failed(e);
}

uint32_t mst_check_unary(struct mst_context *context, struct mst_expr *e)
{
    return e->op == MST_WORD_NOT ? check_logic(context, e) : check_negative(context, e);
}
