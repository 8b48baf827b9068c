/* SPDX-License-Identifier: Apache-2.0
 *
 * fold.c - evaluating constants when compiling: cells of tables, members of sets, params. It uses
 * the very functions of runtime/format that the vm runs, so a value is the same wherever it is
 * computed. An unknown result is a cell that is not known. */
#include "check.h"

#include <string.h>

#include "builtin_list.h"
#include "format/arith.h"
#include "format/limits.h"
#include "zones.h"

/* Of a compilation: what nested defs could blow up to. A table of 100,000 rows needs far less. */
#define MAX_FOLD_STEPS 50000000u

static const struct mst_cell not_known = {false, 0, {NULL, 0}};

/* What the parameters of a def are bound to, while its body is folded. */
struct binding {
    const struct mst_symbol *parameter;
    struct mst_cell value;
    struct binding *outer;
};

struct fold {
    struct mst_program *program;
    const struct mst_fold_row *row;
    struct binding *bindings;
};

static struct mst_cell fold_expr(struct fold *fold, const struct mst_expr *e);

static struct mst_cell cell_of(int64_t word)
{
    return (struct mst_cell){true, word, {NULL, 0}};
}

static struct mst_cell fold_local(struct fold *fold, const struct mst_expr *e)
{
    for (struct binding *b = fold->bindings; b != NULL; b = b->outer)
        if (b->parameter == e->symbol)
            return b->value;
    if (fold->row != NULL)
        for (size_t i = 0; i < fold->row->count; i++)
            if (fold->row->columns[i].name == e->name.text)
                return fold->row->cells[i];
    return not_known;
}

/* ---- operators ----------------------------------------------------------------------------- */

static bool same_value(const struct mst_expr *e, struct mst_cell a, struct mst_cell b)
{
    if (e->type != MST_TYPE_TEXT)
        return a.word == b.word;
    return a.text.len == b.text.len &&
           (a.text.len == 0 || memcmp(a.text.ptr, b.text.ptr, a.text.len) == 0);
}

static bool is_less(const struct mst_expr *e, int64_t a, int64_t b)
{
    return e->type == MST_TYPE_VERSION ? (uint64_t)a < (uint64_t)b : a < b;
}

/* Two values that are `other` cannot be compared, unless the word itself is written. */
static bool both_other(const struct mst_program *program, const struct mst_expr *e,
                       struct mst_cell a, struct mst_cell b)
{
    if (MST_TYPE_KIND(e->a->type) != MST_TYPE_ENUM || e->a->ref == MST_REF_MEMBER ||
        e->b->ref == MST_REF_MEMBER)
        return false;
    int64_t other = (int64_t)program->enums.items[MST_TYPE_INDEX(e->a->type)]->members.count;
    return a.word == other && b.word == other;
}

static struct mst_cell fold_comparison(struct fold *fold, const struct mst_expr *e)
{
    struct mst_cell a = fold_expr(fold, e->a), b = fold_expr(fold, e->b);
    if (!a.known || !b.known || both_other(fold->program, e, a, b))
        return not_known;
    switch (e->op) {
    case MST_WORD_EQ: return cell_of(same_value(e->a, a, b));
    case MST_WORD_NE: return cell_of(!same_value(e->a, a, b));
    case MST_WORD_LT: return cell_of(is_less(e->a, a.word, b.word));
    case MST_WORD_LE: return cell_of(!is_less(e->a, b.word, a.word));
    case MST_WORD_GT: return cell_of(is_less(e->a, b.word, a.word));
    case MST_WORD_GE: return cell_of(!is_less(e->a, a.word, b.word));
    default: return cell_of(mst_like(a.text, b.text));
    }
}

static struct mst_cell fold_within(struct fold *fold, const struct mst_expr *e)
{
    struct mst_cell a = fold_expr(fold, e->a);
    unsigned parts = e->b->literal == MST_LITERAL_INT ? 1 : e->b->parts;
    uint64_t b =
        e->b->literal == MST_LITERAL_INT ? (uint64_t)e->b->word << 48 : (uint64_t)e->b->word;
    unsigned shift = 64 - 16 * parts;
    return a.known ? cell_of((uint64_t)a.word >> shift == b >> shift) : not_known;
}

static struct mst_cell fold_logic(struct fold *fold, const struct mst_expr *e)
{
    bool stop = e->op == MST_WORD_OR; /* the value that decides */
    struct mst_cell a = fold_expr(fold, e->a);
    if (a.known && (a.word != 0) == stop)
        return a;
    struct mst_cell b = fold_expr(fold, e->b);
    if (b.known && (b.word != 0) == stop)
        return b;
    return a.known && b.known ? cell_of(!stop) : not_known;
}

