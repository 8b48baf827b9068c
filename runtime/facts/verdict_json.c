/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict_json.c - a verdict as one JSON object: all keys always, in the order of spec/verdict.md.
 * Texts are rendered straight into the caller's buffer. */
#include "format/base.h"
#include "format/builtins.h"
#include "json_out.h"
#include "muster/facts.h"
#include "verdict_line.h"

struct writer {
    struct mst_json_out out;
    mst_vm *vm;
    const mst_image *image;
    const mst_verdict *verdict;
    struct mst_line_memo *memo; /* or NULL */
};

#define PUT(writer, text) MST_JSON_OUT_LITERAL(&(writer)->out, text)

static const mst_text no_text = {NULL, 0};

static void write_time(struct mst_line_time *into, int64_t time)
{
    into->time = time;
    into->text[0] = '"';
    into->len = (uint32_t)mst_print_value(MST_TYPE_TIME, time, into->text + 1) + 2;
    into->text[into->len - 1] = '"';
}

/* A call, so that one that is kept is found without saving registers. */
static MST_NOINLINE void renew_time(struct mst_line_time *kept, int64_t time)
{
    write_time(kept, time);
}

void mst_line_time(struct mst_line_memo *memo, int64_t time, struct mst_json_out *out)
{
    /* Instants that are whole days apart would meet in one place by their last bits. */
    uint64_t mixed = (uint64_t)time * UINT64_C(0x9e3779b97f4a7c15);
    struct mst_line_time *kept = &memo->times[(mixed >> 32) % MST_LINE_TIMES];
    if (kept->len == 0 || kept->time != time)
        renew_time(kept, time);
    mst_json_out_padded(out, kept->text, kept->len);
}

static MST_NOINLINE void put_new_time(struct mst_json_out *out, int64_t time)
{
    struct mst_line_time now;
    write_time(&now, time);
    mst_json_out_raw(out, now.text, now.len);
}

static void put_time(struct writer *w, int64_t time)
{
    if (time == MST_NEVER)
        PUT(w, "null");
    else if (w->memo)
        mst_line_time(w->memo, time, &w->out);
    else
        put_new_time(&w->out, time);
}

/* ---- texts that the vm renders ------------------------------------------------------------ */

/* Ends what a render function began in the buffer: a string, or null where there is none. */
static void end_render(struct writer *w, mst_status status, size_t len)
{
    if (status == MST_OK || status == MST_ERR_SPACE)
        mst_json_out_rendered(&w->out, len);
    else
        mst_json_out_text(&w->out, no_text);
}

static void put_part(struct writer *w, mst_part part)
{
    size_t room, len = 0;
    char *text = mst_json_out_room(&w->out, &room);
    const mst_status status = mst_render(w->vm, part, text, room, &len);
    end_render(w, status, len);
}

static void put_advice_part(struct writer *w, uint32_t i, mst_part part)
{
    size_t room, len = 0;
    char *text = mst_json_out_room(&w->out, &room);
    const mst_status status = mst_advice_render(w->vm, i, part, text, room, &len);
    end_render(w, status, len);
}

/* ---- fields, lists ----------------------------------------------------------------------- */

static void put_field(struct writer *w, uint32_t i)
{
    mst_field field = MST_FIELD_INIT;
    char text[MST_PRINT_MAX];
    size_t room, len = 0;
    if (mst_field_at(w->vm, i, &field) != MST_OK)
        return;
    if (i > 0)
        PUT(w, ",");
    mst_json_out_text(&w->out, field.name);
    PUT(w, ":");
    if (!field.known) {
        PUT(w, "null");
    } else if (field.type == MST_TYPE_BOOL || field.type == MST_TYPE_INT) {
        len = mst_print_value(field.type, field.value, text);
        mst_json_out_raw(&w->out, text, len);
    } else {
        char *rendered = mst_json_out_room(&w->out, &room);
        const mst_status status = mst_field_render(w->vm, i, rendered, room, &len);
        end_render(w, status, len);
    }
}

static void put_fields(struct writer *w)
{
    PUT(w, ",\"fields\":{");
    for (uint32_t i = 0; i < w->verdict->field_count; i++)
        put_field(w, i);
    PUT(w, "}");
}

