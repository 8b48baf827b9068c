/* SPDX-License-Identifier: Apache-2.0
 *
 * ast_dump.h - a tree as compact text, for tests of the parser only: expressions in prefix form,
 * (== os.edition Pro), items with their clauses in a fixed order. Included by one test file. */
#ifndef MST_TESTS_AST_DUMP_H
#define MST_TESTS_AST_DUMP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ast.h"
#include "format/builtins.h"

struct dump {
    char text[65536];
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void put(struct dump *dump, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(dump->text + dump->len, sizeof dump->text - dump->len, format, args);
    va_end(args);
    if (len > 0 && (size_t)len < sizeof dump->text - dump->len)
        dump->len += (size_t)len;
}

static const char *const dump_words[] = {
    "none",   "or",   "and",    "not",   "==",     "!=",   "<",   "<=",  ">",   ">=",  "in",
    "not in", "like", "within", "is",    "is not", "??",   "+",   "-",   "*",   "/",   "%",
    "neg",    "any",  "all",    "count", "first",  "last", "min", "max", "sum", "raw",
};

static void dump_expr(struct dump *dump, const struct mst_expr *expr);

static void dump_list(struct dump *dump, const char *open, struct mst_expr_list list,
                      const char *close)
{
    put(dump, "%s", open);
    for (const struct mst_expr *e = list.first; e != NULL; e = e->next) {
        if (e->field_name.text != NULL)
            put(dump, "%s: ", e->field_name.text);
        dump_expr(dump, e);
        if (e->next != NULL)
            put(dump, " ");
    }
    put(dump, "%s", close);
}

static void dump_literal(struct dump *dump, const struct mst_expr *expr)
{
    static const mst_type types[] = {
        MST_TYPE_BOOL,  MST_TYPE_INT,  MST_TYPE_VERSION, MST_TYPE_DATE,
        MST_TYPE_MONTH, MST_TYPE_TIME, MST_TYPE_INT,     MST_TYPE_DURATION,
    };
    char printed[MST_PRINT_MAX];
    if (expr->literal == MST_LITERAL_DURATION) {
        put(dump, "%lld s", (long long)expr->word);
        return;
    }
    size_t len = mst_print_value(types[expr->literal], expr->word, printed);
    put(dump, "%s%.*s", expr->literal == MST_LITERAL_CLOCK ? "clock " : "", (int)len, printed);
    if (expr->literal == MST_LITERAL_VERSION)
        put(dump, "/%u", expr->parts);
}

static void dump_operation(struct dump *dump, const char *name, const struct mst_expr *expr)
{
    put(dump, "(%s", name);
    const struct mst_expr *parts[] = {expr->a, expr->b, expr->c};
    for (int i = 0; i < 3; i++) {
        if (parts[i] == NULL)
            continue;
        put(dump, " ");
        dump_expr(dump, parts[i]);
    }
    put(dump, ")");
}

static void dump_quantifier(struct dump *dump, const struct mst_expr *expr)
{
    put(dump, "(%s %s in ", dump_words[expr->op], expr->name.text);
    dump_expr(dump, expr->a);
    if (expr->b != NULL) {
        put(dump, " where ");
        dump_expr(dump, expr->b);
    }
    if (expr->c != NULL) {
        put(dump, " : ");
        dump_expr(dump, expr->c);
    }
    put(dump, ")");
}

static void dump_call(struct dump *dump, const struct mst_expr *expr)
{
    if (expr->a != NULL) {
        dump_expr(dump, expr->a);
        put(dump, ".");
    }
    put(dump, "%s", expr->name.text);
    dump_list(dump, "(", expr->args, ")");
}

static void dump_expr(struct dump *dump, const struct mst_expr *expr)
{
    if (expr == NULL) {
        put(dump, "NULL");
        return;
    }
    switch ((enum mst_expr_kind)expr->kind) {
    case MST_EXPR_LITERAL: dump_literal(dump, expr); break;
    case MST_EXPR_TEXT: dump_list(dump, "\"", expr->args, "\""); break;
    case MST_EXPR_PIECE: put(dump, "%.*s", (int)expr->byte_count, expr->bytes); break;
    case MST_EXPR_UNKNOWN: put(dump, "unknown"); break;
    case MST_EXPR_NAME: put(dump, "%s", expr->name.text); break;
    case MST_EXPR_MEMBER:
        dump_expr(dump, expr->a);
        put(dump, ".%s", expr->name.text);
        break;
    case MST_EXPR_INDEX: dump_operation(dump, "[]", expr); break;
    case MST_EXPR_CALL: dump_call(dump, expr); break;
    case MST_EXPR_UNARY:
    case MST_EXPR_BINARY:
    case MST_EXPR_IS:
    case MST_EXPR_IN: dump_operation(dump, dump_words[expr->op], expr); break;
    case MST_EXPR_SET: dump_list(dump, "{", expr->args, "}"); break;
    case MST_EXPR_LIST: dump_list(dump, "[", expr->args, "]"); break;
    case MST_EXPR_RECORD: dump_list(dump, "record{", expr->args, "}"); break;
    case MST_EXPR_IF: dump_operation(dump, "if", expr); break;
    case MST_EXPR_QUANTIFIER: dump_quantifier(dump, expr); break;
    case MST_EXPR_ERROR: put(dump, "ERROR"); break;
    }
}

static void dump_part(struct dump *dump, const char *name, const struct mst_expr *expr)
{
    if (expr == NULL)
        return;
    put(dump, " %s ", name);
    dump_expr(dump, expr);
}

static void dump_type(struct dump *dump, const struct mst_type_syntax *type)
{
    if (type == NULL)
        return;
    put(dump, ": ");
    if (type->module.text != NULL)
        put(dump, "%s.", type->module.text);
    put(dump, "%s", type->name.text);
    if (type->element != NULL) {
        put(dump, "<");
        dump_type(dump, type->element);
        put(dump, ">");
    }
    dump_part(dump, "size", type->size);
}

static void dump_decls(struct dump *dump, const struct mst_decl_list *decls)
{
    for (const struct mst_decl *decl = decls->first; decl != NULL; decl = decl->next) {
        put(dump, "\n  %s%s", decl->is_key ? "key " : "", decl->name.text);
        dump_type(dump, decl->type);
        put(dump, "%s", decl->is_optional ? " optional" : "");
        dump_part(dump, "from", decl->from);
        dump_part(dump, "=", decl->value);
        dump_part(dump, "doc", decl->doc);
    }
}

static void dump_entries(struct dump *dump, const struct mst_entry *entry)
{
    static const char *const kinds[] = {"check", "advise", "include"};
    static const char *const clauses[] = {"require", "undecided", "reason", "remedy", "cite"};
    for (; entry != NULL; entry = entry->next) {
        put(dump, "\n  %s %s", kinds[entry->kind], entry->name.text ? entry->name.text : "");
        dump_part(dump, "title", entry->title);
        dump_part(dump, "when", entry->when);
        dump_part(dump, "path", entry->path);
        if (entry->except.count != 0)
            dump_list(dump, " except ", entry->except, "");
        for (const struct mst_clause *c = entry->clauses; c != NULL; c = c->next) {
            put(dump, "\n    %s", clauses[c->kind]);
            dump_part(dump, "", c->expr);
            dump_part(dump, "", c->text);
        }
    }
}

static void dump_cases(struct dump *dump, const struct mst_case *c)
{
    for (; c != NULL; c = c->next) {
        put(dump, "\n  %s", c->when != NULL ? "when" : "otherwise");
        dump_part(dump, "", c->when);
        put(dump, " then %s%s", c->is_unknown ? "UNKNOWN " : "", c->outcome.text);
        dump_part(dump, "label", c->label);
        if (c->fields.count != 0)
            dump_list(dump, " {", c->fields, "}");
        dump_part(dump, "because", c->because);
    }
}

static void dump_rows(struct dump *dump, const struct mst_item *item)
{
    for (const struct mst_row *row = item->rows.first; row != NULL; row = row->next)
        dump_list(dump, "\n  (", row->cells, ")");
}

static void dump_test_clauses(struct dump *dump, const struct mst_test_clause *c)
{
    static const char *const kinds[] = {"at",       "fixture", "given",     "raw",
                                        "observed", "expect",  "expect has"};
    for (; c != NULL; c = c->next) {
        put(dump, "\n  %s", kinds[c->kind]);
        dump_part(dump, "", c->target);
        dump_part(dump, "=", c->expr);
    }
}

static void dump_outcome(struct dump *dump, const char *word, const struct mst_outcome_syntax *o)
{
    if (o->name.text == NULL)
        return;
    put(dump, "\n  %s %s", word, o->name.text);
    dump_part(dump, "label", o->label);
}

static void dump_members(struct dump *dump, const struct mst_member *member)
{
    for (; member != NULL; member = member->next) {
        put(dump, " %s%s", member->is_unknown ? "UNKNOWN " : "", member->name.text);
        for (const struct mst_spelling *s = member->spellings; s != NULL; s = s->next)
            dump_part(dump, "=", s->text);
    }
}

static void dump_item(struct dump *dump, const struct mst_item *item)
{
    static const char *const kinds[] = {"import", "enum",     "record",  "facts", "subject",
                                        "set",    "param",    "table",   "let",   "def",
                                        "policy", "decision", "fixture", "test"};
    put(dump, "%s %s", kinds[item->kind], item->name.text != NULL ? item->name.text : "");
    dump_part(dump, item->has_alias ? "of" : "path", item->path);
    dump_type(dump, item->type);
    dump_part(dump, "from", item->from);
    dump_part(dump, "observed", item->observed);
    dump_part(dump, "stale", item->stale_after);
    if (item->ordered_by.text != NULL)
        put(dump, " by %s", item->ordered_by.text);
    dump_part(dump, "most", item->max_rows);
    dump_part(dump, "=", item->value);
    if (item->elements.count != 0)
        dump_list(dump, " = {", item->elements, "}");
    dump_part(dump, "doc", item->doc);
    if (item->names.count != 0)
        dump_list(dump, " for (", item->names, ")");
    dump_members(dump, item->members);
    dump_decls(dump, &item->decls);
    dump_rows(dump, item);
    dump_outcome(dump, "pass", &item->pass);
    dump_outcome(dump, "fail", &item->fail);
    dump_outcome(dump, "unknown", &item->unknown);
    dump_entries(dump, item->entries);
    dump_cases(dump, item->cases);
    dump_test_clauses(dump, item->clauses);
    put(dump, "\n");
}

static inline void dump_module(struct dump *dump, const struct mst_module *module)
{
    put(dump, "module %s", module->name != NULL ? module->name : "?");
    dump_part(dump, "version", module->version);
    dump_part(dump, "effective", module->effective_from);
    dump_part(dump, "doc", module->doc);
    put(dump, "%s\n", module->is_test ? " test" : "");
    for (const struct mst_item *item = module->items; item != NULL; item = item->next)
        dump_item(dump, item);
}

#endif
