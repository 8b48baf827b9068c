/* SPDX-License-Identifier: Apache-2.0
 *
 * doc.h - rules as pages that people read: policies as numbered requirements, decisions as decision
 * tables, tables as tables. Out of memory ends the program. */
#ifndef MUSTER_DOC_H
#define MUSTER_DOC_H

#include "muster/lang.h"

typedef enum mst_doc_form {
    MST_DOC_MARKDOWN = 0,
    MST_DOC_HTML = 1, /* one page that needs no other file */
    MST_DOC_LAST = 0x7fffffff
} mst_doc_form;

/* A piece of a page; pieces come in order. */
typedef void mst_doc_put(void *context, const char *text, size_t len);

typedef struct mst_docs {
    const mst_outline *nodes; /* of modules, each once, those that are imported first */
    size_t count;
    const char *identity; /* what stands at the foot of each page: which rules these are */
    mst_doc_put *put;
    void *context; /* handed to it */
} mst_docs;

/* The page of the module that begins at nodes[module]. That of the last module, the root, also has
 * the facts of all. Pages link to each other as NAME.md or NAME.html. */
void mst_doc_write(const mst_docs *docs, mst_doc_form form, size_t module);
/* A page that leads to all modules, the root first. */
void mst_doc_write_index(const mst_docs *docs, mst_doc_form form);

#endif
