/* SPDX-License-Identifier: Apache-2.0
 *
 * outline.c - walks the items of each module and notes what they say (outline.h). An arena that
 * fails leaves by its escape. */
#include "outline.h"

#include <string.h>

#include "format.h"
#include "format/builtins.h"

struct outline {
    struct mst_program *program;
    struct mst_outline_nodes *nodes;
    struct mst_format format; /* of the source that is walked */
    uint32_t depth;
};

/* The new node is good until the next one is added. */
static struct mst_outline_node *add(struct outline *o, mst_outline_kind kind, struct mst_span span)
{
    struct mst_outline_node node = {.kind = kind, .depth = o->depth, .span = span};
    MST_PUSH(o->program->arena, o->nodes, node);
    return &o->nodes->items[o->nodes->count - 1];
}

/* ---- texts ------------------------------------------------------------------------------- */

/* The token at an offset, or the first one behind it. */
static uint32_t find_token(const struct mst_format *f, uint32_t at)
{
    uint32_t low = 0, high = f->token_count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (f->layout.tokens[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first token of an expression: its span begins behind the parentheses of its first part. */
static uint32_t find_first(const struct mst_format *f, struct mst_span span)
{
    uint32_t first = find_token(f, span.at), end = find_token(f, span.at + span.len);
    int32_t open = 0, missing = 0;
    for (uint32_t i = first; i < end; i++) {
        open += f->layout.tokens[i].kind == '(';
        open -= f->layout.tokens[i].kind == ')';
        missing = open < missing ? open : missing;
    }
    for (; missing < 0 && first > 0 && f->layout.tokens[first - 1].kind == '('; missing++)
        first--;
    return first;
}

typedef void put(struct mst_format *f, struct mst_doc *to);

static const char *read_with(struct outline *o, uint32_t first, put *write)
{
    struct mst_format *f = &o->format;
    struct mst_doc *doc = mst_format_sequence(f, NULL, 0);
    f->at = first;
    write(f, doc);
    return mst_doc_text(&f->layout, doc);
}

static const char *read_expr(struct outline *o, const struct mst_expr *expr)
{
    if (expr == NULL)
        return NULL;
    return read_with(o, find_first(&o->format, expr->span), mst_format_element);
}

static const char *read_type(struct outline *o, const struct mst_type_syntax *type)
{
    if (type == NULL)
        return NULL;
    return read_with(o, find_token(&o->format, type->span.at), mst_format_type);
}

static const char *join(struct outline *o, const char *text, const char *between, const char *more)
{
    if (text == NULL)
        return more;
    return mst_arena_printf(o->program->arena, "%s%s%s", text, between, more);
}

/* A message as people read it, its holes in braces. */
static const char *read_message(struct outline *o, const struct mst_expr *text)
{
    if (text == NULL)
        return NULL;
    const char *message = "";
    for (const struct mst_expr *part = text->args.first; part != NULL; part = part->next) {
        if (part->kind == MST_EXPR_PIECE)
            message = join(o, message, "",
                           mst_arena_copy(o->program->arena, part->bytes, part->byte_count));
        else
            message = mst_arena_printf(o->program->arena, "%s{%s}", message, read_expr(o, part));
    }
    return message;
}

/* ---- facts, enums ------------------------------------------------------------------------ */

static void add_members(struct outline *o, const struct mst_item *item)
{
    for (const struct mst_member *member = item->members; member != NULL; member = member->next) {
        const char *spellings = NULL;
        for (const struct mst_spelling *s = member->spellings; s != NULL; s = s->next)
            spellings = join(o, spellings, " | ", read_expr(o, s->text));
        struct mst_outline_node *node = add(o, MST_OUTLINE_MEMBER, member->name.span);
        node->name = member->name.text;
        node->text = spellings;
    }
}

/* Where a record has it. */
static const char *find_path(const struct outline *o, const struct mst_decl *decl)
{
    for (size_t i = 0; i < o->program->facts.count; i++)
        if (o->program->facts.items[i].decl == decl && o->program->facts.items[i].symbol != NULL)
            return o->program->facts.items[i].path;
    return NULL;
}

static void add_decls(struct outline *o, const struct mst_item *item)
{
    for (const struct mst_decl *decl = item->decls.first; decl != NULL; decl = decl->next) {
        struct mst_outline_node node = {.name = decl->name.text};
        if (item->kind == MST_ITEM_FACTS)
            node.path = find_path(o, decl);
        else if (decl->from != NULL)
            node.path = read_message(o, decl->from);
        node.type = read_type(o, decl->type);
        node.title = read_message(o, decl->doc);
        node.text = read_expr(o, decl->value);
        struct mst_outline_node *added = add(o, MST_OUTLINE_FACT, decl->span);
        node.kind = added->kind;
        node.depth = added->depth;
        node.span = added->span;
        *added = node;
    }
}

static void add_facts(struct outline *o, const struct mst_item *item)
{
    const char *text = NULL;
    if (item->observed != NULL)
        text = mst_arena_printf(o->program->arena, "observed %s", item->observed->name.text);
    if (item->stale_after != NULL)
        text = join(
            o, text, ", ",
            mst_arena_printf(o->program->arena, "stale after %s", read_expr(o, item->stale_after)));
    const char *path = item->from != NULL ? read_message(o, item->from) : item->name.text;
    struct mst_outline_node *node = add(o, MST_OUTLINE_FACTS, item->span);
    node->name = item->name.text;
    node->path = path;
    node->text = text;
    node->title = item->doc != NULL ? item->doc->bytes : NULL;
}

/* ---- tables ------------------------------------------------------------------------------ */

static const char *read_cell(struct outline *o, const struct mst_cell *cell, uint32_t type)
{
    char printed[MST_PRINT_MAX];
    if (!cell->known)
        return NULL;
    if (MST_TYPE_KIND(type) == MST_TYPE_TEXT)
        return mst_arena_copy(o->program->arena, cell->text.ptr, cell->text.len);
    if (MST_TYPE_KIND(type) == MST_TYPE_ENUM)
        return o->program->enums.items[MST_TYPE_INDEX(type)]->members.items[cell->word].text;
    size_t len = mst_print_value((mst_type)MST_TYPE_KIND(type), cell->word, printed);
    return mst_arena_copy(o->program->arena, printed, len);
}

static void add_columns(struct outline *o, const struct mst_item *item)
{
    for (const struct mst_decl *decl = item->decls.first; decl != NULL; decl = decl->next) {
        const char *type = read_type(o, decl->type);
        if (decl->is_key)
            type = join(o, "key", " ", type);
        if (decl->is_optional)
            type = join(o, type, " ", "optional");
        const char *value = read_expr(o, decl->value), *from = read_message(o, decl->from);
        struct mst_outline_node *node = add(o, MST_OUTLINE_COLUMN, decl->span);
        node->name = decl->name.text;
        node->type = type;
        node->text = value;
        node->path = from;
    }
}

static void add_rows(struct outline *o, const struct mst_item *item, const struct mst_table *table)
{
    size_t columns = table->columns.count;
    for (uint32_t r = 0; r < table->row_count; r++) {
        const struct mst_cell *cells = &table->cells[r * columns];
        const char *key = NULL;
        if (table->key != UINT32_MAX)
            key = read_cell(o, &cells[table->key], table->columns.items[table->key].type);
        add(o, MST_OUTLINE_ROW, item->span)->name = key;
        o->depth++;
        for (size_t c = 0; c < columns; c++) {
            const char *text = read_cell(o, &cells[c], table->columns.items[c].type);
            struct mst_outline_node *node = add(o, MST_OUTLINE_CELL, item->span);
            node->name = table->columns.items[c].name;
            node->text = text;
        }
        o->depth--;
    }
}

static void add_table(struct outline *o, const struct mst_item *item)
{
    const char *text = NULL, *path = read_message(o, item->from);
    if (item->ordered_by.text != NULL)
        text = mst_arena_printf(o->program->arena, "ordered by %s", item->ordered_by.text);
    if (item->max_rows != NULL)
        text = join(
            o, text, ", ",
            mst_arena_printf(o->program->arena, "at most %s rows", read_expr(o, item->max_rows)));
    struct mst_outline_node *node = add(o, MST_OUTLINE_TABLE, item->span);
    node->name = item->name.text;
    node->text = text;
    node->path = path;
    o->depth++;
    add_columns(o, item);
    if (item->symbol != NULL)
        add_rows(o, item, o->program->tables.items[item->symbol->index]);
    o->depth--;
}

/* ---- values ------------------------------------------------------------------------------ */

static const char *read_signature(struct outline *o, const struct mst_item *item)
{
    const char *text = "(";
    for (const struct mst_decl *decl = item->decls.first; decl != NULL; decl = decl->next)
        text = mst_arena_printf(o->program->arena, "%s%s%s: %s", text,
                                decl == item->decls.first ? "" : ", ", decl->name.text,
                                read_type(o, decl->type));
    return mst_arena_printf(o->program->arena, "%s): %s", text, read_type(o, item->type));
}

static const char *read_members(struct outline *o, const struct mst_item *item)
{
    const char *text = NULL;
    for (const struct mst_expr *e = item->elements.first; e != NULL; e = e->next)
        text = join(o, text, ", ", read_expr(o, e));
    return mst_arena_printf(o->program->arena, "{%s}", text);
}

static void add_value(struct outline *o, const struct mst_item *item, mst_outline_kind kind)
{
    const char *text = kind == MST_OUTLINE_SET ? read_members(o, item) : read_expr(o, item->value);
    const char *type = kind == MST_OUTLINE_DEF ? read_signature(o, item) : read_type(o, item->type);
    const char *title = read_message(o, item->doc);
    struct mst_outline_node *node = add(o, kind, item->span);
    node->name = item->name.text;
    node->type = type;
    node->text = text;
    node->title = title;
}

/* ---- policies, decisions ----------------------------------------------------------------- */

static void add_outcome(struct outline *o, const struct mst_outcome_syntax *outcome,
                        const char *type)
{
    const char *label = read_message(o, outcome->label);
    struct mst_outline_node *node = add(o, MST_OUTLINE_OUTCOME, outcome->span);
    node->name = outcome->name.text;
    node->type = type;
    node->title = label;
}

static void add_clause(struct outline *o, const struct mst_clause *clause)
{
    static const mst_outline_kind kinds[] = {
        [MST_CLAUSE_REQUIRE] = MST_OUTLINE_REQUIRE, [MST_CLAUSE_UNDECIDED] = MST_OUTLINE_UNDECIDED,
        [MST_CLAUSE_REASON] = MST_OUTLINE_REASON,   [MST_CLAUSE_REMEDY] = MST_OUTLINE_REMEDY,
        [MST_CLAUSE_CITE] = MST_OUTLINE_CITE,
    };
    const char *text = read_expr(o, clause->expr), *title = read_message(o, clause->text);
    struct mst_outline_node *node = add(o, kinds[clause->kind], clause->span);
    node->text = text;
    node->title = title;
}

static void add_include(struct outline *o, const struct mst_entry *entry)
{
    const char *text = NULL;
    for (const struct mst_expr *e = entry->except.first; e != NULL; e = e->next)
        text = join(o, text, ", ", e->name.text);
    const char *name = read_expr(o, entry->path);
    struct mst_outline_node *node = add(o, MST_OUTLINE_INCLUDE, entry->span);
    node->name = name;
    node->text = text;
}

static void add_entry(struct outline *o, const struct mst_entry *entry)
{
    if (entry->kind == MST_ENTRY_INCLUDE) {
        add_include(o, entry);
        return;
    }
    const char *title = read_message(o, entry->title), *when = read_expr(o, entry->when);
    struct mst_outline_node *node = add(
        o, entry->kind == MST_ENTRY_CHECK ? MST_OUTLINE_CHECK : MST_OUTLINE_ADVISE, entry->span);
    node->name = entry->name.text;
    node->title = title;
    node->text = when;
    o->depth++;
    for (const struct mst_clause *clause = entry->clauses; clause != NULL; clause = clause->next)
        add_clause(o, clause);
    o->depth--;
}

static void add_case(struct outline *o, const struct mst_case *one)
{
    const char *label = read_message(o, one->label), *when = read_expr(o, one->when);
    struct mst_outline_node *node = add(o, MST_OUTLINE_CASE, one->span);
    node->name = one->outcome.text;
    node->title = label;
    node->text = when;
    o->depth++;
    for (const struct mst_expr *field = one->fields.first; field != NULL; field = field->next) {
        const char *text = read_expr(o, field);
        node = add(o, MST_OUTLINE_FIELD, field->span);
        node->name = field->field_name.text;
        node->text = text;
    }
    const char *because = read_message(o, one->because);
    if (because != NULL)
        add(o, MST_OUTLINE_BECAUSE, one->because->span)->title = because;
    o->depth--;
}

static void add_rules(struct outline *o, const struct mst_item *item)
{
    bool is_policy = item->kind == MST_ITEM_POLICY;
    const char *title = read_message(o, item->doc);
    struct mst_outline_node *node =
        add(o, is_policy ? MST_OUTLINE_POLICY : MST_OUTLINE_DECISION, item->span);
    node->name = item->name.text;
    node->title = title;
    o->depth++;
    if (is_policy) {
        add_outcome(o, &item->pass, "pass");
        add_outcome(o, &item->fail, "fail");
        add_outcome(o, &item->unknown, "unknown");
    }
    for (const struct mst_entry *entry = item->entries; entry != NULL; entry = entry->next)
        add_entry(o, entry);
    for (const struct mst_case *one = item->cases; one != NULL; one = one->next)
        add_case(o, one);
    o->depth--;
}

/* ---- modules ----------------------------------------------------------------------------- */

static void add_named(struct outline *o, const struct mst_item *item, mst_outline_kind kind)
{
    struct mst_outline_node *node = add(o, kind, item->span);
    node->name = item->name.text;
    o->depth++;
    if (kind == MST_OUTLINE_ENUM)
        add_members(o, item);
    else
        add_decls(o, item);
    o->depth--;
}

static void add_item(struct outline *o, const struct mst_item *item)
{
    const char *path = item->path != NULL ? read_expr(o, item->path) : NULL;
    switch (item->kind) {
    case MST_ITEM_IMPORT: {
        struct mst_outline_node *node = add(o, MST_OUTLINE_IMPORT, item->span);
        node->name = path;
        node->text = item->name.text;
        break;
    }
    case MST_ITEM_SUBJECT: add(o, MST_OUTLINE_SUBJECT, item->span)->text = path; break;
    case MST_ITEM_ENUM: add_named(o, item, MST_OUTLINE_ENUM); break;
    case MST_ITEM_RECORD: add_named(o, item, MST_OUTLINE_RECORD); break;
    case MST_ITEM_FACTS:
        add_facts(o, item);
        o->depth++;
        add_decls(o, item);
        o->depth--;
        break;
    case MST_ITEM_SET: add_value(o, item, MST_OUTLINE_SET); break;
    case MST_ITEM_PARAM: add_value(o, item, MST_OUTLINE_PARAM); break;
    case MST_ITEM_LET: add_value(o, item, MST_OUTLINE_LET); break;
    case MST_ITEM_DEF: add_value(o, item, MST_OUTLINE_DEF); break;
    case MST_ITEM_TABLE: add_table(o, item); break;
    case MST_ITEM_POLICY:
    case MST_ITEM_DECISION: add_rules(o, item); break;
    case MST_ITEM_FIXTURE:
    case MST_ITEM_TEST: break;
    }
}

static void add_module(struct outline *o, const struct mst_module *module)
{
    struct mst_program *program = o->program;
    o->format = (struct mst_format){.arena = program->arena};
    mst_format_read(&o->format, program->atoms, program->diags, module->source);
    o->depth = 0;
    const char *version = read_expr(o, module->version), *title = read_message(o, module->doc);
    struct mst_outline_node *node = add(o, MST_OUTLINE_MODULE, module->span);
    node->name = module->name;
    node->title = title;
    node->text = version;
    o->depth = 1;
    for (const struct mst_item *item = module->items; item != NULL; item = item->next)
        add_item(o, item);
}

void mst_outline_make(struct mst_program *program, struct mst_outline_nodes *nodes)
{
    struct outline o = {.program = program, .nodes = nodes};
    for (size_t i = 0; i < program->units.count; i++)
        add_module(&o, program->units.items[i]->module);
}
