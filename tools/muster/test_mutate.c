/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mutate.c - `muster test --mutate`: has each place of the rules changed and tested, and says
 * which changes no test notices, with a test that would. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
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

int mst_tool_mutate(mst_tool_mutation *mutation, const mst_tool_tests *tests,
                    const mst_tool_search *search)
{
    struct roots roots = {NULL, NULL, 0};
    int code = MST_TOOL_GOOD;
    roots.list = mst_tool_resize(NULL, (tests->file_count + 1) * sizeof *roots.list);
    roots.loaders = mst_tool_resize(NULL, (tests->file_count + 1) * sizeof *roots.loaders);
    for (size_t i = 0; i < tests->file_count && code == MST_TOOL_GOOD; i++)
        code = open_root(&roots, tests->files[i].path, search);
    if (code == MST_TOOL_GOOD) {
        mst_status status =
            mst_author_mutate(roots.list, roots.count, show_progress, NULL, &mutation->found);
        mst_tool_progress_clear();
        if (status != MST_OK)
            code = mst_tool_failed("cannot change the rules: %s", mst_status_text(status));
    }
    mutation->roots = roots.list; /* paths of mutants lie in their sources */
    mutation->loaders = roots.loaders;
    mutation->root_count = roots.count;
    return code;
}

void mst_tool_mutation_free(mst_tool_mutation *mutation)
{
    struct roots roots = {mutation->roots, mutation->loaders, mutation->root_count};
    mst_author_mutation_free(&mutation->found);
    free_roots(&roots);
}

/* ---- text -------------------------------------------------------------------------------- */

static void put_tame(const char *text)
{
    mst_tool_put_tame(text, strlen(text));
}

/* Of a short piece of a long line. */
static void put_context(const mst_author_mutant *mutant)
{
    size_t len = strlen(mutant->context), width = mst_tool_width();
    size_t fit = mst_tool_text_fit(mutant->context, len, width > 40 ? width - 16 : SIZE_MAX);
    if (strcmp(mutant->context, mutant->before) == 0)
        return;
    mst_tool_puts("    in      ");
    mst_tool_put_tame(mutant->context, fit);
    mst_tool_puts(fit < len ? "...\n" : "\n");
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

static void put_survivor(const mst_author_mutant *mutant, bool has_color)
{
    mst_tool_printf("%sSURVIVED%s  %s:%" PRIu32 ":%" PRIu32 ": %s, `",
                    has_color ? MST_TOOL_YELLOW : "", has_color ? MST_TOOL_PLAIN : "", mutant->path,
                    mutant->line, mutant->column, mutant->what);
    put_tame(mutant->before);
    mst_tool_puts("` -> `");
    put_tame(mutant->after);
    mst_tool_puts("`\n");
    put_context(mutant);
    put_test(mutant);
}

void mst_tool_put_mutation_text(const mst_tool_mutation *mutation, bool has_color)
{
    const size_t *fates = mutation->found.fates;
    size_t tested = fates[MST_MUTANT_KILLED] + fates[MST_MUTANT_SURVIVED], with_test = 0;
    for (size_t i = 0; i < mutation->found.count; i++) {
        if (mutation->found.mutants[i].fate != MST_MUTANT_SURVIVED)
            continue;
        put_survivor(&mutation->found.mutants[i], has_color);
        with_test += mutation->found.mutants[i].test != NULL;
    }
    unsigned tenths = tested ? (unsigned)(fates[MST_MUTANT_KILLED] * 1000 / tested) : 1000;
    mst_tool_printf(
        "%u.%u %% of changes noticed: %zu of %zu; %zu survived, %zu of them with a test "
        "that would notice\n",
        tenths / 10, tenths % 10, fates[MST_MUTANT_KILLED], tested, fates[MST_MUTANT_SURVIVED],
        with_test);
    mst_tool_printf("(%zu more make no difference, %zu do not compile)\n", fates[MST_MUTANT_EQUAL],
                    fates[MST_MUTANT_REFUSED]);
}

/* ---- JSON -------------------------------------------------------------------------------- */

static void put_json_mutant(const mst_author_mutant *mutant)
{
    mst_tool_puts("{");
    mst_tool_put_json_member("path", mutant->path);
    mst_tool_printf(",\"line\":%" PRIu32 ",\"column\":%" PRIu32 ",", mutant->line, mutant->column);
    mst_tool_put_json_member("what", mutant->what);
    mst_tool_puts(",");
    mst_tool_put_json_member("before", mutant->before);
    mst_tool_puts(",");
    mst_tool_put_json_member("after", mutant->after);
    mst_tool_puts(",");
    mst_tool_put_json_member("test", mutant->test);
    mst_tool_puts(",");
    mst_tool_put_json_member("test_path", mutant->test_path);
    mst_tool_puts("}");
}

void mst_tool_put_mutation_json(const mst_tool_mutation *mutation)
{
    const size_t *fates = mutation->found.fates;
    bool is_first = true;
    mst_tool_printf("{\"killed\":%zu,\"survived\":%zu,\"equal\":%zu,\"refused\":%zu,"
                    "\"survivors\":[",
                    fates[MST_MUTANT_KILLED], fates[MST_MUTANT_SURVIVED], fates[MST_MUTANT_EQUAL],
                    fates[MST_MUTANT_REFUSED]);
    for (size_t i = 0; i < mutation->found.count; i++) {
        if (mutation->found.mutants[i].fate != MST_MUTANT_SURVIVED)
            continue;
        mst_tool_puts(is_first ? "\n" : ",\n");
        put_json_mutant(&mutation->found.mutants[i]);
        is_first = false;
    }
    mst_tool_puts("]}");
}
