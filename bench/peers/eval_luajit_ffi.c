/* SPDX-License-Identifier: Apache-2.0
 *
 * eval_luajit_ffi.c - LuaJIT over C structs. The loop over the devices is compiled too: there is no
 * host call per device, which makes it better off than the others. */
#include <stdlib.h>

#include "lua_engine.h"

static lua_State *lua;
static struct device *devices;
static size_t count;

static void prepare(const struct bench_data *data)
{
    count = data->count;
    devices = calloc(count, sizeof *devices);
    for (size_t i = 0; devices && i < count; i++)
        devices[i] = data->facts[i].device;
    lua = lua_engine_open("hotpatch5_ffi.lua");
}

static void judge(uint8_t *reasons)
{
    lua_pushvalue(lua, 1);
    lua_pushlightuserdata(lua, devices);
    lua_pushinteger(lua, (lua_Integer)count);
    lua_pushlightuserdata(lua, reasons);
    lua_engine_try(lua, lua_pcall(lua, 3, 0, 0));
}

const struct bench_peer bench_peer = {.prepare = prepare, .judge = judge};
