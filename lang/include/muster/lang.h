/* SPDX-License-Identifier: Apache-2.0
 *
 * lang.h - compile rule text into an image.
 *
 * A compilation reads one root module, everything that it imports and every table they name, and
 * yields either an image or diagnostics that say what to write instead. It prints nothing, keeps
 * no global and takes all its memory from one arena, released with the compilation. Sources come
 * through a loader of the host, so nothing here depends on files; mst_file_loader() is the usual
 * one.
 *
 * What muster.h says about errors, pointers and sizes holds here too. Texts given to a function end
 * with a zero byte unless there is a length beside them. A compilation belongs to one thread at a
 * time; several may run beside each other. What a compilation returns (image, diagnostics) lies in
 * it and is gone with mst_compilation_free().
 */
#ifndef MUSTER_LANG_H
#define MUSTER_LANG_H

#include "muster/muster.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The outcome of compiling one root module. */
typedef struct mst_compilation mst_compilation;

/* Memory for a compilation, as with realloc: `old` is NULL or what it returned for `old_size`
 * bytes, size 0 releases, NULL means out of memory. Blocks are aligned for any object. It must
 * outlive the compilation, which releases through it, and is only called in functions that get or
 * make that compilation, on their thread. */
typedef struct mst_allocator {
    uint32_t size;
    uint32_t reserved;
    void *(*resize)(void *context, void *old, size_t old_size, size_t size);
    void *context; /* handed to resize */
} mst_allocator;
#define MST_ALLOCATOR_INIT                                                                         \
    {                                                                                              \
        sizeof(mst_allocator), 0, NULL, NULL                                                       \
    }

typedef enum mst_load_kind {
    MST_LOAD_MODULE = 0, /* `name` is a dotted module name */
    MST_LOAD_TABLE = 1,  /* `name` is a path, relative to the file `from` */
    MST_LOAD_LAST = 0x7fffffff
} mst_load_kind;

/* What a loader found. Both belong to the loader until its `release`, which is called once for
 * each MST_OK; the compilation keeps copies. */
typedef struct mst_source_text {
    char *path; /* how diagnostics call it, and the `from` of what it asks for */
    char *text;
    size_t len; /* of text, in bytes */
} mst_source_text;

/* Finds a module or a table. `from` is the path of the file that asks. Returns MST_OK,
 * MST_ERR_NOT_FOUND, or MST_ERR_IO / MST_ERR_MEMORY / MST_ERR_LIMIT (too large). It is only called
 * during mst_compile(), on its thread. Rules are untrusted: a loader decides what a name may
 * reach. */
typedef struct mst_loader {
    uint32_t size;
    uint32_t reserved;
    mst_status (*load)(void *context, mst_load_kind kind, const char *name, const char *from,
                       mst_source_text *found);
    void (*release)(void *context, mst_source_text *found);
    void *context; /* handed to both */
} mst_loader;
#define MST_LOADER_INIT                                                                            \
    {                                                                                              \
        sizeof(mst_loader), 0, NULL, NULL, NULL                                                    \
    }

/* A site's setting of a param: "windows.rollout.max_age" = "14 days", a literal of the language. */
typedef struct mst_param {
    const char *name;
    const char *value;
} mst_param;

/* Everything is borrowed for the call of mst_compile(), the allocator until
 * mst_compilation_free(). */
typedef struct mst_compile_options {
    uint32_t size;
    uint32_t max_errors;            /* 0: 100; further ones are counted, not kept */
    const mst_allocator *allocator; /* NULL: the C library's */
    const mst_loader *loader;       /* NULL: imports and tables are not found */
    const mst_param *params;        /* NULL where param_count is 0 */
    size_t param_count;
    bool with_tests;  /* lower rule tests into the image */
    bool with_source; /* keep the lines that code comes from, for mst_code_place_at() */
    const unsigned char *predecessor; /* digest (32 bytes) of the image that this one follows, or
                                         NULL */
    int64_t at;                       /* time for warnings about old tables; MST_NEVER: none */
    bool with_sites; /* keep what mst_site_at() tells: each operation is then an instruction of its
                        own, and the image judges the same, a little slower */
    bool with_outline; /* make what mst_outline_at() tells */
} mst_compile_options;
#define MST_COMPILE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(mst_compile_options), 0, NULL, NULL, NULL, 0, false, false, NULL, MST_NEVER, false, \
            false                                                                                  \
    }

/* Compiles the module in `text` (UTF-8, `len` bytes, called `path` in diagnostics); `options` may
 * be NULL (MST_COMPILE_OPTIONS_INIT). MST_OK: there is an image (there may be warnings);
 * MST_ERR_RULES: there are errors. Either way *compilation is to be released by
 * mst_compilation_free(). On MST_ERR_MEMORY it is NULL. */