static bool calculate(const struct mst_expr *e, int64_t a, int64_t b, int64_t *r)
{
    uint32_t left = e->a->type, right = e->b->type;
    bool is_add = e->op == MST_WORD_ADD;
    switch (e->op) {
    case MST_WORD_MUL: return mst_mul(a, b, r);
    case MST_WORD_DIV: return mst_div(a, b, r);
    case MST_WORD_MOD: return mst_mod(a, b, r);
    default: break;
    }
    if (left == MST_TYPE_INT || left == MST_TYPE_DURATION)
        return is_add ? mst_add(a, b, r) : mst_sub(a, b, r);
    if (left == MST_TYPE_TIME && right == MST_TYPE_DURATION)
        return is_add ? mst_add_time(a, b, r) : mst_sub_time(a, b, r);
    if (left == MST_TYPE_DATE && right == MST_TYPE_DURATION)
        return is_add ? mst_add_date(a, b, r) : mst_sub_date(a, b, r);
    if (left == MST_TYPE_MONTH && right == MST_TYPE_INT)
        return is_add ? mst_add_month(a, b, r) : mst_sub_month(a, b, r);
    if (left == MST_TYPE_DATE)
        return mst_mul(a - b, MST_DAY_S, r);
    return mst_sub(a, b, r);
}

static struct mst_cell fold_binary(struct fold *fold, const struct mst_expr *e)
{
    switch (e->op) {
    case MST_WORD_OR:
    case MST_WORD_AND: return fold_logic(fold, e);
    case MST_WORD_EQ:
    case MST_WORD_NE:
    case MST_WORD_LT:
    case MST_WORD_LE:
    case MST_WORD_GT:
    case MST_WORD_GE:
    case MST_WORD_LIKE: return fold_comparison(fold, e);
    case MST_WORD_WITHIN: return fold_within(fold, e);
    case MST_WORD_ELSE: {
        struct mst_cell a = fold_expr(fold, e->a);
        return a.known ? a : fold_expr(fold, e->b);
    }
    default: break;
    }
    struct mst_cell a = fold_expr(fold, e->a), b = fold_expr(fold, e->b), r = cell_of(0);
    return a.known && b.known && calculate(e, a.word, b.word, &r.word) ? r : not_known;
}

static struct mst_cell fold_unary(struct fold *fold, const struct mst_expr *e)
{
    struct mst_cell a = fold_expr(fold, e->a);
    if (!a.known)
        return a;
    if (e->op == MST_WORD_NOT)
        return cell_of(!a.word);
    struct mst_cell r = cell_of(0);
    return mst_sub(0, a.word, &r.word) ? r : not_known;
}

static bool is_member(const struct fold *fold, const struct mst_expr *of, struct mst_cell value,
                      const struct mst_expr *named)
{
    const struct mst_set *set = fold->program->sets.items[MST_TYPE_INDEX(named->symbol->type)];
    bool found = false;
    for (size_t i = 0; i < set->members.count && !found; i++)
        found = same_value(of, value, set->members.items[i]);
    return found;
}

static struct mst_cell fold_in(struct fold *fold, const struct mst_expr *e)
{
    struct mst_cell a = fold_expr(fold, e->a);
    bool found = false, open = false, is_not = e->op == MST_WORD_NOT_IN;
    if (!a.known)
        return a;
    if (e->b->ref == MST_REF_SET)
        return cell_of(is_member(fold, e->a, a, e->b) != is_not);
    for (const struct mst_expr *m = e->b->args.first; m != NULL && !found; m = m->next) {
        if (m->ref == MST_REF_SET) {
            found = is_member(fold, e->a, a, m);
            continue;
        }
        struct mst_cell b = fold_expr(fold, m);
        open = open || !b.known;
        found = b.known && same_value(e->a, a, b);
    }
    return open && !found ? not_known : cell_of(found != is_not);
}

/* ---- calls --------------------------------------------------------------------------------- */

static struct mst_cell fold_def(struct fold *fold, const struct mst_expr *e)
{
    struct binding bound[MST_MAX_DEF_PARAMETERS];
    struct fold inner = {fold->program, NULL, NULL};
    size_t count = 0;
    const struct mst_decl *d = e->symbol->item->decls.first;
    for (const struct mst_expr *arg = e->args.first;
         arg != NULL && d != NULL && count < MST_MAX_DEF_PARAMETERS;
         arg = arg->next, d = d->next, count++) {
        bound[count] = (struct binding){d->symbol, fold_expr(fold, arg), inner.bindings};
        inner.bindings = &bound[count];
    }
    return fold_expr(&inner, e->symbol->item->value);
}

