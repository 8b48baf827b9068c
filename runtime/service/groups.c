/* SPDX-License-Identifier: Apache-2.0
 *
 * groups.c - the tree of the groups' paths, and records composed of groups. */
#include "groups.h"

#include <stdlib.h>

#include "groups_parts.h"

#define NONE MST_GROUPS_NONE

/* ---- the tree ---------------------------------------------------------------------------- */

static uint32_t add_node(mst_groups *groups, uint32_t parent, mst_text label)
{
    uint32_t number = groups->node_count++;
    groups->nodes = mst_grown_resize(groups->nodes, groups->node_count * sizeof *groups->nodes);
    struct mst_group_node *node = &groups->nodes[number];
    *node = (struct mst_group_node){label, parent, NONE, NONE, NONE, false};
    if (parent != NONE) {
        node->next_sibling = groups->nodes[parent].first_child;
        groups->nodes[parent].first_child = number;
    }
    return number;
}

static uint32_t node_of_path(mst_groups *groups, mst_text path)
{
    uint32_t node = 0;
    for (size_t at = 0; at < path.len;) {
        size_t len = mst_groups_part_len(path.ptr + at, path.len - at);
        uint32_t child = mst_groups_child(groups, node, path.ptr + at, len);
        if (child == NONE)
            child = add_node(groups, node, (mst_text){path.ptr + at, (uint32_t)len});
        node = child;
        at += len + 1;
    }
    return node;
}

static uint32_t depth_of(mst_text path)
{
    uint32_t depth = path.len > 0;
    for (uint32_t i = 0; i < path.len; i++)
        depth += path.ptr[i] == '.';
    return depth;
}

static bool has_path(const mst_groups *groups, mst_text path)
{
    for (uint32_t i = 0; i < groups->path_count; i++)
        if (mst_groups_is_text(groups->paths[i].path, path.ptr, path.len))
            return true;
    return false;
}

/* In the order of their depth, so that a group comes before those inside of it. */
static bool collect_paths(mst_groups *groups)
{
    for (uint32_t depth = 0, left = groups->group_count; left > 0; depth++) {
        for (uint32_t g = 0; g < groups->group_count; g++) {
            mst_group_info info = MST_GROUP_INFO_INIT;
            (void)mst_group_info_at(groups->image, g, &info);
            if (depth_of(info.path) != depth)
                continue;
            left--;
            if (has_path(groups, info.path))
                continue;
            if (groups->path_count == MST_GROUPS_MAX)
                return false;
            groups->paths[groups->path_count++] =
                (struct mst_group_path){.path = info.path, .depth = depth};
        }
    }
    return true;
}

static void connect_paths(mst_groups *groups)
{
    for (uint32_t i = 0; i < groups->path_count; i++) {
        struct mst_group_path *path = &groups->paths[i];
        path->node = node_of_path(groups, path->path);
        groups->nodes[path->node].path = i;
    }
    for (uint32_t i = 0; i < groups->path_count; i++) {
        struct mst_group_path *path = &groups->paths[i];
        const struct mst_group_node *node = &groups->nodes[path->node];
        uint32_t above = mst_groups_path_above(groups, path->node);
        path->is_nested = above != NONE && groups->paths[above].path.len > 0;
        path->is_walked = node->first_child != NONE || path->node == 0;
    }
    for (uint32_t g = 0; g < groups->group_count; g++) {
        mst_group_info info = MST_GROUP_INFO_INIT;
        (void)mst_group_info_at(groups->image, g, &info);
        const uint32_t node = node_of_path(groups, info.path); /* the nodes may move */
        groups->path_of_group[g] = groups->nodes[node].path;
    }
}

/* Marks what rules read of the record's own members, which has no node else. */
static void mark_root_facts(mst_groups *groups)
{
    uint32_t count = mst_fact_count(groups->image);
    for (uint32_t i = 0; i < count; i++) {
        mst_fact_info info = MST_FACT_INFO_INIT;
        (void)mst_fact_info_at(groups->image, i, &info);
        if (info.parent != MST_INDEX_NONE || info.group >= groups->group_count ||
            groups->paths[groups->path_of_group[info.group]].path.len > 0)
            continue;
        mst_text label = {info.path.ptr,
                          (uint32_t)mst_groups_part_len(info.path.ptr, info.path.len)};
        const uint32_t node = node_of_path(groups, label); /* the nodes may move */
        groups->nodes[node].is_read = true;
    }
}

