/* SPDX-License-Identifier: Apache-2.0
 *
 * diag_render.c - a diagnostic as people see it:
 *
 *     rules.muster:12:9: error E0207: `=` gives a name to a value; it does not compare
 *        12 |   when a = b then late
 *           |          ^
 *     help: write `==`
 *
 * A line is shown as cells of a terminal, at most WIDTH columns around the span; only that much
 * of it is read, however long it is. What could change the terminal is shown as a mark. */
#include <stdio.h>
#include <string.h>

#include "diag.h"

#define WIDTH 100
#define GUTTER 8 /* "12345 | " */
#define TEXT_WIDTH (WIDTH - GUTTER)
#define TAB_WIDTH 4
#define BYTES_BEFORE 300 /* of the line that are looked at, around the span's beginning */
#define BYTES_BEHIND 600
#define MAX_CELLS ((BYTES_BEFORE + BYTES_BEHIND) * TAB_WIDTH)

#define BOLD "\033[1m"
#define RED "\033[1;31m"
#define YELLOW "\033[1;33m"
#define BLUE "\033[1;34m"
#define RESET "\033[0m"

struct writer {
    char *buffer;
    size_t capacity, len;
    bool color;
};

struct cell {
    const char *bytes;
    uint32_t len;
};

struct strip {
    struct cell cells[MAX_CELLS];
    uint32_t count;
    uint32_t mark_from, mark_to; /* cells of the span */
    bool cut_left, cut_right;    /* there is more of the line */
};

static void write_bytes(struct writer *writer, const char *bytes, size_t len)
{
    size_t room = writer->len < writer->capacity ? writer->capacity - writer->len : 0;
    if (room != 0 && len != 0)
        memcpy(writer->buffer + writer->len, bytes, len < room ? len : room);
    writer->len += len;
}

static void write_text(struct writer *writer, const char *text)
{
    write_bytes(writer, text, strlen(text));
}

static void write_color(struct writer *writer, const char *color)
{
    if (writer->color)
        write_text(writer, color);
}

/* Returns how many columns it took. */
static size_t write_number(struct writer *writer, uint32_t number, int width)
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%*u", width, (unsigned)number);
    write_bytes(writer, digits, (size_t)len);
    return (size_t)len;
}

/* ---- a piece of a line ------------------------------------------------------------------- */

static void add_cell(struct strip *strip, const char *bytes, uint32_t len)
{
    if (strip->count < MAX_CELLS)
        strip->cells[strip->count++] = (struct cell){bytes, len};
}

static void add_character(struct strip *strip, const char *at, uint32_t len)
{
    if (*at == '\t') {
        do
            add_cell(strip, " ", 1);
        while (strip->count % TAB_WIDTH != 0 && strip->count < MAX_CELLS);
    } else if (mst_diag_is_harmful(at, len)) {
        add_cell(strip, "\xEF\xBF\xBD", 3);
    } else {
        add_cell(strip, at, len);
    }
}

/* Cuts the line to what may be shown, at beginnings of characters. */
static void fill_strip(struct strip *strip, const char *text, struct mst_span line,
                       struct mst_span span)
{
    uint32_t from = line.at, to = line.at + line.len;
    strip->count = strip->mark_from = strip->mark_to = 0;
    strip->cut_left = span.at > from + BYTES_BEFORE;
    if (strip->cut_left)
        for (from = span.at - BYTES_BEFORE; ((unsigned char)text[from] & 0xC0u) == 0x80u;)
            from++;
    strip->cut_right = to > span.at + BYTES_BEHIND;
    if (strip->cut_right)
        to = span.at + BYTES_BEHIND;
    while (from < to) {
        uint32_t len = mst_diag_character(text + from, text + to);
        if (from < span.at + span.len || from <= span.at)
            strip->mark_to = strip->count + 1;
        if (from <= span.at)
            strip->mark_from = strip->count;
        add_character(strip, text + from, len);
        if (from < span.at + span.len)
            strip->mark_to = strip->count;
        from += len;
    }
    if (span.at >= to) { /* at the line's end: one cell behind it */
        strip->mark_from = strip->count;
        strip->mark_to = strip->count + 1;
    }
}

/* ---- showing it -------------------------------------------------------------------------- */

struct window {
    uint32_t from, to;
};

