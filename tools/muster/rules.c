/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.c - from paths to opened images: read, compile what is text, verify, report. */
#include "rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "instead.h"
#include "module_name.h"
#include "search.h"
#include "terminal.h"
#include "tool.h"

#define IMAGE_MAGIC "MUSTER\r\n"

bool mst_tool_is_image(const unsigned char *bytes, size_t byte_count)
{
    size_t magic_len = strlen(IMAGE_MAGIC);
    return byte_count >= magic_len && memcmp(bytes, IMAGE_MAGIC, magic_len) == 0;
}

int mst_tool_open_image(mst_image *image, const char *path, const unsigned char *bytes,
                        size_t byte_count, bool is_compiled)
{
    mst_fault why = MST_FAULT_INIT;
    mst_status status = mst_image_open(image, bytes, byte_count, NULL, &why);
    if (status == MST_OK)
        return MST_TOOL_GOOD;
    const char *text = why.id != 0 ? why.text : mst_status_text(status);
    if (is_compiled && status == MST_ERR_IMAGE)
        return mst_tool_failed("'%s' compiles to an image that is refused: %s (fault %" PRIu32
                               " at byte %" PRIu64
                               "); this is a mistake in muster, please report it",
                               path, text, why.id, why.offset);
    mst_tool_say("'%s' was refused: %s (fault %" PRIu32 " at byte %" PRIu64 ")", path, text, why.id,
                 why.offset);
    return MST_TOOL_WANTING;
}

/* ---- compiling --------------------------------------------------------------------------- */

/* Of a file whose path as given is too short (ready.muster in rules/acme), the whole path tells
 * whether it fits. The folder is called as seen from here ("..") where that is the same one. */
static char *find_root_above(const char *path, const char *module)
{
    char *whole = mst_tool_whole_path(path);
    char *root = whole ? mst_tool_root_folder(whole, module) : NULL;
    free(whole);
    if (!root)
        return NULL;
    const char *slash = strrchr(path, '/');
    char *above = mst_tool_copy(path, slash ? (size_t)(slash - path) : 0);
    for (const char *dot = strchr(module, '.'); dot; dot = strchr(dot + 1, '.')) {
        char *longer = mst_tool_format("%s%s..", above, *above ? "/" : "");
        free(above);
        above = longer;
    }
    whole = mst_tool_whole_path(above);
    bool is_same = whole && strcmp(whole, root) == 0;
    free(whole);
    free(is_same ? root : above);
    return is_same ? above : root;
}

/* The folder below which the module's name fits the path, or NULL. */
static char *find_root_folder(const char *path, const char *text, size_t len)
{
    char *module = mst_tool_module_name(text, len);
    char *root = NULL;
    if (module && strcmp(path, "-") != 0)
        root = mst_tool_root_folder(path, module);
    if (module && strcmp(path, "-") != 0 && !root)
        root = find_root_above(path, module);
    free(module);
    return root;
}

mst_loader *mst_tool_loader(const char *path, const char *text, size_t len,
                            const mst_tool_search *search)
{
    mst_tool_folders folders;
    mst_tool_search_path(&folders, search, find_root_folder(path, text, len));
    mst_loader *loader = mst_file_loader((const char *const *)folders.list, folders.count);
    mst_tool_free_search_path(&folders);
    if (!loader)
        exit(mst_tool_failed("out of memory"));
    return loader;
}

mst_compile_options mst_tool_compile_options(const mst_tool_search *search,
                                             const mst_loader *loader)
{
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    options.loader = loader;
    options.params = search->params;
    options.param_count = search->param_count;
    options.predecessor = search->predecessor;
    options.at = search->at;
    options.with_tests = search->with_tests;
    options.with_source = search->with_source;
    options.with_sites = search->with_sites;
    options.with_outline = search->with_outline;
    return options;
}

void mst_tool_see(struct mst_tool_seen *seen, char *path)
{
    seen->paths = mst_tool_resize(seen->paths, (seen->count + 2) * sizeof *seen->paths);
    seen->paths[seen->count++] = path;
    seen->paths[seen->count] = NULL;
}

void mst_tool_seen_free(struct mst_tool_seen *seen)
{
    for (size_t i = 0; i < seen->count; i++)
        free(seen->paths[i]);
    free(seen->paths);
    *seen = (struct mst_tool_seen){NULL, 0};
}

struct noting {
    const mst_loader *loader;
    struct mst_tool_seen *seen;
};

static mst_status load_and_note(void *context, mst_load_kind kind, const char *name,
                                const char *from, mst_source_text *found)
{
    const struct noting *noting = context;
    mst_status status = noting->loader->load(noting->loader->context, kind, name, from, found);
    if (status == MST_OK)
        mst_tool_see(noting->seen, mst_tool_format("%s", found->path));
    return status;
}

static void release_noted(void *context, mst_source_text *found)
{
    const struct noting *noting = context;
    noting->loader->release(noting->loader->context, found);
}

