/* SPDX-License-Identifier: Apache-2.0
 *
 * parse_cases.h - for tests of scanner and parser: a source in, its tree or the whole text of its
 * diagnostics out. Included by one test file at a time. */
#ifndef MST_TESTS_PARSE_CASES_H
#define MST_TESTS_PARSE_CASES_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "ast_dump.h"
#include "atoms.h"
#include "diag.h"
#include "parse.h"

struct error_case {
    const char *name, *source, *rendered;
};

static char parse_result[1 << 18];

static void render_all(struct mst_diags *diags)
{
    size_t len = 0;
    mst_diags_sort(diags);
    for (size_t i = 0; i < diags->count && len < sizeof parse_result; i++)
        len += mst_diag_render(diags, &diags->list[i], false, parse_result + len,
                               sizeof parse_result - len - 1);
    parse_result[len < sizeof parse_result ? len : sizeof parse_result - 1] = '\0';
}

/* The rendered diagnostics of a source called t.muster; empty if there are none. */
static const char *parse_errors(const char *source, size_t len)
{
    struct mst_arena arena;
    struct mst_atoms atoms;
    struct mst_diags diags;
    mst_arena_init(&arena, NULL);
    mst_atoms_init(&atoms, &arena);
    mst_diags_init(&diags, &arena, 0);
    uint32_t number = mst_diags_add_source(&diags, "t.muster", source, len);
    cr_assert_not_null(mst_parse(&arena, &atoms, &diags, number));
    render_all(&diags);
    mst_arena_free(&arena);
    return parse_result;
}

/* Runs all cases, each behind `prefix`, and names every one that differs. */
static inline void check_cases(const char *prefix, const struct error_case *cases, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        char source[4096];
        int len = snprintf(source, sizeof source, "%s%s", prefix, cases[i].source);
        const char *seen = parse_errors(source, (size_t)len);
        if (strcmp(seen, cases[i].rendered) == 0)
            continue;
        wrong++;
        cr_log_error("%s: expected\n%s\nbut saw\n%s", cases[i].name, cases[i].rendered, seen);
    }
    cr_assert_eq(wrong, 0, "%zu cases differ", wrong);
}

#endif
