/* SPDX-License-Identifier: Apache-2.0
 *
 * sources.h - what the library itself does with sources beyond testing.h. */
#ifndef MST_AUTHORING_SOURCES_H
#define MST_AUTHORING_SOURCES_H

#include "muster/testing.h"

/* Gives `changed`, borrowed, in the place of the source with its path from now on; NULL ends it. */
void mst_author_sources_change(mst_author_sources *sources, const mst_author_source *changed);

#endif
