/* SPDX-License-Identifier: Apache-2.0
 *
 * Facts kept aside and set again by one copy: mst_facts_save(), mst_facts_load(). That verdicts
 * over them are the same is shown for all kinds of facts by the fuzz targets (exercise.h). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/lang.h"
#include "muster/muster.h"

#define NOW 1786752000 /* 2026-08-15T00:00:00Z */
#define WEEK (7 * 86400)

static const char rules[] =
    "module saved version 1.0\n"
    "enum Edition { pro, enterprise }\n"
    "facts os stale after 7 days {\n"
    "  edition: Edition  build: version  name: text  tags: list<text, 3>\n"
    "}\n"
    "facts device from \"\" { joined: bool }\n"
    "policy ready {\n"
    "  pass yes fail no unknown open\n"
    "  check edition { require os.edition == enterprise reason \"{os.edition}\" }\n"
    "  check name    { require os.name == \"W11\" and device.joined reason \"{os.name}\" }\n"
    "  check tags    { require all(t in os.tags: t != \"old\") reason \"old\" }\n"
    "}\n";

struct host {
    mst_compilation *compilation;
    mst_image image;
    mst_vm *vm;
    void *vm_block;
    uint64_t *facts;
    size_t size;
    mst_slot edition, name, tags, joined;
};

static struct host open_host(void)
{
    struct host host = {.compilation = NULL};
    size_t bytes;
    cr_assert_eq(mst_compile(&host.compilation, "saved.muster", rules, strlen(rules), NULL),
                 MST_OK);
    const unsigned char *image = mst_compilation_image(host.compilation, &bytes);
    cr_assert_eq(mst_image_open(&host.image, image, bytes, NULL, NULL), MST_OK);
    return host;
}

/* Apart from open_host(): a vm borrows the image where it stays. */
static void begin(struct host *host)
{
    host->vm_block = malloc(mst_vm_size(&host->image));
    cr_assert_eq(mst_vm_init(&host->vm, host->vm_block, mst_vm_size(&host->image), &host->image),
                 MST_OK);
    host->size = mst_facts_size(host->vm);
    host->facts = malloc(host->size);
    host->edition = mst_fact_find(&host->image, "os.edition");
    host->name = mst_fact_find(&host->image, "os.name");
    host->tags = mst_fact_find(&host->image, "os.tags");
    host->joined = mst_fact_find(&host->image, "device.joined");
}

static void end(struct host *host)
{
    free(host->facts);
    free(host->vm_block);
    mst_compilation_free(host->compilation);
}

static void set_good(struct host *host)
{
    mst_fact_enum(host->vm, host->edition, 1);
    mst_fact_text(host->vm, host->name, "W11", 3);
    mst_fact_bool(host->vm, host->joined, true);
    mst_fact_list(host->vm, host->tags, 0, false);
    mst_observed(host->vm, MST_INDEX_NONE, NOW);
}

static mst_verdict judge(const struct host *host)
{
    mst_verdict verdict = MST_VERDICT_INIT;
    cr_assert_eq(mst_eval(host->vm, 0, NOW, &verdict), MST_OK);
    return verdict;
}

Test(fact_save, sets_again_what_was_set_and_nothing_else)
{
    struct host host = open_host();
    begin(&host);
    set_good(&host);
    cr_assert_eq(mst_facts_save(host.vm, host.facts, host.size), MST_OK);
    mst_facts_clear(host.vm);
    cr_expect_eq(judge(&host).kind, MST_KIND_UNKNOWN);
    mst_fact_text(host.vm, host.name, "other", 5);
    cr_assert_eq(mst_facts_load(host.vm, host.facts, host.size), MST_OK);
    const mst_verdict verdict = judge(&host);
    cr_expect_eq(verdict.kind, MST_KIND_PASS);
    cr_expect_eq(verdict.valid_until, NOW + WEEK, "the time of observation came back too");
    const mst_text name = mst_fact_text_of(host.vm, host.name);
    cr_expect(name.len == 3 && memcmp(name.ptr, "W11", 3) == 0);

    mst_fact_missing(host.vm, host.joined); /* and from there on as ever */
    cr_expect_eq(judge(&host).kind, MST_KIND_UNKNOWN);
    end(&host);
}

Test(fact_save, a_group_has_a_time_of_its_own)
{
    struct host host = open_host();
    begin(&host);
    const uint32_t os = mst_group_find(&host.image, "os");
    cr_assert_neq(os, MST_INDEX_NONE);
    cr_expect_eq(mst_group_find(&host.image, "o"), MST_INDEX_NONE);
    cr_expect_eq(mst_group_find(&host.image, "os.name"), MST_INDEX_NONE, "that is a fact");
    set_good(&host);
    cr_assert_eq(mst_observed(host.vm, os, NOW - WEEK + 60), MST_OK);
    cr_assert_eq(mst_observed(host.vm, mst_group_find(&host.image, "device"), NOW - 2 * WEEK),
                 MST_OK, "which never goes stale");
    cr_assert_eq(mst_facts_save(host.vm, host.facts, host.size), MST_OK);
    mst_facts_clear(host.vm);
    cr_assert_eq(mst_facts_load(host.vm, host.facts, host.size), MST_OK);
    cr_expect_eq(judge(&host).valid_until, NOW + 60);
    end(&host);
}

Test(fact_save, what_is_not_set_is_missing_again)
{
    struct host host = open_host();
    begin(&host);
    cr_assert_eq(mst_facts_save(host.vm, host.facts, host.size), MST_OK);
    set_good(&host);
    cr_assert_eq(mst_facts_load(host.vm, host.facts, host.size), MST_OK);
    const mst_verdict verdict = judge(&host);
    cr_expect_eq(verdict.kind, MST_KIND_UNKNOWN);
    cr_expect_eq(verdict.valid_until, MST_NEVER, "nothing was observed");
    end(&host);
}

