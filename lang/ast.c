/* SPDX-License-Identifier: Apache-2.0
 *
 * ast.c - makes the nodes of a tree and links them. No rule of the language is checked here: what
 * is said about them is said by parse_check.c and by the checker. */
#include "ast.h"

#include <string.h>

#include "arena.h"
#include "atoms.h"

struct mst_span mst_ast_join(struct mst_span first, struct mst_span last)
{
    uint32_t end = last.at + last.len;
    if (end < first.at + first.len)
        end = first.at + first.len;
    return (struct mst_span){first.source, first.at, end - first.at};
}

/* ---- expressions ------------------------------------------------------------------------- */

static void include_depth(struct mst_expr *expr, const struct mst_expr *part)
{
    if (part != NULL && part->depth >= expr->depth && part->depth < UINT16_MAX)
        expr->depth = (uint16_t)(part->depth + 1);
}

static void take_args(struct mst_expr *expr, struct mst_expr_list args)
{
    expr->args = args;
    for (const struct mst_expr *arg = args.first; arg != NULL; arg = arg->next)
        include_depth(expr, arg);
}

struct mst_expr *mst_ast_expr(struct mst_arena *arena, enum mst_expr_kind kind,
                              struct mst_span span)
{
    struct mst_expr *expr = MST_NEW(arena, struct mst_expr);
    if (expr == NULL)
        return NULL;
    expr->kind = (uint8_t)kind;
    expr->span = span;
    expr->depth = 1;
    return expr;
}

struct mst_expr *mst_ast_operation(struct mst_arena *arena, enum mst_expr_kind kind,
                                   enum mst_word op, struct mst_span span,
                                   struct mst_expr *const parts[3])
{
    struct mst_expr *expr = mst_ast_expr(arena, kind, span);
    if (expr == NULL)
        return NULL;
    expr->op = (uint8_t)op;
    expr->a = parts[0];
    expr->b = parts[1];
    expr->c = parts[2];
    for (int i = 0; i < 3; i++)
        include_depth(expr, parts[i]);
    return expr;
}

struct mst_expr *mst_ast_name(struct mst_arena *arena, struct mst_name name)
{
    struct mst_expr *expr = mst_ast_expr(arena, MST_EXPR_NAME, name.span);
    if (expr != NULL)
        expr->name = name;
    return expr;
}

struct mst_expr *mst_ast_member(struct mst_arena *arena, struct mst_expr *of, struct mst_name name,
                                struct mst_span span)
{
    struct mst_expr *expr = mst_ast_expr(arena, MST_EXPR_MEMBER, span);
    if (expr == NULL)
        return NULL;
    expr->a = of;
    expr->name = name;
    include_depth(expr, of);
    return expr;
}

struct mst_expr *mst_ast_call(struct mst_arena *arena, struct mst_expr *of, struct mst_name name,
                              struct mst_expr_list args, struct mst_span span)
{
    struct mst_expr *expr = mst_ast_expr(arena, MST_EXPR_CALL, span);
    if (expr == NULL)
        return NULL;
    expr->a = of;
    expr->name = name;
    include_depth(expr, of);
    take_args(expr, args);
    return expr;
}

struct mst_expr *mst_ast_sequence(struct mst_arena *arena, enum mst_expr_kind kind,
                                  struct mst_expr_list elements, struct mst_span span)
{
    struct mst_expr *expr = mst_ast_expr(arena, kind, span);
    if (expr == NULL)
        return NULL;
    take_args(expr, elements);
    const struct mst_expr *only = elements.count == 1 ? elements.first : NULL;
    if (kind == MST_EXPR_TEXT && only != NULL && only->kind == MST_EXPR_PIECE) {
        expr->bytes = only->bytes;
        expr->byte_count = only->byte_count;
    }
    return expr;
}

struct mst_expr *mst_ast_piece(struct mst_arena *arena, const char *bytes, uint32_t byte_count,
                               struct mst_span span)
{
    struct mst_expr *expr = mst_ast_expr(arena, MST_EXPR_PIECE, span);
    if (expr == NULL)
        return NULL;
    expr->bytes = bytes;
    expr->byte_count = byte_count;
    return expr;
}

struct mst_expr_list mst_ast_append(struct mst_expr_list list, struct mst_expr *expr)
{
    if (expr == NULL)
        return list;
    if (list.last != NULL)
        list.last->next = expr;
    else
        list.first = expr;
    list.last = expr;
    list.count++;
    return list;
}

/* ---- declarations ------------------------------------------------------------------------ */

struct mst_type_syntax *mst_ast_type(struct mst_arena *arena, struct mst_name module,
                                     struct mst_name name, struct mst_span span)
{
    struct mst_type_syntax *type = MST_NEW(arena, struct mst_type_syntax);
    if (type == NULL)
        return NULL;
    type->span = span;
    type->name = name;
    type->module = module;
    return type;
}

struct mst_decl *mst_ast_decl(struct mst_arena *arena, struct mst_name name,
                              struct mst_type_syntax *type, struct mst_span span)
{
    struct mst_decl *decl = MST_NEW(arena, struct mst_decl);
    if (decl == NULL)
        return NULL;
    decl->name = name;
    decl->type = type;
    decl->span = span;
    return decl;
}

struct mst_decl_list mst_ast_append_decl(struct mst_decl_list list, struct mst_decl *decl)
{
    if (decl == NULL)
        return list;
    if (list.last != NULL)
        list.last->next = decl;
    else
        list.first = decl;
    list.last = decl;
    list.count++;
    return list;
}

