/* SPDX-License-Identifier: Apache-2.0
 *
 * check_warn_rules.c - warnings about conditions: checks that cannot fail or cannot pass, cases
 * that are never taken, versions compared across families, `all` over nothing, values that can
 * never be known. What an item says elsewhere counts: `within` beside a comparison shows that its
 * author knows of families. */
#include "check.h"

#include <string.h>

#define MAX_GUARDS 64
#define MAX_COMPARED_CASES 256 /* longer decisions are made by machines */
#define MAX_FOLDED_NODES 1000

enum guard_kind {
    GUARD_FAMILY, /* x within 26100, part(x, 1): whatever is compared, the family is known */
    GUARD_BELOW,  /* x < 26200.1: a bound above */
    GUARD_ABOVE,
    GUARD_SOME, /* any(v in x: …), count(v in x: …) */
};

struct guard {
    enum guard_kind kind;
    const struct mst_expr *of;
    uint64_t bound; /* of GUARD_BELOW and GUARD_ABOVE */
};

/* An item while its conditions are judged. */
struct judging {
    struct mst_program *program;
    struct guard guards[MAX_GUARDS];
    size_t guard_count;
};

typedef void (*expr_function)(struct judging *, const struct mst_expr *);

/* ---- going through an item ----------------------------------------------------------------- */

static void each_part(struct judging *j, const struct mst_expr *e, expr_function function)
{
    if (e == NULL)
        return;
    function(j, e);
    each_part(j, e->a, function);
    each_part(j, e->b, function);
    each_part(j, e->c, function);
    for (const struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next)
        each_part(j, arg, function);
}

static void each_expr(struct judging *j, const struct mst_item *item, expr_function function)
{
    each_part(j, item->value, function);
    for (const struct mst_decl *d = item->decls.first; d != NULL; d = d->next)
        each_part(j, d->value, function);
    for (const struct mst_entry *entry = item->entries; entry != NULL; entry = entry->next) {
        each_part(j, entry->when, function);
        for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next)
            each_part(j, c->expr, function);
    }
    for (const struct mst_case *c = item->cases; c != NULL; c = c->next) {
        each_part(j, c->when, function);
        for (const struct mst_expr *f = c->fields.first; f != NULL; f = f->next)
            each_part(j, f, function);
    }
}

/* Do two expressions say the same? */
static bool is_same(const struct mst_expr *a, const struct mst_expr *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    if (a->kind != b->kind || a->op != b->op || a->ref != b->ref || a->symbol != b->symbol ||
        a->number != b->number || a->word != b->word || a->name.text != b->name.text ||
        a->args.count != b->args.count || a->byte_count != b->byte_count)
        return false;
    if (a->byte_count > 0 && memcmp(a->bytes, b->bytes, a->byte_count) != 0)
        return false;
    const struct mst_expr *x = a->args.first, *y = b->args.first;
    for (; x != NULL && y != NULL && is_same(x, y); x = x->next)
        y = y->next;
    return x == NULL && is_same(a->a, b->a) && is_same(a->b, b->b) && is_same(a->c, b->c);
}

/* ---- guards -------------------------------------------------------------------------------- */

static void add_guard(struct judging *j, enum guard_kind kind, const struct mst_expr *of,
                      uint64_t bound)
{
    if (j->guard_count < MAX_GUARDS && of != NULL)
        j->guards[j->guard_count++] = (struct guard){kind, of, bound};
}

static bool is_guarded(const struct judging *j, enum guard_kind kind, const struct mst_expr *of)
{
    for (size_t i = 0; i < j->guard_count; i++)
        if (j->guards[i].kind == kind && is_same(j->guards[i].of, of))
            return true;
    return false;
}

static bool is_order(const struct mst_expr *e)
{
    return e->kind == MST_EXPR_BINARY && e->op >= MST_WORD_LT && e->op <= MST_WORD_GE;
}

static bool is_version_literal(const struct mst_expr *e)
{
    return e->kind == MST_EXPR_LITERAL && e->literal == MST_LITERAL_VERSION;
}

/* Is there a bound on the other side, so that both make a range? */
static bool is_bounded(const struct judging *j, bool rises, const struct mst_expr *of,
                       uint64_t bound)
{
    enum guard_kind kind = rises ? GUARD_BELOW : GUARD_ABOVE;
    for (size_t i = 0; i < j->guard_count; i++)
        if (j->guards[i].kind == kind && (j->guards[i].bound > bound) == rises &&
            is_same(j->guards[i].of, of))
            return true;
    return false;
}

