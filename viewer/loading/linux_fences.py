"""Fences that Linux offers to any process: no new privileges, Landlock, a seccomp filter.

Through the C library that Python itself uses; none of them needs a privilege or a program.
"""

import ctypes
import os
import platform
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_SET_MODE_FILTER, _EVERY_THREAD = 1, 1

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_ACCESS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
"""All file system rights that a version of Landlock knows; later ones add no needed right."""

_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_CLONE_THREAD = 0x10000
_X32 = 0x40000000


class _Calls(NamedTuple):
    """Numbers of system calls on one kind of machine."""

    audit: int
    seccomp: int
    refused: tuple[int, ...]
    """Sockets, programs, other processes' memory, mounts, keys, kernel interfaces."""
    fork: tuple[int, ...]
    clone: int
    clone3: int
    to_self: tuple[int, ...]
    """kill, tgkill, tkill: only this process may be meant; tkill names a thread and is refused."""
    x32: bool


_MACHINES = {
    "x86_64": _Calls(
        audit=0xC000003E, seccomp=317,
        refused=(
            41, 42, 43, 44, 46, 49, 50, 53, 59, 101, 155, 161, 165, 166, 167, 169, 175, 176, 246,
            248, 249, 250, 272, 288, 298, 303, 304, 307, 308, 310, 311, 313, 320, 321, 322, 323,
            425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 200,
        ),
        fork=(57, 58), clone=56, clone3=435, to_self=(62, 234), x32=True,
    ),
    "aarch64": _Calls(
        audit=0xC00000B7, seccomp=277,
        refused=(
            198, 199, 200, 201, 202, 203, 206, 211, 221, 39, 40, 41, 51, 97, 104, 105, 106, 117,
            217, 218, 219, 224, 225, 241, 242, 264, 265, 268, 269, 270, 271, 273, 280, 281, 282,
            294, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 438, 440, 442, 130,
        ),
        fork=(), clone=220, clone3=435, to_self=(129, 131), x32=False,
    ),
}  # fmt: skip


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))


def give_up_privileges() -> bool:
    """No program started from here gains rights, and no other process looks into this one."""
    alone = _prctl(_PR_SET_DUMPABLE, 0)
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1) and alone


def close_files(readable: Sequence[Path], shared: Sequence[Path]) -> bool:
    """Leave only some folders to be read and ``shared`` ones to be written in (Landlock)."""
    abi = _call(_LANDLOCK_CREATE, None, 0, 1)
    if abi < 1:
        return False
    handled = _ACCESS_BY_ABI[min(abi, 3)]
    attributes = ctypes.create_string_buffer(struct.pack("<Q", handled), 8)
    ruleset = _call(_LANDLOCK_CREATE, attributes, 8, 0)
    if ruleset < 0:
        return False
    try:
        read = _READ_FILE | _READ_DIR
        rules = [(place, read) for place in readable]
        rules += [(place, read | _WRITE_FILE) for place in shared]
        if not all(_allow(ruleset, place, access & handled) for place, access in rules):
            return False
        return _call(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def refuse_calls() -> bool:
    """Let the kernel refuse system calls that decoding never needs (seccomp)."""
    calls = _MACHINES.get(platform.machine())
    if calls is None:
        return False
    program = _program(calls, os.getpid())
    held = ctypes.create_string_buffer(program, len(program))
    filter_ = _Filter(len(program) // 8, ctypes.cast(held, ctypes.c_void_p))
    return _call(calls.seccomp, _SET_MODE_FILTER, _EVERY_THREAD, ctypes.byref(filter_)) == 0


def _allow(ruleset: int, place: Path, access: int) -> bool:
    handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("<Qi", access, handle), 12)
        return _call(_LANDLOCK_ADD, ruleset, _RULE_PATH_BENEATH, rule, 0) == 0
    finally:
        os.close(handle)


def _program(calls: _Calls, pid: int) -> bytes:
    """The filter: refuse what is named, threads but no processes, signals to ``pid`` alone."""
    lines = [_line(_LOAD, 4), _line(_EQUAL, calls.audit, 1, 0), _line(_RETURN, _EPERM)]
    lines.append(_line(_LOAD, 0))
    if calls.x32:
        lines += [_line(_AT_LEAST, _X32, 0, 1), _line(_RETURN, _EPERM)]
    for number in calls.refused + calls.fork:
        lines += [_line(_EQUAL, number, 0, 1), _line(_RETURN, _EPERM)]
    # told to be unknown, the C library makes its threads with clone, whose flags can be seen
    lines += [_line(_EQUAL, calls.clone3, 0, 1), _line(_RETURN, _ENOSYS)]
    lines += [_line(_EQUAL, calls.clone, 0, 4), _line(_LOAD, 16)]
    lines += [_line(_ANY_BIT, _CLONE_THREAD, 0, 1), _line(_RETURN, _ALLOW), _line(_RETURN, _EPERM)]
    for number in calls.to_self:
        lines += [_line(_EQUAL, number, 0, 4), _line(_LOAD, 16)]
        lines += [_line(_EQUAL, pid, 0, 1), _line(_RETURN, _ALLOW), _line(_RETURN, _EPERM)]
    lines.append(_line(_RETURN, _ALLOW))
    return b"".join(lines)


def _line(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, true, false, value)


def _prctl(option: int, *values: object) -> bool:
    arguments = [ctypes.c_ulong(v) if isinstance(v, int) else v for v in values]
    arguments += [ctypes.c_ulong(0)] * (4 - len(arguments))
    return int(ctypes.CDLL(None).prctl(ctypes.c_int(option), *arguments)) == 0


def _call(number: int, *values: object) -> int:
    arguments = [ctypes.c_long(v) if isinstance(v, int) else v for v in values]
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *arguments))
