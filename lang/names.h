/* SPDX-License-Identifier: Apache-2.0
 *
 * names.h - declaring the names of modules and finding what a name means. */
#ifndef MST_LANG_NAMES_H
#define MST_LANG_NAMES_H

#include "program.h"

/* Adds a name. Returns the same name as it stood first, or NULL if it is new; reports one that
 * differs from it only in case. A name that could not be read (NULL) is passed over. `place` is
 * what has the names: "policy". */
const struct mst_name *mst_name_set_note(struct mst_program *program, struct mst_name_set *set,
                                         struct mst_name name, const char *place);
/* The same, and reports a name that stands twice: then it is false. */
bool mst_name_set_add(struct mst_program *program, struct mst_name_set *set, struct mst_name name,
                      const char *place);

/* Fills the scopes of a unit from its items, reporting names that stand twice. */
void mst_names_declare(struct mst_program *program, struct mst_unit *unit);

/* Tells each `import … as x` which unit x is; after all units are declared. */
void mst_names_link_imports(struct mst_program *program);

enum mst_space { MST_SPACE_TYPES, MST_SPACE_FUNCTIONS, MST_SPACE_VALUES };

/* What `name` means in `unit`: its own symbol, else an imported one, else NULL. Reports a name
 * that two imports have, and marks what it finds as used. */
struct mst_symbol *mst_names_find(struct mst_program *program, struct mst_unit *unit,
                                  enum mst_space space, struct mst_name name);
/* In the module that `alias` names; reports where there is none. */
struct mst_symbol *mst_names_find_in(struct mst_program *program, struct mst_symbol *alias,
                                     enum mst_space space, struct mst_name name);

/* The name nearest to `wrong` that is visible in the unit, for "did you mean"; or NULL. */
const char *mst_names_suggest(struct mst_program *program, struct mst_unit *unit,
                              enum mst_space space, const char *wrong);

#endif
