/* SPDX-License-Identifier: Apache-2.0
 *
 * test_schema.c - what a reader makes of the facts of an image: which keys lead where, and which
 * images are refused. How long it takes is the subject of test_verify_time.c. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "../facts/fake_rules.h"
#include "muster/facts.h"

/* As many keys as tools make: alike at both ends and of one length. */
Test(reader, tells_keys_apart_that_are_alike)
{
    enum { COUNT = 2000 };
    static struct fake_fact facts[COUNT] = {SIMPLE("id", "id", TEXT, 0, 0)};
    static char paths[COUNT][48], json[COUNT * 64];
    struct fake_rules rules = {facts, fake_groups, fake_enums, COUNT, 1, 1, 0};
    size_t len = (size_t)snprintf(json, sizeof json, "{\"id\":\"1\"");
    for (uint32_t f = 1; f < COUNT; f++) {
        snprintf(paths[f], sizeof paths[f], "deviceSetting%04uStateOfInstallation", f);
        facts[f] = (struct fake_fact)SIMPLE("f", paths[f], INT, f, 0);
        len += (size_t)snprintf(json + len, sizeof json - len, ",\"%s\":%u", paths[f], f);
    }
    len += (size_t)snprintf(json + len, sizeof json - len, ",\"deviceSetting2000State\":1}");
    const mst_image image = fake_image(&rules);
    mst_vm *vm = calloc(1, sizeof *vm);
    mst_reader *reader;
    void *block = malloc(mst_reader_size(&image));
    mst_record_error error = MST_RECORD_ERROR_INIT;
    vm->rules = &rules;
    vm->used_slots = COUNT;
    cr_assert_eq(mst_reader_init(&reader, block, mst_reader_size(&image), &image), MST_OK);
    cr_assert_eq(mst_read_record(reader, vm, json, len, 0, &error), MST_OK, "%s", error.message);
    for (uint32_t f = 1; f < COUNT; f++)
        cr_assert_eq(vm->slots[f].word, f);
    free(block);
    free(vm);
}

Test(reader, refuses_schemas_that_are_too_deep)
{
    static struct fake_fact facts[200] = {SIMPLE("id", "id", TEXT, 0, 0)};
    struct fake_rules rules = {facts, fake_groups, fake_enums, 66, 1, 1, 0};
    for (uint32_t f = 1; f < 200; f++)
        facts[f] = (struct fake_fact)LIST("l", "", f, f == 1 ? NONE : f - 1, 1, 1);
    facts[1].path = "l";
    mst_image image = fake_image(&rules);
    mst_reader *reader;
    uint64_t block[8192];
    cr_expect_eq(mst_reader_init(&reader, block, sizeof block, &image), MST_ERR_LIMIT);
    rules.fact_count = 64;
    cr_expect_eq(mst_reader_init(&reader, block, sizeof block, &image), MST_OK);
}
