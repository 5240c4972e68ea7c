"""Runs as the boxed process itself: gives up everything but what the rules name, then becomes the command."""

# Started as `python -I -S confine.py OPTIONS REPORT ARGV…`, where OPTIONS and REPORT are numbers of open files.

import ctypes
import json
import os
import signal
import stat
import struct
import sys
from typing import TypedDict

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
RULE_PATH, RULE_PORT = 1, 2
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
CAPABILITIES = range(64)  # more than there are
CAPABILITY_VERSION = 0x20080522

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
FIRST_ABI = (1 << 13) - 1  # every right of the first version
SINCE = {2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
ON_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READING = EXECUTE | READ_FILE | READ_DIR
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/urandom", "/dev/random")
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_SOCKETS, SIGNALS = 1, 2

libc = ctypes.CDLL(None, use_errno=True)


class Rules(TypedDict):
    read: list[str]
    write: list[str]
    connect: list[int]
    network: str


def main(options: int, report: int, argv: list[str]) -> None:
    with open(options) as file:
        confine(json.load(file))
    os.write(report, b"confined\n")
    os.close(report)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.execv(argv[0], argv)


def confine(rules: Rules) -> None:
    abi = libc.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    if abi < 1:
        sys.exit("improver: this kernel has no Landlock")
    handled = FIRST_ABI
    for version, right in SINCE.items():
        handled |= right if abi >= version else 0
    ruleset = create(abi, handled, rules["network"])
    for path in rules["read"]:
        allow_path(ruleset, path, READING)
    for path in rules["write"]:
        allow_path(ruleset, path, handled)
    for path in DEVICES:
        allow_path(ruleset, path, (READ_FILE | WRITE_FILE | IOCTL_DEV) & handled)
    for port in rules["connect"] if abi >= 4 and rules["network"] == "none" else ():
        call(ADD_RULE, ruleset, RULE_PORT, struct.pack("=QQ", CONNECT_TCP, port), 0)
    give_up_capabilities()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def give_up_capabilities() -> None:
    """Root's: with them the kernel lets it read what other processes hold, whatever the rules say."""
    for number in CAPABILITIES:
        libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)  # refused to whoever has none to give up
    if libc.capset(struct.pack("=Ii", CAPABILITY_VERSION, 0), bytes(24)):
        sys.exit("improver: the capabilities cannot be given up")


def create(abi: int, handled: int, network: str) -> int:
    fields = [handled]
    if abi >= 4:
        fields.append(BIND_TCP | CONNECT_TCP if network == "none" else 0)
    if abi >= 6:
        fields.append(ABSTRACT_SOCKETS | SIGNALS)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return call(CREATE_RULESET, attributes, len(attributes), 0)


def allow_path(ruleset: int, path: str, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(opened).st_mode):
        rights &= ON_A_FILE
    call(ADD_RULE, ruleset, RULE_PATH, struct.pack("=Qi", rights, opened), 0)
    os.close(opened)


def call(number: int, *arguments: int | bytes) -> int:
    done: int = libc.syscall(number, *arguments)
    if done < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return done


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
