/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.h - what RULES on a command line means, and the opened images behind it.
 *
 * RULES is a .muster file, a compiled image, "-" (either, from standard input), a folder, or a
 * dotted module name that is looked for on the search path. The search path is, in this order:
 * each -I, for a file whose path ends like its module's name the folder below which that name
 * fits, $MUSTER_PATH, ".", "stdlib-rules" where it is, and the installed rules. */
#ifndef MST_TOOL_RULES_H
#define MST_TOOL_RULES_H

#include "muster/lang.h"
#include "muster/muster.h"
#include "told.h"

/* Paths of files that a compilation has read, ended by NULL. */
struct mst_tool_seen {
    char **paths;
    size_t count;
};
/* The path becomes the list's. */
void mst_tool_see(struct mst_tool_seen *seen, char *path);
void mst_tool_seen_free(struct mst_tool_seen *seen);

/* What options say about rules. Texts are borrowed from the command line; the lists are freed by
 * mst_tool_search_free(). */
typedef struct mst_tool_search {
    const char **folders; /* of -I */
    size_t folder_count, folder_capacity;
    mst_param *params;
    size_t param_count, param_capacity;
    const unsigned char *predecessor;
    bool with_tests;                  /* images carry the rule tests */
    bool with_source;                 /* and the lines that code comes from */
    bool with_sites;                  /* compilations tell where expressions are */
    bool with_outline;                /* and what their modules consist of */
    int64_t at;                       /* for warnings about old tables; MST_NEVER: none */
    struct mst_tool_instead *instead; /* another file in the place of a table; NULL: none */
    struct mst_tool_seen *seen;       /* notes what modules import and read; NULL: nobody asks */
} mst_tool_search;
#define MST_TOOL_SEARCH_INIT                                                                       \
    {                                                                                              \
        .at = MST_NEVER                                                                            \
    }

int mst_tool_search_add(mst_tool_search *search, const char *folder);
/* "windows.rollout.max_age=14 days"; MST_TOOL_USAGE if it is not of that form. */
int mst_tool_search_param(mst_tool_search *search, const char *setting);
void mst_tool_search_free(mst_tool_search *search);

/* One opened image. */
typedef struct mst_tool_module {
    char *path;
    unsigned char *file;          /* what was read: rule text or image */
    mst_compilation *compilation; /* NULL for an image that was compiled before */
    const unsigned char *bytes;   /* of the image */
    size_t byte_count;
    mst_image image;
} mst_tool_module;

typedef struct mst_tool_rules {
    mst_tool_module *modules;
    size_t count;
    bool is_folder; /* several modules: verdicts are called module.name */
} mst_tool_rules;

/* Finds, compiles where needed, and opens. Diagnostics and mistakes are reported on standard
 * error. Returns an exit code; unless it is MST_TOOL_GOOD nothing is left to close. */
int mst_tool_rules_open(mst_tool_rules *rules, const char *name, const mst_tool_search *search);
void mst_tool_rules_close(mst_tool_rules *rules);

/* The paths that RULES stands for; of a folder, all of its modules with `with_tests`. To be freed
 * by mst_tool_free_list(). */
int mst_tool_rules_find(const char *name, const mst_tool_search *search, bool with_tests,
                        char ***paths, size_t *count);

/* Compiles one rule file. The text must stay while the compilation is used. MST_TOOL_GOOD or
 * MST_TOOL_WANTING with a compilation, MST_TOOL_FAILED (reported) without. */
int mst_tool_compile(const char *path, const char *text, size_t len, const mst_tool_search *search,
                     mst_compilation **compilation);

/* What it uses for that: the loader, to be released by mst_file_loader_free(), and the options. */
mst_loader *mst_tool_loader(const char *path, const char *text, size_t len,
                            const mst_tool_search *search);
mst_compile_options mst_tool_compile_options(const mst_tool_search *search,
                                             const mst_loader *loader);

bool mst_tool_is_image(const unsigned char *bytes, size_t byte_count);
/* Opens an image and reports why if it is refused. One that was compiled just now (`is_compiled`)
 * and is still no good is a mistake of the compiler, and is called that. */
int mst_tool_open_image(mst_image *image, const char *path, const unsigned char *bytes,
                        size_t byte_count, bool is_compiled);

/* A diagnostic as text for people, to be freed. */
char *mst_tool_diagnostic_text(const mst_compilation *compilation, size_t index, bool color);

/* All diagnostics that were not told yet, on standard error. */
void mst_tool_report_diagnostics(const mst_compilation *compilation, struct mst_tool_told *told);

/* A digest as 64 hexadecimal digits; `text` has room for 65 bytes. Returns text. */
char *mst_tool_digest_text(char *text, const unsigned char *digest);

#endif
