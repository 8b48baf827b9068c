/* SPDX-License-Identifier: Apache-2.0
 *
 * service.c - puts the parts together: one loop, the engine's thread, signals; begins and ends them
 * in the right order. Beginning: rules, state, addresses. Ending: no new connections, what came in
 * is answered, the engine stops, every handle is closed. */
#include "service.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

#include "engine.h"
#include "file_watch.h"
#include "http.h"
#include "log.h"
#include "session.h"
#include "source_list.h"
#include "stream.h"

#define TICK_MS 500
#define REST_NS 1000000
#define DRAIN_TICKS 60 /* until what still goes on is broken off */
#define UPLOAD_TICKS 4 /* until uploads that do not end are */
#define WATCH_MS 2000
#define OTHER_FILES 256 /* beside connections */

struct service {
    const mst_service_options *options;
    uv_loop_t loop;
    uv_async_t answered, ended;
    uv_prepare_t turn;
    uv_signal_t terminate, interrupt, hang_up;
    uv_timer_t drain, gather;
    uv_timer_t watch;
    struct mst_watch files; /* of the rules */
    int64_t read_since;     /* when they were begun to be read last */
    uv_work_t compile;
    struct mst_inbox answers;
    mst_engine engine;
    struct mst_intake intake;
    struct mst_streams streams;
    struct mst_listener *listeners;
    struct mst_http *http;
    struct mst_source_list sources;
    struct mst_rules_work *reload; /* being compiled */
    uint32_t drain_ticks;
    bool is_compiling, wants_compile, is_ending;
    bool wants_retry; /* the rules of the files could not be taken at the time */
};

/* ---- rules ------------------------------------------------------------------------------- */

static mst_ruleset *compile_rules(const mst_service_options *options,
                                  char why[MST_RULESET_WHY_BYTES])
{
    unsigned char *bytes;
    size_t byte_count;
    if (!options->compile(options->context, &bytes, &byte_count, why))
        return NULL;
    mst_ruleset *ruleset = mst_ruleset_open(bytes, byte_count, why);
    if (ruleset && mst_ruleset_test(ruleset, why))
        return ruleset;
    mst_ruleset_free(ruleset);
    return NULL;
}

static void on_reloaded(struct mst_rules_work *work)
{
    struct service *service = work->context;
    if (work->status == 503)
        service->wants_retry = true;
    mst_rules_work_tell(work);
}

static void on_compile(uv_work_t *request)
{
    struct service *service = request->data;
    service->reload->ruleset = compile_rules(service->options, service->reload->why);
}

static void reload(struct service *service);
static void watch_files(struct service *service);

static void on_compiled(uv_work_t *request, int status)
{
    struct service *service = request->data;
    (void)status;
    service->is_compiling = false;
    watch_files(service);
    mst_inbox_put(&service->engine.inbox, &service->reload->work);
    if (service->wants_compile)
        reload(service);
}

/* Compiles aside; the engine takes what comes out, or why nothing did. */
static void reload(struct service *service)
{
    service->wants_compile = service->is_compiling;
    if (service->is_compiling || service->is_ending)
        return;
    service->is_compiling = true;
    service->wants_retry = false;
    service->read_since = mst_watch_now();
    service->reload = mst_rules_work_make(on_reloaded, service);
    service->compile.data = service;
    (void)uv_queue_work(&service->loop, &service->compile, on_compile, on_compiled);
}

static void on_hang_up(uv_signal_t *handle, int number)
{
    (void)number;
    mst_log(MST_LOG_INFO, "reload", "cause=SIGHUP");
    reload(handle->data);
}

/* ---- the files of the rules -------------------------------------------------------------- */

static void on_changed(void *context, const char *path)
{
    mst_log(MST_LOG_INFO, "reload", "cause=changed path=%s", MST_LOG_QUOTED(path));
    reload(context);
}

static void on_watch(uv_timer_t *timer)
{
    struct service *service = timer->data;
    if (service->is_compiling || service->is_ending)
        return;
    if (service->wants_retry)
        reload(service);
    else
        mst_watch_look(&service->files, &service->loop);
}

static void watch_files(struct service *service)
{
    const mst_service_options *options = service->options;
    mst_watch_set(&service->files, options->watched,
                  options->files ? options->files(options->context) : NULL, service->read_since);
}

static void start_watching(struct service *service)
{
    watch_files(service);
    (void)uv_timer_start(&service->watch, on_watch, WATCH_MS, WATCH_MS);
}

/* ---- the loop ---------------------------------------------------------------------------- */

static void take_answer(struct service *service, struct mst_work *work)
{
    struct mst_query *query = (struct mst_query *)(void *)work;
    struct mst_rules_work *rules = (struct mst_rules_work *)(void *)work;
    switch (work->kind) {
    case MST_WORK_BATCH:
        mst_intake_return(&service->intake, (struct mst_batch *)(void *)work);
        break;
    case MST_WORK_QUERY: query->done(query); break;
    case MST_WORK_RULES: rules->done(rules); break;
    case MST_WORK_STOP: break;
    }
}

