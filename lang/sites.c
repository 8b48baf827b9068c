/* SPDX-License-Identifier: Apache-2.0
 *
 * sites.c - notes on what lowering does with which expression, for tools that watch an evaluation
 * or change a rule to see whether a test notices. */
#include "sites.h"

#include <string.h>

/* ---- what an expression is ----------------------------------------------------------------- */

static mst_site_kind kind_of_name(const struct mst_expr *e)
{
    switch ((enum mst_meaning)e->ref) {
    case MST_REF_NOW: return MST_SITE_NOW;
    case MST_REF_FACT: return MST_SITE_FACT;
    case MST_REF_PART: return MST_SITE_PART;
    case MST_REF_COLUMN: return MST_SITE_COLUMN;
    case MST_REF_MEMBER: return MST_SITE_MEMBER;
    case MST_REF_LET: return MST_SITE_LET;
    case MST_REF_PARAM: return MST_SITE_PARAM;
    case MST_REF_VERDICT:
    case MST_REF_CHECK:
    case MST_REF_FIELD: return MST_SITE_VERDICT;
    default: return MST_SITE_LOCAL;
    }
}

static mst_site_kind kind_of_binary(const struct mst_expr *e)
{
    switch (e->op) {
    case MST_WORD_AND: return MST_SITE_AND;
    case MST_WORD_OR: return MST_SITE_OR;
    case MST_WORD_LIKE:
    case MST_WORD_WITHIN: return MST_SITE_MATCH;
    case MST_WORD_ELSE: return MST_SITE_ELSE;
    case MST_WORD_ADD:
    case MST_WORD_SUB:
    case MST_WORD_MUL:
    case MST_WORD_DIV:
    case MST_WORD_MOD: return MST_SITE_ARITHMETIC;
    default: return MST_SITE_COMPARISON;
    }
}

static mst_site_kind kind_of(const struct mst_expr *e)
{
    switch ((enum mst_expr_kind)e->kind) {
    case MST_EXPR_LITERAL:
    case MST_EXPR_TEXT:
    case MST_EXPR_PIECE: return MST_SITE_LITERAL;
    case MST_EXPR_INDEX: return MST_SITE_LOOKUP;
    case MST_EXPR_CALL: return e->ref == MST_REF_DEF ? MST_SITE_DEF : MST_SITE_CALL;
    case MST_EXPR_UNARY: return e->op == MST_WORD_NOT ? MST_SITE_NOT : MST_SITE_ARITHMETIC;
    case MST_EXPR_BINARY: return kind_of_binary(e);
    case MST_EXPR_IS: return MST_SITE_IS_UNKNOWN;
    case MST_EXPR_IN: return MST_SITE_IN;
    case MST_EXPR_IF: return MST_SITE_IF;
    case MST_EXPR_QUANTIFIER: return MST_SITE_QUANTIFIER;
    default: return kind_of_name(e);
    }
}

/* `else if`s are conditions of the `if` that begins. */
static bool is_condition(const struct mst_expr *of, const struct mst_expr *e)
{
    if (of->kind == MST_EXPR_QUANTIFIER)
        return e == of->b;
    for (; of != NULL && of->kind == MST_EXPR_IF; of = of->c)
        if (e == of->a)
            return true;
    return false;
}

static mst_site_role role_in_rule(const struct mst_entry *entry, const struct mst_expr *e)
{
    if (e == entry->when)
        return MST_ROLE_WHEN;
    for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next)
        if (c->expr == e)
            return c->kind == MST_CLAUSE_UNDECIDED ? MST_ROLE_UNDECIDED : MST_ROLE_REQUIRE;
    return MST_ROLE_OPERAND;
}

static mst_site_role role_of(const struct mst_lower *lower, const struct mst_expr *e)
{
    if (lower->site == 0)
        return lower->in_expect ? MST_ROLE_EXPECTATION : MST_ROLE_WHOLE;
    const struct mst_site_code *parent = &lower->block->sites.items[lower->site - 1];
    switch (parent->kind) {
    case MST_SITE_CHECK:
    case MST_SITE_ADVISE: return role_in_rule(parent->node, e);
    case MST_SITE_CASE: return MST_ROLE_WHEN;
    case MST_SITE_IF:
    case MST_SITE_QUANTIFIER:
        return is_condition(parent->node, e) ? MST_ROLE_CONDITION : MST_ROLE_OPERAND;
    default: return MST_ROLE_OPERAND;
    }
}

/* The fact, table or verdict that a site is about. */
static uint32_t index_of(const struct mst_expr *e, mst_site_kind kind)
{
    if (kind == MST_SITE_COLUMN)
        return MST_TYPE_INDEX(e->a->type);
    if (kind == MST_SITE_FACT || kind == MST_SITE_VERDICT)
        return e->symbol->index;
    const struct mst_expr *table = NULL;
    if (kind == MST_SITE_IN)
        table = e->b;
    else if (kind == MST_SITE_LOOKUP || kind == MST_SITE_QUANTIFIER)
        table = e->a;
    return table != NULL && MST_TYPE_KIND(table->type) == MST_TYPE_TABLE
               ? MST_TYPE_INDEX(table->type)
               : UINT32_MAX;
}