static struct window choose_window(const struct strip *strip)
{
    if (strip->count <= TEXT_WIDTH && !strip->cut_left && !strip->cut_right)
        return (struct window){0, strip->count};
    uint32_t from = strip->mark_from > TEXT_WIDTH / 3 ? strip->mark_from - TEXT_WIDTH / 3 : 0;
    if (strip->mark_to <= TEXT_WIDTH - 3 && !strip->cut_left)
        from = 0;
    uint32_t to = from + TEXT_WIDTH < strip->count ? from + TEXT_WIDTH : strip->count;
    return (struct window){from, to};
}

static void show_cells(struct writer *writer, const struct strip *strip, struct window window)
{
    bool left = strip->cut_left || window.from > 0;
    bool right = strip->cut_right || window.to < strip->count;
    for (uint32_t i = window.from; i < window.to && i < strip->count; i++) {
        bool is_dot = (left && i < window.from + 3) || (right && i + 3 >= window.to);
        if (is_dot)
            write_text(writer, ".");
        else
            write_bytes(writer, strip->cells[i].bytes, strip->cells[i].len);
    }
    write_text(writer, "\n");
}

static void show_mark(struct writer *writer, const struct strip *strip, struct window window,
                      const char *color)
{
    write_text(writer, " | ");
    for (uint32_t i = window.from; i < strip->mark_from; i++)
        write_text(writer, " ");
    write_color(writer, color);
    write_text(writer, "^");
    for (uint32_t i = strip->mark_from + 1; i < strip->mark_to && i < window.to; i++)
        write_text(writer, "~");
    write_color(writer, RESET);
    write_text(writer, "\n");
}

static void show_line(struct writer *writer, struct mst_diags *diags, struct mst_span span,
                      uint32_t line, const char *color)
{
    struct strip strip;
    struct mst_span bytes = mst_source_line(diags, span.source, line);
    if (span.source >= diags->source_count)
        return;
    if (span.at < bytes.at) /* before a byte order mark */
        span.at = bytes.at;
    fill_strip(&strip, diags->sources[span.source].text, bytes, span);
    struct window window = choose_window(&strip);
    write_color(writer, BLUE);
    size_t gutter = write_number(writer, line, GUTTER - 3);
    write_text(writer, " | ");
    write_color(writer, RESET);
    show_cells(writer, &strip, window);
    for (size_t i = 0; i < gutter; i++)
        write_text(writer, " ");
    show_mark(writer, &strip, window, color);
}

static uint32_t show_place(struct writer *writer, struct mst_diags *diags, struct mst_span span)
{
    uint32_t line = 0, column = 0;
    mst_source_place(diags, span.source, span.at, &line, &column);
    write_color(writer, BOLD);
    write_text(writer, span.source < diags->source_count ? diags->sources[span.source].path : "-");
    write_text(writer, ":");
    write_number(writer, line, 1);
    write_text(writer, ":");
    write_number(writer, column, 1);
    write_text(writer, ": ");
    write_color(writer, RESET);
    return line;
}

static void show_headline(struct writer *writer, const struct mst_diag *diag, const char *color)
{
    write_color(writer, color);
    write_text(writer, diag->is_warning ? "warning " : "error ");
    write_text(writer, diag->code);
    write_text(writer, ": ");
    write_color(writer, RESET);
    write_text(writer, diag->message != NULL ? diag->message : "");
    write_text(writer, "\n");
}

size_t mst_diag_render(struct mst_diags *diags, const struct mst_diag *diag, bool color,
                       char *buffer, size_t capacity)
{
    struct writer writer = {buffer, capacity, 0, color};
    const char *mark_color = diag->is_warning ? YELLOW : RED;
    uint32_t line = show_place(&writer, diags, diag->span);
    show_headline(&writer, diag, mark_color);
    show_line(&writer, diags, diag->span, line, mark_color);
    if (diag->other_message != NULL) {
        line = show_place(&writer, diags, diag->other);
        write_text(&writer, diag->other_message);
        write_text(&writer, "\n");
        show_line(&writer, diags, diag->other, line, BLUE);
    }
    if (diag->help != NULL) {
        write_color(&writer, BOLD);
        write_text(&writer, "help:");
        write_color(&writer, RESET);
        write_text(&writer, " ");
        write_text(&writer, diag->help);
        write_text(&writer, "\n");
    }
    return writer.len;
}
