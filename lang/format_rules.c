/* SPDX-License-Identifier: Apache-2.0
 *
 * format_rules.c - layout of policies, decisions, fixtures and tests. */
#include "format.h"
#include "grammar.h"

/* A condition wider than this does not share its line with what follows from it. */
#define WIDE_CONDITION 60

static void take_spaced(struct mst_format *f, struct mst_doc *to)
{
    mst_format_take(f, to);
    mst_format_space(f, to);
}

static void put_end(struct mst_format *f, struct mst_doc *block, struct mst_doc *inner)
{
    mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_COMMENTS, f->at));
    mst_doc_add(block, mst_doc_new(&f->layout, MST_DOC_BREAK, 0));
    mst_format_take(f, block);
}

/* ---- policies ---------------------------------------------------------------------------- */

static void put_undecided(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *group = mst_format_group(f, to, 0);
    take_spaced(f, group);
    take_spaced(f, group);
    mst_format_expr(f, group);
    struct mst_doc *because = mst_format_sequence(f, group, 10);
    mst_format_line(f, because);
    take_spaced(f, because);
    mst_format_text(f, because);
}

/* The words of clauses are as wide as `require`, so that what they say stands below each other. */
static void put_clause(struct mst_format *f, struct mst_format_row *row)
{
    int kind = mst_format_kind(f);
    if (kind == TOK_UNDECIDED) {
        put_undecided(f, mst_format_cell(f, row));
        return;
    }
    mst_format_take(f, mst_format_cell(f, row));
    struct mst_doc *what = mst_format_cell(f, row);
    if (kind == TOK_REQUIRE)
        mst_format_expr(f, what);
    else
        mst_format_text(f, what);
}

static void put_include(struct mst_format *f, struct mst_doc *to)
{
    take_spaced(f, to);
    mst_format_path(f, to);
    if (mst_format_kind(f) != TOK_EXCEPT)
        return;
    struct mst_doc *names = mst_format_group(f, to, 4);
    mst_format_line(f, names);
    take_spaced(f, names);
    mst_format_take(f, names);
    while (mst_format_take_comma(f, names)) {
        mst_format_line(f, names);
        mst_format_take(f, names);
    }
}

static void put_check(struct mst_format *f, struct mst_doc *to)
{
    struct mst_doc *head = mst_format_sequence(f, to, 0);
    take_spaced(f, head);
    mst_format_take(f, head);
    if (mst_format_is_text(f)) {
        mst_format_space(f, head);
        mst_format_take(f, head);
    }
    if (mst_format_kind(f) == TOK_WHEN) {
        struct mst_doc *when = mst_format_group(f, head, 6);
        mst_format_line(f, when);
        take_spaced(f, when);
        mst_format_expr(f, when);
    }
    mst_format_space(f, to);
    mst_format_block(f, to, mst_doc_width(&f->layout, head) + 3, put_clause);
}

static bool is_outcome(int kind)
{
    return kind == TOK_PASS || kind == TOK_FAIL || kind == TOK_UNKNOWN;
}

static void put_outcome(struct mst_format *f, struct mst_format_row *row)
{
    mst_format_take(f, mst_format_cell(f, row));
    mst_format_take(f, mst_format_cell(f, row));
    if (mst_format_is_text(f))
        mst_format_text(f, mst_format_cell(f, row));
}

/* policy name "title" { */
static void put_head(struct mst_format *f, struct mst_doc *to)
{
    while (mst_format_kind(f) != '{')
        take_spaced(f, to);
    mst_format_take(f, to);
}

