/* SPDX-License-Identifier: Apache-2.0
 *
 * Any requests through the service's HTTP, from the handler that libmicrohttpd calls to the engine
 * and back; libmicrohttpd itself is not ours and is left out (fake_microhttpd.h). Each request that
 * is sent whole is answered, with a status that the handlers have, by JSON that is JSON; nobody
 * waits for ever; at the end nothing is left.
 *
 * An input is a byte that says which service is asked (PLAN), then requests as text with 0x1e
 * between them, each behind a byte that says how it is sent (HOW). A body "@1" is the image of
 * rules number 1, and "@" as a signature the good one for it. */
#include "fake_microhttpd.h"
#include "scan.h"
#include "service/http_request.h"
#include "service_bench.h"

#define SEPARATOR 0x1e
#define IMAGES 6
#define SIGNED 1 /* the image that the good signature is for */
#define REQUESTS_MAX 32

enum plan {
    PLAN_LOCKED = 1, /* tokens, signatures */
    PLAN_DRAINS = 2, /* the service ends */
};

enum how {
    HOW_PIECE = 0x0f,      /* the body comes in pieces of two to the power of this */
    HOW_GOES_AWAY = 0x20,  /* the client does */
    HOW_NO_WAITING = 0x80, /* the next request comes before the answer */
};

static struct {
    struct service_bench bench;
    mst_settings open, locked;
    struct mst_streams streams;
    struct mst_http *http;
    unsigned char *images[IMAGES];
    size_t image_lens[IMAGES];
    char signature[MST_TRUST_FILE_BYTES];
    bool is_ready;
} web;

/* In place of libuv's: at once, on this thread. */
int uv_queue_work(uv_loop_t *loop, uv_work_t *request, uv_work_cb work, uv_after_work_cb after)
{
    (void)loop;
    work(request);
    after(request, 0);
    return 0;
}

/* ---- what a client gets ------------------------------------------------------------------ */

static bool is_json(const char *text, size_t len)
{
    struct mst_scan scan;
    mst_scan_init(&scan, text, len);
    return mst_scan_skip(&scan) && mst_scan_end(&scan);
}

static void check_lines(const struct mst_grown *answer)
{
    for (size_t at = 0, len; at < answer->len; at += len + 1) {
        len = fake_line(answer->ptr + at, answer->len - at);
        FUZZ_EXPECT(is_json(answer->ptr + at, len));
    }
}

static void check_events(const struct mst_grown *answer)
{
    for (size_t at = 0, len; at < answer->len; at += len + 1) {
        const char *line = answer->ptr + at;
        len = fake_line(line, answer->len - at);
        if (len > 6 && strncmp(line, "data: ", 6) == 0)
            FUZZ_EXPECT(is_json(line + 6, len - 6));
        else
            FUZZ_EXPECT(len == 0 || line[0] == ':' || strncmp(line, "id: ", 4) == 0 ||
                        strncmp(line, "retry: ", 7) == 0 || strncmp(line, "event: reset", 12) == 0);
    }
}

static void check_answer(const struct MHD_Connection *connection)
{
    static const unsigned statuses[] = {200, 400, 401, 403, 404, 405, 409, 413, 415, 421, 503};
    const struct mst_grown *answer = &connection->answer;
    const char *type = connection->response->type;
    bool is_known = false;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        is_known = is_known || statuses[i] == connection->status;
    FUZZ_EXPECT(is_known);
    FUZZ_EXPECT(answer->len == 0 || mst_utf8_valid(answer->ptr, answer->len));
    if (strcmp(type, "application/json") == 0)
        FUZZ_EXPECT(is_json(answer->ptr, answer->len));
    else if (strcmp(type, "application/x-ndjson") == 0)
        check_lines(answer);
    else if (strcmp(type, "text/event-stream") == 0)
        check_events(answer);
    else if (strncmp(type, "text/html", 9) == 0)
        FUZZ_EXPECT(!strstr(answer->ptr, "<script") && strstr(answer->ptr, "</html>"));
    else
        FUZZ_EXPECT(strncmp(type, "text/plain", 10) == 0);
}

/* ---- to begin with ----------------------------------------------------------------------- */

