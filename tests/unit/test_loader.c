/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader of files: where it looks, and what it refuses to look at. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "muster/lang.h"

static char folder[64], path[128];

static const char *below(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(below(name), "wb");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static mst_loader *begin(void)
{
    static const char template[] = "/tmp/muster_loader_XXXXXX";
    memcpy(folder, template, sizeof template);
    cr_assert_not_null(mkdtemp(folder));
    mkdir(below("sub"), 0700);
    write_file("top.muster", "top");
    write_file("sub/inner.muster", "inner");
    write_file("sub/t.csv", "a,b\n");
    const char *folders[] = {"/nonexistent", folder};
    return mst_file_loader(folders, 2);
}

static void end(mst_loader *loader)
{
    remove(below("top.muster"));
    remove(below("sub/inner.muster"));
    remove(below("sub/t.csv"));
    remove(below("sub"));
    remove(folder);
    mst_file_loader_free(loader);
}

/* The text, or the status as a text. */
static const char *load(mst_loader *loader, mst_load_kind kind, const char *name, const char *from)
{
    static char text[64];
    mst_source_text found;
    mst_status status = loader->load(loader->context, kind, name, from, &found);
    if (status != MST_OK) {
        snprintf(text, sizeof text, "%d", status);
        return text;
    }
    snprintf(text, sizeof text, "%.*s", (int)found.len, found.text);
    cr_assert_not_null(found.path);
    loader->release(loader->context, &found);
    return text;
}

Test(loader, finds_modules_by_dotted_name)
{
    mst_loader *loader = begin();
    cr_assert_str_eq(load(loader, MST_LOAD_MODULE, "top", ""), "top");
    cr_assert_str_eq(load(loader, MST_LOAD_MODULE, "sub.inner", ""), "inner");
    cr_assert_str_eq(load(loader, MST_LOAD_MODULE, "sub.other", ""), "-7");
    end(loader);
}

Test(loader, refuses_names_that_lead_elsewhere)
{
    static const char *const names[] = {"",      ".top",   "top.",       "sub..inner", "../top",
                                        "sub/t", "/etc/x", "sub\\inner", "a b",        "..top"};
    mst_loader *loader = begin();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_assert_str_eq(load(loader, MST_LOAD_MODULE, names[i], ""), "-7", "%s", names[i]);
    end(loader);
}

Test(loader, finds_tables_beside_the_file_that_asks)
{
    char from[128];
    mst_loader *loader = begin();
    snprintf(from, sizeof from, "%s/sub/inner.muster", folder);
    cr_assert_str_eq(load(loader, MST_LOAD_TABLE, "t.csv", from), "a,b\n");
    snprintf(from, sizeof from, "%s/top.muster", folder);
    cr_assert_str_eq(load(loader, MST_LOAD_TABLE, "sub/t.csv", from), "a,b\n");
    cr_assert_str_eq(load(loader, MST_LOAD_TABLE, "t.csv", from), "-7");
    cr_assert_str_eq(load(loader, MST_LOAD_TABLE, "t.csv", "inner.muster"), "-7");
    end(loader);
}

Test(loader, refuses_tables_outside_the_folder)
{
    static const char *const names[] = {
        "",           "../t.csv", "/etc/passwd", "sub/../t.csv", "./sub/t.csv", "sub//t.csv",
        "sub\\t.csv", "c:t.csv",  "sub/",        "sub/..",       "a\nb"};
    char from[128];
    mst_loader *loader = begin();
    snprintf(from, sizeof from, "%s/top.muster", folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_assert_str_eq(load(loader, MST_LOAD_TABLE, names[i], from), "-7", "%s", names[i]);
    end(loader);
}
