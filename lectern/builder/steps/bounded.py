"""Run a step of a build within its limits; when one is exceeded, all of it ends with a sentence that says so.

Usage: bounded.py COMMAND ARGUMENT…   (process 1 of a build step, or of the smoke test's container)
`limits.py` puts the limits in.

When process 1 of a container ends, the kernel lets no process be made there any more and kills all: nothing
that was started can outrun that or hide from it. What is used is read off the container's own control group,
so that no process is missed, nor memory that none has mapped.
"""

import ctypes
import os
import select
import signal
import sys
import time

LIMITS: dict = {}  # put here by limits.py

EXCEEDED = 99
LOOK_EVERY_S = 0.05
CHUNK_BYTES = 1 << 16
PR_SET_DUMPABLE = 4
SAID = {"run-postbuild": "postBuild"}

#: Where the kernel says it, with one hierarchy of control groups and with one for each resource.
MEMORY = (
    ("/sys/fs/cgroup/memory.stat", ("anon", "shmem")),
    ("/sys/fs/cgroup/memory/memory.stat", ("total_rss", "total_shmem")),
)
PROCESSES = ("/sys/fs/cgroup/pids.current", "/sys/fs/cgroup/pids/pids.current")


class ExceededError(Exception):
    """A limit, and what to do about it."""


def size(count):
    return f"{count / (1 << 30):.3g} GB" if count >= 1 << 30 else f"{count / (1 << 20):.3g} MB"


def memory_bytes():
    for path, keys in MEMORY:
        if os.path.exists(path):
            with open(path) as file:
                counts = dict(line.split() for line in file)
            return sum(int(counts[key]) for key in keys)
    raise ExceededError(
        "cannot be held within its memory", "this Docker engine does not tell what a build uses"
    )


def processes():
    for path in PROCESSES:
        if os.path.exists(path):
            with open(path) as file:
                return int(file.read())
    raise ExceededError(
        "cannot be held within its processes", "this Docker engine does not tell what a build uses"
    )


def free_bytes():
    disk = os.statvfs("/")
    return disk.f_bavail * disk.f_frsize


def look(free_before, written):
    """Raise when something is exceeded."""
    limit = LIMITS["memory_bytes"]
    if memory_bytes() > limit:
        raise ExceededError(
            f"needs more than {size(limit)} of memory",
            "let it do less at once, or ask who runs the machine to raise LECTERN_BUILD_MEMORY",
        )
    if processes() > LIMITS["processes"]:
        raise ExceededError(
            f"began more than {LIMITS['processes']} processes", "find what starts programs without end"
        )
    free = free_bytes()
    if free < LIMITS["free_disk_bytes"]:
        raise ExceededError(
            f"left less than {size(LIMITS['free_disk_bytes'])} of the machine's disk",
            "ask who runs the machine to free space: `scripts/lectern prune`, `docker builder prune`",
        )
    if free_before - free > LIMITS["disk_bytes"]:
        raise ExceededError(
            f"wrote more than {size(LIMITS['disk_bytes'])} to the disk",
            "put large data into the shared folder, or ask who runs the machine to raise LECTERN_BUILD_DISK",
        )
    if written > LIMITS["log_bytes"]:
        raise ExceededError(
            f"wrote more than {size(LIMITS['log_bytes'])} into the log",
            "let it say less, or ask who runs the machine to raise LECTERN_BUILD_LOG_MB",
        )


def begin(command, out, err):
    """Start the command as a child that is first to go when the machine is short of anything."""
    child = os.fork()
    if child:
        return child
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.setpriority(os.PRIO_PROCESS, 0, 19)
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        os.write(2, f"error: {command[0]}: {problem.strerror}\n".encode())
    os._exit(127)


def ended(child):
    """Take up all that ended, orphans too; give the child's status when it is among them."""
    status = None
    try:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] == child:
                status = os.waitstatus_to_exitcode(found[1])
    except ChildProcessError:
        pass
    return status


def pass_on(source, target):
    """Pass on what there is; say how much."""
    try:
        chunk = os.read(source, CHUNK_BYTES)
    except BlockingIOError:
        return 0
    left = chunk
    while left:
        left = left[os.write(target, left) :]
    return len(chunk)


def run(command):
    """Run a command to its end; give its status."""
    libc = ctypes.CDLL(None)
    free_before, written, looked = free_bytes(), 0, 0.0
    pipes = {1: os.pipe()}
    # A step's output is one log, in the order it was written; a trial's answer stands apart.
    pipes[2] = os.pipe() if LIMITS.get("where") else pipes[1]
    child = begin(command, pipes[1][1], pipes[2][1])
    # From here on nobody but the kernel changes this process: not even the step's root.
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    poller = select.poll()
    targets = {source: target for target, (source, _) in reversed(pipes.items())}
    for source, end in set(pipes.values()):
        os.close(end)
        os.set_blocking(source, False)
        poller.register(source, select.POLLIN)
    while True:
        for source, _ in poller.poll(LOOK_EVERY_S * 1000):
            count = pass_on(source, targets[source])
            written += count
            if not count:
                poller.unregister(source)
        if time.monotonic() - looked >= LOOK_EVERY_S:
            look(free_before, written)
            looked = time.monotonic()
        if (status := ended(child)) is not None:
            for source, target in targets.items():
                while count := pass_on(source, target):
                    written += count
                    look(free_before, written)
            if status == -signal.SIGKILL:
                raise ExceededError(
                    "was killed",
                    "the machine has run out of memory: build again when fewer people are at work",
                )
            return status


def main():
    command = sys.argv[1:]
    script = os.path.basename(command[1]).partition(".")[0] if len(command) > 1 else command[0]
    where = LIMITS.get("where") or SAID.get(script) or f"step {script.replace('-', ' ')}"
    try:
        status = run(command)
    except ExceededError as problem:
        what, hint = problem.args
        # On lines of their own, whatever stood there last.
        sys.stderr.write(f"\nerror: {where}: {what}\nhint: {hint}\n")
        sys.stderr.flush()
        os._exit(EXCEEDED)
    os._exit(status if status >= 0 else 128 - status)


main()
