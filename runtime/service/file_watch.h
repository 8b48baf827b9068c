/* SPDX-License-Identifier: Apache-2.0
 *
 * file_watch.h - files that are looked at for changes, in a thread of libuv's: a disk that hangs
 * holds up nobody. By time, inode and size, so that it works on every file system. */
#ifndef MST_SERVICE_FILE_WATCH_H
#define MST_SERVICE_FILE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct mst_watched_file {
    char *path;
    uv_stat_t seen; /* as it was when it was looked at last */
};

struct mst_watch {
    uv_work_t look;
    struct mst_watched_file *files, *next; /* next: takes its place after a look that is on */
    size_t count, next_count;
    int64_t since; /* of `next` */
    bool is_looking;
    const char *changed; /* found by the look */
    void (*on_change)(void *context, const char *path);
    void *context;
};

/* All zero, then: */
void mst_watch_init(struct mst_watch *watch, void (*on_change)(void *context, const char *path),
                    void *context);
/* Only once no look is on. */
void mst_watch_free(struct mst_watch *watch);
/* By the system's clock, in nanoseconds. */
int64_t mst_watch_now(void);
/* The files from now on: `one`, and the list, which is ended by NULL; either may be NULL. What is
 * known of a file that was watched before stays known. Others are as they are now: whoever has read
 * them before says since when (mst_watch_now()), and what changed after that is told. */
void mst_watch_set(struct mst_watch *watch, const char *one, const char *const *list,
                   int64_t since);
/* Begins a look, unless one is on; on_change is called if anything is found, once. */
void mst_watch_look(struct mst_watch *watch, uv_loop_t *loop);

#endif
