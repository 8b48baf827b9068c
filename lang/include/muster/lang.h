/* SPDX-License-Identifier: Apache-2.0
 *
 * lang.h - compile rule text into an image.
 *
 * A compilation reads one root module, everything that it imports and every table they name, and
 * yields either an image or diagnostics that say what to write instead. It prints nothing, keeps
 * no global and takes all its memory from one arena, released with the compilation. Sources come
 * through a loader of the host, so nothing here depends on files; mst_file_loader() is the usual
 * one.
 */
#ifndef MUSTER_LANG_H
#define MUSTER_LANG_H

#include "muster/muster.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mst_compilation mst_compilation;

/* Memory for a compilation, as with realloc: size 0 releases, NULL means out of memory. It must
 * outlive the compilation, which releases through it. */
typedef struct mst_allocator {
    void *(*resize)(void *context, void *old, size_t old_size, size_t size);
    void *context;
} mst_allocator;

typedef enum mst_load_kind {
    MST_LOAD_MODULE = 0, /* `name` is a dotted module name */
    MST_LOAD_TABLE = 1,  /* `name` is a path, relative to the file `from` */
    MST_LOAD_LAST = 0x7fffffff
} mst_load_kind;

/* What a loader found. `path` is how diagnostics call it. Both are released together by the
 * loader's `release`. */
typedef struct mst_source_text {
    char *path;
    char *text;
    size_t len;
} mst_source_text;

/* Finds a module or a table. `from` is the path of the file that asks. Returns MST_OK,
 * MST_ERR_NOT_FOUND, or MST_ERR_IO / MST_ERR_MEMORY / MST_ERR_LIMIT (too large). */
typedef struct mst_loader {
    mst_status (*load)(void *context, mst_load_kind kind, const char *name, const char *from,
                       mst_source_text *found);
    void (*release)(void *context, mst_source_text *found);
    void *context;
} mst_loader;

/* A site's setting of a param: "windows.rollout.max_age" = "14 days". */
typedef struct mst_param {
    const char *name;
    const char *value;
} mst_param;

typedef struct mst_compile_options {
    uint32_t size;
    uint32_t max_errors;            /* 0: 100; further ones are counted, not kept */
    const mst_allocator *allocator; /* NULL: the C library's */
    const mst_loader *loader;       /* NULL: imports and tables are not found */
    const mst_param *params;
    size_t param_count;
    bool with_tests;                  /* lower rule tests into the image */
    bool with_source;                 /* keep the lines that code comes from: mst_code_place() */
    const unsigned char *predecessor; /* digest of the image that this one follows, or NULL */
    int64_t at;                       /* instant for warnings about old tables; MST_NEVER: none */
} mst_compile_options;
#define MST_COMPILE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        .size = sizeof(mst_compile_options), .at = MST_NEVER                                       \
    }

/* Compiles the module in `text` (called `path` in diagnostics). Always sets *compilation, to be
 * released by mst_compilation_free(), except on MST_ERR_MEMORY. MST_OK: there is an image (there
 * may be warnings); MST_ERR_RULES: there are errors. */
MST_API mst_status mst_compile(mst_compilation **compilation, const char *path, const char *text,
                               size_t len, const mst_compile_options *options);
MST_API void mst_compilation_free(mst_compilation *compilation);

/* The image; owned by the compilation. NULL after errors. */
MST_API const unsigned char *mst_compilation_image(const mst_compilation *compilation,
                                                   size_t *byte_count);

typedef enum mst_severity {
    MST_SEVERITY_ERROR = 0,
    MST_SEVERITY_WARNING = 1,
    MST_SEVERITY_LAST = 0x7fffffff
} mst_severity;

/* A place in a source. Lines and columns count from 1; columns count characters. */
typedef struct mst_place {
    const char *path;
    uint32_t line, column;
    uint32_t end_line, end_column; /* behind the last character */
} mst_place;

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
        .size = sizeof(mst_diagnostic)                                                             \
    }

/* Diagnostics are in the order of files and places. */
MST_API size_t mst_diagnostic_count(const mst_compilation *compilation);
MST_API size_t mst_diagnostics_dropped(const mst_compilation *compilation); /* over max_errors */
MST_API mst_status mst_diagnostic_at(const mst_compilation *compilation, size_t index,
                                     mst_diagnostic *diagnostic);
/* A diagnostic as text for people, with the source line and the span underlined; `color` uses
 * terminal colours. *len as in mst_render(). */
MST_API mst_status mst_diagnostic_render(const mst_compilation *compilation, size_t index,
                                         bool color, char *buffer, size_t capacity, size_t *len);

/* A loader over the file system: modules by dotted path ("windows.device" is
 * windows/device.muster) below each of `folders`, tables beside the file that names them.
 * `folders` is copied. Release with mst_file_loader_free(). */
MST_API mst_loader *mst_file_loader(const char *const *folders, size_t folder_count);
MST_API void mst_file_loader_free(mst_loader *loader);

#ifdef __cplusplus
}
#endif
#endif
