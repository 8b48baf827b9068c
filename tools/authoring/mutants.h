/* SPDX-License-Identifier: Apache-2.0
 *
 * mutants.h - the parts of mutation: changes to try (mutants.c), modules that run (machine.c), and
 * tests that would notice (killer.c). */
#ifndef MST_AUTHORING_MUTANTS_H
#define MST_AUTHORING_MUTANTS_H

#include "fact_values.h"
#include "follow.h"
#include "muster/testing.h"

/* Adds the changes of what is followed, and of the tables of the compilation; each once. */
void mst_mutants_add(mst_author_mutation *mutation, const mst_author_root *root,
                     const mst_compilation *compilation, const mst_image *image,
                     const struct mst_follow *follow);

/* Sets `was`, `becomes` and `item` of a change of this source. */
void mst_mutant_tell(mst_author_mutant *mutant, const mst_author_source *source);
/* What the page says of a change; NULL: nothing. */
mst_explained_change *mst_explained_find(const mst_explained_changes *changes,
                                         const mst_author_mutant *mutant);

/* ---- tables ------------------------------------------------------------------------------ */

#define MST_MAX_CELLS 64

/* A piece of a text. */
struct mst_piece {
    uint32_t at, len;
};

/* The cells of a row in braces or of a CSV file; 0 where a cell is quoted. */
uint32_t mst_row_split(mst_text row, struct mst_piece cells[MST_MAX_CELLS]);

/* Which cells of a table's rows, in the order in which they are written, any code depends on. Made
 * with sites and outline. 0: it cannot be told. */
uint32_t mst_columns_find(const mst_compilation *compilation, const struct mst_follow *follow,
                          const mst_author_sources *sources, uint32_t table,
                          bool is_used[MST_MAX_CELLS]);

/* ---- machines ---------------------------------------------------------------------------- */

/* A root that runs, as it is or changed. */
struct mst_machine {
    mst_compilation *compilation;
    mst_image image;
    mst_vm *vm;
    void *block;
};

/* Compiles a root: with `changed` in the place of one source (may be NULL), with `added` behind its
 * text (may be NULL). MST_OK, or what went wrong and nothing to close. */
mst_status mst_machine_open(struct mst_machine *machine, const mst_author_root *root,
                            const mst_author_source *changed, const char *added, bool with_sites);
void mst_machine_close(struct mst_machine *machine);
/* How many expectations of its tests do not hold. */
size_t mst_machine_failures(struct mst_machine *machine);

/* ---- killers ----------------------------------------------------------------------------- */

/* The facts and instant of one test. */
struct mst_seed {
    int64_t at;
    struct mst_facts_value *values; /* by fact of mst_facts */
};

/* A root as it is, and what its tests give. */
struct mst_killer {
    const mst_author_root *root;
    struct mst_machine base;
    struct mst_follow follow;
    struct mst_facts facts;
    struct mst_facts_pool pool;
    struct mst_seed *seeds;
    size_t seed_count;
    size_t failures; /* of its tests as they are */
};

mst_status mst_killer_init(struct mst_killer *killer, const mst_author_root *root);
void mst_killer_free(struct mst_killer *killer);
/* The text of a test that passes, and fails with `changed`, which the machine is made of; to be
 * freed. NULL if none was found. */
char *mst_killer_find(const struct mst_killer *killer, struct mst_machine *machine,
                      const mst_author_mutant *mutant, const mst_author_source *changed);

#endif
