/* SPDX-License-Identifier: Apache-2.0
 *
 * muster_source.h - the ABI between `muster serve` (the host) and a fact source (a plugin): a
 * shared object that brings records about devices, as spec/plugin-abi.md tells with an example.
 *
 * A plugin exports one data symbol, `muster_source`, of type mst_source_plugin, and links nothing
 * of Muster's. The host calls what stands in it; the plugin calls what stands in the
 * mst_source_host that create() gets. One loaded plugin may serve several sources (the instances
 * that create() makes), each with a host table of its own.
 *
 * The life of a source, all of it on one thread, that of the host's loop:
 *
 *     create -> start -> [ fd and timer callbacks, woken, delivered, resume ]... -> stop
 *            -> the plugin calls host->stopped() -> destroy
 *
 * What holds for everything here:
 *   Threads    Every function is called on the loop's thread and must return soon (10 ms): there is
 *              nobody else to serve the connections meanwhile. Work that blocks belongs on a thread
 *              of the plugin's own; that thread may call host->wake() and nothing else.
 *   Order      The host never calls the plugin from within a call of the plugin's: delivered()
 *              comes after deliver() has returned, destroy() after stopped() has. Any function of
 *              the host may be called from within any function of the plugin but destroy();
 *              create() may call now_s, run_ms and log only.
 *   Texts      UTF-8. What goes into a call is borrowed until it returns: who wants to keep it
 *              copies it. Lengths are in bytes; a text without a length ends with a zero byte.
 *   Times      now_s and observed times are Unix seconds (UTC); run_ms and delays are milliseconds.
 *   Errors     A mst_source_status. Nothing here sets errno.
 *   Sizes      Each struct begins with its size in bytes, which who fills it sets to sizeof: a
 *              member beyond the size of the other side is not there (MST_SOURCE_HAS). Members are
 *              only ever added at the end.
 *   Signals    A plugin changes no signal's handling, and neither forks without exec nor waits for
 *              children but its own, by their ids.
 *   Secrets    A configuration holds no secrets, only where they are: a property that names a file
 *              ends in `_file`, one that names an environment variable in `_env`. No secret is ever
 *              given to log() or report().
 *   Trust      A plugin is part of the process: a crash of it is a crash of the service. `muster
 *              plugin-check` tries one in a process of its own. */
#ifndef MUSTER_MUSTER_SOURCE_H
#define MUSTER_MUSTER_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A host runs plugins of its own major version whose minor version is not newer. */
#define MST_SOURCE_ABI_MAJOR 1
#define MST_SOURCE_ABI_MINOR 0
#define MST_SOURCE_ABI ((uint32_t)MST_SOURCE_ABI_MAJOR << 16 | MST_SOURCE_ABI_MINOR)

/* Of one batch. A record is a JSON object as spec/verdict.md describes it. */
#define MST_SOURCE_BATCH_MAX_RECORDS 1000
#define MST_SOURCE_BATCH_MAX_BYTES 1048576
#define MST_SOURCE_CURSOR_MAX_BYTES 65536
#define MST_SOURCE_TIMER_COUNT 16  /* of each source */
#define MST_SOURCE_ERROR_COUNT 100 /* in one mst_source_outcome */
#define MST_SOURCE_WHY_BYTES 512   /* of the reason that create() gives */

/* Whether the struct that `pointer` shows, as large as it says, has that member. */
#define MST_SOURCE_HAS(pointer, type, member)                                                      \
    ((pointer)->size >= offsetof(type, member) + sizeof((pointer)->member))

typedef enum mst_source_status {
    MST_SOURCE_OK = 0,
    MST_SOURCE_WAIT = 1,     /* not now, nothing was taken: again when resume() is called */
    MST_SOURCE_REFUSED = -1, /* not now and not later, nothing was taken: log says why */
} mst_source_status;

/* Groups of the host's functions. A plugin says which it needs, and a host without one of them
 * refuses the plugin; further groups are tried by host->capabilities. */
#define MST_SOURCE_CAN_DELIVER UINT64_C(1) /* deliver, save_cursor: every host */
#define MST_SOURCE_CAN_WATCH UINT64_C(2)   /* watch_fd */
#define MST_SOURCE_CAN_TIME UINT64_C(4)    /* timer_arm, now_s, run_ms */
#define MST_SOURCE_CAN_WAKE UINT64_C(8)    /* wake */