/* The checks that `next` finds; an unknown decision has none. */
static void put_checks(struct writer *w, uint32_t next(const mst_vm *vm, uint32_t i))
{
    uint32_t check = next(w->vm, 0);
    PUT(w, "[");
    for (uint32_t i = 0; check != MST_INDEX_NONE; check = next(w->vm, ++i)) {
        if (i > 0)
            PUT(w, ",");
        mst_json_out_text(&w->out, mst_check_name(w->image, w->verdict->index, check));
    }
    PUT(w, "]");
}

static void put_check_lists(struct writer *w)
{
    PUT(w, ",\"unknown_checks\":");
    put_checks(w, mst_unknown_check);
    if (mst_failed_check(w->vm, 0) == MST_INDEX_NONE)
        return;
    PUT(w, ",\"failed_checks\":");
    put_checks(w, mst_failed_check);
}

static void put_advice(struct writer *w)
{
    PUT(w, ",\"advice\":[");
    for (uint32_t i = 0; i < w->verdict->advice_count; i++) {
        if (i > 0)
            PUT(w, ",");
        PUT(w, "{\"name\":");
        mst_json_out_text(&w->out, mst_advice_name(w->vm, i));
        PUT(w, ",\"reason\":");
        put_advice_part(w, i, MST_PART_REASON);
        PUT(w, ",\"remedy\":");
        put_advice_part(w, i, MST_PART_REMEDY);
        PUT(w, ",\"cite\":");
        put_advice_part(w, i, MST_PART_CITE);
        PUT(w, "}");
    }
    PUT(w, "]");
}

/* The causes of one kind. */
static void put_causes(struct writer *w, mst_cause_kind kind)
{
    mst_cause cause = MST_CAUSE_INIT;
    uint32_t cursor = 0;
    bool is_first = true;
    PUT(w, "[");
    while (mst_cause_next(w->vm, &cursor, &cause) == MST_OK) {
        if (cause.kind != kind)
            continue;
        if (!is_first)
            PUT(w, ",");
        is_first = false;
        mst_json_out_text(&w->out, cause.name);
    }
    PUT(w, "]");
}

static void put_all_causes(struct writer *w)
{
    PUT(w, ",\"missing\":");
    put_causes(w, MST_CAUSE_MISSING);
    PUT(w, ",\"invalid\":");
    put_causes(w, MST_CAUSE_INVALID);
    PUT(w, ",\"stale\":");
    put_causes(w, MST_CAUSE_STALE);
    PUT(w, ",\"undecided\":");
    put_causes(w, MST_CAUSE_UNDECIDED);
    PUT(w, ",\"fault\":");
    put_causes(w, MST_CAUSE_FAULT);
}

static void put_lists(struct writer *w)
{
    const mst_verdict *verdict = w->verdict;
    if (verdict->field_count == 0 && verdict->unknown_count == 0 && verdict->advice_count == 0 &&
        mst_failed_check(w->vm, 0) == MST_INDEX_NONE) {
        PUT(w, ",\"fields\":{},\"unknown_checks\":[],\"advice\":[],\"missing\":[],"
               "\"invalid\":[],\"stale\":[],\"undecided\":[],\"fault\":[]");
        return;
    }
    put_fields(w);
    put_check_lists(w);
    put_advice(w);
    put_all_causes(w);
}

/* ---- names ------------------------------------------------------------------------------- */

static MST_NOINLINE mst_slot find_subject_slot(const struct writer *w)
{
    mst_fact_info info = MST_FACT_INFO_INIT;
    if (mst_fact_info_at(w->image, mst_image_subject(w->image), &info) != MST_OK)
        return MST_SLOT_NONE;
    if (w->memo) {
        w->memo->subject = info.slot;
        w->memo->has_subject = true;
    }
    return info.slot;
}

static mst_text find_subject(const struct writer *w)
{
    const bool is_kept = w->memo && w->memo->has_subject;
    return mst_fact_text_of(w->vm, is_kept ? w->memo->subject : find_subject_slot(w));
}