/* `x >= v`, or `v <= x`: bounded below, open above. */
static bool is_rising(const struct mst_expr *e)
{
    bool is_greater = e->op == MST_WORD_GT || e->op == MST_WORD_GE;
    return is_greater != is_version_literal(e->a);
}

static void collect_guard(struct judging *j, const struct mst_expr *e)
{
    if (e->kind == MST_EXPR_BINARY && e->op == MST_WORD_WITHIN)
        add_guard(j, GUARD_FAMILY, e->a, 0);
    else if (e->kind == MST_EXPR_CALL && e->ref == MST_REF_BUILTIN &&
             strcmp(e->name.text, "part") == 0)
        add_guard(j, GUARD_FAMILY, e->args.first, 0);
    else if (is_order(e) && is_version_literal(e->b))
        add_guard(j, is_rising(e) ? GUARD_ABOVE : GUARD_BELOW, e->a, (uint64_t)e->b->word);
    else if (is_order(e) && is_version_literal(e->a))
        add_guard(j, is_rising(e) ? GUARD_ABOVE : GUARD_BELOW, e->b, (uint64_t)e->a->word);
    else if (e->kind == MST_EXPR_QUANTIFIER && (e->op == MST_WORD_ANY || e->op == MST_WORD_COUNT))
        add_guard(j, GUARD_SOME, e->a, 0);
}

/* ---- versions ------------------------------------------------------------------------------ */

static void warn_families(struct judging *j, const struct mst_expr *e, const struct mst_expr *of,
                          unsigned family)
{
    bool rises = is_rising(e);
    unsigned next = rises ? (family / 100 + 1) * 100 : (family - 1) / 100 * 100;
    const char *name = mst_check_quote(j->program, of), *whole = mst_check_quote(j->program, e);
    if (next > 65535)
        return;
    struct mst_diag *d = mst_diag_report(j->program->diags, MST_DIAG_VERSION_ORDER, e->span,
                                         "`%s` is also true for %u.1 and all %s.", whole, next,
                                         rises ? "later versions" : "earlier versions");
    mst_diag_help(j->program->diags, d,
                  "for one family write `%s within %u and %s`; if the others are meant too, "
                  "add `or %s %s %u.0`",
                  name, family, whole, name, rises ? ">=" : "<", rises ? family + 1 : family);
}

/* 26200.1 is no later revision of 26100.4929 but another Windows. A bound whose further parts are
 * 0 stands between families, and a first part below 100 numbers one product's releases. */
static void judge_version(struct judging *j, const struct mst_expr *e)
{
    if (!is_order(e) || is_version_literal(e->a) == is_version_literal(e->b))
        return;
    const struct mst_expr *literal = is_version_literal(e->a) ? e->a : e->b;
    const struct mst_expr *of = literal == e->a ? e->b : e->a;
    unsigned family = (unsigned)((uint64_t)literal->word >> 48);
    bool is_boundary = ((uint64_t)literal->word & 0xffffffffffffu) == 0;
    if (literal->parts < 2 || family < 100 || is_boundary)
        return;
    if (is_guarded(j, GUARD_FAMILY, of) || is_bounded(j, is_rising(e), of, (uint64_t)literal->word))
        return;
    warn_families(j, e, of, family);
}

/* ---- all over nothing ---------------------------------------------------------------------- */

static void judge_all(struct judging *j, const struct mst_expr *e)
{
    if (e->kind != MST_EXPR_QUANTIFIER || e->op != MST_WORD_ALL ||
        MST_TYPE_KIND(e->a->type) != MST_TYPE_LIST || is_guarded(j, GUARD_SOME, e->a))
        return;
    const char *list = mst_check_quote(j->program, e->a), *v = e->name.text;
    struct mst_diag *d = mst_diag_report(j->program->diags, MST_DIAG_ALL_OF_NOTHING, e->span,
                                         "This `all` is true where `%s` is empty.", list);
    mst_diag_help(j->program->diags, d,
                  "to ask for at least one, write `any(%s in %s: true) and all(…)`; if none is "
                  "good, write `not any(%s in %s: not (…))`",
                  v, list, v, list);
}

/* ---- what never comes out ------------------------------------------------------------------ */

/* A param counts as open: it is there to be set. `budget` bounds lets that read lets. */
static bool is_fixed(const struct mst_expr *e, uint32_t *budget)
{
    if (e == NULL)
        return true;
    if (*budget == 0 || e->kind == MST_EXPR_QUANTIFIER)
        return false;
    --*budget;
    switch ((enum mst_meaning)e->ref) {
    case MST_REF_NONE:
    case MST_REF_MEMBER:
    case MST_REF_SET:
    case MST_REF_ZONE:
    case MST_REF_BUILTIN: break;
    case MST_REF_LET: return is_fixed(e->symbol->item->value, budget);
    default: return false;
    }
    for (const struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next)
        if (!is_fixed(arg, budget))
            return false;
    bool is_path = e->ref == MST_REF_MEMBER; /* its parts name an enum */
    return is_path || (is_fixed(e->a, budget) && is_fixed(e->b, budget) && is_fixed(e->c, budget));
}