Test(fact_save, loads_into_another_vm_of_the_same_image)
{
    struct host host = open_host();
    begin(&host);
    set_good(&host);
    cr_assert_eq(mst_facts_save(host.vm, host.facts, host.size), MST_OK);
    void *block = malloc(mst_vm_size(&host.image));
    mst_vm *other;
    mst_verdict verdict = MST_VERDICT_INIT;
    cr_assert_eq(mst_vm_init(&other, block, mst_vm_size(&host.image), &host.image), MST_OK);
    cr_assert_eq(mst_facts_load(other, host.facts, host.size), MST_OK);
    cr_assert_eq(mst_eval(other, 0, NOW, &verdict), MST_OK);
    cr_expect_eq(verdict.kind, MST_KIND_PASS);
    free(block);
    end(&host);
}

Test(fact_save, refuses_other_images_and_blocks_that_do_not_fit)
{
    struct host host = open_host(), other = open_host();
    begin(&host);
    begin(&other);
    set_good(&host);
    cr_expect_eq(mst_facts_save(host.vm, host.facts, host.size - 1), MST_ERR_SPACE);
    cr_expect_eq(mst_facts_save(host.vm, (char *)host.facts + 4, host.size), MST_ERR_SPACE);
    cr_assert_eq(mst_facts_save(host.vm, host.facts, host.size), MST_OK);
    cr_expect_eq(mst_facts_load(host.vm, host.facts, host.size - 1), MST_ERR_SPACE);
    cr_expect_eq(mst_facts_load(other.vm, host.facts, host.size), MST_ERR_ARGUMENT,
                 "the same rules, but an image of their own");
    cr_expect_eq(judge(&host).kind, MST_KIND_PASS, "nothing was changed");
    end(&other);
    end(&host);
}

static void open_at(struct host *host, unsigned char *room, const char *source)
{
    size_t bytes;
    cr_assert_eq(mst_compile(&host->compilation, "saved.muster", source, strlen(source), NULL),
                 MST_OK);
    const unsigned char *image = mst_compilation_image(host->compilation, &bytes);
    memcpy(room, image, bytes);
    cr_assert_eq(mst_image_open(&host->image, room, bytes, NULL, NULL), MST_OK);
    begin(host);
}

/* As an agent does that reads new rules into the memory of the old ones. */
Test(fact_save, refuses_another_image_in_the_same_place)
{
    static unsigned char room[1 << 16];
    static char changed[sizeof rules];
    struct host old = {.compilation = NULL}, host = {.compilation = NULL};
    open_at(&old, room, rules);
    set_good(&old);
    cr_assert_eq(mst_facts_save(old.vm, old.facts, old.size), MST_OK);
    memcpy(changed, rules, sizeof rules);
    memcpy(strstr(changed, "pro, enterprise"), "enterprise, pro", 15);
    open_at(&host, room, changed);
    cr_assert_eq(host.size, old.size, "only the meaning is another");
    cr_assert_eq(host.image.byte_count, old.image.byte_count);
    cr_expect_eq(mst_facts_load(host.vm, old.facts, old.size), MST_ERR_ARGUMENT);
    end(&old);
    end(&host);
}

/* Rules over `count` texts, and an enum and a text behind them. */
static void write_rules(char *source, size_t room, int count)
{
    size_t len = (size_t)snprintf(source, room,
                                  "module saved version 1.0\nenum Edition { pro }\nfacts f {\n");
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(source + len, room - len, "  t%d: text\n", i);
    snprintf(source + len, room - len,
             "  edition: Edition\n  gone: text\n}\n"
             "policy ready { pass yes fail no unknown open\n"
             "  check edition { require f.edition == pro reason \"{f.edition}\" } }\n");
}

static void expect_text(const mst_vm *vm, mst_slot slot, const char *text)
{
    const mst_text found = mst_fact_text_of(vm, slot);
    cr_expect(found.len == strlen(text) && memcmp(found.ptr, text, found.len) == 0, "%s", text);
}

/* Blocks of many lengths, into a vm that has held nothing. */
Test(fact_save, brings_every_text_to_its_fact)
{
    static unsigned char room[1 << 16];
    static const char *const texts[] = {"a", "bb", "ccc", "dddd", "eeeee", "f", "gg", "hhh", "i"};
    for (int count = 0; count <= 9; count++) {
        char source[1024], name[8];
        struct host host = {.compilation = NULL};
        write_rules(source, sizeof source, count);
        open_at(&host, room, source);
        const mst_slot edition = mst_fact_find(&host.image, "f.edition");
        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof name, "f.t%d", i);
            mst_fact_text(host.vm, mst_fact_find(&host.image, name), texts[i], strlen(texts[i]));
        }
        mst_fact_other(host.vm, edition, "Home", 4);
        cr_assert_eq(mst_facts_save(host.vm, host.facts, host.size), MST_OK);
        cr_assert_eq(mst_vm_init(&host.vm, host.vm_block, mst_vm_size(&host.image), &host.image),
                     MST_OK);
        cr_assert_eq(mst_facts_load(host.vm, host.facts, host.size), MST_OK);
        for (int i = 0; i < count; i++) {
            snprintf(name, sizeof name, "f.t%d", i);
            expect_text(host.vm, mst_fact_find(&host.image, name), texts[i]);
        }
        expect_text(host.vm, edition, "Home");
        cr_expect_null(mst_fact_text_of(host.vm, mst_fact_find(&host.image, "f.gone")).ptr);
        cr_expect_eq(judge(&host).kind, MST_KIND_FAIL);
        end(&host);
    }
}
