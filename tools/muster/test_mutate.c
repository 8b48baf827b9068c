/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mutate.c - `muster test --mutate`: has each place of the rules changed and tested, and says
 * which changes no test notices, with a test that would or with the page that explains them. */
#include <inttypes.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <string.h>

#include "files.h"
#include "jobs.h"
#include "output.h"
#include "terminal.h"
#include "test_mutate.h"
#include "tool.h"

/* ---- roots ------------------------------------------------------------------------------- */

struct roots {
    mst_author_root *list;
    mst_loader **loaders; /* of each */
    size_t count;
};

static int open_root(struct roots *roots, const char *path, const mst_tool_search *search)
{
    unsigned char *text;
    size_t len;
    int code = mst_tool_read_file(path, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    if (mst_tool_is_image(text, len)) {
        free(text);
        return mst_tool_misused("--mutate changes rule text; '%s' is compiled", path);
    }
    mst_loader *loader = mst_tool_loader(path, (const char *)text, len, search);
    mst_author_root *root = &roots->list[roots->count];
    *root = (mst_author_root){.len = len, .sources = mst_author_sources_new(loader)};
    mst_author_sources_keep(root->sources, path, (const char *)text, len);
    root->path = mst_author_sources_find(root->sources, path)->path;
    root->text = mst_author_sources_find(root->sources, path)->text;
    root->options = mst_tool_compile_options(search, mst_author_sources_loader(root->sources));
    roots->loaders[roots->count++] = loader;
    free(text);
    return MST_TOOL_GOOD;
}

static void free_roots(struct roots *roots)
{
    for (size_t i = 0; i < roots->count; i++) {
        mst_author_sources_free(roots->list[i].sources);
        mst_file_loader_free(roots->loaders[i]);
    }
    free(roots->list);
    free(roots->loaders);
}

static void show_progress(void *context, size_t done, size_t count)
{
    (void)context;
    mst_tool_progress_of(done, count, "changes");
}

static int read_page(mst_tool_mutation *mutation)
{
    unsigned char *text;
    size_t len;
    uint32_t bad_line;
    if (mutation->page == NULL)
        return MST_TOOL_GOOD;
    int code = mst_tool_read_file(mutation->page, &text, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    if (!mst_explained_read(&mutation->explained, (const char *)text, &bad_line)) {
        mst_tool_say("%s:%" PRIu32 ": a fence of `diff` has lines `--- FILE`, `@@ DECLARATION`, "
                     "and `- LINE` with `+ LINE` below it",
                     mutation->page, bad_line);
        code = MST_TOOL_WANTING;
    }
    free(text);
    return code;
}

/* Each change compiles all rules once more: memory that is given back is asked for again. */
static void keep_memory(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_TRIM_THRESHOLD, 256 << 20);
    (void)mallopt(M_MMAP_THRESHOLD, 256 << 20);
    (void)mallopt(M_TOP_PAD, 4 << 20);
#endif
}

static int change_rules(mst_tool_mutation *mutation)
{
    const mst_mutate_options options = {
        .jobs = mutation->jobs != 0 ? mutation->jobs : mst_tool_usual_jobs(),
        .sample = mutation->sample,
        .explained = mutation->page != NULL ? &mutation->explained : NULL,
        .progress = show_progress,
    };
    keep_memory();
    mst_status status =
        mst_author_mutate(mutation->roots, mutation->root_count, &options, &mutation->found);
    mst_tool_progress_clear();
    return status == MST_OK
               ? MST_TOOL_GOOD
               : mst_tool_failed("cannot change the rules: %s", mst_status_text(status));
}

int mst_tool_mutate(mst_tool_mutation *mutation, const mst_tool_tests *tests,
                    const mst_tool_search *search)
{
    struct roots roots = {NULL, NULL, 0};
    int code = read_page(mutation);
    roots.list = mst_tool_resize(NULL, (tests->file_count + 1) * sizeof *roots.list);
    roots.loaders = mst_tool_resize(NULL, (tests->file_count + 1) * sizeof *roots.loaders);
    for (size_t i = 0; i < tests->file_count && code == MST_TOOL_GOOD; i++)
        code = open_root(&roots, tests->files[i].path, search);
    mutation->roots = roots.list; /* paths of mutants lie in their sources */
    mutation->loaders = roots.loaders;
    mutation->root_count = roots.count;
    return code == MST_TOOL_GOOD ? change_rules(mutation) : code;
}

void mst_tool_mutation_free(mst_tool_mutation *mutation)
{
    struct roots roots = {mutation->roots, mutation->loaders, mutation->root_count};
    mst_author_mutation_free(&mutation->found);
    mst_explained_free(&mutation->explained);
    free_roots(&roots);
}

/* What is wrong with what the page says of a change; NULL: nothing, as far as was tried. */
static const char *find_fault(const mst_explained_change *change)
{
    switch (change->state) {
    case MST_EXPLAINED_ABSENT: return "no change of these rules reads so";
    case MST_EXPLAINED_KILLED: return "a test notices this change";
    default: return NULL;
    }
}

bool mst_tool_mutation_is_good(const mst_tool_mutation *mutation)
{
    bool is_good = mutation->page == NULL || mutation->found.fates[MST_MUTANT_SURVIVED] == 0;
    for (size_t i = 0; i < mutation->explained.count && is_good; i++)
        is_good = find_fault(&mutation->explained.list[i]) == NULL;
    return is_good;
}

/* ---- text -------------------------------------------------------------------------------- */

/* The line as it is and as it would be, as a page that explains it has them. */
static void put_lines(const mst_author_mutant *mutant)
{
    if (mutant->item[0] != '\0') {
        mst_tool_puts("    @@ ");
        mst_tool_puts_tame(mutant->item);
        mst_tool_puts("\n");
    }
    mst_tool_puts("    - ");
    mst_tool_puts_tame(mutant->was);
    mst_tool_puts("\n    + ");
    mst_tool_puts_tame(mutant->becomes);
    mst_tool_puts("\n");
}

static void put_test(const mst_author_mutant *mutant)
{
    if (!mutant->test) {
        mst_tool_puts(
            "    no test was found that would notice it; perhaps no verdict depends on it\n");
        return;
    }
    mst_tool_printf("    noticed by this test, in %s:\n", mutant->test_path);
    for (const char *line = mutant->test; *line;) {
        size_t len = strcspn(line, "\n");
        mst_tool_puts("      ");
        mst_tool_put_tame(line, len);
        mst_tool_puts("\n");
        line += len + (line[len] == '\n');
    }
}

static const char *const fate_words[MST_MUTANT_FATES] = {"killed", "survived", "refused", "equal",
                                                         "explained"};

static void put_mutant(const mst_author_mutant *mutant, bool has_color)
{
    static const char *const titles[MST_MUTANT_FATES] = {"noticed  ", "SURVIVED ", "refused  ",
                                                         "equal    ", "explained"};
    bool is_survivor = mutant->fate == MST_MUTANT_SURVIVED;
    bool is_colored = has_color && is_survivor;
    mst_tool_printf("%s%s%s %s:%" PRIu32 ":%" PRIu32 ": %s, `", is_colored ? MST_TOOL_YELLOW : "",
                    titles[mutant->fate], is_colored ? MST_TOOL_PLAIN : "", mutant->path,
                    mutant->line, mutant->column, mutant->what);
    mst_tool_puts_tame(mutant->before);
    mst_tool_puts("` -> `");
    mst_tool_puts_tame(mutant->after);
    mst_tool_puts("`\n");
    if (!is_survivor)
        return;
    put_lines(mutant);
    put_test(mutant);
}

static void put_page_faults(const mst_tool_mutation *mutation)
{
    for (size_t i = 0; i < mutation->explained.count; i++) {
        const mst_explained_change *change = &mutation->explained.list[i];
        const char *fault = find_fault(change);
        if (fault == NULL)
            continue;
        mst_tool_printf("%s:%" PRIu32 ": %s\n    - ", mutation->page, change->line, fault);
        mst_tool_puts_tame(change->was);
        mst_tool_puts("\n    + ");
        mst_tool_puts_tame(change->becomes);
        mst_tool_puts("\n");
    }
}

static void put_score(const mst_tool_mutation *mutation)
{
    const size_t *fates = mutation->found.fates;
    size_t tested = fates[MST_MUTANT_KILLED] + fates[MST_MUTANT_SURVIVED], with_test = 0;
    for (size_t i = 0; i < mutation->found.count; i++)
        with_test += mutation->found.mutants[i].test != NULL;
    unsigned tenths = tested ? (unsigned)(fates[MST_MUTANT_KILLED] * 1000 / tested) : 1000;
    mst_tool_printf("%u.%u %% of changes noticed: %zu of %zu\n", tenths / 10, tenths % 10,
                    fates[MST_MUTANT_KILLED], tested);
    mst_tool_printf("%zu survived, %zu of them with a test that would notice\n",
                    fates[MST_MUTANT_SURVIVED], with_test);
    mst_tool_puts("(");
    if (mutation->page != NULL)
        mst_tool_printf("%zu more are explained in %s, ", fates[MST_MUTANT_EXPLAINED],
                        mutation->page);
    mst_tool_printf("%zu %smake no difference, %zu do not compile)\n", fates[MST_MUTANT_EQUAL],
                    mutation->page != NULL ? "" : "more ", fates[MST_MUTANT_REFUSED]);
}

void mst_tool_put_mutation_text(const mst_tool_mutation *mutation, const mst_tool_tests *tests)
{
    for (size_t i = 0; i < mutation->found.count; i++)
        if (tests->is_verbose || mutation->found.mutants[i].fate == MST_MUTANT_SURVIVED)
            put_mutant(&mutation->found.mutants[i], tests->has_color);
    put_page_faults(mutation);
    put_score(mutation);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_members(const char *const names[], const char *const values[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mst_tool_puts(",");
        mst_tool_put_json_member(names[i], values[i]);
    }
}

static void put_json_mutant(const mst_author_mutant *mutant)
{
    static const char *const names[] = {"what", "before",  "after", "fate",     "declaration",
                                        "was",  "becomes", "test",  "test_path"};
    const char *const values[] = {
        mutant->what, mutant->before,  mutant->after, fate_words[mutant->fate], mutant->item,
        mutant->was,  mutant->becomes, mutant->test,  mutant->test_path};
    mst_tool_puts("{");
    mst_tool_put_json_member("path", mutant->path);
    mst_tool_printf(",\"line\":%" PRIu32 ",\"column\":%" PRIu32, mutant->line, mutant->column);
    put_members(names, values, sizeof names / sizeof *names);
    mst_tool_puts("}");
}

static void put_json_list(const mst_tool_mutation *mutation, const char *name, bool wants_all)
{
    bool is_first = true;
    mst_tool_printf("\"%s\":[", name);
    for (size_t i = 0; i < mutation->found.count; i++) {
        if (!wants_all && mutation->found.mutants[i].fate != MST_MUTANT_SURVIVED)
            continue;
        mst_tool_puts(is_first ? "\n" : ",\n");
        put_json_mutant(&mutation->found.mutants[i]);
        is_first = false;
    }
    mst_tool_puts("]");
}

static void put_json_faults(const mst_tool_mutation *mutation)
{
    bool is_first = true;
    mst_tool_puts(",\"page_faults\":[");
    for (size_t i = 0; i < mutation->explained.count; i++) {
        const mst_explained_change *change = &mutation->explained.list[i];
        const char *fault = find_fault(change);
        if (fault == NULL)
            continue;
        mst_tool_printf("%s{\"line\":%" PRIu32 ",", is_first ? "" : ",", change->line);
        mst_tool_put_json_member("fault", fault);
        mst_tool_puts("}");
        is_first = false;
    }
    mst_tool_puts("]");
}

void mst_tool_put_mutation_json(const mst_tool_mutation *mutation, const mst_tool_tests *tests)
{
    mst_tool_puts("{");
    for (size_t i = 0; i < MST_MUTANT_FATES; i++)
        mst_tool_printf("\"%s\":%zu,", fate_words[i], mutation->found.fates[i]);
    put_json_list(mutation, "survivors", false);
    if (tests->is_verbose) {
        mst_tool_puts(",");
        put_json_list(mutation, "changes", true);
    }
    if (mutation->page != NULL)
        put_json_faults(mutation);
    mst_tool_puts("}");
}