/* Of an expression without facts: is there a value? */
static bool is_known(struct mst_program *program, const struct mst_expr *e, int64_t *word)
{
    uint32_t steps = program->fold_steps; /* the bound is for what the image needs */
    struct mst_cell cell = mst_fold(program, e, NULL);
    program->fold_steps = steps;
    *word = cell.word;
    return cell.known;
}

/* `version("24H2")`, `10 / 0`: a fault, whatever the facts are. What stands around it is as unknown
 * by this, so only operands that are known make it the place to tell. */
static bool is_never_known(struct mst_program *program, const struct mst_expr *e)
{
    uint32_t budget = MAX_FOLDED_NODES;
    int64_t word;
    bool is_operation =
        (e->kind == MST_EXPR_BINARY && e->op >= MST_WORD_ADD && e->op <= MST_WORD_MOD) ||
        (e->kind == MST_EXPR_CALL && e->ref == MST_REF_BUILTIN);
    if (!is_operation || !is_fixed(e, &budget) || is_known(program, e, &word))
        return false;
    for (const struct mst_expr *arg = e->args.first; arg != NULL; arg = arg->next) {
        bool is_operand = arg->ref != MST_REF_ZONE && arg->kind != MST_EXPR_LITERAL;
        if (is_operand && !is_known(program, arg, &word))
            return false;
    }
    return (e->a == NULL || e->kind == MST_EXPR_CALL || is_known(program, e->a, &word)) &&
           (e->b == NULL || is_known(program, e->b, &word));
}

static void judge_value(struct judging *j, const struct mst_expr *e)
{
    if (!is_never_known(j->program, e))
        return;
    const char *quoted = mst_check_quote(j->program, e);
    struct mst_diag *d =
        mst_diag_report(j->program->diags, MST_DIAG_NEVER_KNOWN, e->span,
                        "`%s` has no value: what reads it is never known.", quoted);
    mst_diag_help(j->program->diags, d,
                  e->kind == MST_EXPR_CALL ? "correct what it is called with"
                                           : "correct one of the two sides");
}

static void judge_expr(struct judging *j, const struct mst_expr *e)
{
    judge_version(j, e);
    judge_all(j, e);
    judge_value(j, e);
}

/* ---- conditions that are always the same --------------------------------------------------- */

enum truth { ALWAYS_FALSE, ALWAYS_TRUE, OPEN };

static enum truth truth_of(struct mst_program *program, struct mst_expr *e)
{
    if (e == NULL)
        return OPEN;
    if (e->kind == MST_EXPR_BINARY && (e->op == MST_WORD_AND || e->op == MST_WORD_OR)) {
        enum truth decides = e->op == MST_WORD_OR ? ALWAYS_TRUE : ALWAYS_FALSE;
        enum truth a = truth_of(program, e->a), b = truth_of(program, e->b);
        if (a == decides || b == decides)
            return decides;
        return a == OPEN || b == OPEN ? OPEN : a;
    }
    if (e->kind == MST_EXPR_UNARY && e->op == MST_WORD_NOT) {
        enum truth a = truth_of(program, e->a);
        return a == OPEN ? OPEN : a == ALWAYS_TRUE ? ALWAYS_FALSE : ALWAYS_TRUE;
    }
    uint32_t budget = MAX_FOLDED_NODES;
    if (!is_fixed(e, &budget))
        return OPEN;
    int64_t word;
    if (!is_known(program, e, &word))
        return OPEN;
    return word != 0 ? ALWAYS_TRUE : ALWAYS_FALSE;
}

/* ---- checks -------------------------------------------------------------------------------- */

static enum truth truth_of_requires(struct mst_program *program, const struct mst_entry *entry)
{
    enum truth all = ALWAYS_TRUE;
    for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next) {
        enum truth one =
            c->kind == MST_CLAUSE_REQUIRE ? truth_of(program, c->expr) : (enum truth)ALWAYS_TRUE;
        if (one == ALWAYS_FALSE)
            return ALWAYS_FALSE;
        all = one == OPEN ? OPEN : all;
    }
    return all;
}

