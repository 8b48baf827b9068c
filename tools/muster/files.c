/* SPDX-License-Identifier: Apache-2.0
 *
 * files.c - whole files in and out, and the rule files of a folder. */
#define _XOPEN_SOURCE 700 /* realpath() */

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define DEEPEST_FOLDER 32

int mst_tool_open(const char *path)
{
    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(fd);
        fd = -1;
        errno = EISDIR;
    }
    if (fd < 0)
        mst_tool_failed("cannot open '%s': %s", path, strerror(errno));
    return fd;
}

bool mst_tool_try_again(int fd, short events)
{
    const int reason = errno;
    struct pollfd file = {.fd = fd, .events = events};
    if (reason == EAGAIN)
        (void)poll(&file, 1, -1);
    errno = reason;
    return reason == EAGAIN || reason == EINTR;
}

static int read_all(int fd, const char *path, unsigned char **bytes, size_t *byte_count)
{
    size_t capacity = 65536, len = 0;
    unsigned char *text = mst_tool_resize(NULL, capacity + 1);
    for (;;) {
        ssize_t got = read(fd, text + len, capacity - len);
        if (got < 0 && mst_tool_try_again(fd, POLLIN))
            continue;
        if (got < 0 || len > MST_TOOL_FILE_MAX_BYTES) {
            free(text);
            return got < 0 ? mst_tool_failed("cannot read '%s': %s", path, strerror(errno))
                           : mst_tool_failed("'%s' is larger than 64 MiB", path);
        }
        if (got == 0)
            break;
        len += (size_t)got;
        if (len == capacity) {
            capacity *= 2;
            text = mst_tool_resize(text, capacity + 1);
        }
    }
    text[len] = '\0';
    *bytes = text;
    *byte_count = len;
    return MST_TOOL_GOOD;
}

int mst_tool_read_file(const char *path, unsigned char **bytes, size_t *byte_count)
{
    int fd = mst_tool_open(path);
    if (fd < 0)
        return MST_TOOL_FAILED;
    int code = read_all(fd, path, bytes, byte_count);
    if (fd != STDIN_FILENO)
        close(fd);
    return code;
}

/* ---- writing ----------------------------------------------------------------------------- */

static bool write_all(int fd, const unsigned char *bytes, size_t byte_count)
{
    while (byte_count > 0) {
        ssize_t written = write(fd, bytes, byte_count);
        if (written < 0 && mst_tool_try_again(fd, POLLOUT))
            continue;
        if (written < 0)
            return false;
        bytes += written;
        byte_count -= (size_t)written;
    }
    return true;
}

/* mkstemp() makes files that only their owner can read; a new one is as readable as any other. */
static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static bool fill_file(int fd, mode_t mode, const unsigned char *bytes, size_t byte_count)
{
    bool is_written = write_all(fd, bytes, byte_count) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
    int reason = errno;
    bool is_closed = close(fd) == 0;
    if (!is_written)
        errno = reason;
    return is_written && is_closed;
}

static bool replace_file(const char *path, mode_t mode, const unsigned char *bytes,
                         size_t byte_count)
{
    char *temporary = mst_tool_format("%s.XXXXXX", path);
    int fd = mkstemp(temporary);
    bool is_good =
        fd >= 0 && fill_file(fd, mode, bytes, byte_count) && rename(temporary, path) == 0;
    int reason = errno;
    if (fd >= 0 && !is_good)
        unlink(temporary);
    free(temporary);
    errno = reason;
    return is_good;
}

/* A device or a pipe is written to, not replaced. */
static bool write_special(const char *path, const unsigned char *bytes, size_t byte_count)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_written = write_all(fd, bytes, byte_count);
    return close(fd) == 0 && is_written;
}

/* What is behind a link is replaced, not the link, and who may read it stays as it was. */
static bool write_regular(const char *path, const struct stat *before, const unsigned char *bytes,
                          size_t byte_count)
{
    char *whole = before ? mst_tool_whole_path(path) : NULL;
    mode_t mode = before ? before->st_mode & 0777 : usual_mode();
    bool is_good = replace_file(whole ? whole : path, mode, bytes, byte_count);
    int reason = errno;
    free(whole);
    errno = reason;
    return is_good;
}

int mst_tool_write_file(const char *path, const unsigned char *bytes, size_t byte_count)
{
    struct stat status;
    bool is_there = stat(path, &status) == 0;
    if (is_there && !S_ISREG(status.st_mode)
            ? write_special(path, bytes, byte_count)
            : write_regular(path, is_there ? &status : NULL, bytes, byte_count))
        return MST_TOOL_GOOD;
    return mst_tool_failed("cannot write '%s': %s", path, strerror(errno));
}

/* ---- folders ----------------------------------------------------------------------------- */

bool mst_tool_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool mst_tool_is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

bool mst_tool_is_regular(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

char *mst_tool_whole_path(const char *path)
{
    return realpath(path, NULL);
}

struct listing {
    char **paths;
    size_t count, capacity;
};

static int list_folder(struct listing *listing, const char *folder, int depth);

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static int list_entry(struct listing *listing, const char *folder, const char *name, int depth)
{
    bool is_here = strcmp(folder, ".") == 0;
    bool has_slash = ends_with(folder, "/");
    char *path =
        mst_tool_format("%s%s%s", is_here ? "" : folder, is_here || has_slash ? "" : "/", name);
    struct stat status;
    int code = MST_TOOL_GOOD;
    if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        code = list_folder(listing, path, depth + 1);
    } else if (ends_with(name, ".muster") && mst_tool_is_file(path)) {
        listing->paths = mst_tool_grow(listing->paths, listing->count, &listing->capacity,
                                       sizeof *listing->paths);
        listing->paths[listing->count++] = path;
        return code;
    }
    free(path);
    return code;
}

static int list_folder(struct listing *listing, const char *folder, int depth)
{
    if (depth > DEEPEST_FOLDER)
        return MST_TOOL_GOOD;
    DIR *stream = opendir(folder);
    if (!stream)
        return mst_tool_failed("cannot open '%s': %s", folder, strerror(errno));
    int code = MST_TOOL_GOOD;
    for (struct dirent *entry; code == MST_TOOL_GOOD && (entry = readdir(stream));)
        if (entry->d_name[0] != '.')
            code = list_entry(listing, folder, entry->d_name, depth);
    closedir(stream);
    return code;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int mst_tool_list_rules(const char *folder, char ***paths, size_t *count)
{
    struct listing listing = {NULL, 0, 0};
    int code = list_folder(&listing, folder, 0);
    if (listing.count > 1)
        qsort(listing.paths, listing.count, sizeof *listing.paths, compare_paths);
    *paths = listing.paths;
    *count = listing.count;
    return code;
}

void mst_tool_free_list(char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
}
