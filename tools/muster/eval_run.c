/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_run.c - what `muster eval` runs: the verdicts that are wanted, and the workers, each with a
 * vm and a reader per module. */
#include <stdlib.h>
#include <string.h>

#include "eval_run.h"
#include "files.h"
#include "module_name.h"
#include "options.h"
#include "tool.h"

static int make_machine(mst_tool_machine *machine, const mst_image *image)
{
    size_t vm_size = mst_vm_size(image), reader_size = mst_reader_size(image);
    machine->image = image;
    machine->vm_block = mst_tool_resize(NULL, vm_size);
    machine->reader_block = mst_tool_resize(NULL, reader_size);
    mst_status status = mst_vm_init(&machine->vm, machine->vm_block, vm_size, image);
    if (status == MST_OK)
        status = mst_reader_init(&machine->reader, machine->reader_block, reader_size, image);
    if (status != MST_OK)
        return mst_tool_failed("cannot run the rules: %s", mst_status_text(status));
    return MST_TOOL_GOOD;
}

int mst_tool_worker_init(mst_tool_worker *worker, const mst_tool_run *run)
{
    int code = MST_TOOL_GOOD;
    worker->machines = mst_tool_resize(NULL, run->module_count * sizeof *worker->machines);
    worker->summary = run->sink->has_summary ? mst_tool_summary_new(run) : NULL;
    for (size_t i = 0; i < run->module_count; i++) {
        worker->machines[i] = (mst_tool_machine){.image = run->modules[i].image};
        if (run->modules[i].is_used && code == MST_TOOL_GOOD)
            code = make_machine(&worker->machines[i], run->modules[i].image);
    }
    return code;
}

const mst_tool_machine *mst_tool_machine_of(const mst_tool_run *run, const mst_tool_wanted *wanted)
{
    return &run->workers[0].machines[wanted->module];
}

static void free_worker(mst_tool_worker *worker, const mst_tool_run *run)
{
    for (size_t i = 0; i < run->module_count; i++) {
        free(worker->machines[i].vm_block);
        free(worker->machines[i].reader_block);
    }
    free(worker->machines);
    if (worker->summary)
        mst_tool_summary_free(worker->summary, run);
}

static char *show_name(const mst_tool_run *run, const mst_image *image, mst_text name)
{
    mst_text module = mst_image_module(image);
    if (run->is_qualified)
        return mst_tool_format("%.*s.%.*s", (int)module.len, module.ptr, (int)name.len, name.ptr);
    return mst_tool_copy(name.ptr, name.len);
}

static void want_verdict(mst_tool_run *run, size_t module, uint32_t index)
{
    const mst_image *image = run->modules[module].image;
    run->wanted = mst_tool_resize(run->wanted, (run->wanted_count + 1) * sizeof *run->wanted);
    mst_tool_wanted *wanted = &run->wanted[run->wanted_count++];
    *wanted = (mst_tool_wanted){.module = module, .index = index, .info = MST_VERDICT_INFO_INIT};
    mst_verdict_info_at(image, index, &wanted->info);
    wanted->name = show_name(run, image, wanted->info.name);
    run->modules[module].is_used = true;
}

/* ---- all verdicts ------------------------------------------------------------------------ */

static void want_roots(mst_tool_run *run, size_t module)
{
    const mst_image *image = run->modules[module].image;
    uint32_t count = mst_verdict_count(image);
    for (uint32_t i = 0; i < count; i++) {
        mst_verdict_info info = MST_VERDICT_INFO_INIT;
        if (mst_verdict_info_at(image, i, &info) == MST_OK && info.is_root)
            want_verdict(run, module, i);
    }
}

static int want_all(mst_tool_run *run)
{
    for (size_t i = 0; i < run->module_count; i++)
        want_roots(run, i);
    if (run->wanted_count > 0)
        return MST_TOOL_GOOD;
    mst_text module = mst_image_module(run->modules[0].image);
    if (run->module_count == 1 && mst_verdict_count(run->modules[0].image) > 0)
        return mst_tool_misused("%.*s has no policy or decision of its own; name one that it "
                                "imports with --verdict",
                                (int)module.len, module.ptr);
    return mst_tool_misused("%.*s has no policy or decision to evaluate", (int)module.len,
                            module.ptr);
}

