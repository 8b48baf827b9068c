# SPDX-License-Identifier: Apache-2.0
"""Which folder may include what: the table of the architecture, as data.

A room is a folder with everything below it; the longest matching name counts. Beside what a room
lists, it may include its own files. The names in a room's list are other rooms, or sets of system
headers.
"""

FREESTANDING = {"stdbool.h", "stddef.h", "stdint.h"}
MEMORY = FREESTANDING | {"string.h"}
LIBC = MEMORY | {
    "assert.h", "ctype.h", "errno.h", "float.h", "inttypes.h", "limits.h", "locale.h", "math.h",
    "setjmp.h", "signal.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdio.h", "stdlib.h",
    "stdnoreturn.h", "time.h"}
POSIX = LIBC | {
    "arpa/inet.h", "dirent.h", "dlfcn.h", "fcntl.h", "fnmatch.h", "getopt.h", "glob.h", "netdb.h",
    "netinet/in.h", "netinet/tcp.h", "poll.h", "pthread.h", "sched.h", "search.h", "strings.h",
    "sys/epoll.h", "sys/ioctl.h", "sys/mman.h", "sys/resource.h", "sys/socket.h", "sys/stat.h",
    "sys/time.h", "sys/types.h", "sys/un.h", "sys/wait.h", "termios.h", "unistd.h"}
ANY = "any system header"

RUNTIME_PUBLIC = "runtime/include"
LANG_PUBLIC = "lang/include"
FORMAT = "runtime/format"
PLUGIN_PUBLIC = "plugins/include"
AUTHORING_PUBLIC = "tools/authoring/include"

# room: (system headers, other rooms of ours)
ROOMS = {
    RUNTIME_PUBLIC: (FREESTANDING, []),
    LANG_PUBLIC: (FREESTANDING, [RUNTIME_PUBLIC]),
    FORMAT: (MEMORY, [RUNTIME_PUBLIC]),  # string.h where base.h is told that it is there
    "runtime/core": (MEMORY, [RUNTIME_PUBLIC, FORMAT]),
    "runtime/facts": (MEMORY, [RUNTIME_PUBLIC, FORMAT]),
    "runtime/state": (POSIX | {"sqlite3.h", "sys/file.h"}, [RUNTIME_PUBLIC]),
    "runtime/trust": (POSIX | {"sodium.h"}, [RUNTIME_PUBLIC]),
    "runtime/plughost": (POSIX | {"jansson.h", "link.h"}, [PLUGIN_PUBLIC]),
    "runtime/service": (POSIX | {"uv.h", "microhttpd.h", "jansson.h"}, [
        RUNTIME_PUBLIC, FORMAT, PLUGIN_PUBLIC, "runtime/facts", "runtime/state", "runtime/trust",
        "runtime/plughost"]),
    "lang": (LIBC | {"sodium.h"}, [RUNTIME_PUBLIC, LANG_PUBLIC, FORMAT]),
    PLUGIN_PUBLIC: (LIBC, []),
    "plugins/graph": (ANY, [PLUGIN_PUBLIC]),
    "plugins": (ANY, [PLUGIN_PUBLIC, "plugins/graph"]),
    AUTHORING_PUBLIC: (FREESTANDING, [RUNTIME_PUBLIC, LANG_PUBLIC]),
    "tools/authoring": (POSIX, [RUNTIME_PUBLIC, LANG_PUBLIC, AUTHORING_PUBLIC]),
    "tools/muster": (POSIX | {"jansson.h", "malloc.h"}, [
        RUNTIME_PUBLIC, LANG_PUBLIC, AUTHORING_PUBLIC, PLUGIN_PUBLIC, "runtime/state",
        "runtime/trust", "runtime/service", "runtime/plughost"]),
    "examples": (POSIX, [RUNTIME_PUBLIC, LANG_PUBLIC]),
    "cmake": (POSIX, []),
}

# Rooms from which everything may be included.
OPEN_ROOMS = ("tests", "bench")


def room_of(folder):
    """The room of a folder, or None where any include is allowed."""
    if folder.split("/")[0] in OPEN_ROOMS:
        return None
    while folder:
        if folder in ROOMS:
            return folder
        folder = folder.rpartition("/")[0]
    return None


def resolve(name, folder, files):
    """The folder of ours that an include means, or None for a system header.

    `files` maps base names to the folders that have such a file; names are unique in the tree, but
    public headers are asked for as <muster/name.h>, which tells them from a private one.
    """
    base = name.rpartition("/")[2]
    places = files.get(base, [])
    if name.startswith("muster/"):
        places = [p for p in places if p.endswith("/muster")]
    elif "/" in name:
        places = [p for p in places if p.endswith(name.rpartition("/")[0])]
    if folder in places:
        return folder
    return places[0] if places else None


def allowed(name, quoted, folder, files):
    """"" if a file in folder may include name, else what is wrong and what to do."""
    room = room_of(folder)
    if room is None:
        return ""
    system, rooms = ROOMS[room]
    ours = quoted or name.startswith("muster/")
    target = resolve(name, folder, files) if ours else None
    if target is None and quoted:
        return f"there is no {name} in the tree: for a system header write <{name}>"
    if target is None:
        if system is ANY or name in system:
            return ""
        return f"{room}/ may not include the system header <{name}>: keep it in a room that may"
    target_room = room_of(target) or target
    if target_room == "plugins" and room == "plugins":
        target_room = target
        room = folder
    if target_room == room or target_room in rooms:
        return ""
    return (f"{room}/ may not include {name} of {target_room}/: use its public header or the "
            f"shared {FORMAT}/, or move the code")
