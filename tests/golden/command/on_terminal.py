#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal of its own and prints what it wrote there.

    on_terminal.py COLUMNS COMMAND...

Escape sequences are shown as ^[. The exit status is that of the command.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios


def read_all(fd):
    """What comes out of the terminal until the command has closed it."""
    text = b""
    while True:
        try:
            piece = os.read(fd, 65536)
        except OSError:
            return text
        if not piece:
            return text
        text += piece


def main():
    """Standard input stays what it is; standard output and error are the terminal."""
    terminal, ours = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[1]), 0, 0))
    with subprocess.Popen(sys.argv[2:], stdout=ours, stderr=ours) as command:
        os.close(ours)
        text = read_all(terminal)
    sys.stdout.buffer.write(text.replace(b"\r\n", b"\n").replace(b"\x1b", b"^["))
    return command.returncode


if __name__ == "__main__":
    sys.exit(main())