MST_API mst_status mst_compile(mst_compilation **compilation, const char *path, const char *text,
                               size_t len, const mst_compile_options *options);
MST_API void mst_compilation_free(mst_compilation *compilation); /* may be NULL */

/* The bytes of the image, for mst_image_open() or a file; owned by the compilation. NULL after
 * errors, and *byte_count is 0. */
MST_API const unsigned char *mst_compilation_image(const mst_compilation *compilation,
                                                   size_t *byte_count);

/* Writes the module in `text` in its canonical layout: line ends, indents and columns as they are
 * in every formatted file, comments and single empty lines kept. Nothing that it means changes;
 * formatting it again changes nothing at all. What it imports is not read; of `options` (may be
 * NULL) max_errors and allocator count. MST_OK: mst_compilation_text() has it; MST_ERR_RULES: it
 * cannot be read, diagnostics say why. The compilation as with mst_compile(); it has no image. */
MST_API mst_status mst_format(mst_compilation **compilation, const char *path, const char *text,
                              size_t len, const mst_compile_options *options);
/* The text that mst_format() has made, owned by the compilation, without a zero byte behind it;
 * NULL and a *len of 0 where there is none. */
MST_API const char *mst_compilation_text(const mst_compilation *compilation, size_t *len);

/* A place in a source. Lines and columns count from 1; columns count characters. `path` is NULL
 * where there is none. */
typedef struct mst_place {
    const char *path;
    uint32_t line, column;
    uint32_t end_line, end_column; /* behind the last character */
} mst_place;

/* What a module consists of, as it is written; CELL, ROW and COLUMN also where a table comes from
 * CSV. Behind each kind: the parts that such a node has one level deeper. */
typedef enum mst_outline_kind {
    MST_OUTLINE_MODULE = 0,     /* name, title, text: version; all below */
    MST_OUTLINE_IMPORT = 1,     /* name: the module, text: what it is called here */
    MST_OUTLINE_ENUM = 2,       /* name; MEMBER */
    MST_OUTLINE_MEMBER = 3,     /* name (`unknown`: read as absent), text: its other spellings */
    MST_OUTLINE_RECORD = 4,     /* name; FACT */
    MST_OUTLINE_FACTS = 5,      /* name, title, path, text: observed, stale; FACT */
    MST_OUTLINE_FACT = 6,       /* name, type, title, path, text: default; also of a record */
    MST_OUTLINE_SUBJECT = 7,    /* text: the fact */
    MST_OUTLINE_SET = 8,        /* name, type, text: its members in braces */
    MST_OUTLINE_PARAM = 9,      /* name, type, title, text: its value */
    MST_OUTLINE_TABLE = 10,     /* name, path: of the CSV, text: order and bound; COLUMN, ROW */
    MST_OUTLINE_COLUMN = 11,    /* name, type, path: CSV header, text: how it is computed */
    MST_OUTLINE_ROW = 12,       /* name: its key, or NULL; CELL */
    MST_OUTLINE_CELL = 13,      /* name: of the column, text: as a literal; unknown: NULL */
    MST_OUTLINE_LET = 14,       /* name, type (or NULL), text */
    MST_OUTLINE_DEF = 15,       /* name, type: "(a: int): bool", text */
    MST_OUTLINE_POLICY = 16,    /* name, title; OUTCOME, then CHECK, ADVISE, INCLUDE in order */
    MST_OUTLINE_OUTCOME = 17,   /* name, type: "pass", "fail", "unknown", title: its label */
    MST_OUTLINE_INCLUDE = 18,   /* name: the policy, text: the checks left out */
    MST_OUTLINE_CHECK = 19,     /* name, title, text: when; UNDECIDED to CITE in order */
    MST_OUTLINE_ADVISE = 20,    /* the same */
    MST_OUTLINE_UNDECIDED = 21, /* text: the condition, title: because */
    MST_OUTLINE_REQUIRE = 22,   /* text */
    MST_OUTLINE_REASON = 23,    /* title */
    MST_OUTLINE_REMEDY = 24,    /* title */
    MST_OUTLINE_CITE = 25,      /* title */
    MST_OUTLINE_DECISION = 26,  /* name, title; CASE */
    MST_OUTLINE_CASE = 27,      /* name: the outcome, title: its label, text: when, NULL: otherwise;
                                   FIELD, BECAUSE */
    MST_OUTLINE_FIELD = 28,     /* name, text */
    MST_OUTLINE_BECAUSE = 29,   /* title */
    MST_OUTLINE_LAST = 0x7fffffff
} mst_outline_kind;

