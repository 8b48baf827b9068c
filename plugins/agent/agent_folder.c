/* SPDX-License-Identifier: Apache-2.0
 *
 * agent_folder.c - files that others put here by renaming them, and may replace at any time. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define PATH_BYTES 4096

static bool fail(char why[AGENT_WHY_BYTES], const char *what)
{
    snprintf(why, AGENT_WHY_BYTES, "%s: %s", what, strerror(errno));
    return false;
}

static bool has_end(const char *name, const char *end)
{
    const size_t len = strlen(name), end_len = strlen(end);
    return len > end_len && strcmp(name + len - end_len, end) == 0;
}

bool agent_folder_is_report(const char *name)
{
    return name[0] != '.' && strlen(name) < sizeof((struct agent_file *)0)->name &&
           (has_end(name, ".json") || has_end(name, ".txt"));
}

static char *read_all(int fd, size_t *len)
{
    char *bytes = malloc(AGENT_REPORT_MAX_BYTES + 1);
    *len = 0;
    for (ssize_t count = 1; bytes && count > 0 && *len <= AGENT_REPORT_MAX_BYTES;) {
        count = read(fd, bytes + *len, AGENT_REPORT_MAX_BYTES + 1 - *len);
        if (count < 0 && errno != EINTR) {
            free(bytes);
            return NULL;
        }
        *len += count > 0 ? (size_t)count : 0;
    }
    return bytes;
}

char *agent_folder_read(const char *folder, const char *name, struct agent_file *file, size_t *len,
                        char why[AGENT_WHY_BYTES])
{
    char path[PATH_BYTES];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    /* A link or a pipe could make us read something else, or wait. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0) {
        (void)fail(why, "it cannot be opened");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    char *bytes = NULL;
    if (!S_ISREG(info.st_mode))
        snprintf(why, AGENT_WHY_BYTES, "it is no file");
    else if (!(bytes = read_all(fd, len)))
        (void)fail(why, "it cannot be read");
    close(fd);
    if (bytes && *len > AGENT_REPORT_MAX_BYTES) {
        snprintf(why, AGENT_WHY_BYTES, "it has more than 1 MiB");
        free(bytes);
        bytes = NULL;
    }
    snprintf(file->name, sizeof file->name, "%s", name);
    file->inode = info.st_ino;
    file->changed = info.st_mtim;
    return bytes;
}

static bool is_same(const struct agent_file *file, const struct stat *info)
{
    return info->st_ino == file->inode && info->st_mtim.tv_sec == file->changed.tv_sec &&
           info->st_mtim.tv_nsec == file->changed.tv_nsec;
}

/* First out of the way, then looked at: so no report that comes meanwhile is lost. */
bool agent_folder_remove(const char *folder, const struct agent_file *file,
                         char why[AGENT_WHY_BYTES])
{
    char path[PATH_BYTES], aside[PATH_BYTES];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", folder, file->name);
    snprintf(aside, sizeof aside, "%s/.done-%ju", folder, (uintmax_t)file->inode);
    if (rename(path, aside) != 0)
        return errno == ENOENT || fail(why, "it cannot be taken away");
    if (stat(aside, &info) == 0 && !is_same(file, &info) &&
        renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return true;
    return unlink(aside) == 0 || fail(why, "it cannot be deleted");
}

bool agent_folder_move(const char *folder, const char *name, const char *aside,
                       char why[AGENT_WHY_BYTES])
{
    char from[PATH_BYTES], to[PATH_BYTES];
    snprintf(from, sizeof from, "%s/%s", folder, name);
    snprintf(to, sizeof to, "%s/%s", aside, name);
    if (mkdir(aside, 0700) != 0 && errno != EEXIST)
        return fail(why, "the folder for bad reports cannot be made");
    return rename(from, to) == 0 || errno == ENOENT || fail(why, "it cannot be moved aside");
}
