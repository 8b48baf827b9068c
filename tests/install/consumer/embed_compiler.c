/* SPDX-License-Identifier: Apache-2.0
 *
 * embed_compiler.c - C11 and C++17 in one: compiles rules with libmuster-lang, memory and imports
 * coming from this program, and opens the image with libmuster.
 *
 *     embed_compiler */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muster/lang.h>

static char imported[] = "module other version 1.0\nlet limit = 26100.9168\n", path[] = "other";

static void *resize(void *context, void *old, size_t old_size, size_t size)
{
    (void)old_size;
    *(int *)context += (size != 0) - (old != NULL);
    if (size != 0)
        return realloc(old, size);
    free(old);
    return NULL;
}

static mst_status load(void *context, mst_load_kind kind, const char *name, const char *from,
                       mst_source_text *found)
{
    (void)context;
    (void)from;
    if (kind != MST_LOAD_MODULE || strcmp(name, "other") != 0)
        return MST_ERR_NOT_FOUND;
    found->path = path;
    found->text = imported;
    found->len = sizeof imported - 1;
    return MST_OK;
}

static void release(void *context, mst_source_text *found)
{
    (void)context;
    found->text = NULL;
}

static void show(mst_compilation *compilation)
{
    mst_image image;
    mst_diagnostic diagnostic = MST_DIAGNOSTIC_INIT;
    size_t count = 0;
    const unsigned char *bytes = mst_compilation_image(compilation, &count);
    if (bytes && mst_image_open(&image, bytes, count, NULL, NULL) == MST_OK)
        printf("%u verdict\n", (unsigned)mst_verdict_count(&image));
    mst_site site = MST_SITE_INIT;
    mst_row_site row = MST_ROW_SITE_INIT;
    mst_outline outline = MST_OUTLINE_INIT;
    if (bytes && mst_site_at(compilation, 0, &site) == MST_OK &&
        mst_row_site_at(compilation, 0, 0, &row) == MST_ERR_NOT_FOUND &&
        mst_outline_at(compilation, 0, &outline) == MST_OK)
        printf("line %u, %s\n", (unsigned)site.place.line, outline.name);
    for (size_t i = 0; mst_diagnostic_at(compilation, i, &diagnostic) == MST_OK; i++)
        printf("%s:%u: %s\n", diagnostic.place.path, (unsigned)diagnostic.place.line,
               diagnostic.code);
}

int main(void)
{
    static const char *const texts[] = {
        "module m version 1.0\nimport other\nfacts os { build: version }\n"
        "policy p \"P\" {\n  pass good  fail bad  unknown open\n"
        "  check c \"C\" { require os.build >= limit }\n}\n",
        "module m version 1.0\nlet x = nothing_of_this_name\n",
    };
    int blocks = 0;
    mst_allocator allocator = MST_ALLOCATOR_INIT;
    mst_loader loader = MST_LOADER_INIT;
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    allocator.resize = resize;
    allocator.context = &blocks;
    loader.load = load;
    loader.release = release;
    options.allocator = &allocator;
    options.loader = &loader;
    options.with_sites = true;
    options.with_outline = true;
    for (int i = 0; i < 2; i++) {
        mst_compilation *compilation = NULL;
        const mst_status status =
            mst_compile(&compilation, "m.muster", texts[i], strlen(texts[i]), &options);
        printf("%s\n", mst_status_text(status));
        show(compilation);
        mst_compilation_free(compilation);
    }
    printf("%d blocks left\n", blocks);
    return 0;
}