/* The rules of the bench under another head: `count` versions of them. */
static void make_images(void)
{
    static const char head[] = "module every_type version 1.0";
    static const char *const heads[IMAGES] = {
        "module every_type version 1.0",
        "module every_type version 2.0",
        "module every_type version 0.9",
        "module every_type version 3.0 effective from 2026-09-01T00:00:00Z",
        "module other version 1.0",
        "module every_type version 1.0 effective from 2026-08-01T00:00:00Z",
    };
    const struct service_bench *bench = &web.bench;
    const char *begin = strstr(bench->rules_text, head);
    FUZZ_EXPECT(begin);
    const size_t before = (size_t)(begin - bench->rules_text), after = before + strlen(head);
    for (size_t i = 0; i < IMAGES; i++) {
        struct mst_grown text = {NULL, 0, 0};
        mst_grown_add(&text, bench->rules_text, before);
        mst_grown_puts(&text, heads[i]);
        mst_grown_add(&text, bench->rules_text + after, bench->rules_len - after);
        web.images[i] = bench_compile(text.ptr, text.len, &web.image_lens[i]);
        free(text.ptr);
    }
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    FUZZ_EXPECT(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* A key of this run, a signature by it, and a token, as files that the service reads. */
static void make_secrets(const char *folder)
{
    char path[128], text[MST_TRUST_FILE_BYTES];
    mst_trust_secret secret;
    mst_trust_public public;
    FUZZ_EXPECT(mst_trust_begin() == MST_TRUST_OK);
    mst_trust_generate(&secret, &public);
    FUZZ_EXPECT(mst_trust_sign(&secret, web.images[SIGNED], web.image_lens[SIGNED], "fuzz",
                               web.signature) == MST_TRUST_OK);
    mst_trust_wipe(&secret);
    for (char *at = web.signature; *at; at++)
        *at = *at == '\n' ? (at[1] ? '\t' : '\0') : *at;
    mst_trust_write_public(&public, text);
    snprintf(path, sizeof path, "%s/key.pub", folder);
    write_text(path, text);
    bench_set(&web.bench, "trust-key", path);
    snprintf(path, sizeof path, "%s/token", folder);
    write_text(path, "0123456789abcdef\n");
    bench_set(&web.bench, "token-file", path);
}

static void remove_secrets(void)
{
    char *folder =
        mst_grown_copy(web.locked.trust_key.items[0], strlen(web.locked.trust_key.items[0]));
    (void)unlink(web.locked.trust_key.items[0]);
    (void)unlink(web.locked.token_file.items[0]);
    *strrchr(folder, '/') = '\0';
    (void)rmdir(folder);
    free(folder);
}

static void open_web(void)
{
    char folder[] = "/tmp/fuzz_http_XXXXXX";
    FUZZ_EXPECT(mkdtemp(folder));
    bench_open(&web.bench);
    mst_streams_init(&web.streams, &web.bench.loop, &web.bench.intake, &web.bench.settings);
    make_images();
    bench_set(&web.bench, "http", "127.0.0.1:0");
    web.open = web.bench.settings;
    web.open.allow_unsigned = true;
    make_secrets(folder);
    web.locked = web.bench.settings;
    (void)atexit(remove_secrets);
    web.is_ready = true;
}

/* ---- requests ---------------------------------------------------------------------------- */

/* Nobody is asked for anything: what is suspended now stays so. */
static bool is_quiet(void)
{
    for (const struct mst_http_request *request = web.http->first; request; request = request->next)
        if (request->is_busy || request->session.in_flight > 0)
            return false;
    return mst_intake_is_idle(&web.bench.intake);
}

static bool step_all(void)
{
    bool has_moved = false;
    for (struct MHD_Connection *connection = fake_daemon->first; connection;
         connection = connection->next)
        has_moved = fake_step(fake_daemon, connection) || has_moved;
    return has_moved;
}

/* Until nothing moves any more; then only event streams wait. */
static void settle(void)
{
    bool has_moved = true;
    for (unsigned turn = 0; has_moved || !is_quiet(); turn++) {
        FUZZ_EXPECT(turn < BENCH_TURNS);
        bench_turn(&web.bench);
        mst_http_news(web.http);
        has_moved = step_all();
    }
    for (const struct mst_http_request *request = web.http->first; request; request = request->next)
        FUZZ_EXPECT(request->is_over || request->is_stream);
}

/* "@3" is image number 3. */
static void put_image(struct MHD_Connection *connection)
{
    const size_t number = connection->body_len == 2 && connection->body[0] == '@'
                              ? (size_t)(unsigned char)connection->body[1] - '0'
                              : IMAGES;
    if (number >= IMAGES)
        return;
    free(connection->body);
    connection->body = mst_grown_copy((const char *)web.images[number], web.image_lens[number]);
    connection->body_len = web.image_lens[number];
}

static void put_signature(struct MHD_Connection *connection)
{
    for (size_t i = 0; i < connection->header_count; i++)
        if (strcmp(connection->headers[i].value, "@") == 0)
            connection->headers[i].value = web.signature;
}

static void send_request(const char *text, size_t len)
{
    const unsigned char how = len > 0 ? (unsigned char)text[0] : 0;
    struct MHD_Connection *connection =
        fake_connect(fake_daemon, text + (len > 0), len > 0 ? len - 1 : 0);
    connection->goes_away = how & HOW_GOES_AWAY;
    put_image(connection);
    put_signature(connection);
    connection->piece = (size_t)1 << (how & HOW_PIECE);
    if (how & HOW_NO_WAITING)
        (void)step_all();
    else
        settle();
}

static void close_web(bool drains)
{
    if (drains)
        mst_http_drain(web.http);
    settle();
    FUZZ_EXPECT(!drains || mst_http_is_idle(web.http, false));
    mst_http_close(web.http);
    (void)uv_run(&web.bench.loop, UV_RUN_DEFAULT);
    FUZZ_EXPECT(!web.http->first && web.http->active == 0 && web.http->event_streams == 0);
    mst_http_free(web.http);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (!web.is_ready)
        open_web();
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    web.http = mst_http_open(&web.bench.loop, data[0] & PLAN_LOCKED ? &web.locked : &web.open,
                             &web.bench.engine, &web.bench.intake, &web.streams);
    FUZZ_EXPECT(web.http);
    fake_daemon->check = check_answer;
    for (unsigned i = 0; at < end && i < REQUESTS_MAX; i++) {
        const char *mark = memchr(at, SEPARATOR, (size_t)(end - at));
        send_request(at, (size_t)((mark ? mark : end) - at));
        at = mark ? mark + 1 : end;
    }
    close_web(data[0] & PLAN_DRAINS);
    bench_reset(&web.bench);
    return 0;
}
