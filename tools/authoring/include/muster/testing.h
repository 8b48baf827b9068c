/* SPDX-License-Identifier: Apache-2.0
 *
 * testing.h - rule tests run and measured: what failed and why, what the tests never exercised,
 * which changes of the rules they do not notice.
 *
 * A library for tools: it prints nothing, and memory that runs out ends the program. All results
 * belong to what they were asked for and are gone with its _free(). */
#ifndef MUSTER_TESTING_H
#define MUSTER_TESTING_H

#include "muster/lang.h"
#include "muster/muster.h"

/* ---- sources ----------------------------------------------------------------------------- */

/* Every source of some rules, read once: a loader over a loader, which can give one of them
 * changed. */
typedef struct mst_author_sources mst_author_sources;

typedef struct mst_author_source {
    const char *path;
    const char *text; /* a zero byte behind */
    size_t len;
} mst_author_source;

/* `below` finds what is asked for the first time; it must outlive the sources. */
mst_author_sources *mst_author_sources_new(const mst_loader *below);
void mst_author_sources_free(mst_author_sources *sources);
const mst_loader *mst_author_sources_loader(mst_author_sources *sources);
/* Keeps the root module too, for which no loader is asked. */
void mst_author_sources_keep(mst_author_sources *sources, const char *path, const char *text,
                             size_t len);
/* The source that the compiler calls so; NULL if none was loaded. */
const mst_author_source *mst_author_sources_find(const mst_author_sources *sources,
                                                 const char *path);

/* ---- tests ------------------------------------------------------------------------------- */

/* `name` = `value`, both texts. */
typedef struct mst_author_value {
    char *name, *value;
} mst_author_value;

/* A verdict as it came out. */
typedef struct mst_author_found {
    char *name, *outcome;
    char *check;  /* the one that decided or is unknown first, or NULL */
    char *reason; /* or NULL */
    int64_t valid_until;
    mst_author_value *causes; /* name: the kind of cause */
    size_t cause_count;
    mst_author_value *values; /* what the deciding check or case has read; none of an image */
    size_t value_count;
} mst_author_found;

/* An expectation that did not hold. */
typedef struct mst_author_failure {
    uint32_t line;
    char *text;               /* the expectation as written; empty of an image */
    bool is_unknown;          /* its condition was neither true nor false */
    mst_author_value *values; /* what it names beside verdicts */
    size_t value_count;
    mst_author_found *found; /* the verdicts that it asks for */
    size_t found_count;
} mst_author_failure;

typedef struct mst_author_test {
    char *name; /* of a row with its cells */
    uint32_t line;
    int64_t at;
    mst_author_failure *failures;
    size_t failure_count;
} mst_author_test;

typedef struct mst_author_suite {
    mst_author_test *tests;
    size_t test_count, failed_count;
} mst_author_suite;

typedef struct mst_author_coverage mst_author_coverage;

/* What is tested: an image, and where there is one the compilation `with_sites` that it is of. */
typedef struct mst_author_subject {
    const mst_image *image;
    const mst_compilation *compilation;             /* or NULL */
    const char *text;                               /* of the root module, or NULL */
    mst_author_coverage *coverage;                  /* is added to, or NULL */
    bool (*wants)(void *context, const char *name); /* NULL: all tests */
    void *context;
} mst_author_subject;

/* Runs the tests that an image carries. MST_ERR_NOT_FOUND, and an empty suite: there are none. */
mst_status mst_author_run(const mst_author_subject *subject, mst_author_suite *suite);
void mst_author_suite_free(mst_author_suite *suite);

/* ---- coverage ---------------------------------------------------------------------------- */

typedef enum mst_cover_kind {
    MST_COVER_CHECK = 0,     /* passed, failed, unknown */
    MST_COVER_ADVISE = 1,    /* passed, failed */
    MST_COVER_CASE = 2,      /* taken */
    MST_COVER_CONDITION = 3, /* decided true, decided false */
    MST_COVER_ROW = 4,       /* used */
    MST_COVER_KINDS = 5
} mst_cover_kind;

#define MST_COVER_GOALS 3

/* Something that tests can exercise. */
typedef struct mst_cover_item {
    mst_cover_kind kind;
    const char *path;
    uint32_t offset, len; /* of its text in the source, in bytes */
    uint32_t line, column;
    char *name; /* "windows.hotpatch.readiness.mdm", the condition as written, the table */
    uint32_t goal_count;
    uint64_t hits[MST_COVER_GOALS]; /* how often, by goal */
} mst_cover_item;