/* A node. Expressions are on one line, in the canonical layout; messages without quotes, their
 * holes in braces. What a node does not have is NULL. */
typedef struct mst_outline {
    uint32_t size;
    mst_outline_kind kind;
    uint32_t depth; /* 0: a module; what belongs to a node follows it, one deeper */
    const char *name, *title, *type, *text, *path;
    mst_place place; /* where it begins */
} mst_outline;
#define MST_OUTLINE_INIT                                                                           \
    {                                                                                              \
        sizeof(mst_outline), MST_OUTLINE_MODULE, 0, NULL, NULL, NULL, NULL, NULL,                  \
        {                                                                                          \
            NULL, 0, 0, 0, 0                                                                       \
        }                                                                                          \
    }

/* The modules of a compilation without errors, each before those that import it, the root last, and
 * of each what it declares, in order; fixtures and tests are left out. Made with_outline only. */
MST_API size_t mst_outline_count(const mst_compilation *compilation);
/* MST_ERR_ARGUMENT: `index` is not below the count. */
MST_API mst_status mst_outline_at(const mst_compilation *compilation, size_t index,
                                  mst_outline *outline);

typedef enum mst_severity {
    MST_SEVERITY_ERROR = 0,
    MST_SEVERITY_WARNING = 1,
    MST_SEVERITY_LAST = 0x7fffffff
} mst_severity;

typedef struct mst_diagnostic {
    uint32_t size;
    mst_severity severity;
    const char *code;    /* "E0312": stable, see spec/diagnostics.md */
    const char *message; /* one sentence */
    const char *help;    /* what to write; NULL if there is nothing to say */
    mst_place place;
    const char *other_message; /* the other half of a conflict, or NULL */
    mst_place other;
} mst_diagnostic;
#define MST_DIAGNOSTIC_INIT                                                                        \
    {                                                                                              \
        sizeof(mst_diagnostic), MST_SEVERITY_ERROR, NULL, NULL, NULL, {NULL, 0, 0, 0, 0}, NULL,    \
        {                                                                                          \
            NULL, 0, 0, 0, 0                                                                       \
        }                                                                                          \
    }

/* Diagnostics, errors and warnings, are in the order of files and places. */
MST_API size_t mst_diagnostic_count(const mst_compilation *compilation);
MST_API size_t mst_diagnostics_dropped(const mst_compilation *compilation); /* over max_errors */
/* MST_ERR_ARGUMENT: `index` is not below the count. */
MST_API mst_status mst_diagnostic_at(const mst_compilation *compilation, size_t index,
                                     mst_diagnostic *diagnostic);
/* A diagnostic as text for people, in lines that end with a newline, with the source line and the
 * span underlined; `color` uses terminal colours. *len and MST_ERR_SPACE as in mst_render();
 * MST_ERR_ARGUMENT: `index` is not below the count. */
MST_API mst_status mst_diagnostic_render(const mst_compilation *compilation, size_t index,
                                         bool color, char *buffer, size_t capacity, size_t *len);

/* ---- sites: where expressions are in the sources, and where their values in a vm --------- */

typedef enum mst_site_kind {
    MST_SITE_CHECK = 0,   /* of a policy; index: the verdict, number: the check in it */
    MST_SITE_ADVISE = 1,  /* the same of a piece of advice */
    MST_SITE_CASE = 2,    /* of a decision; index: the verdict, number: the case in it */
    MST_SITE_ELEMENT = 3, /* of a set, named or behind `in`; behind `within`: text only, no code */

    MST_SITE_LITERAL = 16, /* a text too */
    MST_SITE_MEMBER = 17,  /* of an enum; number: the member */
    MST_SITE_PARAM = 18,
    MST_SITE_NOW = 19,
    MST_SITE_FACT = 20,    /* index: the fact; target: its default, where it has one */
    MST_SITE_PART = 21,    /* a field of a record or of a list's element */
    MST_SITE_LET = 22,     /* target: the expression that it names */
    MST_SITE_LOCAL = 23,   /* a quantifier's variable, a def's parameter */
    MST_SITE_COLUMN = 24,  /* a cell of a row; index: the table, number: the column */
    MST_SITE_VERDICT = 25, /* a verdict, its check or a field of it; index: the verdict */
    MST_SITE_AND = 32,
    MST_SITE_OR = 33,
    MST_SITE_NOT = 34,
    MST_SITE_COMPARISON = 35, /* == != < <= > >= */
    MST_SITE_IN = 36,         /* in, not in; index: the table, where it is one */
    MST_SITE_MATCH = 37,      /* like, within */
    MST_SITE_IS_UNKNOWN = 38, /* is unknown, is not unknown */
    MST_SITE_ELSE = 39,       /* ?? */
    MST_SITE_ARITHMETIC = 40,
    MST_SITE_IF = 41, /* with all its `else if`s */
    MST_SITE_CALL = 42,
    MST_SITE_DEF = 43,        /* a call of a def, whose expression is its part */
    MST_SITE_QUANTIFIER = 44, /* index: the table, where it goes over one */
    MST_SITE_LOOKUP = 45,     /* table[key]; index: the table */
    MST_SITE_LAST = 0x7fffffff
} mst_site_kind;