/* A zone's transitions, made once for a compilation. */
static const struct mst_zone *zone_of(struct mst_program *program, uint32_t zone)
{
    while (program->zones.count <= zone && !program->arena->failed) {
        struct mst_zone none = {NULL, 0};
        MST_PUSH(program->arena, &program->zones, none);
    }
    static const struct mst_zone failed = {NULL, 0};
    if (program->zones.count <= zone)
        return &failed;
    if (program->zones.items[zone].records == NULL)
        program->zones.items[zone] = mst_zones_records(program->arena, zone);
    return &program->zones.items[zone];
}

static struct mst_cell call_builtin(struct fold *fold, uint32_t number,
                                    const struct mst_cell *cells, const uint32_t *types,
                                    size_t count)
{
    struct mst_value args[MST_BUILTIN_MAX_ARGS], result;
    memset(args, 0, sizeof args);
    memset(&result, 0, sizeof result);
    for (size_t i = 0; i < count; i++) {
        args[i].word = cells[i].word;
        args[i].text = cells[i].text;
        if (types[i] == MST_TYPE_ZONE)
            args[i].zone = *zone_of(fold->program, (uint32_t)cells[i].word);
    }
    const struct mst_builtin *builtin = mst_builtin_list_at(number);
    char *site = NULL;
    if (builtin->result == MST_ARG_TEXT)
        site = MST_NEW_ARRAY(fold->program->arena, MST_MAX_TEXT_BYTES, char);
    if (fold->program->arena->failed ||
        mst_builtin_call(number, args, site, site != NULL ? MST_MAX_TEXT_BYTES : 0, &result) !=
            MST_BUILTIN_OK)
        return not_known;
    return (struct mst_cell){true, result.word, result.text};
}

static const char *enum_text(const struct mst_program *program, uint32_t type, int64_t member)
{
    const struct mst_enum_type *e = program->enums.items[MST_TYPE_INDEX(type)];
    return (size_t)member < e->members.count ? e->members.items[member].text : "other";
}

/* version(a), version(a, b, c, d), text(enum), text(text): see check_call.c. */
static struct mst_cell fold_composed(struct fold *fold, const struct mst_expr *e,
                                     const struct mst_cell *cells, size_t count)
{
    if (count == 0)
        return not_known;
    if (e->type == MST_TYPE_TEXT) {
        if (MST_TYPE_KIND(e->args.first->type) != MST_TYPE_ENUM)
            return cells[0];
        const char *name = enum_text(fold->program, e->args.first->type, cells[0].word);
        return (struct mst_cell){true, 0, {name, (uint32_t)strlen(name)}};
    }
    uint64_t bits = 0;
    for (size_t i = 0; i < 4; i++) {
        int64_t part = i < count ? cells[i].word : 0;
        if (part < 0 || part > 65535)
            return not_known;
        bits = bits << 16 | (uint64_t)part;
    }
    return cell_of((int64_t)bits);
}

static struct mst_cell fold_call(struct fold *fold, const struct mst_expr *e)
{
    struct mst_cell cells[4];
    uint32_t types[4];
    size_t count = 0;
    if (e->ref == MST_REF_DEF)
        return fold_def(fold, e);
    for (const struct mst_expr *arg = e->args.first; arg != NULL && count < 4; arg = arg->next) {
        types[count] = arg->type;
        cells[count] = fold_expr(fold, arg);
        if (!cells[count++].known)
            return not_known;
    }
    return e->number != 0 ? call_builtin(fold, e->number, cells, types, count)
                          : fold_composed(fold, e, cells, count);
}

/* ---- the whole ----------------------------------------------------------------------------- */

static struct mst_cell fold_text(const struct mst_expr *e)
{
    const struct mst_expr *piece = e->kind == MST_EXPR_TEXT ? e->args.first : e;
    struct mst_cell cell = {true, 0, {"", 0}};
    if (piece != NULL)
        cell.text = (mst_text){piece->bytes, piece->byte_count};
    return cell;
}

static struct mst_cell fold_let(struct fold *fold, struct mst_symbol *let)
{
    struct fold inner = {fold->program, NULL, NULL};
    if (let->cell == NULL) {
        struct mst_cell value = fold_expr(&inner, let->item->value);
        let->cell = MST_NEW(fold->program->arena, struct mst_cell);
        if (let->cell == NULL)
            return not_known;
        *let->cell = value;
    }
    return *let->cell;
}

/* One that reads itself is reported, and has no value yet. */
static struct mst_cell fold_param(const struct mst_program *program,
                                  const struct mst_symbol *symbol)
{
    if (symbol->index >= program->params.count ||
        program->params.items[symbol->index].symbol != symbol)
        return not_known;
    return program->params.items[symbol->index].value;
}

