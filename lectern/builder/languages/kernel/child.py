"""A program with its descendants: one process group that ends when this process does, however it does."""

from __future__ import annotations

import array
import fcntl
import os
import selectors
import signal
import subprocess
import termios
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .waiting import waits_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHUNK = 64 * 1024

# Its stdin ends with the kernel, also when that is killed or runs out of memory. The last line that it
# has read is the group that was there then.
_GUARD = """
group=
while read -r line; do group=$line; done
[ -z "$group" ] || kill -KILL "-$group"
rm -rf -- "$1"
"""


class Guard:
    """Ends what is left of a kernel's programs and files when the kernel is gone.

    Parameters
    ----------
    scratch : Path
        Folder to be removed then.
    """

    def __init__(self, scratch: Path) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(scratch)], stdin=subprocess.PIPE, start_new_session=True
        )

    def watch(self, group: int | None) -> None:
        """Say which process group is there now; None after it has ended."""
        stdin = self._shell.stdin
        if stdin and not stdin.closed:
            stdin.write(f"{group or ''}\n".encode())
            stdin.flush()
        elif group:
            os.killpg(group, signal.SIGKILL)  # started while the kernel was already ending

    def dismiss(self) -> None:
        """End what is there, and wait until that is done."""
        if self._shell.stdin and not self._shell.stdin.closed:
            self._shell.stdin.close()
        self._shell.wait()


class Child:
    """A running program.

    Parameters
    ----------
    command : Sequence[str]
        Program and arguments.
    variables : Mapping[str, str]
        What it finds in its environment beside what the kernel has there.
    guard : Guard
        Told of it.
    folder : Path
        Where it runs.

    Raises
    ------
    OSError
        It cannot be started.
    """

    def __init__(
        self, command: Sequence[str], variables: Mapping[str, str], guard: Guard, folder: Path
    ) -> None:
        self._process = subprocess.Popen(
            ["/usr/bin/env", *(f"{name}={value}" for name, value in variables.items()), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            start_new_session=True,
            bufsize=0,
        )
        self._guard = guard
        self._group = self._process.pid
        guard.watch(self._group)
        self._unsent = b""
        self._selector = selectors.DefaultSelector()
        for name in ("stdout", "stderr"):
            self._selector.register(getattr(self._process, name), selectors.EVENT_READ, name)
        if self._process.stdin:
            os.set_blocking(self._process.stdin.fileno(), False)

    def write(self, text: str) -> None:
        """Have a text written to its stdin while `read` is called."""
        if self._process.stdin and not self._process.stdin.closed:
            if not self._unsent:
                self._selector.register(self._process.stdin, selectors.EVENT_WRITE, "stdin")
            self._unsent += text.encode()

    def read(self, timeout_s: float) -> list[tuple[str, bytes]]:
        """Give what it has printed, as (`stdout` or `stderr`, bytes); wait a while when there is nothing."""
        printed = []
        for key, _ in self._selector.select(timeout_s):
            if key.data == "stdin":
                self._send()
            elif chunk := os.read(key.fd, _CHUNK):
                printed.append((str(key.data), chunk))
            else:
                self._selector.unregister(key.fileobj)
        return printed

    def _send(self) -> None:
        stdin = self._process.stdin
        if stdin is None:
            return
        try:
            self._unsent = self._unsent[os.write(stdin.fileno(), self._unsent[:4096]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._unsent = b""
        if not self._unsent:
            self._selector.unregister(stdin)

    def end_input(self) -> None:
        """Let whoever reads its stdin find that there is no more."""
        if self._process.stdin and not self._process.stdin.closed:
            if self._unsent:
                self._selector.unregister(self._process.stdin)
                self._unsent = b""
            self._process.stdin.close()

    def end(self) -> int | None:
        """Give the exit status if it has ended (negative: by that signal), else None."""
        return self._process.poll()

    def is_silent(self) -> bool:
        """Say whether nothing more can come: both its outputs are closed."""
        return not any(key.data != "stdin" for key in self._selector.get_map().values())

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to it and its descendants."""
        with suppress(ProcessLookupError):
            os.killpg(self._group, number)

    def close(self) -> int:
        """End it with all its descendants; give its exit status."""
        self.send_signal(signal.SIGKILL)
        status = self._process.wait()
        self._guard.watch(None)
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()
        return status

    def is_waiting_for_input(self) -> bool:
        """Say whether one of its processes waits for a line from stdin that nobody has sent."""
        if not self._process.stdin or self._process.stdin.closed or self._unsent:
            return False
        there = array.array("i", [0])
        fcntl.ioctl(self._process.stdin.fileno(), termios.FIONREAD, there)
        pipe = os.fstat(self._process.stdin.fileno()).st_ino
        return not there[0] and any(waits_for(path, pipe) for path in self._members())

    def _members(self) -> list[Path]:
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                # After the name in brackets: state, parent, group.
                if (path / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[2] == str(
                    self._group
                ):
                    found.append(path)
        return found
