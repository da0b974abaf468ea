#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""dump.py SOCKET FILE: when the machine of the qemu that listens there has ended, its memory goes to FILE.

That qemu was started with -no-shutdown; it is ended."""

import json
import socket
import sys
import time


def connect(path):
    """Whoever started qemu limits how long."""
    while True:
        try:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(path)
            return connection.makefile("rw")
        except OSError:
            time.sleep(0.1)


def command(name, **arguments):
    print(json.dumps({"execute": name, "arguments": arguments}), file=qmp, flush=True)
    for line in qmp:
        answer = json.loads(line)
        if "error" in answer:
            sys.exit(f"{name}: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]
    sys.exit(f"{name}: qemu is gone")


qmp = connect(sys.argv[1])
qmp.readline()
command("qmp_capabilities")
while command("query-status")["running"]:
    time.sleep(0.1)
command("dump-guest-memory", paging=False, protocol="file:" + sys.argv[2])
command("quit")