static struct mst_cell fold_reference(struct fold *fold, const struct mst_expr *e)
{
    switch ((enum mst_meaning)e->ref) {
    case MST_REF_LOCAL: return fold_local(fold, e);
    case MST_REF_MEMBER:
    case MST_REF_ZONE: return cell_of(e->number);
    case MST_REF_LET: return fold_let(fold, e->symbol);
    case MST_REF_PARAM: return fold_param(fold->program, e->symbol);
    default: return not_known;
    }
}

static struct mst_cell fold_kind(struct fold *fold, const struct mst_expr *e)
{
    switch ((enum mst_expr_kind)e->kind) {
    case MST_EXPR_LITERAL: return cell_of(e->word);
    case MST_EXPR_TEXT:
    case MST_EXPR_PIECE: return fold_text(e);
    case MST_EXPR_NAME:
    case MST_EXPR_MEMBER: return fold_reference(fold, e);
    case MST_EXPR_CALL: return fold_call(fold, e);
    case MST_EXPR_UNARY: return fold_unary(fold, e);
    case MST_EXPR_BINARY: return fold_binary(fold, e);
    case MST_EXPR_IS: return cell_of(fold_expr(fold, e->a).known == (e->op == MST_WORD_IS_NOT));
    case MST_EXPR_IN: return fold_in(fold, e);
    case MST_EXPR_IF: {
        struct mst_cell c = fold_expr(fold, e->a);
        return !c.known ? c : fold_expr(fold, c.word != 0 ? e->b : e->c);
    }
    default: return not_known;
    }
}

static void report_steps(struct mst_program *program, struct mst_span span)
{
    struct mst_diag *d = mst_diag_report(
        program->diags, MST_DIAG_PROGRAM_TOO_LARGE, span,
        "The constants take too long to compute: defs that call defs multiply here.");
    mst_diag_help(program->diags, d, "call each def once and give its result a name with `let`");
}

static struct mst_cell fold_expr(struct fold *fold, const struct mst_expr *e)
{
    struct mst_program *program = fold->program;
    if (e == NULL || program->fold_steps > MAX_FOLD_STEPS)
        return not_known;
    if (program->fold_steps++ == MAX_FOLD_STEPS)
        report_steps(program, e->span);
    if (!mst_program_enter(program, e->span))
        return not_known;
    struct mst_cell cell = fold_kind(fold, e);
    mst_program_leave(program);
    return cell;
}

struct mst_cell mst_fold(struct mst_program *program, const struct mst_expr *expr,
                         const struct mst_fold_row *row)
{
    struct fold fold = {program, row, NULL};
    return fold_expr(&fold, expr);
}

/* ---- reading cells and parameters ---------------------------------------------------------- */

static enum mst_reading read_member(struct mst_program *program, uint32_t type, mst_text text,
                                    struct mst_cell *cell)
{
    const struct mst_enum_type *e = program->enums.items[MST_TYPE_INDEX(type)];
    for (size_t i = 0; i < e->spellings.count; i++) {
        const struct mst_enum_spelling *s = &e->spellings.items[i];
        if (!mst_check_same_spelling(text.ptr, text.len, s->bytes, s->len))
            continue;
        *cell = cell_of(s->member);
        return s->member == UINT32_MAX ? MST_READ_ABSENT : MST_READ_OK;
    }
    return MST_READ_INVALID;
}

enum mst_reading mst_fold_read(struct mst_program *program, uint32_t type, uint32_t max_bytes,
                               mst_text text, struct mst_cell *cell)
{
    bool truth, good;
    uint64_t version;
    *cell = (struct mst_cell){true, 0, text};
    switch (MST_TYPE_KIND(type)) {
    case MST_TYPE_BOOL:
        good = mst_parse_bool(text, &truth);
        cell->word = good && truth;
        break;
    case MST_TYPE_INT: good = mst_parse_int(text, &cell->word); break;
    case MST_TYPE_TEXT: good = text.len <= max_bytes; break;
    case MST_TYPE_VERSION:
        good = mst_parse_version(text, &version);
        cell->word = good ? (int64_t)version : 0;
        break;
    case MST_TYPE_DATE: good = mst_parse_date(text, &cell->word); break;
    case MST_TYPE_MONTH: good = mst_parse_month(text, &cell->word); break;
    case MST_TYPE_DURATION: good = mst_parse_duration(text, &cell->word); break;
    case MST_TYPE_TIME: good = mst_parse_time(text, &cell->word); break;
    case MST_TYPE_ENUM: return read_member(program, type, text, cell);
    default: good = false; break;
    }
    return good ? MST_READ_OK : MST_READ_INVALID;
}
