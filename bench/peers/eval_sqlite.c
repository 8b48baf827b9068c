/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_sqlite.c - SQLite: one prepared statement, facts bound to it device by device. Editions are
 * compared one by one: for IN it would build a table anew each time, which is far slower. */
#include <sqlite3.h>

#include "harness.h"

static const char rule[] =
    "SELECT CASE"
    " WHEN ?1 <> 'Enterprise' AND ?1 <> 'EnterpriseN' AND ?1 <> 'EnterpriseS'"
    "  AND ?1 <> 'EnterpriseSN' AND ?1 <> 'Education' AND ?1 <> 'EducationN'"
    "  AND ?1 <> 'IoTEnterprise' AND ?1 <> 'IoTEnterpriseS' THEN 1"
    " WHEN (?2 <> 26100 AND ?2 <> 26200) OR ?3 < 4929 THEN 2"
    " WHEN NOT ?4 THEN 3"
    " WHEN NOT (?5 OR ?6) THEN 4"
    " WHEN ?7 <> 'Intune' OR NOT ?8 THEN 5"
    " ELSE 0 END";

static sqlite3 *database;
static sqlite3_stmt *statement;
static const struct bench_data *data;

static void prepare(const struct bench_data *given)
{
    data = given;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK ||
        sqlite3_prepare_v2(database, rule, -1, &statement, NULL) != SQLITE_OK)
        bench_die("sqlite", sqlite3_errmsg(database));
}

static void bind_facts(const struct bench_facts *facts)
{
    const struct device *device = &facts->device;
    sqlite3_bind_text(statement, 1, facts->edition.ptr, (int)facts->edition.len, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, device->build_major);
    sqlite3_bind_int(statement, 3, device->build_rev);
    sqlite3_bind_int(statement, 4, device->vbs);
    sqlite3_bind_int(statement, 5, device->entra);
    sqlite3_bind_int(statement, 6, device->hybrid);
    sqlite3_bind_text(statement, 7, facts->mdm.ptr, (int)facts->mdm.len, SQLITE_STATIC);
    sqlite3_bind_int(statement, 8, device->policy);
}

static void judge(uint8_t *reasons)
{
    for (size_t i = 0; i < data->count; i++) {
        bind_facts(&data->facts[i]);
        if (sqlite3_step(statement) != SQLITE_ROW)
            bench_die("sqlite", sqlite3_errmsg(database));
        reasons[i] = (uint8_t)sqlite3_column_int(statement, 0);
        sqlite3_reset(statement);
    }
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
