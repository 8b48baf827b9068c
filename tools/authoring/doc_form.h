/* SPDX-License-Identifier: Apache-2.0
 *
 * doc_form.h - what a page is made of, in whatever form: doc_page.c says what stands on it,
 * doc_html.c and doc_markdown.c how that is written, doc_names.c what names mean. */
#ifndef MST_AUTHORING_DOC_FORM_H
#define MST_AUTHORING_DOC_FORM_H

#include "muster/doc.h"

/* What a text is. */
enum doc_text {
    DOC_PLAIN,
    DOC_CODE,    /* an expression or a value: what its names mean is linked */
    DOC_NAME,    /* what is explained here */
    DOC_MESSAGE, /* with holes in braces */
};

struct doc_writer {
    const mst_docs *docs;
    const struct doc_form *form;
    const mst_outline *module; /* of the page; NULL: the index */
    const mst_outline *node;   /* what is written about: its names are looked up from there */
    bool is_first_cell, in_table;
    bool is_data; /* the table is one of values: its cells are short */
};

struct doc_form {
    const char *suffix; /* ".html" */
    void (*begin)(struct doc_writer *w, const char *title, const char *description);
    void (*end)(struct doc_writer *w);
    /* level 2: a section of the page; 3: an item in it. `anchor` may be NULL. */
    void (*heading)(struct doc_writer *w, int level, const char *anchor, const char *text);
    void (*paragraph)(struct doc_writer *w, const char *text);
    /* A requirement: its number, name and title, then its parts, then its end. */
    void (*begin_requirement)(struct doc_writer *w, const char *number, const mst_outline *node);
    void (*part)(struct doc_writer *w, const char *label, enum doc_text kind, const char *text);
    void (*end_requirement)(struct doc_writer *w);
    void (*begin_table)(struct doc_writer *w, const char *const *titles, size_t count);
    /* `anchor`: of the row, in its first cell, or NULL; a NULL text is an empty cell. */
    void (*cell)(struct doc_writer *w, enum doc_text kind, const char *text, const char *anchor);
    /* A second text in the cell before. */
    void (*more)(struct doc_writer *w, enum doc_text kind, const char *text);
    void (*end_row)(struct doc_writer *w);
    void (*end_table)(struct doc_writer *w);
    /* A cell that leads to the page of a module. */
    void (*module_cell)(struct doc_writer *w, const char *module);
};

extern const struct doc_form mst_docs_html, mst_docs_markdown;

void mst_docs_put(struct doc_writer *w, const char *text);
void mst_docs_put_len(struct doc_writer *w, const char *text, size_t len);

/* ---- names (doc_names.c) ----------------------------------------------------------------- */

/* The node behind the last of a module. */
const mst_outline *mst_docs_end(const mst_docs *docs, const mst_outline *module);
/* The next node that stands beside this one, or in its place; `end` where there is none. */
const mst_outline *mst_docs_next(const mst_outline *node, const mst_outline *end);

/* A name met in an expression of a module. */
struct doc_name {
    const mst_outline *node;   /* what it means: an item or a fact; NULL: nothing of a page */
    const mst_outline *module; /* where that is */
    size_t len;                /* of the name, with its dots */
    size_t own;                /* where its own name begins, behind that of an imported module */
};
struct doc_name mst_docs_find_name(const mst_docs *docs, const mst_outline *module,
                                   const char *text);

/* "set-early", to be freed. */
char *mst_docs_anchor(const mst_outline *node);

/* The facts that texts read, through lets and defs; names separated by commas, to be freed, or
 * NULL. The texts are those of `node` and what belongs to it. */
char *mst_docs_list_facts(const mst_docs *docs, const mst_outline *module, const mst_outline *node);

#endif