int mst_tool_compile(const char *path, const char *text, size_t len, const mst_tool_search *search,
                     mst_compilation **compilation)
{
    mst_loader *files = mst_tool_loader(path, text, len, search);
    mst_loader loader = search->instead ? mst_tool_instead_loader(search->instead, files) : *files;
    struct noting noting = {&loader, search->seen};
    mst_loader noter = MST_LOADER_INIT;
    noter.load = load_and_note;
    noter.release = release_noted;
    noter.context = &noting;
    mst_compile_options options = mst_tool_compile_options(search, search->seen ? &noter : &loader);
    bool is_standard_input = strcmp(path, "-") == 0;
    mst_status status = mst_compile(compilation, is_standard_input ? "<standard input>" : path,
                                    text, len, &options);
    mst_file_loader_free(files);
    if (status == MST_OK)
        return MST_TOOL_GOOD;
    if (status == MST_ERR_RULES)
        return MST_TOOL_WANTING;
    return mst_tool_failed("cannot compile '%s': %s", path, mst_status_text(status));
}

char *mst_tool_diagnostic_text(const mst_compilation *compilation, size_t index, bool color)
{
    size_t len = 0, capacity = 1024;
    char *text = mst_tool_resize(NULL, capacity);
    mst_status status = mst_diagnostic_render(compilation, index, color, text, capacity, &len);
    if (status == MST_ERR_SPACE || len >= capacity) {
        capacity = len + 1;
        text = mst_tool_resize(text, capacity);
        status = mst_diagnostic_render(compilation, index, color, text, capacity, &len);
    }
    if (status != MST_OK)
        len = 0;
    while (len > 0 && text[len - 1] == '\n')
        len--;
    text[len] = '\0';
    return text;
}

void mst_tool_report_diagnostics(const mst_compilation *compilation, struct mst_tool_told *told)
{
    bool color = mst_tool_wants_color(STDERR_FILENO);
    size_t count = mst_diagnostic_count(compilation);
    size_t dropped = mst_diagnostics_dropped(compilation);
    for (size_t i = 0; i < count; i++) {
        if (!mst_tool_tell_once(told, compilation, i))
            continue;
        char *text = mst_tool_diagnostic_text(compilation, i, color);
        fprintf(stderr, "%s%s\n", told->count > 1 ? "\n" : "", text);
        free(text);
    }
    if (dropped > 0)
        fprintf(stderr, "and %zu more\n", dropped);
}

/* ---- opening ----------------------------------------------------------------------------- */

static void close_module(mst_tool_module *module)
{
    mst_compilation_free(module->compilation);
    free(module->file);
    free(module->path);
}

static int compile_module(mst_tool_module *module, size_t len, const mst_tool_search *search,
                          struct mst_tool_told *told)
{
    int code = mst_tool_compile(module->path, (const char *)module->file, len, search,
                                &module->compilation);
    if (module->compilation)
        mst_tool_report_diagnostics(module->compilation, told);
    if (code != MST_TOOL_GOOD)
        return code;
    module->bytes = mst_compilation_image(module->compilation, &module->byte_count);
    return MST_TOOL_GOOD;
}

static int open_module(mst_tool_module *module, const char *path, const mst_tool_search *search,
                       struct mst_tool_told *told)
{
    size_t len;
    *module = (mst_tool_module){.path = mst_tool_format("%s", path)};
    int code = mst_tool_read_file(path, &module->file, &len);
    if (code != MST_TOOL_GOOD)
        return code;
    if (mst_tool_is_image(module->file, len) || mst_tool_name_ends(path, "musterc")) {
        if (search->param_count > 0)
            return mst_tool_misused("--param is for rule text; '%s' is compiled", path);
        module->bytes = module->file;
        module->byte_count = len;
    } else {
        code = compile_module(module, len, search, told);
    }
    if (code != MST_TOOL_GOOD)
        return code;
    return mst_tool_open_image(&module->image, path, module->bytes, module->byte_count,
                               module->compilation != NULL);
}

/* All modules are tried, so that all diagnostics are seen at once. */
static int open_modules(mst_tool_rules *rules, char **paths, size_t count,
                        const mst_tool_search *search)
{
    int worst = MST_TOOL_GOOD;
    struct mst_tool_told told = {NULL, 0};
    if (count > 1 && search->param_count > 0)
        return mst_tool_misused("--param needs one module, and here are %zu", count);
    rules->modules = mst_tool_resize(NULL, count * sizeof *rules->modules);
    rules->is_folder = count > 1;
    for (rules->count = 0; rules->count < count; rules->count++) {
        int code = open_module(&rules->modules[rules->count], paths[rules->count], search, &told);
        if (code > worst)
            worst = code;
    }
    mst_tool_told_free(&told);
    return worst;
}

int mst_tool_rules_open(mst_tool_rules *rules, const char *name, const mst_tool_search *search)
{
    char **paths;
    size_t count;
    *rules = (mst_tool_rules){NULL, 0, false};
    int code = mst_tool_rules_find(name, search, false, &paths, &count);
    if (code == MST_TOOL_GOOD)
        code = open_modules(rules, paths, count, search);
    mst_tool_free_list(paths, count);
    if (code != MST_TOOL_GOOD)
        mst_tool_rules_close(rules);
    return code;
}

void mst_tool_rules_close(mst_tool_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        close_module(&rules->modules[i]);
    free(rules->modules);
    *rules = (mst_tool_rules){NULL, 0, false};
}

char *mst_tool_digest_text(char *text, const unsigned char *digest)
{
    for (size_t i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}