static void find_subject(mst_groups *groups)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    if (mst_fact_info_at(groups->image, mst_image_subject(groups->image), &info) != MST_OK)
        return;
    groups->subject_path = groups->path_of_group[info.group];
    groups->subject_key = info.path;
    mst_text above = groups->paths[groups->subject_path].path;
    if (above.len > 0) {
        groups->subject_key.ptr += above.len + 1;
        groups->subject_key.len -= above.len + 1;
    }
    groups->paths[groups->subject_path].is_walked = true;
}

bool mst_groups_init(mst_groups *groups, const mst_image *image)
{
    memset(groups, 0, sizeof *groups);
    groups->image = image;
    groups->group_count = mst_group_count(image);
    groups->path_of_group = mst_grown_zeroed(groups->group_count, sizeof *groups->path_of_group);
    groups->subject_path = NONE;
    groups->known = mst_grown_zeroed(MST_GROUPS_KNOWN, sizeof *groups->known);
    add_node(groups, NONE, (mst_text){"", 0});
    if (!collect_paths(groups))
        return false;
    connect_paths(groups);
    mark_root_facts(groups);
    find_subject(groups);
    return true;
}

void mst_groups_free(mst_groups *groups)
{
    free(groups->nodes);
    free(groups->path_of_group);
    free(groups->known);
    memset(groups, 0, sizeof *groups);
}

void mst_record_groups_init(mst_record_groups *record)
{
    memset(record, 0, sizeof *record);
    record->block = mst_grown_resize(NULL, (size_t)MST_GROUPS_MAX * MST_STATE_GROUP_MAX_BYTES);
    for (uint32_t i = 0; i < MST_GROUPS_MAX; i++) {
        record->text[i] = record->block + (size_t)i * MST_STATE_GROUP_MAX_BYTES + 1;
        record->text[i][-1] = '{';
    }
}

void mst_record_groups_free(mst_record_groups *record)
{
    free(record->block);
    memset(record, 0, sizeof *record);
}

/* ---- composing --------------------------------------------------------------------------- */

static void add_separator(struct mst_grown *out)
{
    if (out->ptr[out->len - 1] != '{')
        mst_grown_puts(out, ",");
}

static void add_path_key(const struct mst_group_path *path, struct mst_grown *out)
{
    add_separator(out);
    mst_grown_json(out, path->path.ptr, path->path.len);
    mst_grown_puts(out, ":");
}

static void add_group(const struct mst_group_path *path, mst_text text, struct mst_grown *out)
{
    if (path->path.len == 0) {
        if (text.len > 0)
            add_separator(out);
        mst_grown_add(out, text.ptr, text.len);
        return;
    }
    if (path->is_nested) {
        add_path_key(path, out);
        mst_grown_puts(out, "null");
    }
    add_path_key(path, out);
    mst_grown_puts(out, "{");
    mst_grown_add(out, text.ptr, text.len);
    mst_grown_puts(out, "}");
}

void mst_groups_compose(const mst_groups *groups, mst_text subject,
                        const mst_text texts[MST_GROUPS_MAX], struct mst_grown *out)
{
    mst_text above = groups->paths[groups->subject_path].path;
    mst_grown_puts(out, "{");
    for (uint32_t i = 0; i < groups->path_count; i++)
        if (texts[i].ptr)
            add_group(&groups->paths[i], texts[i], out);
    /* Last, so that no null of a group undoes it. */
    add_separator(out);
    mst_grown_puts(out, "\"");
    mst_grown_add(out, above.ptr, above.len);
    if (above.len > 0)
        mst_grown_puts(out, ".");
    mst_grown_add(out, groups->subject_key.ptr, groups->subject_key.len);
    mst_grown_puts(out, "\":");
    mst_grown_json(out, subject.ptr, subject.len);
    mst_grown_puts(out, "}");
}
