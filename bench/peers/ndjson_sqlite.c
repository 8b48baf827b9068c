/* SPDX-License-Identifier: Apache-2.0
 *
 * ndjson_sqlite.c - SQLite with json_extract(): one prepared statement, a record bound to it at a
 * time. What is asked for more than once is materialized, or it would be extracted each time. */
#include <sqlite3.h>

#include "harness.h"

static const char rule[] =
    "WITH device AS MATERIALIZED (SELECT json_extract(?1, '$.device_id') AS id,"
    "  json_extract(?1, '$.edition') AS edition, json_extract(?1, '$.os_build') AS build) "
    "SELECT id, CASE"
    " WHEN edition <> 'Enterprise' AND edition <> 'EnterpriseN' AND edition <> 'EnterpriseS'"
    "  AND edition <> 'EnterpriseSN' AND edition <> 'Education' AND edition <> 'EducationN'"
    "  AND edition <> 'IoTEnterprise' AND edition <> 'IoTEnterpriseS' THEN 1"
    " WHEN (build NOT LIKE '26100.%' AND build NOT LIKE '26200.%')"
    "  OR CAST(substr(build, 7) AS INTEGER) < 4929 THEN 2"
    " WHEN NOT json_extract(?1, '$.vbs_running') THEN 3"
    " WHEN NOT (json_extract(?1, '$.entra_joined') OR json_extract(?1, '$.hybrid_joined')) THEN 4"
    " WHEN json_extract(?1, '$.mdm') <> 'Intune'"
    "  OR NOT json_extract(?1, '$.hotpatch_policy') THEN 5"
    " ELSE 0 END FROM device";

static sqlite3 *database;
static sqlite3_stmt *statement;
static struct bench_text records;

static void prepare(const struct bench_data *data)
{
    records = data->records;
    if (sqlite3_open(":memory:", &database) != SQLITE_OK ||
        sqlite3_prepare_v2(database, rule, -1, &statement, NULL) != SQLITE_OK)
        bench_die("sqlite", sqlite3_errmsg(database));
}

static size_t write_lines(char *lines)
{
    char *to = lines;
    const char *end = records.ptr + records.len;
    for (const char *at = records.ptr; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((newline ? newline : end) - at);
        sqlite3_bind_text(statement, 1, at, (int)len, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_ROW)
            bench_die("sqlite", sqlite3_errmsg(database));
        const char *subject = (const char *)sqlite3_column_text(statement, 0);
        to = bench_put_line(to, subject, (size_t)sqlite3_column_bytes(statement, 0),
                            (enum reason)sqlite3_column_int(statement, 1));
        sqlite3_reset(statement);
        at += len + 1;
    }
    return (size_t)(to - lines);
}

const struct bench_peer bench_peer = {.prepare = prepare, .write = write_lines};