/* An empty line stands between checks, unless each of both is one line. */
void mst_format_policy(struct mst_format *f, struct mst_doc *to)
{
    struct mst_format_rows outcomes = {0};
    struct mst_doc *before = NULL;
    put_head(f, to);
    struct mst_doc *inner = mst_format_sequence(f, to, 2);
    while (mst_format_kind(f) != '}' && !f->arena->failed) {
        struct mst_doc *end = mst_doc_new(&f->layout, MST_DOC_BREAK, before != NULL);
        mst_doc_add(inner, end);
        struct mst_doc *part = mst_format_sequence(f, inner, 0);
        if (is_outcome(mst_format_kind(f)))
            put_outcome(f, mst_format_add_row(f, &outcomes, part));
        else if (mst_format_kind(f) == TOK_INCLUDE)
            put_include(f, part);
        else
            put_check(f, part);
        bool are_lines = mst_doc_is_line(before) && mst_doc_is_line(part);
        if (end != NULL)
            end->is_wide = before != NULL && !are_lines;
        before = part;
    }
    mst_format_align_rows(f, outcomes.items, outcomes.count, MST_LAYOUT_COLUMNS);
    put_end(f, to, inner);
}

/* ---- decisions --------------------------------------------------------------------------- */

/* What a case says, in parts that may stand on lines of their own. */
struct case_parts {
    struct mst_doc *condition, *outcome, *because; /* because: NULL if there is none */
    bool is_otherwise, is_unknown;
};

static struct case_parts read_case(struct mst_format *f)
{
    struct case_parts parts = {mst_format_sequence(f, NULL, 0), mst_format_sequence(f, NULL, 0),
                               NULL, mst_format_kind(f) == TOK_OTHERWISE, false};
    mst_format_take(f, parts.condition);
    if (!parts.is_otherwise) {
        mst_format_space(f, parts.condition);
        mst_format_expr(f, parts.condition);
        take_spaced(f, parts.outcome);
    }
    parts.is_unknown = mst_format_kind(f) == TOK_UNKNOWN;
    mst_format_take(f, parts.outcome);
    while (!f->arena->failed) {
        int kind = mst_format_kind(f);
        if (kind != TOK_BECAUSE && kind != '{' && !mst_format_is_text(f))
            break;
        struct mst_doc *part = parts.outcome;
        if (kind == TOK_BECAUSE)
            part = parts.because = mst_format_sequence(f, NULL, 0);
        else
            mst_format_space(f, parts.outcome);
        if (kind == TOK_BECAUSE)
            take_spaced(f, part);
        if (kind == '{')
            mst_format_fields(f, part);
        else
            mst_format_text(f, part);
    }
    return parts;
}

static bool is_compact(const struct mst_format *f, const struct case_parts *cases, size_t count)
{
    uint32_t widest = 0, widest_outcome = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t width = mst_doc_width(&f->layout, cases[i].condition);
        uint32_t outcome = mst_doc_width(&f->layout, cases[i].outcome);
        outcome += cases[i].is_otherwise ? 5 : 0;
        widest = width > widest ? width : widest;
        widest_outcome = outcome > widest_outcome ? outcome : widest_outcome;
    }
    return widest <= WIDE_CONDITION && widest + widest_outcome + 3 <= MST_LAYOUT_COLUMNS;
}

/* `because` has a line of its own; behind `unknown`, where it is all there is, only if it must. */
static void put_because(struct mst_format *f, struct mst_doc *to, const struct case_parts *parts,
                        bool compact)
{
    if (parts->because == NULL)
        return;
    if (parts->is_unknown && compact)
        mst_format_line(f, to);
    else if (parts->is_unknown)
        mst_format_loose_space(f, to);
    else
        mst_doc_add(to, mst_doc_new(&f->layout, MST_DOC_BREAK, 0));
    mst_doc_add(to, parts->because);
}

static void put_case(struct mst_format *f, struct mst_format_row *row,
                     const struct case_parts *parts, bool compact)
{
    struct mst_doc *first = mst_format_cell(f, row);
    mst_doc_add(first, parts->condition);
    if (compact || parts->is_otherwise) {
        mst_doc_add(mst_format_cell(f, row), parts->outcome);
        if (row != NULL)
            row->extra = parts->is_otherwise ? 5 : 0;
    }
    struct mst_doc *rest = mst_format_group(f, row != NULL ? row->doc : NULL, 5);
    if (!compact && !parts->is_otherwise) {
        mst_doc_add(rest, mst_doc_new(&f->layout, MST_DOC_BREAK, 0));
        mst_doc_add(rest, parts->outcome);
    }
    put_because(f, rest, parts, compact);
}

