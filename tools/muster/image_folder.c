/* SPDX-License-Identifier: Apache-2.0
 *
 * image_folder.c - the order is that of the service: an image is newer where it may follow. */
#include "image_folder.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "module_name.h"
#include "tool.h"
#include "trust/trust.h"

struct candidate {
    unsigned char *bytes;
    size_t byte_count;
    mst_trust_stand stand;
};

/* Paths of the images in the folder itself. */
static void list_images(const char *folder, struct mst_tool_seen *found)
{
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        if (entry->d_name[0] != '.' && mst_tool_name_ends(entry->d_name, "musterc"))
            mst_tool_see(found, mst_tool_format("%s/%s", folder, entry->d_name));
    if (listing)
        (void)closedir(listing);
}

bool mst_tool_is_image_folder(const char *name)
{
    struct mst_tool_seen images = {NULL, 0};
    char **rules = NULL;
    size_t rule_count = 0;
    if (!mst_tool_is_folder(name))
        return false;
    list_images(name, &images);
    const bool is_one = images.count > 0 &&
                        mst_tool_list_rules(name, &rules, &rule_count) == MST_TOOL_GOOD &&
                        rule_count == 0;
    mst_tool_free_list(rules, rule_count);
    mst_tool_seen_free(&images);
    return is_one;
}

static void copy_text(char *to, mst_text text)
{
    const size_t len = text.len < MST_TRUST_MODULE_BYTES ? text.len : MST_TRUST_MODULE_BYTES - 1;
    memcpy(to, text.ptr, len);
    to[len] = '\0';
}

static void read_stand(const mst_image *image, mst_trust_stand *stand)
{
    const unsigned char *predecessor = mst_image_predecessor(image);
    memset(stand, 0, sizeof *stand);
    copy_text(stand->module, mst_image_module(image));
    copy_text(stand->version, mst_image_version(image));
    memcpy(stand->digest, mst_image_digest(image), sizeof stand->digest);
    stand->has_predecessor = predecessor != NULL;
    if (predecessor)
        memcpy(stand->predecessor, predecessor, sizeof stand->predecessor);
}

static bool open_candidate(const char *path, struct candidate *candidate)
{
    mst_image image;
    *candidate = (struct candidate){.bytes = NULL};
    if (mst_tool_read_file(path, &candidate->bytes, &candidate->byte_count) != MST_TOOL_GOOD)
        return false;
    if (mst_tool_open_image(&image, path, candidate->bytes, candidate->byte_count, false) !=
        MST_TOOL_GOOD) {
        free(candidate->bytes);
        return false;
    }
    read_stand(&image, &candidate->stand);
    return true;
}

int mst_tool_newest_image(const char *folder, struct mst_tool_seen *seen, unsigned char **bytes,
                          size_t *byte_count)
{
    struct candidate newest = {.bytes = NULL}, other;
    bool is_one_module = true;
    list_images(folder, seen);
    for (size_t i = 0; i < seen->count; i++) {
        if (!open_candidate(seen->paths[i], &other))
            continue;
        const mst_trust_order order =
            newest.bytes ? mst_trust_compare(&newest.stand, &other.stand) : MST_TRUST_FOLLOWS;
        is_one_module = is_one_module && order != MST_TRUST_OTHER_MODULE;
        free(order == MST_TRUST_FOLLOWS ? newest.bytes : other.bytes);
        if (order == MST_TRUST_FOLLOWS)
            newest = other;
    }
    if (newest.bytes && is_one_module) {
        *bytes = newest.bytes;
        *byte_count = newest.byte_count;
        return MST_TOOL_GOOD;
    }
    free(newest.bytes);
    if (is_one_module)
        mst_tool_say("no image in '%s' can be used", folder);
    else
        mst_tool_say("'%s' has images of several modules; it may have versions of one", folder);
    return MST_TOOL_WANTING;
}