typedef enum mst_source_level {
    MST_SOURCE_INFO,
    MST_SOURCE_WARNING,
    MST_SOURCE_ERROR,
} mst_source_level;

/* How a source is, for the status page and the metrics. */
typedef enum mst_source_health {
    MST_SOURCE_GOOD,     /* it works, or waits for its next round */
    MST_SOURCE_TROUBLED, /* something is wrong, and the plugin itself goes on trying */
    MST_SOURCE_FAILED, /* it can do no more: the host stops it, and creates it anew after a while */
    MST_SOURCE_FINISHED, /* there will be nothing more: the host stops it for good */
} mst_source_health;

/* Of watch_fd. An error or a hang-up of the other side is told as READ | WRITE: the next read or
 * write says what it is. */
#define MST_SOURCE_READ 1u
#define MST_SOURCE_WRITE 2u

typedef void mst_source_fd_call(void *context, int fd, uint32_t events);
typedef void mst_source_timer_call(void *context, uint32_t timer);

/* Records that belong together: they are kept in one transaction, the cursor with them, or none of
 * them are. A record that is no good is left out and told in delivered(); the others are kept, and
 * so is the cursor. */
typedef struct mst_source_batch {
    size_t size;
    /* Records, one JSON object a line; the newline behind the last one may be missing, and blank
     * lines count as lines but not as records. A device's id is whatever the rules call the
     * subject. */
    const char *records;
    size_t len;
    /* When this was observed, for the groups of which a record says nothing under "observed"; 0:
     * on arrival. */
    int64_t observed_s;
    /* Where to go on after this batch, any bytes; NULL: the cursor that is kept stays as it is. */
    const char *cursor;
    size_t cursor_len;
    /* Any number; delivered() gives it back. */
    uint64_t number;
} mst_source_batch;

/* Never grows. */
typedef struct mst_source_error {
    uint64_t line; /* of the batch, from 1 */
    const char *message;
} mst_source_error;

/* What became of a batch that deliver() has taken. It is kept, as durably as the service is set to
 * keep records. */
typedef struct mst_source_outcome {
    size_t size;
    uint64_t number;             /* of the batch; 0 for save_cursor() */
    uint64_t accepted, rejected; /* records */
    /* Of the rejected ones the first, at most MST_SOURCE_ERROR_COUNT. */
    const mst_source_error *errors;
    size_t error_count;
} mst_source_outcome;

/* ---- what the host gives ----------------------------------------------------------------- */

/* Valid from create() until destroy() returns. Pass the very pointer that create() got. */
typedef struct mst_source_host mst_source_host;
struct mst_source_host {
    size_t size;
    uint32_t abi; /* MST_SOURCE_ABI of the host: its minor version may be newer */
    uint32_t reserved;
    uint64_t capabilities;

    /* Unix seconds of the service's clock, which can be set and then jumps. */
    int64_t (*now_s)(const mst_source_host *host);
    /* Milliseconds of a clock that only runs forward, from some instant on: for delays, expiry,
     * backoff. */
    int64_t (*run_ms)(const mst_source_host *host);

    /* Calls `call(context, fd, events)` on each turn of the loop in which fd is ready for one of
     * `events` (READ, WRITE, both), until it is called with events 0, which must be before the fd
     * is closed. Calling it again for the same fd changes events, call and context. The fd is one
     * that poll() serves (socket, pipe, inotify, eventfd, pidfd, terminal; not a file), stays the
     * plugin's, and is set not to block. REFUSED: it is none, or watched by somebody else. */
    mst_source_status (*watch_fd)(const mst_source_host *host, int fd, uint32_t events,
                                  mst_source_fd_call *call, void *context);

    /* Calls `call(context, timer)` once, in delay_ms (0: on the next turn of the loop); a negative
     * delay disarms. `timer` is a number below MST_SOURCE_TIMER_COUNT; arming one that is armed
     * sets it anew. Allowed in its own call. */
    void (*timer_arm)(const mst_source_host *host, uint32_t timer, int64_t delay_ms,
                      mst_source_timer_call *call, void *context);

    /* From any thread, and the only function that is: woken() will be called on the loop's thread,
     * once for one or several calls. A thread that calls it must have been joined before the plugin
     * calls stopped(). */
    void (*wake)(const mst_source_host *host);

