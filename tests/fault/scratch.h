/* SPDX-License-Identifier: Apache-2.0
 *
 * scratch.h - an empty folder of its own for a test, and its end. */
#ifndef MST_FAULT_SCRATCH_H
#define MST_FAULT_SCRATCH_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRATCH_BYTES 64

static inline bool scratch_make(char folder[SCRATCH_BYTES])
{
    snprintf(folder, SCRATCH_BYTES, "/tmp/muster-test-XXXXXX");
    return mkdtemp(folder) != NULL;
}

/* Files only: no test here makes folders. */
static inline bool scratch_remove(const char *folder)
{
    DIR *stream = opendir(folder);
    char path[SCRATCH_BYTES + 300];
    if (!stream)
        return false;
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(stream);
    return rmdir(folder) == 0;
}

#endif