static void on_answered(uv_async_t *handle)
{
    struct service *service = handle->data;
    for (struct mst_work *work; (work = mst_inbox_take(&service->answers, 0));)
        take_answer(service, work);
    if (service->http)
        mst_http_news(service->http);
}

/* From the engine's thread. */
static void wake_loop(void *context)
{
    struct service *service = context;
    (void)uv_async_send(&service->answered);
}

static bool is_drained(const struct service *service)
{
    bool has_waited = service->drain_ticks >= UPLOAD_TICKS;
    return service->streams.count == 0 &&
           (!service->http || mst_http_is_idle(service->http, has_waited)) &&
           mst_source_list_are_over(&service->sources) && mst_intake_is_idle(&service->intake) &&
           !service->is_compiling;
}

/* The loop has woken up: that is all. */
static void on_gathered(uv_timer_t *handle)
{
    (void)handle;
}

/* Before the loop waits: whatever came in on the way here goes to the engine. While a stream is
 * gathered, the loop does not wake up for each few bytes of it. */
static void on_turn(uv_prepare_t *handle)
{
    static const struct timespec rest = {0, REST_NS};
    struct service *service = handle->data;
    if (!mst_intake_flush(&service->intake)) {
        if (mst_intake_is_stream(&service->intake))
            (void)nanosleep(&rest, NULL);
        if (!uv_is_active((uv_handle_t *)&service->gather))
            uv_timer_start(&service->gather, on_gathered, MST_INTAKE_GATHER_MS, 0);
    }
    if (service->is_ending && is_drained(service))
        uv_stop(&service->loop);
}

static void on_drain_tick(uv_timer_t *handle)
{
    struct service *service = handle->data;
    mst_streams_tick(&service->streams);
    if (++service->drain_ticks < DRAIN_TICKS)
        return;
    mst_log(MST_LOG_WARNING, "drain_timeout", "connections=%u", service->streams.count);
    uv_stop(&service->loop);
}

static void begin_ending(struct service *service)
{
    if (service->is_ending)
        return;
    service->is_ending = true;
    mst_log(MST_LOG_INFO, "draining", "connections=%u", service->streams.count);
    mst_listeners_close(&service->listeners);
    mst_streams_drain(&service->streams);
    mst_source_list_end(&service->sources);
    if (service->http)
        mst_http_drain(service->http);
    uv_timer_start(&service->drain, on_drain_tick, TICK_MS, TICK_MS);
    (void)uv_async_send(&service->answered); /* one more turn, if nothing else makes one */
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    begin_ending(handle->data);
}

static void on_ended(uv_async_t *handle)
{
    begin_ending(handle->data);
}

/* ---- beginning and ending ---------------------------------------------------------------- */

#define OWN_HANDLES 9

static void list_handles(struct service *service, uv_handle_t *handles[OWN_HANDLES])
{
    uv_handle_t *const own[OWN_HANDLES] = {
        (uv_handle_t *)&service->answered,  (uv_handle_t *)&service->ended,
        (uv_handle_t *)&service->turn,      (uv_handle_t *)&service->terminate,
        (uv_handle_t *)&service->interrupt, (uv_handle_t *)&service->hang_up,
        (uv_handle_t *)&service->drain,     (uv_handle_t *)&service->gather,
        (uv_handle_t *)&service->watch,
    };
    memcpy(handles, own, sizeof own);
}

static void open_handles(struct service *service)
{
    uv_loop_t *loop = &service->loop;
    uv_handle_t *handles[OWN_HANDLES];
    (void)uv_loop_init(loop);
    (void)uv_async_init(loop, &service->answered, on_answered);
    (void)uv_async_init(loop, &service->ended, on_ended);
    (void)uv_prepare_init(loop, &service->turn);
    (void)uv_signal_init(loop, &service->terminate);
    (void)uv_signal_init(loop, &service->interrupt);
    (void)uv_signal_init(loop, &service->hang_up);
    (void)uv_timer_init(loop, &service->drain);
    (void)uv_timer_init(loop, &service->gather);
    (void)uv_timer_init(loop, &service->watch);
    list_handles(service, handles);
    for (size_t i = 0; i < OWN_HANDLES; i++)
        handles[i]->data = service;
    (void)uv_prepare_start(&service->turn, on_turn);
}

/* One that nobody has closed: a mistake of ours, which tests look for. */
static void close_left(uv_handle_t *handle, void *context)
{
    unsigned *left = context;
    if (uv_is_closing(handle))
        return;
    mst_log(MST_LOG_ERROR, "handle_left", "type=%s", uv_handle_type_name(handle->type));
    uv_close(handle, NULL);
    (*left)++;
}

