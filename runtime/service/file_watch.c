/* SPDX-License-Identifier: Apache-2.0
 *
 * file_watch.c - the list belongs to the thread that looks while it does. */
#include "file_watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grown.h"

#define CLOCK_STEP_NS 20000000 /* files' times come from a clock that is so much behind at most */

static bool look_at(const char *path, uv_stat_t *found)
{
    uv_fs_t look;
    const bool is_there = uv_fs_stat(NULL, &look, path, NULL) == 0;
    if (is_there)
        *found = look.statbuf;
    uv_fs_req_cleanup(&look);
    return is_there;
}

int64_t mst_watch_now(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* When it was changed, or put under its name. A time that is ahead was set and says nothing. */
static int64_t time_of(const uv_stat_t *found)
{
    const int64_t changed = (int64_t)found->st_mtim.tv_sec * 1000000000 + found->st_mtim.tv_nsec;
    const int64_t placed = (int64_t)found->st_ctim.tv_sec * 1000000000 + found->st_ctim.tv_nsec;
    return changed > placed && changed <= mst_watch_now() ? changed : placed;
}

static bool is_unchanged(const uv_stat_t *a, const uv_stat_t *b)
{
    return a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ino == b->st_ino && a->st_size == b->st_size;
}

static void free_files(struct mst_watched_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(files[i].path);
    free(files);
}

void mst_watch_init(struct mst_watch *watch, void (*on_change)(void *context, const char *path),
                    void *context)
{
    *watch = (struct mst_watch){.on_change = on_change, .context = context};
}

void mst_watch_free(struct mst_watch *watch)
{
    free_files(watch->files, watch->count);
    free_files(watch->next, watch->next_count);
}

/* What is known of a file that stays in the list stays known. */
static void take_over(const struct mst_watch *watch, struct mst_watched_file *file)
{
    for (size_t i = 0; i < watch->count; i++) {
        if (strcmp(watch->files[i].path, file->path) == 0) {
            file->seen = watch->files[i].seen;
            return;
        }
    }
    if (!look_at(file->path, &file->seen) || time_of(&file->seen) < watch->since - CLOCK_STEP_NS)
        return;
    /* Who knows which of the two was read: the next look finds a change. */
    memset(&file->seen, 0, sizeof file->seen);
}

static void replace(struct mst_watch *watch)
{
    for (size_t i = 0; i < watch->next_count; i++)
        take_over(watch, &watch->next[i]);
    free_files(watch->files, watch->count);
    watch->files = watch->next;
    watch->count = watch->next_count;
    watch->next = NULL;
    watch->next_count = 0;
}

static void add_file(struct mst_watch *watch, const char *path)
{
    watch->next[watch->next_count++].path = mst_grown_copy(path, strlen(path));
}

void mst_watch_set(struct mst_watch *watch, const char *one, const char *const *list, int64_t since)
{
    size_t count = one ? 1 : 0;
    for (size_t i = 0; list && list[i]; i++)
        count++;
    free_files(watch->next, watch->next_count);
    watch->next = mst_grown_zeroed(count, sizeof *watch->next);
    watch->next_count = 0;
    watch->since = since;
    if (one)
        add_file(watch, one);
    for (size_t i = 0; list && list[i]; i++)
        add_file(watch, list[i]);
    if (!watch->is_looking)
        replace(watch);
}

static void on_look(uv_work_t *work)
{
    struct mst_watch *watch = work->data;
    for (size_t i = 0; i < watch->count; i++) {
        struct mst_watched_file *file = &watch->files[i];
        uv_stat_t found;
        if (!look_at(file->path, &found) || is_unchanged(&file->seen, &found))
            continue;
        file->seen = found;
        watch->changed = file->path;
    }
}

static void on_looked(uv_work_t *work, int status)
{
    struct mst_watch *watch = work->data;
    (void)status;
    watch->is_looking = false;
    if (watch->changed)
        watch->on_change(watch->context, watch->changed);
    watch->changed = NULL;
    if (watch->next)
        replace(watch);
}

void mst_watch_look(struct mst_watch *watch, uv_loop_t *loop)
{
    if (watch->is_looking || watch->count == 0)
        return;
    watch->look.data = watch;
    watch->is_looking = uv_queue_work(loop, &watch->look, on_look, on_looked) == 0;
}
