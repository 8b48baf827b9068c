/* SPDX-License-Identifier: Apache-2.0
 *
 * recorded_disk.h - a disk for SQLite that lies in memory, knows what of it is synchronised, and
 * can lose the rest as a loss of power does; and that can be full, read-only or broken.
 *
 * The model: of a write that no synchronisation followed, each sector of 512 bytes may be there or
 * not, whatever was written before or after it. A new or deleted name is safe once its folder is
 * synchronised. SQLite's own file system layer does that with the first synchronisation of a log or
 * journal that it opened to create, and where a deletion is asked to. */
#ifndef MST_FAULT_RECORDED_DISK_H
#define MST_FAULT_RECORDED_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* How a loss of power treats what was not synchronised. */
enum disk_loss {
    DISK_LOSS_ALL,     /* nothing of it is there */
    DISK_LOSS_NONE,    /* all of it is */
    DISK_LOSS_LATER,   /* what was written up to some instant, the last of it torn */
    DISK_LOSS_SECTORS, /* any sectors, in any order */
};

/* The operations that can fail. */
enum disk_operation { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_OPEN, DISK_TRUNCATE };

struct disk_faults {
    int64_t bytes_left;    /* until the disk is full; below 0: any number */
    bool is_read_only;     /* files may not be made */
    int64_t fails_in;      /* the operation after this many fails, once; below 0: never */
    int64_t fails_for_ops; /* and this many after it */
};

extern struct disk_faults disk_faults;
extern uint64_t disk_operation_count;

/* Called before each synchronisation; may rebuild and look at the disk as it would be. */
typedef void disk_on_sync(void *context);

/* Makes the recorded disk the one that SQLite uses for files in any folder: a file is known by the
 * whole of its path. */
void disk_install(disk_on_sync *callback, void *context);
/* Forgets all files whose path begins with this. */
void disk_remove(const char *prefix);
/* What would be left of the files below `from` after a loss of power now, as files below `to`. */
void disk_rebuild(const char *from, const char *to, enum disk_loss loss, uint64_t seed);

#endif