/* What a site is in the one that it is part of. */
typedef enum mst_site_role {
    MST_ROLE_WHOLE = 0,       /* of a let, a default, a field, a hole of a text */
    MST_ROLE_EXPECTATION = 1, /* of a test */
    MST_ROLE_OPERAND = 2,
    MST_ROLE_CONDITION = 3, /* of an `if` or a quantifier */
    MST_ROLE_WHEN = 4,      /* of a check or a case */
    MST_ROLE_UNDECIDED = 5,
    MST_ROLE_REQUIRE = 6,
    MST_ROLE_LAST = 0x7fffffff
} mst_site_role;

/* An expression, check or case wherever it is compiled to code: a def's once for each call. Its
 * value is in `slot` of a vm when control reaches the instruction `end` from one of `first` to
 * `end` - 1; where `end` is `first` it is there whenever control reaches `end` (mst_watch_begin()).
 * A check's or case's is that of its condition; a case without one is taken when control is there.
 * What no verdict, text or test reads has no code: `first` is MST_INDEX_NONE. */
typedef struct mst_site {
    uint32_t size;
    mst_site_kind kind;
    mst_site_role role;
    uint32_t parent; /* the site that it is part of, a smaller number, or MST_INDEX_NONE */
    uint32_t first, end;
    uint32_t slot,
        type_code;     /* for mst_watch_value(), mst_watch_render(); a type_code of 0: none */
    uint32_t row_slot; /* of a quantifier over a table: the row it is at */
    uint32_t index, number, target; /* by kind, else MST_INDEX_NONE */
    mst_text name;                  /* of what it is or names, as causes have it: "os.build" */
    mst_text text;                  /* as written */
    uint32_t offset;                /* of `text` in its source, in bytes */
    uint32_t reserved;
    mst_place place;
} mst_site;
#define MST_SITE_INIT                                                                              \
    {                                                                                              \
        sizeof(mst_site), MST_SITE_CHECK, MST_ROLE_WHOLE, MST_INDEX_NONE, MST_INDEX_NONE,          \
            MST_INDEX_NONE, MST_INDEX_NONE, 0, MST_INDEX_NONE, MST_INDEX_NONE, MST_INDEX_NONE,     \
            MST_INDEX_NONE, {NULL, 0}, {NULL, 0}, 0, 0,                                            \
        {                                                                                          \
            NULL, 0, 0, 0, 0                                                                       \
        }                                                                                          \
    }

/* 0 without `with_sites` and after errors. MST_ERR_ARGUMENT: `index` is not below the count. */
MST_API uint32_t mst_site_count(const mst_compilation *compilation);
MST_API mst_status mst_site_at(const mst_compilation *compilation, uint32_t index, mst_site *site);

/* A row of a table, by their numbers in the image. */
typedef struct mst_row_site {
    uint32_t size;
    uint32_t offset; /* of `text` in its source, in bytes */
    mst_text table;  /* its name, of an imported module with that of the module */
    mst_text text;   /* the row as written, brackets included */
    mst_place place;
} mst_row_site;
#define MST_ROW_SITE_INIT                                                                          \
    {                                                                                              \
        sizeof(mst_row_site), 0, {NULL, 0}, {NULL, 0},                                             \
        {                                                                                          \
            NULL, 0, 0, 0, 0                                                                       \
        }                                                                                          \
    }
/* MST_ERR_NOT_FOUND: no such table or row, or a compilation with errors. */
MST_API mst_status mst_row_site_at(const mst_compilation *compilation, uint32_t table, uint32_t row,
                                   mst_row_site *site);

/* A loader over the file system: modules by dotted path ("windows.device" is
 * windows/device.muster) below each of `folders` (the first that has it; "" is the current one),
 * tables beside the file that names them, or below. No name in a rule leads outside. Files are at
 * most 64 MiB. `folders` is copied. NULL: out of memory. Release with mst_file_loader_free(); until
 * then any number of compilations may use it, also at the same time. */
MST_API mst_loader *mst_file_loader(const char *const *folders, size_t folder_count);
MST_API void mst_file_loader_free(mst_loader *loader); /* may be NULL */

#ifdef __cplusplus
}
#endif
#endif
