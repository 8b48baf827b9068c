/* SPDX-License-Identifier: Apache-2.0
 *
 * fact_values.h - the facts of a vm taken out, put back, changed; and the values worth trying for
 * each: those that the rules themselves speak of, and their neighbours. Lists and records are left
 * as they are. */
#ifndef MST_AUTHORING_FACT_VALUES_H
#define MST_AUTHORING_FACT_VALUES_H

#include "follow.h"

enum mst_facts_known { MST_FACTS_MISSING, MST_FACTS_KNOWN, MST_FACTS_INVALID };

/* A fact's value. The text is owned; also the spelling of an enum's `other`. */
struct mst_facts_value {
    enum mst_facts_known known;
    int64_t word;
    char *text;
};

/* A fact that the rules read and that can be given by itself. */
struct mst_facts_fact {
    mst_fact_info info;
    uint32_t type_code; /* of its sites */
    uint32_t members;   /* of an enum */
};

struct mst_facts {
    const mst_image *image;
    struct mst_facts_fact *list;
    size_t count;
};

void mst_facts_init(struct mst_facts *facts, const mst_image *image,
                    const struct mst_follow *follow);
void mst_facts_free(struct mst_facts *facts);

/* Marks the facts that are read below a site, through lets and defaults too. */
void mst_facts_below(const struct mst_facts *facts, const struct mst_follow *follow, uint32_t site,
                     bool *is_read);

/* What the vm holds of a fact, to be freed; and the way back, for which `value` must stay. */
struct mst_facts_value mst_facts_take(const struct mst_facts *facts, size_t i, const mst_vm *vm);
void mst_facts_put(const struct mst_facts *facts, size_t i, mst_vm *vm,
                   const struct mst_facts_value *value);
struct mst_facts_value mst_facts_copy(const struct mst_facts_value *value);
void mst_facts_drop(struct mst_facts_value *value);
bool mst_facts_is_equal(const struct mst_facts_value *a, const struct mst_facts_value *b);
/* What follows `given FACT = ` or `given FACT` in a test, to be freed: "26100.9106", "unknown",
 * `raw "..."`. The vm is used to print and keeps its facts. */
char *mst_facts_literal(const struct mst_facts *facts, size_t i, mst_vm *vm,
                        const struct mst_facts_value *value);

/* ---- values worth trying ----------------------------------------------------------------- */

struct mst_facts_pool {
    int64_t *words[MST_TYPE_TIME + 1]; /* by type */
    size_t counts[MST_TYPE_TIME + 1];
    char **texts;
    size_t text_count;
};

/* Values as the rules are written. */
void mst_facts_pool_init(struct mst_facts_pool *pool, const struct mst_follow *follow);
/* Keys of tables, which rules speak of as well: behind all others, so that they push none out.
 * The compilation is made with_outline. */
void mst_facts_pool_add_keys(struct mst_facts_pool *pool, const mst_compilation *compilation);
void mst_facts_pool_free(struct mst_facts_pool *pool);
/* A value that an evaluation came to. */
void mst_facts_pool_add(struct mst_facts_pool *pool, uint32_t type_code, int64_t word);

/* Values for a fact that now has the value `now`, which is not among them: `other` of an enum, and
 * none at all, too. To be freed by mst_facts_drop() each and free(). */
struct mst_facts_value *mst_facts_candidates(const struct mst_facts *facts, size_t i,
                                             const struct mst_facts_pool *pool,
                                             const struct mst_facts_value *now, size_t *count);

#endif
