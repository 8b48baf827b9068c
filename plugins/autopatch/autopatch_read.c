/* SPDX-License-Identifier: Apache-2.0
 *
 * autopatch_read.c - resources of Graph as it writes them, in the spellings of its metadata and in
 * those of its documents. */
#include <stdio.h>
#include <string.h>

#include "autopatch.h"

#define NAME_BYTES 200

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* Types are written with and without '#'. */
static bool is_type(const json_t *object, const char *type)
{
    const char *written = text_of(object, "@odata.type");
    return strcmp(written + (written[0] == '#'), type) == 0;
}

static struct autopatch_device *find(struct mst_source *source, const char *id)
{
    struct autopatch_device *device = autopatch_device_find(&source->reach, id);
    if (device && device->round != source->round) {
        device->round = source->round;
        json_decref(device->enrolled);
        device->enrolled = NULL;
    }
    return device;
}

/* Metadata has an object of update categories, older documents a list of those enrolled. */
static json_t *read_enrollment(const json_t *asset)
{
    const json_t *list = json_object_get(asset, "enrollments");
    json_t *now = json_object_get(asset, "enrollment");
    if (json_is_object(now))
        return json_incref(now);
    if (!json_is_array(list))
        return NULL;
    json_t *made = json_object();
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *category = text_of(one, "updateCategory");
        if (category[0])
            json_object_set_new(made, category, json_pack("{s:s}", "enrollmentState", "enrolled"));
    }
    return made;
}

bool autopatch_take_asset(struct mst_source *source, const json_t *asset)
{
    if (is_type(asset, "microsoft.graph.windowsUpdates.updatableAssetGroup"))
        return true;
    struct autopatch_device *device = find(source, text_of(asset, "id"));
    if (!device)
        return false;
    json_decref(device->enrolled); /* two pages may have it */
    device->enrolled = read_enrollment(asset);
    return true;
}

struct autopatch_device *autopatch_take_member(struct mst_source *source, const json_t *member)
{
    const char *id = text_of(member, "deviceId"); /* of a group: its own id is another one */
    return find(source, id[0] ? id : text_of(member, "id"));
}

/* Whether the target of an assignment was understood, and the policy has it. */
static bool take_target(struct mst_source *source, struct autopatch_policy *policy,
                        const json_t *target)
{
    const char *filter = text_of(target, "deviceAndAppManagementAssignmentFilterType");
    const char *group = text_of(target, "groupId");
    bool spares = is_type(target, "microsoft.graph.exclusionGroupAssignmentTarget");
    if (filter[0] && strcmp(filter, "none") != 0)
        return false;
    if (is_type(target, "microsoft.graph.allDevicesAssignmentTarget"))
        return policy->everyone = true;
    if (!spares && !is_type(target, "microsoft.graph.groupAssignmentTarget"))
        return false;
    return group[0] && autopatch_assign(&source->reach, policy, group, spares);
}

static json_t *bool_of(const json_t *value)
{
    const char *text = json_string_value(value);
    if (json_is_boolean(value))
        return json_boolean(json_is_true(value));
    if (text && (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0))
        return json_boolean(strcasecmp(text, "true") == 0);
    return NULL;
}

bool autopatch_take_quality(struct mst_source *source, const json_t *found)
{
    json_t *allows = bool_of(json_object_get(found, "hotpatchEnabled"));
    const json_t *assignments = json_object_get(found, "assignments");
    size_t i;
    const json_t *one;
    if (!allows || !json_is_array(assignments)) {
        json_decref(allows);
        source->reach.unresolved = true;
        return true;
    }
    struct autopatch_policy *policy =
        autopatch_policy_add(&source->reach, AUTOPATCH_QUALITY, allows);
    if (!policy)
        return false;
    json_array_foreach(assignments, i, one)
    {
        if (!take_target(source, policy, json_object_get(one, "target")))
            source->reach.unresolved = true;
    }
    return true;
}

bool autopatch_take_update(struct mst_source *source, const json_t *found)
{
    const json_t *settings = json_object_get(found, "deploymentSettings");
    json_t *experience = json_object_get(settings, "userExperience");
    const char *audience = text_of(json_object_get(found, "audience"), "id");
    char name[NAME_BYTES];
    if (!json_is_object(experience) || !audience[0] || strlen(audience) > 100)
        return true;
    struct autopatch_policy *policy = autopatch_policy_add(
        &source->reach, AUTOPATCH_UPDATE,
        json_pack("{s:{s:O}}", "deploymentSettings", "userExperience", experience));
    if (!policy)
        return false;
    snprintf(name, sizeof name, "audience/%s/members", audience);
    bool good = autopatch_assign(&source->reach, policy, name, false);
    snprintf(name, sizeof name, "audience/%s/exclusions", audience);
    return autopatch_assign(&source->reach, policy, name, true) && good;
}

static bool take_groups(struct mst_source *source, struct autopatch_policy *policy,
                        const json_t *ring, const char *which, bool spares)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(json_object_get(ring, which), "assignments"), i, one)
    {
        const char *group = text_of(one, "groupId");
        if (group[0] && !autopatch_assign(&source->reach, policy, group, spares))
            return false;
    }
    return true;
}

bool autopatch_take_ring(struct mst_source *source, const json_t *ring)
{
    static const char *const names[] = {"displayName", "isHotpatchEnabled", "isPaused",
                                        "deferralInDays"};
    json_t *facts = json_object();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *value = json_object_get(ring, names[i]);
        if (value)
            json_object_set(facts, names[i], value);
    }
    struct autopatch_policy *policy = autopatch_policy_add(&source->reach, AUTOPATCH_RING, facts);
    return policy && take_groups(source, policy, ring, "includedGroupAssignment", false) &&
           take_groups(source, policy, ring, "excludedGroupAssignment", true);
}