mst_author_coverage *mst_author_coverage_new(void);
void mst_author_coverage_free(mst_author_coverage *coverage);
/* The items of a compilation and its image that are not there yet, with no hits. */
void mst_author_coverage_add(mst_author_coverage *coverage, const mst_compilation *compilation,
                             const mst_image *image);
/* Sorted by path and place. */
const mst_cover_item *mst_author_coverage_items(mst_author_coverage *coverage, size_t *count);
/* "passed", "decided true"; what a goal of an item is called. */
const char *mst_author_goal_name(mst_cover_kind kind, uint32_t goal);

/* ---- mutation ---------------------------------------------------------------------------- */

/* A module with tests. */
typedef struct mst_author_root {
    const char *path, *text;
    size_t len;
    mst_author_sources *sources; /* through which its imports were found; it keeps the root too */
    mst_compile_options options; /* with the loader of the sources, and with tests */
} mst_author_root;

typedef enum mst_mutant_fate {
    MST_MUTANT_KILLED = 0,    /* a test fails */
    MST_MUTANT_SURVIVED = 1,  /* no test notices */
    MST_MUTANT_REFUSED = 2,   /* it does not compile */
    MST_MUTANT_EQUAL = 3,     /* it compiles to the same image */
    MST_MUTANT_EXPLAINED = 4, /* it survives, and is on the list of those that no test can notice */
    MST_MUTANT_FATES = 5
} mst_mutant_fate;

/* One change of one source. */
typedef struct mst_author_mutant {
    const char *path;
    uint32_t offset, len; /* what is replaced, in bytes */
    uint32_t line, column;
    const char *what; /* "comparison", "requirement dropped" */
    char *before, *after;
    char *context;       /* the expression or row around it, on one line */
    char *was, *becomes; /* the whole line without and with it, white space squeezed */
    char *item;          /* the line that begins the declaration around; "": it is that line */
    mst_mutant_fate fate;
    char *test; /* of a survivor: text of a test that passes now and fails with it, or NULL */
    const char *test_path; /* the root that the test belongs into */
} mst_author_mutant;

typedef struct mst_author_mutation {
    mst_author_mutant *mutants; /* by path and place */
    size_t count;
    size_t fates[MST_MUTANT_FATES];
} mst_author_mutation;

typedef enum mst_explained_state {
    MST_EXPLAINED_ABSENT = 0,  /* no change of these rules reads so */
    MST_EXPLAINED_UNTRIED = 1, /* there is one, which was not tried */
    MST_EXPLAINED_KILLED = 2,  /* a test notices it, or it makes no change */
    MST_EXPLAINED_HOLDS = 3    /* it survives */
} mst_explained_state;

/* A change of which people have found out why no test can notice it. */
typedef struct mst_explained_change {
    uint32_t line; /* of the page that explains it, from 1 */
    char *path, *item, *was, *becomes;
    mst_explained_state state; /* set by mst_author_mutate() */
} mst_explained_change;

typedef struct mst_explained_changes {
    mst_explained_change *list;
    size_t count;
} mst_explained_changes;

/* Takes them out of a page of Markdown: what stands in fences of `diff`. False where a fence holds
 * something else, at *bad_line; what was read is to be freed all the same. */
bool mst_explained_read(mst_explained_changes *changes, const char *text, uint32_t *bad_line);
void mst_explained_free(mst_explained_changes *changes);

typedef struct mst_mutate_options {
    size_t jobs;                      /* threads that work at it, the caller's among them */
    size_t sample;                    /* one change in so many is tried; 0 and 1: each */
    mst_explained_changes *explained; /* or NULL */
    /* Called on the caller's thread, now and then. NULL: not at all. */
    void (*progress)(void *context, size_t done, size_t count);
    void *context;
} mst_mutate_options;

/* Changes the sources of the roots one place at a time and runs their tests. The result is the same
 * whatever the number of threads. MST_ERR_RULES: a root does not compile, or a test of it fails
 * already; then there is no mutation. */
mst_status mst_author_mutate(const mst_author_root *roots, size_t root_count,
                             const mst_mutate_options *options, mst_author_mutation *mutation);
void mst_author_mutation_free(mst_author_mutation *mutation);

#endif