struct mst_row_list mst_ast_append_row(struct mst_arena *arena, struct mst_row_list list,
                                       struct mst_expr_list cells, struct mst_span span)
{
    struct mst_row *row = MST_NEW(arena, struct mst_row);
    if (row == NULL)
        return list;
    row->cells = cells;
    row->span = span;
    if (list.last != NULL)
        list.last->next = row;
    else
        list.first = row;
    list.last = row;
    list.count++;
    return list;
}

/* ---- items ------------------------------------------------------------------------------- */

struct mst_item *mst_ast_item(struct mst_arena *arena, enum mst_item_kind kind,
                              struct mst_name name, struct mst_span span)
{
    struct mst_item *item = MST_NEW(arena, struct mst_item);
    if (item == NULL)
        return NULL;
    item->kind = kind;
    item->name = name;
    item->span = span;
    return item;
}

void mst_ast_add_item(struct mst_module *module, struct mst_item *item)
{
    if (module == NULL || item == NULL)
        return;
    if (module->last_item != NULL)
        module->last_item->next = item;
    else
        module->items = item;
    module->last_item = item;
}

void mst_ast_add_member(struct mst_item *item, struct mst_member *member)
{
    if (item == NULL || member == NULL)
        return;
    if (item->last_member != NULL)
        item->last_member->next = member;
    else
        item->members = member;
    item->last_member = member;
}

struct mst_member *mst_ast_member_of_enum(struct mst_arena *arena, struct mst_name name,
                                          bool is_unknown)
{
    struct mst_member *member = MST_NEW(arena, struct mst_member);
    if (member == NULL)
        return NULL;
    member->name = name;
    member->is_unknown = is_unknown;
    return member;
}

void mst_ast_add_spelling(struct mst_arena *arena, struct mst_member *member, struct mst_expr *text)
{
    struct mst_spelling *spelling = MST_NEW(arena, struct mst_spelling);
    if (spelling == NULL || member == NULL)
        return;
    spelling->text = text;
    if (member->last_spelling != NULL)
        member->last_spelling->next = spelling;
    else
        member->spellings = spelling;
    member->last_spelling = spelling;
}

struct mst_entry *mst_ast_entry(struct mst_arena *arena, enum mst_entry_kind kind,
                                struct mst_name name, struct mst_span span)
{
    struct mst_entry *entry = MST_NEW(arena, struct mst_entry);
    if (entry == NULL)
        return NULL;
    entry->kind = kind;
    entry->name = name;
    entry->span = span;
    return entry;
}

void mst_ast_add_entry(struct mst_item *item, struct mst_entry *entry)
{
    if (item == NULL || entry == NULL)
        return;
    if (item->last_entry != NULL)
        item->last_entry->next = entry;
    else
        item->entries = entry;
    item->last_entry = entry;
}

void mst_ast_add_clause(struct mst_arena *arena, struct mst_entry *entry,
                        const struct mst_clause *clause)
{
    struct mst_clause *added = MST_NEW(arena, struct mst_clause);
    if (added == NULL || entry == NULL)
        return;
    *added = *clause;
    if (entry->last_clause != NULL)
        entry->last_clause->next = added;
    else
        entry->clauses = added;
    entry->last_clause = added;
}

bool mst_ast_has_clause(const struct mst_entry *entry, enum mst_clause_kind kind)
{
    for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next)
        if (c->kind == kind)
            return true;
    return false;
}

struct mst_case *mst_ast_case(struct mst_arena *arena, struct mst_name outcome, bool is_unknown,
                              struct mst_span span)
{
    struct mst_case *made = MST_NEW(arena, struct mst_case);
    if (made == NULL)
        return NULL;
    made->outcome = outcome;
    made->is_unknown = is_unknown;
    made->span = span;
    return made;
}

void mst_ast_add_case(struct mst_item *item, struct mst_case *added)
{
    if (item == NULL || added == NULL)
        return;
    if (item->last_case != NULL)
        item->last_case->next = added;
    else
        item->cases = added;
    item->last_case = added;
}

void mst_ast_add_test_clause(struct mst_arena *arena, struct mst_item *item,
                             const struct mst_test_clause *clause)
{
    struct mst_test_clause *added = MST_NEW(arena, struct mst_test_clause);
    if (added == NULL || item == NULL)
        return;
    *added = *clause;
    if (item->last_clause != NULL)
        item->last_clause->next = added;
    else
        item->clauses = added;
    item->last_clause = added;
}

/* ---- paths ------------------------------------------------------------------------------- */

static size_t measure_dotted(const struct mst_expr *path)
{
    size_t len = 0;
    for (; path != NULL; path = path->a) {
        bool is_path = path->kind == MST_EXPR_NAME || path->kind == MST_EXPR_MEMBER;
        if (!is_path || path->in_parentheses || path->name.text == NULL)
            return 0;
        len += strlen(path->name.text) + 1;
    }
    return len;
}

const char *mst_ast_dotted(struct mst_atoms *atoms, const struct mst_expr *path)
{
    size_t len = measure_dotted(path);
    if (len == 0)
        return NULL;
    char *dotted = mst_arena_alloc(atoms->arena, len, 1);
    if (dotted == NULL)
        return NULL;
    size_t at = len - 1; /* behind the last part; where the others end, a dot goes */
    for (; path != NULL; path = path->a) {
        size_t part = strlen(path->name.text);
        memcpy(dotted + at - part, path->name.text, part);
        at -= part;
        if (at > 0)
            dotted[--at] = '.';
    }
    return mst_atoms_intern(atoms, dotted, len - 1);
}
