"""A file system below the product's own SQLite that writes down what is done to it, and fails when it is told to.

The wheel of pysqlite3 exports SQLite's C interface, so that a VFS can be registered in the very library that the
recorder uses: its code, its settings and its SQL run unchanged, on real files. As the default VFS it sits between all
connections of this process and the `unix` VFS, whose file objects it lends its methods.
https://sqlite.org/vfs.html, https://sqlite.org/c3ref/io_methods.html
"""

import ctypes
import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recorder.store import driver

OK, FULL = 0, 13
READ_ERROR, WRITE_ERROR, SYNC_ERROR, DELETE_ERROR, OPEN_ERROR = 266, 778, 1034, 2570, 14
"""SQLITE_IOERR_READ, _WRITE, _FSYNC, _DELETE, SQLITE_CANTOPEN. https://sqlite.org/rescode.html"""
SHORT_READ = 522

_VFS_POINTERS = (
    "open", "delete", "access", "full_pathname", "dl_open", "dl_error", "dl_sym", "dl_close", "randomness", "sleep",
    "current_time", "get_last_error", "current_time_int64", "set_system_call", "get_system_call", "next_system_call",
)  # fmt: skip
_FILE_POINTERS = (
    "close", "read", "write", "truncate", "sync", "file_size", "lock", "unlock", "check_reserved_lock", "file_control",
    "sector_size", "device_characteristics", "shm_map", "shm_lock", "shm_barrier", "shm_unmap", "fetch", "unfetch",
)  # fmt: skip


class _Vfs(ctypes.Structure):
    pass


_Vfs._fields_ = [
    ("version", c_int),
    ("file_bytes", c_int),
    ("longest_path", c_int),
    ("next", c_void_p),
    ("name", c_char_p),
    ("data", c_void_p),
    *((name, c_void_p) for name in _VFS_POINTERS),
]


class _Methods(ctypes.Structure):
    _fields_ = (("version", c_int), *((name, c_void_p) for name in _FILE_POINTERS))


class _File(ctypes.Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_DATA = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


@dataclass
class Op:
    """Something that was done to a file: `write` at `at`, `truncate` to `at`, `sync`, `delete`, `open`, `read`."""

    kind: str
    name: str
    at: int = 0
    data: bytes = b""


type Fault = Callable[[Op], int]
"""Asked before each operation; returns SQLite's code of an error, or `OK` to let it happen."""


@dataclass
class Disk:
    """What was done, in its order, and what is to fail."""

    ops: list[Op] = field(default_factory=list)
    fault: Fault = lambda op: OK
    keeps_data: bool = True

    def ask(self, op: Op) -> int:
        code = self.fault(op)
        if code == OK and op.kind != "read":
            self.ops.append(op if self.keeps_data else Op(op.kind, op.name, op.at))
        return code


def library() -> ctypes.CDLL | None:
    """Return the library that holds the recorder's SQLite, or None when its interface is not there to be called."""
    package = driver.Connection.__module__.partition(".")[0]
    module = importlib.import_module("_sqlite3" if package == "sqlite3" else f"{package}._sqlite3")
    loaded = ctypes.CDLL(module.__file__) if module.__file__ else None
    return loaded if loaded is not None and hasattr(loaded, "sqlite3_vfs_register") else None


@contextmanager
def spied(disk: Disk) -> Iterator[Disk]:
    """Put the disk below every connection that this process opens inside of the block."""
    sqlite = library()
    assert sqlite is not None
    sqlite.sqlite3_vfs_find.restype = POINTER(_Vfs)
    spy = _Spy(disk, sqlite.sqlite3_vfs_find(None))
    assert sqlite.sqlite3_vfs_register(byref(spy.vfs), 1) == OK
    try:
        yield disk
    finally:
        sqlite.sqlite3_vfs_unregister(byref(spy.vfs))
        sqlite.sqlite3_vfs_register(spy.real, 1)


class _Spy:
    def __init__(self, disk: Disk, real: Any) -> None:
        self.real = real
        self._disk = disk
        self._names: dict[int, str] = {}
        self._methods: dict[int, _Methods] = {}
        self._keep: list[Any] = []
        self.vfs = _Vfs.from_buffer_copy(real.contents)
        self.vfs.name, self.vfs.next = b"spied", None
        self._real_open = cast(real.contents.open, _OPEN)
        self._real_delete = cast(real.contents.delete, _DELETE)
        self.vfs.open = self._pointer(_OPEN(self._open))
        self.vfs.delete = self._pointer(_DELETE(self._delete))

    def _pointer(self, function: Any) -> int | None:
        self._keep.append(function)
        return cast(function, c_void_p).value

    def _open(self, _vfs: int, path: int | None, file: Any, flags: int, out_flags: int | None) -> int:
        name = Path(os.fsdecode(c_char_p(path).value or b"")).name if path else "temporary"
        code = self._disk.ask(Op("open", name))
        code = code or self._real_open(ctypes.addressof(self.real.contents), path, file, flags, out_flags)
        if code == OK and file.contents.methods:
            self._names[ctypes.addressof(file.contents)] = name
            file.contents.methods = ctypes.pointer(self._spying(file.contents.methods))
        return code

    def _delete(self, _vfs: int, path: bytes, sync: int) -> int:
        code = self._disk.ask(Op("delete", Path(os.fsdecode(path)).name, sync))
        return code or self._real_delete(ctypes.addressof(self.real.contents), path, sync)

    def _spying(self, real: Any) -> _Methods:
        address = ctypes.addressof(real.contents)
        if address not in self._methods:
            self._methods[address] = self._made(real.contents)
        return self._methods[address]

    def _made(self, real: _Methods) -> _Methods:
        methods = _Methods.from_buffer_copy(real)
        # Nothing is mapped into memory, so that all reads are seen.
        methods.version = min(real.version, 2)
        close, read, write = cast(real.close, _CLOSE), cast(real.read, _DATA), cast(real.write, _DATA)
        truncate, sync = cast(real.truncate, _TRUNCATE), cast(real.sync, _SYNC)

        def on_close(file: int) -> int:
            self._names.pop(file, None)
            return int(close(file))

        def on_read(file: int, buffer: int, size: int, at: int) -> int:
            return self._disk.ask(Op("read", self._names[file], at)) or int(read(file, buffer, size, at))

        def on_write(file: int, buffer: int, size: int, at: int) -> int:
            op = Op("write", self._names[file], at, ctypes.string_at(buffer, size))
            return self._disk.ask(op) or int(write(file, buffer, size, at))

        def on_truncate(file: int, size: int) -> int:
            return self._disk.ask(Op("truncate", self._names[file], size)) or int(truncate(file, size))

        def on_sync(file: int, flags: int) -> int:
            return self._disk.ask(Op("sync", self._names[file])) or int(sync(file, flags))

        methods.close = self._pointer(_CLOSE(on_close))
        methods.read = self._pointer(_DATA(on_read))
        methods.write = self._pointer(_DATA(on_write))
        methods.truncate = self._pointer(_TRUNCATE(on_truncate))
        methods.sync = self._pointer(_SYNC(on_sync))
        return methods


def failing(op: Op, *, full: bool) -> int:
    """Return the code with which an operation of this kind fails: an I/O error, or for what takes room a full disk."""
    if full and op.kind in {"write", "truncate"}:
        return FULL
    errors = {"read": READ_ERROR, "sync": SYNC_ERROR, "delete": DELETE_ERROR, "open": OPEN_ERROR}
    return errors.get(op.kind, WRITE_ERROR)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Put files into an empty folder, as a disk has them after a power cut."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
