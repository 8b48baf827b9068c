/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_rules.h - the facts of a make-believe rule file, with something of everything: all types,
 * a record inside a record, lists of texts, records and lists, two facts of one key, a fact that
 * has the name of a group's object, paths of several parts, and text of few bytes. */
#ifndef MST_TESTS_FAKE_RULES_H
#define MST_TESTS_FAKE_RULES_H

#include "fake_vm.h"

#define NONE MST_INDEX_NONE
#define SIMPLE(name, path, type, slot, group)                                                      \
    {                                                                                              \
        name, path, MST_TYPE_##type, slot, group, NONE, NONE, 0, 0, 255, false                     \
    }
#define PART(name, path, type, slot, parent, stride)                                               \
    {                                                                                              \
        name, path, MST_TYPE_##type, slot, 1, NONE, parent, 0, stride, 255, false                  \
    }
#define LIST(name, path, slot, parent, capacity, stride)                                           \
    {                                                                                              \
        name, path, MST_TYPE_LIST, slot, 1, NONE, parent, capacity, stride, 0, false               \
    }

static const struct fake_group fake_groups[] = {
    {"device", "device"},
    {"os", "os"},
    {"flat", ""},
    {"far", "a.b.c"},
};

static const struct fake_enum fake_enums[] = {
    {"Edition",
     {"Pro", "Enterprise", "IoT"},
     3,
     {{"Pro", 0},
      {"Enterprise", 1},
      {"IoT", 2},
      {"IoTEnterprise", 2},
      {"188", 2},
      {"true", 1},
      {"2.0", 0},
      {"", NONE},
      {"unknownFutureValue", NONE},
      {"\xc3\xa4", 0}},
     10},
};

static const struct fake_fact fake_facts[] = {
    SIMPLE("device.id", "device.id", TEXT, 0, 0), /* 0: the subject */
    SIMPLE("os.build", "os.osBuild", VERSION, 1, 1),
    SIMPLE("os.build_text", "os.osBuild", TEXT, 2, 1),
    {"os.edition", "os.edition", MST_TYPE_ENUM, 3, 1, 0, NONE, 0, 0, 0, false},
    SIMPLE("os.secure_boot", "os.secure_boot", BOOL, 4, 1),
    SIMPLE("os.ubr", "os.ubr", INT, 5, 1),
    SIMPLE("os.day", "os.day", DATE, 6, 1),
    SIMPLE("os.month", "os.month", MONTH, 7, 1),
    SIMPLE("os.uptime", "os.uptime", DURATION, 8, 1),
    SIMPLE("os.boot", "os.boot", TIME, 9, 1),
    {"os.short", "os.short", MST_TYPE_TEXT, 10, 1, NONE, NONE, 0, 0, 4, false},
    SIMPLE("flat.os", "os", TEXT, 11, 2),
    SIMPLE("flat.host", "hostname", TEXT, 12, 2),
    SIMPLE("far.x", "a.b.c.x", INT, 13, 3),
    {"os.update", "os.update", MST_TYPE_RECORD, 38, 1, NONE, NONE, 0, 0, 0, false},
    PART("os.update.kb", "kb", TEXT, 14, 14, 0),
    PART("os.update.day", "day", DATE, 15, 14, 0),
    PART("os.update.by", "by", RECORD, 39, 14, 0), /* 17 */
    PART("os.update.by.who", "who.name", TEXT, 16, 17, 0),
    LIST("os.tags", "os.tags", 17, NONE, 3, 0), /* 19 */
    PART("os.tags", "", TEXT, 18, 19, 1),
    LIST("os.updates", "os.updates", 40, NONE, 2, 0), /* 21 */
    PART("os.updates", "", RECORD, 41, 21, 4),
    PART("os.updates.kb", "kb", TEXT, 42, 22, 4),
    PART("os.updates.ubr", "ubr", INT, 43, 22, 4),
    PART("os.updates.ok", "state.ok", BOOL, 44, 22, 4),
    LIST("os.nested", "os.nested", 28, NONE, 2, 0), /* 26 */
    LIST("os.nested", "", 29, 26, 2, 3),
    PART("os.nested", "", INT, 30, 27, 1),
    LIST("os.editions", "os.editions", 35, NONE, 2, 0), /* 29 */
    {"os.editions", "", MST_TYPE_ENUM, 36, 1, 0, 29, 0, 1, 0, false},
};

static const struct fake_rules fake_rules = {fake_facts, fake_groups, fake_enums, 31, 4, 1, 0};

#endif