    /* Gives the host a batch. OK: the host has copied it, will keep it, tries again by itself where
     * its state cannot be written, and then calls delivered(). WAIT: earlier ones are still on
     * their way; resume() is called when to try again. REFUSED: after stop(), or a batch that can
     * never be taken: beyond the limits above. Batches are kept in the order in which they were
     * taken. Allowed from start() on, in start() too. */
    mst_source_status (*deliver)(const mst_source_host *host, const mst_source_batch *batch);

    /* A batch of a cursor alone: answers and ends as deliver() does, with the number 0. */
    mst_source_status (*save_cursor)(const mst_source_host *host, const char *cursor, size_t len);

    /* A line for the service's log, which names the source and limits how often it is written. One
     * line, in words for an administrator; control characters become '?'. */
    void (*log)(const mst_source_host *host, mst_source_level level, const char *text);

    /* How the source is from now on; `text` (NULL: none) in a few words why. FAILED and FINISHED:
     * stop() is called next, from the loop. A change is a line of the log, which the plugin need
     * not write as well. */
    void (*report)(const mst_source_host *host, mst_source_health health, const char *text);

    /* stop() is done: no fd is watched, no timer armed, no thread runs, no child is left. Calls
     * nothing of the plugin any more but destroy(). */
    void (*stopped)(const mst_source_host *host);
};

/* ---- what the plugin gives --------------------------------------------------------------- */

/* A source as the plugin sees it: what it likes. */
typedef struct mst_source mst_source;

typedef struct mst_source_plugin {
    size_t size;
    uint32_t abi; /* MST_SOURCE_ABI */
    uint32_t reserved;
    uint64_t needs; /* MST_SOURCE_CAN_... */

    /* "intune": a-z, 0-9 and '-', at most 32 bytes; the file is muster-source-intune.so. */
    const char *name;
    const char *version; /* for people, at most 64 bytes */
    const char *summary; /* one line: what it brings */

    /* A JSON Schema of the configuration, which is one JSON object. The host checks a configuration
     * against it before create(), with line and place of what is wrong, so it understands exactly
     * these keywords: type, properties, required, additionalProperties (false), items, enum,
     * minimum, maximum, minLength, maxLength, minItems, maxItems, and, without a meaning,
     * $schema, title, description, default, examples. */
    const char *config_schema;

    /* Makes a source. `config` is the text of its configuration, "{}" where none was given, and
     * fits the schema. Reads what is needed, secrets too, but begins nothing. OK, and *source; or
     * REFUSED with `why` (MST_SOURCE_WHY_BYTES) in words and nothing left behind. */
    mst_source_status (*create)(const mst_source_host *host, const char *config, size_t config_len,
                                mst_source **source, char *why);

    /* Begins to work. `cursor` is what was kept last for this source, by this process or an earlier
     * one; NULL: nothing. What is wrong from here on is told by host->report(). */
    void (*start)(mst_source *source, const char *cursor, size_t cursor_len);

    /* Ends the work: nothing new is begun, what goes on is broken off, and when all is over the
     * plugin calls host->stopped(), in here or later. The host waits 10 seconds for it. Batches on
     * their way are still kept; delivered() is called for those that are kept before stopped() is.
     * Not called where start() was not. */
    void (*stop)(mst_source *source);

    /* Frees it. Where stopped() never came it is not called, and the memory stays. */
    void (*destroy)(mst_source *source);

    /* Each may be NULL. */
    void (*delivered)(mst_source *source, const mst_source_outcome *outcome);
    void (*resume)(mst_source *source); /* after a WAIT: deliver() will take a batch now */
    void (*woken)(mst_source *source);  /* after host->wake() */
} mst_source_plugin;

/* The one symbol that a plugin exports:
 *
 *     MST_SOURCE_EXPORT const mst_source_plugin muster_source = {
 *         .size = sizeof(mst_source_plugin), .abi = MST_SOURCE_ABI, .name = "example", ...}; */
#define MST_SOURCE_SYMBOL "muster_source"
#define MST_SOURCE_EXPORT __attribute__((visibility("default")))
extern MST_SOURCE_EXPORT const mst_source_plugin muster_source;

#ifdef __cplusplus
}
#endif

#endif
