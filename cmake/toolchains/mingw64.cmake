# SPDX-License-Identifier: Apache-2.0
#
# Windows on x86-64, by Debian's MinGW. Compiled and linked, not run.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc)
