/* SPDX-License-Identifier: Apache-2.0
 *
 * machine.c - a root compiled, opened and ready to run, as it is or with one source changed. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "mutants.h"
#include "sources.h"

static mst_status compile(struct mst_machine *machine, const mst_author_root *root,
                          const mst_author_source *changed, const char *added, bool with_sites)
{
    mst_compile_options options = root->options;
    bool is_root = changed != NULL && strcmp(changed->path, root->path) == 0;
    const char *text = is_root ? changed->text : root->text;
    size_t len = is_root ? changed->len : root->len;
    char *longer = added != NULL ? mst_memory_format("%.*s\n%s", (int)len, text, added) : NULL;
    options.with_tests = true;
    options.with_sites = options.with_outline = with_sites;
    struct mst_changed_sources sources;
    mst_changed_sources_init(&sources, root->sources, changed);
    if (changed != NULL || added != NULL)
        options.loader = &sources.loader;
    mst_status status =
        mst_compile(&machine->compilation, root->path, longer != NULL ? longer : text,
                    longer != NULL ? strlen(longer) : len, &options);
    free(longer);
    return status;
}

mst_status mst_machine_open(struct mst_machine *machine, const mst_author_root *root,
                            const mst_author_source *changed, const char *added, bool with_sites)
{
    size_t byte_count;
    *machine = (struct mst_machine){.compilation = NULL};
    mst_status status = compile(machine, root, changed, added, with_sites);
    if (status == MST_OK) {
        const unsigned char *bytes = mst_compilation_image(machine->compilation, &byte_count);
        status = mst_image_open(&machine->image, bytes, byte_count, NULL, NULL);
    }
    if (status == MST_OK) {
        machine->block = mst_memory_resize(NULL, mst_vm_size(&machine->image));
        status = mst_vm_init(&machine->vm, machine->block, mst_vm_size(&machine->image),
                             &machine->image);
    }
    if (status != MST_OK)
        mst_machine_close(machine);
    return status;
}

void mst_machine_close(struct mst_machine *machine)
{
    mst_compilation_free(machine->compilation);
    free(machine->block);
    *machine = (struct mst_machine){.compilation = NULL};
}

static void count_failure(void *context, mst_vm *vm, const mst_selftest_result *result)
{
    size_t *failures = context;
    (void)vm;
    *failures += !result->passed;
}

size_t mst_machine_failures(struct mst_machine *machine)
{
    size_t failures = 0;
    (void)mst_selftest(machine->vm, count_failure, &failures);
    return failures;
}