static const char *name_of(struct mst_lower *lower, const struct mst_expr *e, mst_site_kind kind)
{
    switch (kind) {
    case MST_SITE_FACT: return lower->program->facts.items[e->symbol->index].name;
    case MST_SITE_LET:
    case MST_SITE_PARAM:
    case MST_SITE_DEF:
        return mst_program_full_name(lower->program, e->symbol->unit, e->symbol->name.text);
    default: return e->name.text;
    }
}

/* ---- while lowering ------------------------------------------------------------------------ */

static uint32_t open_site(struct mst_lower *lower, struct mst_site_code site)
{
    struct mst_block *block = lower->block;
    site.parent = lower->site - 1; /* 0: UINT32_MAX, there is none */
    site.first = (uint32_t)block->code.count;
    site.target = UINT32_MAX;
    size_t before = block->sites.count;
    MST_PUSH(lower->program->arena, &block->sites, site);
    if (block->sites.count > before)
        lower->site = (uint32_t)block->sites.count;
    return (uint32_t)block->sites.count;
}

uint32_t mst_site_open_expr(struct mst_lower *lower, const struct mst_expr *e)
{
    if (!lower->program->options->with_sites)
        return 0;
    mst_site_kind kind = kind_of(e);
    struct mst_site_code site = {
        .kind = kind,
        .role = role_of(lower, e),
        .type = e->type,
        .index = index_of(e, kind),
        .number = kind == MST_SITE_MEMBER || kind == MST_SITE_COLUMN ? e->number : UINT32_MAX,
        .span = e->span,
        .name = name_of(lower, e, kind),
        .node = e,
    };
    return open_site(lower, site);
}

uint32_t mst_site_open_rule(struct mst_lower *lower, const struct mst_rules *rules,
                            const struct mst_entry *entry, uint32_t number)
{
    if (!lower->program->options->with_sites)
        return 0;
    struct mst_site_code site = {
        .kind = entry->kind == MST_ENTRY_ADVISE ? MST_SITE_ADVISE : MST_SITE_CHECK,
        .type = MST_TYPE_BOOL,
        .index = rules->symbol->index,
        .number = number,
        .span = entry->span,
        .name = lower->program->causes.items[lower->blame],
        .node = entry,
    };
    return open_site(lower, site);
}

uint32_t mst_site_open_case(struct mst_lower *lower, const struct mst_rules *rules,
                            const struct mst_case *c, uint32_t number)
{
    if (!lower->program->options->with_sites)
        return 0;
    struct mst_site_code site = {
        .kind = MST_SITE_CASE,
        .type = c->when != NULL ? MST_TYPE_BOOL : MST_TYPE_NONE,
        .index = rules->symbol->index,
        .number = number,
        .span = c->span,
        .name = lower->program->causes.items[lower->blame],
        .node = c,
    };
    return open_site(lower, site);
}

/* The block of the let or default that was read; it has been lowered by now. */
static uint32_t find_target(const struct mst_lower *lower, const struct mst_site_code *site)
{
    const struct mst_expr *e = site->node;
    if (site->kind == MST_SITE_LET)
        return lower->all->let_blocks[e->symbol->item->let_cause];
    return site->kind == MST_SITE_FACT ? lower->all->default_blocks[site->index] : UINT32_MAX;
}

void mst_site_close(struct mst_lower *lower, uint32_t number, mst_ref value)
{
    if (number == 0 || number > lower->block->sites.count)
        return;
    struct mst_site_code *site = &lower->block->sites.items[number - 1];
    site->end = (uint32_t)lower->block->code.count;
    site->slot = value;
    site->target = find_target(lower, site);
    lower->site = site->parent + 1;
}

void mst_site_note_row(struct mst_lower *lower, mst_ref row)
{
    if (lower->site != 0)
        lower->block->sites.items[lower->site - 1].row_slot = row;
}

/* ---- all of them --------------------------------------------------------------------------- */

static void add_elements(struct mst_sites *sites, const struct mst_expr *first, uint32_t type,
                         uint32_t parent)
{
    for (const struct mst_expr *e = first; e != NULL; e = e->next) {
        struct mst_site_code site = {
            .kind = MST_SITE_ELEMENT,
            .role = MST_ROLE_OPERAND,
            .parent = parent,
            .first = UINT32_MAX,
            .end = UINT32_MAX,
            .type = type,
            .index = UINT32_MAX,
            .number = e->ref == MST_REF_MEMBER ? e->number : UINT32_MAX,
            .target = UINT32_MAX,
            .span = e->span,
            .name = e->name.text,
            .node = e,
        };
        MST_PUSH(sites->program->arena, &sites->list, site);
    }
}