static void close_loop(struct service *service)
{
    uv_handle_t *handles[OWN_HANDLES];
    unsigned left = 0;
    mst_listeners_close(&service->listeners);
    (void)uv_run(&service->loop, UV_RUN_NOWAIT);
    list_handles(service, handles);
    for (size_t i = 0; i < OWN_HANDLES; i++)
        uv_close(handles[i], NULL);
    uv_walk(&service->loop, close_left, &left);
    while (uv_run(&service->loop, UV_RUN_DEFAULT) != 0)
        continue;
    int status = uv_loop_close(&service->loop);
    assert(left == 0 && status == 0);
    (void)status;
}

static bool open_addresses(struct service *service)
{
    const mst_settings *settings = service->options->settings;
    for (size_t i = 0; i < settings->listen.count; i++) {
        const char *address = settings->listen.items[i];
        if (strcmp(address, "none") != 0 &&
            !mst_streams_listen(&service->streams, address, &service->listeners, &service->ended))
            return false;
    }
    if (strcmp(settings->http, "none") == 0)
        return true;
    service->http = mst_http_open(&service->loop, settings, &service->engine, &service->intake,
                                  &service->streams);
    if (service->http)
        mst_http_show_sources(service->http, &service->sources);
    return service->http != NULL;
}

/* As many connections as the settings allow, on sockets and by HTTP, need as many open files; a
 * shell or systemd gives 1,024 and lets a process ask for more. */
static void allow_files(const mst_settings *settings)
{
    struct rlimit limit;
    const rlim_t wanted = 2 * (rlim_t)settings->max_connections + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
        mst_log(MST_LOG_WARNING, "few_files", "limit=%llu wanted=%llu setting=max-connections",
                (unsigned long long)limit.rlim_cur, (unsigned long long)wanted);
}

/* While the state is ours: the engine's thread does not run yet. */
static bool open_sources(struct service *service)
{
    const mst_service_options *options = service->options;
    return mst_source_list_open(&service->sources, &service->loop, options->settings,
                                options->plugin_folders, options->clock, &service->intake,
                                service->engine.state);
}

static void start_signals(struct service *service)
{
    signal(SIGPIPE, SIG_IGN); /* a peer that is gone, */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow: both come back as errors of write() */
    (void)uv_signal_start(&service->terminate, on_signal, SIGTERM);
    (void)uv_signal_start(&service->interrupt, on_signal, SIGINT);
    (void)uv_signal_start(&service->hang_up, on_hang_up, SIGHUP);
    start_watching(service);
}

static enum mst_service_end run_service(struct service *service, mst_ruleset *ruleset)
{
    const mst_service_options *options = service->options;
    enum mst_service_end end = MST_SERVICE_FAILED;
    char id[sizeof ruleset->id];
    allow_files(options->settings);
    open_handles(service);
    mst_watch_init(&service->files, on_changed, service);
    mst_inbox_init(&service->answers, wake_loop, service);
    if (mst_engine_open(&service->engine, options->settings, options->clock, ruleset,
                        &service->answers)) {
        mst_intake_init(&service->intake, &service->engine.inbox, options->settings->max_partial);
        mst_streams_init(&service->streams, &service->loop, &service->intake, options->settings);
        start_signals(service);
        memcpy(id, service->engine.rules->id, sizeof id); /* until its thread may have others */
        if (open_sources(service) && mst_engine_start(&service->engine) &&
            open_addresses(service)) {
            mst_log(MST_LOG_INFO, "ready", "rules=%s subjects=%u", id,
                    service->engine.subject_count);
            mst_source_list_begin(&service->sources);
            (void)uv_run(&service->loop, UV_RUN_DEFAULT);
            end = MST_SERVICE_DONE;
        }
        mst_streams_abort(&service->streams);
        mst_engine_stop(&service->engine);
        on_answered(&service->answered);
        mst_http_close(service->http);
        mst_source_list_close(&service->sources);
    }
    close_loop(service);
    mst_watch_free(&service->files);
    mst_http_free(service->http);
    mst_source_list_free(&service->sources);
    if (service->intake.all)
        mst_intake_free(&service->intake);
    mst_engine_close(&service->engine);
    mst_inbox_free(&service->answers);
    mst_log(MST_LOG_INFO, "ended", "status=%d", (int)end);
    return end;
}

enum mst_service_end mst_service_run(const mst_service_options *options)
{
    char why[MST_RULESET_WHY_BYTES];
    const int64_t read_since = mst_watch_now();
    mst_ruleset *ruleset = compile_rules(options, why);
    if (!ruleset) {
        mst_log(MST_LOG_ERROR, "rules_refused", "reason=%s", MST_LOG_QUOTED(why));
        return MST_SERVICE_RULES;
    }
    struct service *service = mst_grown_zeroed(1, sizeof *service);
    service->options = options;
    service->read_since = read_since;
    enum mst_service_end end = run_service(service, ruleset);
    free(service);
    return end;
}
