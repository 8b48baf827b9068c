/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mutate.h - changes of rules that no test notices, found and told. */
#ifndef MST_TOOL_TEST_MUTATE_H
#define MST_TOOL_TEST_MUTATE_H

#include "rules.h"
#include "test_report.h"

typedef struct mst_tool_mutation {
    size_t jobs, sample;
    const char *page; /* that explains survivors; NULL: there is none */
    mst_explained_changes explained;
    mst_author_mutation found;
    mst_author_root *roots;
    mst_loader **loaders;
    size_t root_count;
} mst_tool_mutation;

/* Changes the rules of all files that have tests, which must pass. An exit code, reported; either
 * way *mutation, of which the first line is set, is to be freed. */
int mst_tool_mutate(mst_tool_mutation *mutation, const mst_tool_tests *tests,
                    const mst_tool_search *search);
void mst_tool_mutation_free(mst_tool_mutation *mutation);

/* With a page that explains survivors: whether it explains all of them and nothing else. */
bool mst_tool_mutation_is_good(const mst_tool_mutation *mutation);

/* Verbose: also what a test notices, and what is explained. */
void mst_tool_put_mutation_text(const mst_tool_mutation *mutation, const mst_tool_tests *tests);
void mst_tool_put_mutation_json(const mst_tool_mutation *mutation, const mst_tool_tests *tests);

#endif