/* `require false` below a `when`, and `require true` below an `undecided`, say something. */
static void judge_entry(struct mst_program *program, const struct mst_entry *entry)
{
    const char *name = entry->name.text, *help = "require something that a fact decides";
    enum truth when = truth_of(program, entry->when), all = truth_of_requires(program, entry);
    struct mst_diag *d = NULL;
    if (when == ALWAYS_FALSE) {
        d = mst_diag_report(program->diags, MST_DIAG_CHECK_NEVER_FAILS, entry->name.span,
                            "`%s` never applies: its `when` is always false.", name);
        help = "write a `when` that a fact decides, or delete it";
    } else if (all == ALWAYS_TRUE && !mst_ast_has_clause(entry, MST_CLAUSE_UNDECIDED)) {
        d = mst_diag_report(program->diags, MST_DIAG_CHECK_NEVER_FAILS, entry->name.span,
                            "`%s` can never fail: what it requires is always true.", name);
    } else if (all == ALWAYS_FALSE && !mst_ast_has_clause(entry, MST_CLAUSE_UNDECIDED) &&
               (entry->when == NULL || when == ALWAYS_TRUE)) {
        d = mst_diag_report(program->diags, MST_DIAG_CHECK_ALWAYS_FAILS, entry->name.span,
                            "`%s` always fails: what it requires is always false.", name);
        help = "require something that a fact decides, or say with `when` where it applies";
    }
    if (d != NULL)
        mst_diag_help(program->diags, d, "%s", help);
}

/* ---- cases --------------------------------------------------------------------------------- */

static const struct mst_case *find_same(const struct mst_case *first, const struct mst_case *c)
{
    for (size_t i = 0; first != c && i < MAX_COMPARED_CASES; i++, first = first->next)
        if (first->when != NULL && c->when != NULL && is_same(first->when, c->when))
            return first;
    return NULL;
}

static void warn_case(struct mst_program *program, const struct mst_case *c, const char *why,
                      const struct mst_expr *other)
{
    struct mst_span span = c->when != NULL ? c->when->span : c->outcome.span;
    struct mst_diag *d = mst_diag_report(program->diags, MST_DIAG_CASE_NEVER_TAKEN, span,
                                         "This case is never taken: %s.", why);
    if (other != NULL)
        mst_diag_other(program->diags, d, other->span, "this one is taken instead");
    mst_diag_help(program->diags, d,
                  other != NULL ? "correct one of the two conditions, or delete this case"
                                : "write a condition that a fact decides, or delete this case");
}

static void judge_cases(struct mst_program *program, const struct mst_item *item)
{
    const struct mst_case *always = NULL;
    for (const struct mst_case *c = item->cases; c != NULL; c = c->next) {
        if (always != NULL) {
            warn_case(program, c, "the condition before it is always true", always->when);
            return;
        }
        enum truth when = truth_of(program, c->when);
        const struct mst_case *same = when == OPEN ? find_same(item->cases, c) : NULL;
        if (when == ALWAYS_FALSE)
            warn_case(program, c, "its condition is always false", NULL);
        else if (same != NULL)
            warn_case(program, c, "an earlier one has the same condition", same->when);
        if (when == ALWAYS_TRUE)
            always = c;
    }
}

/* ---- policies ------------------------------------------------------------------------------ */

static bool has_checks(const struct mst_item *policy)
{
    for (const struct mst_entry *entry = policy->entries; entry != NULL; entry = entry->next)
        if (entry->kind != MST_ENTRY_ADVISE)
            return true;
    return false;
}

static void warn_empty(struct mst_program *program, const struct mst_item *policy)
{
    struct mst_diag *d =
        mst_diag_report(program->diags, MST_DIAG_POLICY_EMPTY, policy->name.span,
                        "Every subject passes `%s`: it has no checks.", policy->name.text);
    mst_diag_help(program->diags, d, "write `check NAME { require ... }` in it");
}

/* ---- the whole ----------------------------------------------------------------------------- */

void mst_check_warn_rules(struct mst_program *program, const struct mst_unit *unit)
{
    for (const struct mst_item *item = unit->module->items; item != NULL; item = item->next) {
        struct judging judging = {.program = program};
        if (item->kind == MST_ITEM_TEST || item->kind == MST_ITEM_FIXTURE)
            continue;
        each_expr(&judging, item, collect_guard);
        each_expr(&judging, item, judge_expr);
        for (const struct mst_entry *entry = item->entries; entry != NULL; entry = entry->next)
            if (entry->kind != MST_ENTRY_INCLUDE)
                judge_entry(program, entry);
        judge_cases(program, item);
        if (item->kind == MST_ITEM_POLICY && !has_checks(item))
            warn_empty(program, item);
    }
}