void mst_format_decision(struct mst_format *f, struct mst_doc *to)
{
    struct mst_format_rows rows = {0};
    struct case_parts *cases = NULL;
    size_t count = 0, capacity = 0;
    put_head(f, to);
    while (mst_format_kind(f) != '}' && !f->arena->failed) {
        cases = mst_arena_grow(f->arena, cases, count, &capacity, sizeof *cases);
        if (cases == NULL)
            return;
        cases[count++] = read_case(f);
    }
    bool compact = is_compact(f, cases, count);
    struct mst_doc *inner = mst_format_sequence(f, to, 2);
    for (size_t i = 0; i < count; i++) {
        mst_doc_add(inner, mst_doc_new(&f->layout, MST_DOC_BREAK, i > 0));
        struct mst_doc *line = mst_format_sequence(f, inner, 0);
        put_case(f, mst_format_add_row(f, &rows, line), &cases[i], compact);
    }
    mst_format_align_rows(f, rows.items, rows.count, compact ? WIDE_CONDITION : 0);
    put_end(f, to, inner);
}

/* ---- fixtures and tests ------------------------------------------------------------------ */

/* = value, where the value may be raw "..." */
static void put_given_value(struct mst_format *f, struct mst_doc *to)
{
    if (f->layout.tokens[f->at + 1].kind != TOK_RAW) {
        mst_format_value(f, to);
        return;
    }
    take_spaced(f, to);
    take_spaced(f, to);
    mst_format_take(f, to);
}

/* path = value, path observed time */
static void put_given(struct mst_format *f, struct mst_format_row *row, struct mst_doc *target)
{
    mst_format_path(f, target);
    if (mst_format_kind(f) == '=') {
        put_given_value(f, mst_format_cell(f, row));
    } else if (mst_format_kind(f) == TOK_OBSERVED) {
        mst_format_space(f, target);
        take_spaced(f, target);
        mst_format_expr(f, target);
    }
}

static void put_fixture_part(struct mst_format *f, struct mst_format_row *row)
{
    put_given(f, row, mst_format_cell(f, row));
}

static void put_test_part(struct mst_format *f, struct mst_format_row *row)
{
    struct mst_doc *clause = mst_format_cell(f, row);
    bool is_given = mst_format_kind(f) == TOK_GIVEN;
    take_spaced(f, clause);
    if (is_given) {
        put_given(f, row, clause);
        return;
    }
    mst_format_expr(f, clause);
    if (mst_format_kind(f) != TOK_HAS)
        return;
    mst_format_space(f, clause);
    take_spaced(f, clause);
    mst_format_path(f, clause);
}

/* for (a, b) in { rows } */
static void put_parameters(struct mst_format *f, struct mst_doc *to)
{
    mst_format_space(f, to);
    take_spaced(f, to);
    mst_format_take(f, to);
    mst_format_take(f, to);
    while (mst_format_take_comma(f, to)) {
        mst_format_space(f, to);
        mst_format_take(f, to);
    }
    take_spaced(f, to);
    take_spaced(f, to);
    mst_format_rows_in_braces(f, to, mst_doc_width(&f->layout, to) + 2);
}

void mst_format_test(struct mst_format *f, struct mst_doc *to)
{
    bool is_fixture = mst_format_kind(f) == TOK_FIXTURE;
    take_spaced(f, to);
    mst_format_take(f, to);
    if (mst_format_kind(f) == TOK_FOR)
        put_parameters(f, to);
    mst_format_space(f, to);
    mst_format_block(f, to, mst_doc_width(&f->layout, to),
                     is_fixture ? put_fixture_part : put_test_part);
}
