/* SPDX-License-Identifier: Apache-2.0
 *
 * lua_engine.h - a Lua state with a script of peers/, for whichever Lua a contestant is built
 * against; hence all of it is in this header. */
#ifndef MST_BENCH_LUA_ENGINE_H
#define MST_BENCH_LUA_ENGINE_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "harness.h"

static inline void lua_engine_try(lua_State *lua, int status)
{
    if (status != 0)
        bench_die("lua", lua_tostring(lua, -1));
}

/* A state with the function that peers/SCRIPT returns on top of its stack. */
static inline lua_State *lua_engine_open(const char *script)
{
    char path[4096] = BENCH_PEERS "/";
    strncat(path, script, sizeof path - strlen(path) - 1);
    lua_State *lua = luaL_newstate();
    if (!lua)
        bench_die("out of memory", NULL);
    luaL_openlibs(lua);
    lua_engine_try(lua, luaL_loadfile(lua, path));
    lua_engine_try(lua, lua_pcall(lua, 0, 1, 0));
    return lua;
}

#endif
