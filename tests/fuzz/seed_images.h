/* SPDX-License-Identifier: Apache-2.0
 *
 * seed_images.h - images to begin with, compiled when a fuzz target starts, so that none lies in
 * the tree and grows old: the hand cases of the reference evaluator, the rules beside this file,
 * those of the image that is kept for ever, and the rules for Windows hotpatches. */
#ifndef MST_TESTS_FUZZ_SEED_IMAGES_H
#define MST_TESTS_FUZZ_SEED_IMAGES_H

#include <dirent.h>
#include <limits.h>

#include "exercise.h"
#include "muster/lang.h"

#define MAX_SEEDS 256

struct seed_images {
    struct seed_image {
        unsigned char *bytes;
        size_t size;
    } list[MAX_SEEDS];
    uint32_t count, own; /* own: those of the rules beside this file, which come first */
};

static inline char *read_whole(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    size_t room = 1u << 20;
    char *text = malloc(room);
    FUZZ_EXPECT(text);
    *len = fread(text, 1, room, file);
    FUZZ_EXPECT(*len < room);
    (void)fclose(file);
    return text;
}

static inline void keep_seed(struct seed_images *seeds, const mst_compilation *compilation)
{
    struct seed_image *seed = &seeds->list[seeds->count++];
    const unsigned char *bytes = mst_compilation_image(compilation, &seed->size);
    seed->bytes = malloc(seed->size);
    FUZZ_EXPECT(seed->bytes);
    memcpy(seed->bytes, bytes, seed->size);
}

/* The image of a rule file; files that are made to be refused, or to need what is not built, are
 * passed over. */
static inline void add_seed(struct seed_images *seeds, const char *path, const char *folder)
{
    size_t len = 0;
    char *text = read_whole(path, &len);
    if (!text || seeds->count == MAX_SEEDS) {
        free(text);
        return;
    }
    mst_compilation *compilation = NULL;
    mst_loader *loader = mst_file_loader(&folder, 1);
    mst_compile_options options = MST_COMPILE_OPTIONS_INIT;
    options.loader = loader;
    options.with_tests = options.with_source = true;
    if (mst_compile(&compilation, path, text, len, &options) == MST_OK)
        keep_seed(seeds, compilation);
    mst_compilation_free(compilation);
    mst_file_loader_free(loader);
    free(text);
}

static inline int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The rule files of a folder, whose imports are found below `root`. */
static inline void add_seed_folder(struct seed_images *seeds, const char *folder, const char *root)
{
    struct dirent **entries = NULL;
    const int count = scandir(folder, &entries, NULL, compare_names);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        const char *name = entries[i]->d_name;
        const size_t len = strlen(name);
        if (len > 7 && strcmp(name + len - 7, ".muster") == 0 &&
            snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path)
            add_seed(seeds, path, root);
        free(entries[i]);
    }
    free(entries);
}

/* All of them, compiled once; they are kept until the program ends. */
static inline const struct seed_images *seed_images(void)
{
    static struct seed_images seeds;
    if (seeds.count > 0)
        return &seeds;
    add_seed_folder(&seeds, MST_SOURCE_DIR "/tests/fuzz/rules", MST_SOURCE_DIR "/tests/fuzz/rules");
    seeds.own = seeds.count;
    FUZZ_EXPECT(seeds.own > 0);
    add_seed_folder(&seeds, MST_SOURCE_DIR "/tests/golden/image",
                    MST_SOURCE_DIR "/tests/golden/image");
    add_seed_folder(&seeds, MST_SOURCE_DIR "/tests/oracle/cases",
                    MST_SOURCE_DIR "/tests/oracle/cases");
    add_seed(&seeds, MST_SOURCE_DIR "/stdlib-rules/windows/hotpatch.muster",
             MST_SOURCE_DIR "/stdlib-rules");
    return &seeds;
}

#endif