static void put_name(struct writer *w)
{
    mst_verdict_info info = MST_VERDICT_INFO_INIT;
    PUT(w, ",\"verdict\":");
    (void)mst_verdict_info_at(w->image, w->verdict->index, &info);
    mst_json_out_text(&w->out, info.name);
    PUT(w, ",\"outcome\":");
    mst_json_out_text(&w->out, mst_outcome_name(w->image, w->verdict));
}

static void put_kind(struct writer *w)
{
    static const char kinds[][20] = {",\"kind\":\"pass\"", ",\"kind\":\"fail\"",
                                     ",\"kind\":\"case\"", ",\"kind\":\"unknown\""};
    static const unsigned char lengths[] = {14, 14, 14, 17};
    uint32_t kind = (uint32_t)w->verdict->kind;
    MST_ASSERT(kind < sizeof lengths);
    mst_json_out_raw(&w->out, kinds[kind], lengths[kind]);
}

static void put_check(struct writer *w)
{
    uint32_t check = w->verdict->check;
    PUT(w, ",\"check\":");
    mst_json_out_text(&w->out, check == MST_INDEX_NONE
                                   ? no_text
                                   : mst_check_name(w->image, w->verdict->index, check));
}

static void put_names(struct writer *w, bool brief)
{
    put_name(w);
    if (!brief)
        put_kind(w);
    put_check(w);
}

/* ---- names and texts ----------------------------------------------------------------------- */

/* Room behind a text for the keys of those that follow. */
#define KEYS_BYTES 48

/* A text goes to what is kept if it is constant and has room; else it leaves a gap there. */
static void keep_text(struct writer *w, mst_part part, struct mst_line_middle *kept)
{
    const size_t begin = w->out.len;
    if (mst_render_is_constant(w->vm, part)) {
        put_part(w, part);
        if (w->out.len + KEYS_BYTES <= w->out.capacity)
            return;
        w->out.len = begin;
    }
    kept->gaps[kept->gap_count++] = (struct mst_line_gap){(uint16_t)begin, (uint16_t)part};
}

static void put_text(struct writer *w, mst_part part, struct mst_line_middle *kept)
{
    if (kept)
        keep_text(w, part, kept);
    else
        put_part(w, part);
}

static void write_middle(struct writer *w, struct mst_line_middle *kept)
{
    put_names(w, false);
    PUT(w, ",\"label\":");
    put_text(w, MST_PART_LABEL, kept);
    PUT(w, ",\"reason\":");
    put_text(w, MST_PART_REASON, kept);
    PUT(w, ",\"remedy\":");
    put_text(w, MST_PART_REMEDY, kept);
    PUT(w, ",\"cite\":");
    put_text(w, MST_PART_CITE, kept);
}

/* NULL where not even what stands between the texts has room. */
static MST_NOINLINE const struct mst_line_middle *
keep_middle(const struct writer *w, const struct mst_line_key *key, struct mst_line_middle *middle)
{
    struct writer into = *w;
    into.out = (struct mst_json_out){middle->text, sizeof middle->text, 0};
    middle->len = 0;
    middle->gap_count = 0;
    write_middle(&into, middle);
    if (into.out.len > into.out.capacity)
        return NULL;
    middle->key = *key;
    middle->len = (uint32_t)into.out.len;
    return middle;
}

/* That of the key, made now in a free place if there was none; where all are taken, in its own. */
static const struct mst_line_middle *find_middle(const struct writer *w)
{
    const mst_verdict *verdict = w->verdict;
    const struct mst_line_key key = {verdict->index, verdict->outcome, verdict->check,
                                     (uint32_t)verdict->kind};
    const uint32_t odd = 0x9e3779b1;
    const uint32_t own = (((key.verdict * odd ^ key.outcome) * odd ^ key.check) * odd) >> 16;
    for (uint32_t i = 0; i < MST_LINE_PROBES; i++) {
        struct mst_line_middle *middle = &w->memo->middles[(own + i) % MST_LINE_MIDDLES];
        if (middle->len == 0)
            return keep_middle(w, &key, middle);
        if (memcmp(&middle->key, &key, sizeof key) == 0)
            return middle;
    }
    return keep_middle(w, &key, &w->memo->middles[own % MST_LINE_MIDDLES]);
}

