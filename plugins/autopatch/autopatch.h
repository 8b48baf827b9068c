/* SPDX-License-Identifier: Apache-2.0
 *
 * autopatch.h - what the files of the plugin share. A round reads what Graph says of devices,
 * policies, rings and groups, and then gives each device what follows for it. */
#ifndef MST_AUTOPATCH_H
#define MST_AUTOPATCH_H

#include "graph_batch.h"
#include "graph_client.h"

#define AUTOPATCH_ID_MAX 63
#define AUTOPATCH_PATH_MAX 1000

enum { AUTOPATCH_TIMER_ROUND = GRAPH_TIMER_FREE, AUTOPATCH_TIMER_GIVE };

/* By Entra id. */
struct autopatch_device {
    struct autopatch_device *next, **place;
    char id[AUTOPATCH_ID_MAX + 1];
    size_t number;    /* of its bit */
    uint32_t round;   /* in which it was met last */
    json_t *enrolled; /* "enrollment" as Graph writes it; NULL: it is not enrolled for anything */
    uint64_t digest;  /* of what was given; 0: nothing was */
    int64_t given_s;
};

/* Devices, as bits: an Entra group, or one side of a deployment audience. */
struct autopatch_group {
    char *name;
    uint64_t *bits;
    size_t words;
};

enum autopatch_kind { AUTOPATCH_QUALITY, AUTOPATCH_UPDATE, AUTOPATCH_RING };

/* What applies to some devices. */
struct autopatch_policy {
    enum autopatch_kind kind;
    json_t *facts; /* as a record has it; of a quality update policy: true allows hotpatches */
    bool everyone; /* assigned to all devices */
    size_t *in, *out, in_count, out_count; /* groups it is assigned to, and that it spares */
};

struct autopatch_reach {
    struct autopatch_device *first; /* all */
    void *tree;
    size_t device_count; /* that ever were: the next one's number */
    struct autopatch_group *groups;
    size_t group_count;
    struct autopatch_policy *policies;
    size_t policy_count;
    bool unresolved; /* a quality update policy reaches devices in a way that is not understood */
};

struct mst_source {
    const mst_source_host *host;
    struct graph_client *client;
    struct graph_batch batch;
    struct autopatch_reach reach;
    bool reads_quality, reads_update, reads_rings;
    json_t *tenant_default; /* NULL: nobody said */
    char *catalogue_file;   /* NULL: it is not asked for */
    double interval_s, refresh_s;

    uint32_t round;
    int phase;
    size_t open;  /* requests of the phase */
    size_t asked; /* requests of the round */
    int64_t read_s;
    char *failure;               /* NULL: the round goes well */
    struct autopatch_device *at; /* given next */
    size_t given, gone;
};

/* autopatch_reach.c. NULL or false: out of memory, or an id that is too long. */
struct autopatch_device *autopatch_device_find(struct autopatch_reach *reach, const char *id);
void autopatch_device_remove(struct autopatch_reach *reach, struct autopatch_device *device);
bool autopatch_group_find(struct autopatch_reach *reach, const char *name, size_t *group);
bool autopatch_group_add(struct autopatch_group *group, const struct autopatch_device *device);
struct autopatch_policy *autopatch_policy_add(struct autopatch_reach *reach,
                                              enum autopatch_kind kind, json_t *facts);
bool autopatch_assign(struct autopatch_reach *reach, struct autopatch_policy *policy,
                      const char *group, bool spares);
bool autopatch_applies(const struct autopatch_reach *reach, const struct autopatch_policy *policy,
                       const struct autopatch_device *device);
/* Forgets policies and groups, not devices. */
void autopatch_reach_clear(struct autopatch_reach *reach);

/* autopatch_read.c: what Graph writes. False: something was left out for want of memory. */
bool autopatch_take_asset(struct mst_source *source, const json_t *asset);
bool autopatch_take_quality(struct mst_source *source, const json_t *policy);
bool autopatch_take_update(struct mst_source *source, const json_t *policy);
bool autopatch_take_ring(struct mst_source *source, const json_t *ring);
/* The member, if it is a device; else NULL. */
struct autopatch_device *autopatch_take_member(struct mst_source *source, const json_t *member);

/* autopatch_round.c */
void autopatch_start(struct mst_source *source, const char *cursor, size_t len);
void autopatch_answer(void *context, void *item, const struct graph_answer *answer);
void autopatch_drop(void *context, void *item);
void autopatch_resume(struct mst_source *source);

/* autopatch_give.c: the next devices; again from the loop until all have been given. */
void autopatch_give(struct mst_source *source);
void autopatch_finish(struct mst_source *source); /* called by it at the end: autopatch_round.c */

#endif
