"""Talk to a loop of the generic kernel, inside a container: cells in, what each printed out, as JSON.

Usage: python loop_talk.py CELLS COMMAND…   CELLS is a JSON list of {"code": …, "interrupt_at": …}:
once the cell has printed the text `interrupt_at`, it is interrupted.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

MARK = "mark-5f0e:"


def answer(loop, cell, until=f"{MARK}ready\n"):
    """Read what the loop prints until it waits again; interrupt the cell where it says so."""
    said, stop_at = "", cell.get("interrupt_at")
    while not said.endswith(until):
        chunk = os.read(loop.stdout.fileno(), 65536).decode()
        if not chunk:
            sys.exit(f"the loop ended: {said}")
        said += chunk
        if stop_at and stop_at in said:
            loop.send_signal(signal.SIGINT)
            stop_at = None
    return said.removesuffix(until)


def main():
    cells, command = json.loads(sys.argv[1]), sys.argv[2:]
    work = pathlib.Path(tempfile.mkdtemp())
    loop = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"LECTERN_MARK": MARK, "PICTURES": str(work)},
    )
    answer(loop, {})
    told = []
    for cell in cells:
        path = work / "cell"
        path.write_text(cell["code"], encoding="utf-8")
        loop.stdin.write(f"{path}\n".encode())
        loop.stdin.flush()
        printed, _, problem = answer(loop, cell).partition(f"{MARK}error\n")
        pictures = {}
        for each in work.glob("*.*"):
            pictures[each.suffix] = each.read_text(encoding="utf-8")
            each.unlink()
        told.append({"printed": printed, "error": problem, "pictures": pictures})
    loop.stdin.close()
    print(json.dumps({"cells": told, "exit": loop.wait(timeout=30)}))


main()