static void put_kept(struct writer *w, const struct mst_line_middle *middle)
{
    uint32_t begin = 0;
    for (uint32_t i = 0; i < middle->gap_count; i++) {
        const struct mst_line_gap gap = middle->gaps[i];
        mst_json_out_raw(&w->out, middle->text + begin, gap.at - begin);
        put_part(w, (mst_part)gap.part);
        begin = gap.at;
    }
    mst_json_out_raw(&w->out, middle->text + begin, middle->len - begin);
}

static void put_middle(struct writer *w)
{
    const struct mst_line_middle *middle = w->memo ? find_middle(w) : NULL;
    if (middle)
        put_kept(w, middle);
    else
        write_middle(w, NULL);
}

/* ---- the rules ----------------------------------------------------------------------------- */

/* "windows.hotpatch@2026.11+3fa9c210" */
static void write_rules(struct writer *w)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *digest = mst_image_digest(w->image);
    mst_text module = mst_image_module(w->image), version = mst_image_version(w->image);
    char digits[8];
    for (size_t i = 0; i < 4; i++) {
        digits[2 * i] = hex[digest[i] >> 4];
        digits[2 * i + 1] = hex[digest[i] & 15];
    }
    PUT(w, ",\"rules\":\"");
    mst_json_out_inside(&w->out, module);
    if (version.len > 0) {
        PUT(w, "@");
        mst_json_out_inside(&w->out, version);
    }
    PUT(w, "+");
    mst_json_out_raw(&w->out, digits, sizeof digits);
    PUT(w, "\"");
}

static void put_rules(struct writer *w)
{
    size_t begin = w->out.len;
    if (w->memo && w->memo->rules_len > 0) {
        mst_json_out_raw(&w->out, w->memo->rules, w->memo->rules_len);
        return;
    }
    write_rules(w);
    size_t len = w->out.len - begin;
    if (!w->memo || w->out.len > w->out.capacity || len > MST_LINE_RULES_BYTES)
        return;
    memcpy(w->memo->rules, w->out.buffer + begin, len);
    w->memo->rules_len = (uint32_t)len;
}

/* ---- the whole --------------------------------------------------------------------------- */

mst_status mst_verdict_line(mst_vm *vm, const mst_image *image, const mst_verdict *verdict,
                            bool brief, struct mst_line_memo *memo, char *buffer, size_t capacity,
                            size_t *len)
{
    struct writer w = {{NULL, capacity, 0}, vm, image, verdict, memo};
    w.out.buffer = buffer;
    PUT(&w, "{\"subject\":");
    mst_json_out_text(&w.out, find_subject(&w));
    if (brief) {
        put_names(&w, true);
    } else {
        put_middle(&w);
        put_lists(&w);
        PUT(&w, ",\"at\":");
        put_time(&w, verdict->at);
    }
    PUT(&w, ",\"valid_until\":");
    put_time(&w, verdict->valid_until);
    if (!brief)
        put_rules(&w);
    PUT(&w, "}");
    *len = w.out.len;
    return w.out.len <= capacity ? MST_OK : MST_ERR_SPACE;
}

mst_status mst_verdict_json(mst_vm *vm, const mst_image *image, const mst_verdict *verdict,
                            bool brief, char *buffer, size_t capacity, size_t *len)
{
    return mst_verdict_line(vm, image, verdict, brief, NULL, buffer, capacity, len);
}

mst_status mst_record_error_json(const mst_record_error *error, uint64_t line, char *buffer,
                                 size_t capacity, size_t *len)
{
    struct mst_json_out out = {NULL, capacity, 0};
    out.buffer = buffer;
    mst_text message = {error->message, 0};
    while (message.ptr[message.len] != 0)
        message.len++;
    MST_JSON_OUT_LITERAL(&out, "{\"error\":\"bad_record\",\"line\":");
    mst_json_out_uint(&out, line);
    MST_JSON_OUT_LITERAL(&out, ",\"byte\":");
    mst_json_out_uint(&out, error->byte);
    MST_JSON_OUT_LITERAL(&out, ",\"message\":");
    mst_json_out_text(&out, message);
    MST_JSON_OUT_LITERAL(&out, "}");
    *len = out.len;
    return out.len <= capacity ? MST_OK : MST_ERR_SPACE;
}