static void add_block(struct mst_sites *sites, const struct mst_block *block, bool has_code)
{
    uint32_t base = (uint32_t)sites->list.count;
    for (size_t i = 0; i < block->sites.count; i++) {
        struct mst_site_code site = block->sites.items[i];
        if (site.parent != UINT32_MAX)
            site.parent += base;
        if (!has_code) {
            site.first = site.end = UINT32_MAX;
            site.target = UINT32_MAX;
        }
        MST_PUSH(sites->program->arena, &sites->list, site);
    }
    for (size_t i = 0; i < block->sites.count; i++) {
        const struct mst_expr *e = block->sites.items[i].node;
        if (block->sites.items[i].kind == MST_SITE_IN && e->b->kind == MST_EXPR_SET)
            add_elements(sites, e->b->args.first, e->a->type, base + (uint32_t)i);
        else if (block->sites.items[i].kind == MST_SITE_MATCH && e->op == MST_WORD_WITHIN)
            add_elements(sites, e->b, e->a->type, base + (uint32_t)i);
    }
}

static void add_blocks(struct mst_sites *sites, const struct mst_lowered *lowered, bool has_code)
{
    struct mst_arena *arena = sites->program->arena;
    uint32_t *bases = MST_NEW_ARRAY(arena, lowered->blocks.count + 1, uint32_t);
    size_t before = sites->list.count;
    for (size_t i = 0; i < lowered->blocks.count && bases != NULL; i++) {
        const struct mst_block *block = &lowered->blocks.items[i];
        bases[i] = block->sites.count > 0 ? (uint32_t)sites->list.count : UINT32_MAX;
        add_block(sites, block, has_code);
    }
    for (size_t i = before; i < sites->list.count && bases != NULL; i++)
        if (sites->list.items[i].target < lowered->blocks.count)
            sites->list.items[i].target = bases[sites->list.items[i].target];
}

void mst_sites_collect(struct mst_sites *sites, struct mst_lowered *lowered)
{
    sites->program = lowered->program;
    add_blocks(sites, lowered, true);
    if (lowered->aside != NULL)
        add_blocks(sites, lowered->aside, false);
    for (size_t i = 0; i < sites->program->sets.count; i++) {
        const struct mst_set *set = sites->program->sets.items[i];
        add_elements(sites, set->symbol->item->elements.first, set->type, UINT32_MAX);
    }
}

/* The type of the value as the vm has it; 0 where it cannot be printed. */
static uint32_t type_code(const struct mst_program *program, uint32_t type)
{
    switch (MST_TYPE_KIND(type)) {
    case MST_TYPE_NONE:
    case MST_TYPE_RECORD:
    case MST_TYPE_LIST:
    case MST_TYPE_ERROR: return 0;
    default: return mst_ir_type(program, type);
    }
}

mst_site mst_sites_describe(const struct mst_sites *sites, uint32_t index, struct mst_span *span)
{
    static const mst_site empty = MST_SITE_INIT;
    const struct mst_site_code *code = &sites->list.items[index];
    mst_site site = empty;
    site.kind = code->kind;
    site.role = code->role;
    site.parent = code->parent;
    site.first = code->first;
    site.end = code->end;
    if (code->first != UINT32_MAX) {
        site.slot = code->slot;
        site.row_slot = code->row_slot;
    }
    site.type_code = type_code(sites->program, code->type);
    site.index = code->index;
    site.number = code->number;
    site.target = code->target;
    if (code->name != NULL)
        site.name = (mst_text){code->name, (uint32_t)strlen(code->name)};
    *span = code->span;
    return site;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* How many brackets a span closes that it does not open, and the other way round. */
static void count_brackets(struct mst_span span, const char *text, uint32_t *closed,
                           uint32_t *opened)
{
    *closed = *opened = 0;
    for (uint32_t i = span.at; i < span.at + span.len; i++) {
        char end = text[i] == '#' ? '\n' : '"';
        if (text[i] == '"' || text[i] == '#')
            for (i++; i < span.at + span.len && text[i] != end; i++)
                ;
        else if (text[i] == '(')
            ++*opened;
        else if (text[i] == ')' && *opened > 0)
            --*opened;
        else if (text[i] == ')')
            ++*closed;
    }
}

struct mst_span mst_sites_balance(struct mst_span span, const char *text, uint32_t len)
{
    uint32_t closed, opened, from = span.at, to = span.at + span.len;
    count_brackets(span, text, &closed, &opened);
    for (; closed > 0 && from > 0; from--) {
        if (text[from - 1] == '(')
            closed--;
        else if (!is_blank(text[from - 1]))
            break;
    }
    for (; opened > 0 && to < len; to++) {
        if (text[to] == ')')
            opened--;
        else if (!is_blank(text[to]))
            break;
    }
    return (struct mst_span){span.source, from, to - from};
}
