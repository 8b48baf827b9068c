/* SPDX-License-Identifier: Apache-2.0
 *
 * recorded_disk.c - see recorded_disk.h. Each file keeps its bytes twice, as a program sees them
 * and as they are on the medium, and what was written in between. */
#include "recorded_disk.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define FILE_MAX 64
#define SHARED_MAX 64

struct bytes {
    unsigned char *at;
    size_t len, capacity;
};

struct change {
    struct change *next;
    uint64_t number; /* of all changes to all files */
    size_t offset, len;
    bool is_cut; /* the file ends at `offset` */
    unsigned char at[];
};

struct file {
    char name[256];
    bool is_there, was_there; /* for a program, on the medium */
    struct bytes now, kept;
    struct change *first, **last;
    void *shared[SHARED_MAX];
};

struct handle {
    sqlite3_file base;
    struct file *file;
    bool syncs_folder;
};

struct disk_faults disk_faults = {-1, false, -1, 0};
uint64_t disk_operation_count;

static struct file files[FILE_MAX];
static uint64_t change_count;
static disk_on_sync *on_sync;
static void *on_sync_context;
static int last_errno;
static sqlite3_vfs *real;

static void *hold(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

/* ---- bytes and changes ------------------------------------------------------------------- */

static void resize(struct bytes *bytes, size_t len)
{
    if (len > bytes->capacity) {
        bytes->capacity = len * 2;
        bytes->at = hold(realloc(bytes->at, bytes->capacity));
    }
    if (len > bytes->len)
        memset(bytes->at + bytes->len, 0, len - bytes->len);
    bytes->len = len;
}

static void apply(struct bytes *bytes, const struct change *change, size_t from, size_t len)
{
    if (change->is_cut) {
        resize(bytes, change->offset);
        return;
    }
    if (change->offset + from + len > bytes->len)
        resize(bytes, change->offset + from + len);
    memcpy(bytes->at + change->offset + from, change->at + from, len);
}

static void copy_bytes(struct bytes *to, const struct bytes *from)
{
    resize(to, from->len);
    if (from->len > 0)
        memcpy(to->at, from->at, from->len);
}

static void forget_changes(struct file *file)
{
    for (struct change *change = file->first, *next; change; change = next) {
        next = change->next;
        free(change);
    }
    file->first = NULL;
    file->last = &file->first;
}

/* The medium has what a program sees. What it lacked are the changes: those alone are copied. */
static void keep_changes(struct file *file)
{
    for (const struct change *change = file->first; change; change = change->next)
        apply(&file->kept, change, 0, change->len);
    forget_changes(file);
}

static void add_change(struct file *file, size_t offset, const void *bytes, size_t len, bool is_cut)
{
    struct change *change = hold(malloc(sizeof *change + len));
    *change = (struct change){NULL, change_count++, offset, len, is_cut};
    if (len > 0)
        memcpy(change->at, bytes, len);
    *file->last = change;
    file->last = &change->next;
    apply(&file->now, change, 0, len);
}

/* ---- faults ------------------------------------------------------------------------------ */

/* Whether this operation is one that is to fail. */
static bool fails(void)
{
    disk_operation_count++;
    if (disk_faults.fails_in < 0)
        return false;
    if (disk_faults.fails_in > 0) {
        disk_faults.fails_in--;
        return false;
    }
    if (disk_faults.fails_for_ops-- <= 0)
        disk_faults.fails_in = -1;
    last_errno = EIO;
    return true;
}

/* ---- files ------------------------------------------------------------------------------- */

static struct file *of(sqlite3_file *file)
{
    return ((struct handle *)file)->file;
}

static struct file *find_file(const char *name)
{
    for (int i = 0; i < FILE_MAX; i++)
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
    return NULL;
}

static struct file *add_file(const char *name)
{
    struct file *file = find_file(name);
    if (!file)
        file = hold(find_file(""));
    snprintf(file->name, sizeof file->name, "%s", name);
    if (!file->last)
        file->last = &file->first;
    return file;
}

static int close_handle(sqlite3_file *file)
{
    (void)file;
    return SQLITE_OK;
}

static int read_file(sqlite3_file *handle, void *to, int len, sqlite3_int64 offset)
{
    const struct bytes *now = &of(handle)->now;
    size_t at = (size_t)offset, there = at < now->len ? now->len - at : 0;
    if (fails())
        return SQLITE_IOERR_READ;
    if (there > (size_t)len)
        there = (size_t)len;
    memset(to, 0, (size_t)len);
    if (there > 0)
        memcpy(to, now->at + at, there);
    return there == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *handle, const void *from, int len, sqlite3_int64 offset)
{
    struct file *file = of(handle);
    size_t end = (size_t)offset + (size_t)len;
    int64_t growth = end > file->now.len ? (int64_t)(end - file->now.len) : 0;
    if (fails())
        return SQLITE_IOERR_WRITE;
    if (disk_faults.bytes_left >= 0 && growth > disk_faults.bytes_left) {
        last_errno = ENOSPC;
        return SQLITE_FULL;
    }
    if (disk_faults.bytes_left >= 0)
        disk_faults.bytes_left -= growth;
    add_change(file, (size_t)offset, from, (size_t)len, false);
    return SQLITE_OK;
}

static int truncate_file(sqlite3_file *handle, sqlite3_int64 len)
{
    if (fails())
        return SQLITE_IOERR_TRUNCATE;
    add_change(of(handle), (size_t)len, NULL, 0, true);
    return SQLITE_OK;
}

static void keep_names(void)
{
    for (int i = 0; i < FILE_MAX; i++)
        files[i].was_there = files[i].is_there;
}

static int sync_file(sqlite3_file *handle, int flags)
{
    struct file *file = of(handle);
    (void)flags;
    if (on_sync)
        on_sync(on_sync_context);
    if (fails())
        return SQLITE_IOERR_FSYNC;
    keep_changes(file);
    if (((struct handle *)handle)->syncs_folder)
        keep_names();
    return SQLITE_OK;
}

static int size_of_file(sqlite3_file *handle, sqlite3_int64 *size)
{
    *size = (sqlite3_int64)of(handle)->now.len;
    return SQLITE_OK;
}

/* There is one program at a time. */
static int lock_file(sqlite3_file *handle, int level)
{
    (void)handle;
    (void)level;
    return SQLITE_OK;
}

static int is_reserved(sqlite3_file *handle, int *result)
{
    (void)handle;
    *result = 0;
    return SQLITE_OK;
}

static int control(sqlite3_file *handle, int operation, void *argument)
{
    (void)handle;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *handle)
{
    (void)handle;
    return SECTOR;
}

/* As the usual layer says of any disk: bytes that are not written stay as they are. */
static int characteristics(sqlite3_file *handle)
{
    (void)handle;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int map_shared(sqlite3_file *handle, int number, int size, int extend, void volatile **at)
{
    struct file *file = of(handle);
    *at = NULL;
    if (number >= SHARED_MAX)
        return SQLITE_IOERR_SHMMAP;
    if (!file->shared[number] && extend)
        file->shared[number] = hold(calloc(1, (size_t)size));
    *at = file->shared[number];
    return SQLITE_OK;
}

static int lock_shared(sqlite3_file *handle, int offset, int count, int flags)
{
    (void)handle;
    (void)offset;
    (void)count;
    (void)flags;
    return SQLITE_OK;
}

static void fence_shared(sqlite3_file *handle)
{
    (void)handle;
}

static int unmap_shared(sqlite3_file *handle, int is_deleted)
{
    struct file *file = of(handle);
    for (int i = 0; i < SHARED_MAX && is_deleted; i++) {
        free(file->shared[i]);
        file->shared[i] = NULL;
    }
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_handle,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = fence_shared,
    .xShmUnmap = unmap_shared,
};

/* ---- names ------------------------------------------------------------------------------- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *opened, int flags,
                     int *flags_out)
{
    struct handle *handle = (struct handle *)opened;
    (void)vfs;
    handle->base.pMethods = NULL;
    struct file *file = name ? find_file(name) : NULL;
    bool is_new = !file || !file->is_there;
    last_errno = 0;
    if (fails())
        return SQLITE_CANTOPEN;
    if (is_new && (!(flags & SQLITE_OPEN_CREATE) || disk_faults.is_read_only)) {
        last_errno = disk_faults.is_read_only ? EROFS : ENOENT;
        return SQLITE_CANTOPEN;
    }
    if (is_new) {
        file = add_file(name ? name : "temporary");
        resize(&file->now, 0);
        resize(&file->kept, 0);
        forget_changes(file);
        file->is_there = true;
    }
    handle->file = file;
    handle->syncs_folder =
        (flags & SQLITE_OPEN_CREATE) && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL));
    handle->base.pMethods = &methods;
    if (flags_out)
        *flags_out = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int syncs_folder)
{
    struct file *file = find_file(name);
    (void)vfs;
    if (!file || !file->is_there)
        return SQLITE_IOERR_DELETE_NOENT;
    if (syncs_folder && on_sync)
        on_sync(on_sync_context);
    if (fails())
        return SQLITE_IOERR_DELETE;
    file->is_there = false;
    if (syncs_folder)
        keep_names();
    return SQLITE_OK;
}

static int has_file(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    const struct file *file = find_file(name);
    (void)vfs;
    (void)flags;
    *result = file && file->is_there;
    return SQLITE_OK;
}

static int whole_name(sqlite3_vfs *vfs, const char *name, int size, char *to)
{
    (void)vfs;
    sqlite3_snprintf(size, to, "%s", name);
    return SQLITE_OK;
}

static int last_error(sqlite3_vfs *vfs, int len, char *text)
{
    (void)vfs;
    (void)len;
    (void)text;
    return last_errno;
}

static int randomness(sqlite3_vfs *vfs, int len, char *to)
{
    (void)vfs;
    return real->xRandomness(real, len, to);
}

static int wait_for(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int clock_now(sqlite3_vfs *vfs, double *now)
{
    (void)vfs;
    return real->xCurrentTime(real, now);
}

void disk_install(disk_on_sync *callback, void *context)
{
    static sqlite3_vfs disk = {
        .iVersion = 1,
        .szOsFile = sizeof(struct handle),
        .mxPathname = 255,
        .zName = "recorded",
        .xOpen = open_file,
        .xDelete = delete_file,
        .xAccess = has_file,
        .xFullPathname = whole_name,
        .xRandomness = randomness,
        .xSleep = wait_for,
        .xCurrentTime = clock_now,
        .xGetLastError = last_error,
    };
    real = sqlite3_vfs_find(NULL);
    on_sync = callback;
    on_sync_context = context;
    sqlite3_vfs_register(&disk, 1);
}

/* ---- the loss of power ------------------------------------------------------------------- */

/* The room for bytes stays with its place: the next file there begins with nothing in it. */
void disk_remove(const char *prefix)
{
    for (int i = 0; i < FILE_MAX; i++) {
        struct file *file = &files[i];
        if (file->name[0] == '\0' || strncmp(file->name, prefix, strlen(prefix)) != 0)
            continue;
        forget_changes(file);
        for (int j = 0; j < SHARED_MAX; j++)
            free(file->shared[j]);
        file->now.len = file->kept.len = 0;
        *file = (struct file){.name = "", .now = file->now, .kept = file->kept};
    }
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

/* Any of its sectors, by their place in the file. */
static void apply_sectors(struct bytes *bytes, const struct change *change, uint64_t *seed)
{
    for (size_t from = 0; from < change->len;) {
        size_t len = SECTOR - (change->offset + from) % SECTOR;
        if (len > change->len - from)
            len = change->len - from;
        if (next_random(seed) % 2 == 0)
            apply(bytes, change, from, len);
        from += len;
    }
}

/* The first sectors of a write that the loss of power cut short. */
static void apply_torn(struct bytes *bytes, const struct change *change, uint64_t *seed)
{
    size_t sectors = change->len / SECTOR;
    size_t len = sectors > 0 ? next_random(seed) % (sectors + 1) * SECTOR : 0;
    if (len > 0)
        apply(bytes, change, 0, len);
}

static void lose(struct bytes *bytes, const struct file *file, enum disk_loss loss, uint64_t last,
                 uint64_t *seed)
{
    for (const struct change *change = file->first; change; change = change->next) {
        bool is_before = change->number < last;
        if (loss == DISK_LOSS_NONE || (loss == DISK_LOSS_LATER && is_before))
            apply(bytes, change, 0, change->len);
        else if (loss == DISK_LOSS_LATER && change->number == last && !change->is_cut)
            apply_torn(bytes, change, seed);
        else if (loss == DISK_LOSS_SECTORS && !change->is_cut)
            apply_sectors(bytes, change, seed);
        else if (loss == DISK_LOSS_SECTORS && next_random(seed) % 2 == 0)
            apply(bytes, change, 0, 0);
    }
}

/* Whether the name is there afterwards. */
static bool keeps_name(const struct file *file, enum disk_loss loss, uint64_t *seed)
{
    switch (loss) {
    case DISK_LOSS_ALL: return file->was_there;
    case DISK_LOSS_NONE: return file->is_there;
    case DISK_LOSS_LATER:
    case DISK_LOSS_SECTORS: break;
    }
    return file->was_there == file->is_there ? file->is_there : next_random(seed) % 2 == 0;
}

/* The oldest change that is not safe, so that an instant can be chosen after it. */
static uint64_t oldest_change(const char *from)
{
    uint64_t oldest = change_count;
    for (int i = 0; i < FILE_MAX; i++)
        if (strncmp(files[i].name, from, strlen(from)) == 0 && files[i].first &&
            files[i].first->number < oldest)
            oldest = files[i].first->number;
    return oldest;
}

void disk_rebuild(const char *from, const char *to, enum disk_loss loss, uint64_t seed)
{
    uint64_t oldest = oldest_change(from);
    uint64_t last = oldest + next_random(&seed) % (change_count - oldest + 1);
    for (int i = 0; i < FILE_MAX; i++) {
        const struct file *file = &files[i];
        char name[256];
        if (strncmp(file->name, from, strlen(from)) != 0 || !keeps_name(file, loss, &seed))
            continue;
        snprintf(name, sizeof name, "%s%s", to, file->name + strlen(from));
        struct file *rebuilt = add_file(name);
        copy_bytes(&rebuilt->now, &file->kept);
        lose(&rebuilt->now, file, loss, last, &seed);
        copy_bytes(&rebuilt->kept, &rebuilt->now);
        rebuilt->is_there = rebuilt->was_there = true;
    }
}