/* ---- verdicts by name -------------------------------------------------------------------- */

/* With several modules a name begins with that of its module. */
static const char *strip_module(const mst_tool_run *run, const mst_image *image, const char *name)
{
    mst_text module = mst_image_module(image);
    if (!run->is_qualified)
        return name;
    if (strncmp(name, module.ptr, module.len) != 0 || name[module.len] != '.')
        return NULL;
    return name + module.len + 1;
}

static bool want_named(mst_tool_run *run, const char *name)
{
    for (size_t i = 0; i < run->module_count; i++) {
        const mst_image *image = run->modules[i].image;
        const char *own = strip_module(run, image, name);
        uint32_t index = own ? mst_verdict_find(image, own) : MST_INDEX_NONE;
        if (index == MST_INDEX_NONE)
            continue;
        want_verdict(run, i, index);
        return true;
    }
    return false;
}

/* Names of all verdicts, each to be freed. */
static char **list_names(const mst_tool_run *run, size_t *count)
{
    char **names = NULL;
    *count = 0;
    for (size_t i = 0; i < run->module_count; i++) {
        const mst_image *image = run->modules[i].image;
        for (uint32_t v = 0; v < mst_verdict_count(image); v++) {
            mst_verdict_info info = MST_VERDICT_INFO_INIT;
            mst_verdict_info_at(image, v, &info);
            names = mst_tool_resize(names, (*count + 1) * sizeof *names);
            names[(*count)++] = show_name(run, image, info.name);
        }
    }
    return names;
}

/* A verdict of one module, called without it, or a slip of the fingers. */
static const char *find_meant(const char *name, char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mst_tool_name_ends(names[i], name))
            return names[i];
    return mst_tool_nearest(name, (const char *const *)names, count, sizeof *names);
}

static void report_list(const char *name, char **names, size_t count)
{
    char *list = mst_tool_copy("", 0);
    for (size_t i = 0; i < count; i++) {
        char *longer = mst_tool_format("%s%s%s", list, i > 0 ? ", " : "", names[i]);
        free(list);
        list = longer;
    }
    mst_tool_misused("there is no verdict '%s'; the rules have: %s", name,
                     count > 0 ? list : "none");
    free(list);
}

static int report_no_verdict(const mst_tool_run *run, const char *name)
{
    size_t count;
    char **names = list_names(run, &count);
    const char *meant = find_meant(name, names, count);
    if (meant)
        mst_tool_misused("there is no verdict '%s'; did you mean '%s'?", name, meant);
    else
        report_list(name, names, count);
    mst_tool_free_list(names, count);
    return MST_TOOL_USAGE;
}

/* ---- both -------------------------------------------------------------------------------- */

static int want_verdicts(mst_tool_run *run, const char *const *names, size_t name_count)
{
    for (size_t i = 0; i < name_count; i++)
        if (!want_named(run, names[i]))
            return report_no_verdict(run, names[i]);
    return name_count > 0 ? MST_TOOL_GOOD : want_all(run);
}

int mst_tool_run_prepare(mst_tool_run *run, const mst_tool_rules *rules, const char *const *names,
                         size_t name_count)
{
    run->is_qualified = rules->is_folder;
    run->module_count = rules->count;
    run->modules = mst_tool_resize(NULL, rules->count * sizeof *run->modules);
    for (size_t i = 0; i < rules->count; i++)
        run->modules[i] = (mst_tool_used_module){.image = &rules->modules[i].image};
    int code = want_verdicts(run, names, name_count);
    if (code != MST_TOOL_GOOD)
        return code;
    run->workers = mst_tool_resize(NULL, run->jobs * sizeof *run->workers);
    run->worker_count = 1;
    return mst_tool_worker_init(&run->workers[0], run);
}

void mst_tool_run_release(mst_tool_run *run)
{
    for (size_t i = 0; i < run->worker_count; i++)
        free_worker(&run->workers[i], run);
    for (size_t i = 0; i < run->wanted_count; i++)
        free(run->wanted[i].name);
    mst_tool_keys_free(&run->keys);
    free(run->workers);
    free(run->wanted);
    free(run->modules);
}
