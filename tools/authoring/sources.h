/* SPDX-License-Identifier: Apache-2.0
 *
 * sources.h - what the library itself does with sources beyond testing.h. */
#ifndef MST_AUTHORING_SOURCES_H
#define MST_AUTHORING_SOURCES_H

#include "muster/testing.h"

/* A loader of what some sources have read, with one of them changed. It reads no more, so that
 * threads may share the sources. */
struct mst_changed_sources {
    mst_loader loader;
    const mst_author_sources *sources;
    const mst_author_source *changed; /* in the place of the one with its path; or NULL */
};

/* All is borrowed; `with` must stay where it is. */
void mst_changed_sources_init(struct mst_changed_sources *with, const mst_author_sources *sources,
                              const mst_author_source *changed);

#endif
