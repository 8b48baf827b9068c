/* SPDX-License-Identifier: Apache-2.0
 *
 * doc_names.c - what names in expressions mean: links of a page, and the facts behind a condition.
 * A name of the module itself comes before one that is imported. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc_form.h"
#include "memory.h"
#include "muster/diff.h"

const mst_outline *mst_docs_end(const mst_docs *docs, const mst_outline *module)
{
    return mst_docs_next(module, docs->nodes + docs->count);
}

const mst_outline *mst_docs_next(const mst_outline *node, const mst_outline *end)
{
    uint32_t depth = node->depth;
    do
        node++;
    while (node < end && node->depth > depth);
    return node;
}

char *mst_docs_anchor(const mst_outline *node)
{
    return mst_memory_format("%s-%s", mst_diff_word(node->kind), node->name);
}

static bool is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t name_len(const char *text)
{
    size_t len = 0;
    while (is_name_byte(text[len]))
        len++;
    return len;
}

static bool is_called(const mst_outline *node, const char *name, size_t len)
{
    return node->name != NULL && strlen(node->name) == len && memcmp(node->name, name, len) == 0;
}

/* ---- looking up -------------------------------------------------------------------------- */

static bool has_page_entry(mst_outline_kind kind)
{
    switch (kind) {
    case MST_OUTLINE_ENUM:
    case MST_OUTLINE_RECORD:
    case MST_OUTLINE_SET:
    case MST_OUTLINE_PARAM:
    case MST_OUTLINE_TABLE:
    case MST_OUTLINE_LET:
    case MST_OUTLINE_DEF:
    case MST_OUTLINE_POLICY:
    case MST_OUTLINE_DECISION: return true;
    default: return false;
    }
}

/* GROUP.FACT of a module, or NULL. */
static const mst_outline *find_fact(const mst_outline *group, const mst_outline *end,
                                    const char *text, size_t *len)
{
    size_t group_len = strlen(group->name);
    if (text[group_len] != '.')
        return NULL;
    size_t fact_len = name_len(text + group_len + 1);
    const mst_outline *behind = mst_docs_next(group, end);
    for (const mst_outline *fact = group + 1; fact < behind; fact++) {
        if (!is_called(fact, text + group_len + 1, fact_len))
            continue;
        *len = group_len + 1 + fact_len;
        return fact;
    }
    return NULL;
}

static struct doc_name find_in(const mst_docs *docs, const mst_outline *module, const char *text)
{
    struct doc_name found = {NULL, module, name_len(text), 0};
    const mst_outline *end = mst_docs_end(docs, module);
    for (const mst_outline *item = module + 1; item < end; item = mst_docs_next(item, end)) {
        if (!is_called(item, text, found.len))
            continue;
        if (item->kind == MST_OUTLINE_FACTS)
            found.node = find_fact(item, end, text, &found.len);
        else if (has_page_entry(item->kind))
            found.node = item;
        if (found.node != NULL)
            return found;
    }
    return found;
}

static const mst_outline *find_module(const mst_docs *docs, const char *name)
{
    const mst_outline *end = docs->nodes + docs->count;
    for (const mst_outline *module = docs->nodes; module < end; module = mst_docs_next(module, end))
        if (is_called(module, name, strlen(name)))
            return module;
    return NULL;
}

/* What follows the name of an imported module: `news.readiness`, after `import ... as news`. */
static struct doc_name find_imported(const mst_docs *docs, const mst_outline *module,
                                     const char *text)
{
    const mst_outline *end = mst_docs_end(docs, module);
    size_t len = name_len(text);
    for (const mst_outline *item = module + 1; item < end && text[len] == '.';
         item = mst_docs_next(item, end)) {
        bool is_it = item->kind == MST_OUTLINE_IMPORT && item->text != NULL &&
                     strlen(item->text) == len && memcmp(item->text, text, len) == 0;
        const mst_outline *imported = is_it ? find_module(docs, item->name) : NULL;
        if (imported == NULL)
            continue;
        struct doc_name found = find_in(docs, imported, text + len + 1);
        found.len += len + 1;
        found.own = len + 1;
        if (found.node != NULL)
            return found;
    }
    return (struct doc_name){NULL, module, len, 0};
}

struct doc_name mst_docs_find_name(const mst_docs *docs, const mst_outline *module,
                                   const char *text)
{
    const mst_outline *end = docs->nodes + docs->count;
    struct doc_name found = find_in(docs, module, text);
    if (found.node == NULL)
        found = find_imported(docs, module, text);
    for (const mst_outline *other = docs->nodes; found.node == NULL && other < end;
         other = mst_docs_next(other, end))
        if (other != module)
            found = find_in(docs, other, text);
    return found;
}

/* ---- facts behind a condition -------------------------------------------------------------- */

struct reading {
    const mst_docs *docs;
    const mst_outline **seen; /* items that were followed, and facts that were listed */
    size_t seen_count;
    char *list;
};

static bool is_new(struct reading *reading, const mst_outline *node)
{
    for (size_t i = 0; i < reading->seen_count; i++)
        if (reading->seen[i] == node)
            return false;
    *MST_MEMORY_ADD(reading->seen, reading->seen_count) = node;
    return true;
}

static void add_fact(struct reading *reading, const char *name, size_t len)
{
    char *longer = mst_memory_format("%s%s%.*s", reading->list != NULL ? reading->list : "",
                                     reading->list != NULL ? ", " : "", (int)len, name);
    free(reading->list);
    reading->list = longer;
}

static void read_text(struct reading *reading, const mst_outline *module, const char *text,
                      bool is_message);

static void read_name(struct reading *reading, const mst_outline *module, const char *text,
                      size_t *len)
{
    struct doc_name name = mst_docs_find_name(reading->docs, module, text);
    if (name.node == NULL)
        return;
    *len = name.len;
    if (!is_new(reading, name.node))
        return;
    if (name.node->kind == MST_OUTLINE_FACT)
        add_fact(reading, text + name.own, name.len - name.own);
    else if (name.node->kind == MST_OUTLINE_LET || name.node->kind == MST_OUTLINE_DEF)
        read_text(reading, name.module, name.node->text, false);
}

/* Names stand outside of texts, in a message inside of holes. */
static void read_text(struct reading *reading, const mst_outline *module, const char *text,
                      bool is_message)
{
    bool is_code = !is_message;
    for (const char *at = text; at != NULL && *at != '\0';) {
        size_t len = name_len(at);
        bool is_name =
            len > 0 && !isdigit((unsigned char)*at) && is_code && (at == text || at[-1] != '.');
        if (is_name)
            read_name(reading, module, at, &len);
        if (is_message ? (*at == '{' || *at == '}') : *at == '"')
            is_code = !is_code;
        at += len > 0 ? len : 1;
    }
}

char *mst_docs_list_facts(const mst_docs *docs, const mst_outline *module, const mst_outline *node)
{
    struct reading reading = {.docs = docs};
    const mst_outline *end = mst_docs_next(node, mst_docs_end(docs, module));
    for (const mst_outline *part = node; part < end; part++)
        if (part->kind != MST_OUTLINE_REASON)
            read_text(&reading, module, part->text, false);
    free(reading.seen);
    return reading.list;
}
