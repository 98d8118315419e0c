"""Use an environment as a participant would: server, each kernel's hello, its packages, the instructor's check.

Runs in a throw-away container, in the server's own Python: kernels are started from there in class too.
The one argument is what to try, as JSON (see `smoke_test.Trial`); stdout is what was found, stderr why it failed.
"""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

from jupyter_client.manager import start_new_kernel

SERVER_S = 60
HELLO_S = 120
IMPORT_S = 300
CELL_S = 300
SHOWN_LINES = 15
NOTICES = pathlib.Path("/tmp/workspace-notices")  # what the server could not start with

IMPORT_PYTHON = """
import importlib, json, sys, traceback
failed = {}
for name in json.load(sys.stdin):
    try:
        importlib.import_module(name)
    except BaseException:
        failed[name] = traceback.format_exc(limit=-1).strip().splitlines()[-1]
json.dump(failed, sys.__stdout__)
"""
IMPORT_R = """
for (name in readLines(file("stdin"))) {
    said <- tryCatch({ suppressPackageStartupMessages(library(name, character.only = TRUE)); "" },
                     error = function(problem) conditionMessage(problem))
    if (nzchar(said)) cat(name, gsub("[[:space:]]+", " ", said), sep = "\\t", fill = 10000)
}
"""


def fail(text):
    sys.exit("\n".join(str(text).strip().splitlines()[-SHOWN_LINES:]))


def check_server():
    """Start the server; give the kernels that it offers."""
    port = "8999"
    log = pathlib.Path("/tmp/server.log")
    command = [
        "/opt/jupyter/bin/workspace-server", "--no-browser", f"--port={port}", "--IdentityProvider.token=smoke"
    ]  # fmt: skip
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + SERVER_S
        while time.monotonic() < end:
            try:
                url = f"http://127.0.0.1:{port}/api/kernelspecs?token=smoke"
                specs = json.load(urllib.request.urlopen(url, timeout=30))["kernelspecs"]
                if NOTICES.exists() and (said := NOTICES.read_text().strip()):
                    fail(f"an extension of the environment does not work\n{said}")
                return specs
            except OSError:
                if server.poll() is not None:
                    fail(f"{log.read_text()}\nthe server ended with status {server.returncode}")
                time.sleep(0.05)
        return fail(f"{log.read_text()}\nthe server did not answer within {SERVER_S} s")
    finally:
        server.terminate()
        server.wait()


def say_hello(name, hello):
    """Let a kernel run its program and compare what it prints."""
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=HELLO_S)
    said = []

    def keep(message):
        content = message["content"]
        said.append(content.get("text") or content.get("data", {}).get("text/plain") or content.get("evalue", ""))

    try:
        reply = client.execute_interactive(hello["code"], timeout=HELLO_S, output_hook=keep)["content"]
    finally:
        manager.shutdown_kernel(now=True)
    printed = "".join(said)
    if reply["status"] != "ok" or hello["expected"] not in printed:
        fail(f"kernel {name}: `{hello['code']}` gave {printed!r}, expected {hello['expected']!r}")


def import_all(language, command, names, failed):
    """Import packages in one process; say all that fail."""
    if not names:
        return
    handed = json.dumps(names) if language == "Python" else "\n".join(names) + "\n"
    done = subprocess.run(command, input=handed, capture_output=True, text=True, timeout=IMPORT_S, check=False)
    problems = failed(done.stdout) if done.returncode == 0 else {"a package": done.stderr}
    if problems:
        fail("\n".join(f"{language} package {name} cannot be imported: {why}" for name, why in problems.items()))


def run_check(path):
    """Execute the instructor's own notebook, or script."""
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.v4.upgrade(jupytext.read(path))
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    client = NotebookClient(
        notebook, timeout=CELL_S, kernel_name=kernel, resources={"metadata": {"path": str(path.parent)}}
    )
    try:
        client.execute()
    except CellExecutionError as problem:
        fail(f"{problem}\n{path.name}: a cell failed")
    except Exception as problem:  # the kernel died or is none of this environment's
        fail(f"{path.name}: {problem}")


def main():
    trial = json.loads(sys.argv[1])
    os.environ.setdefault("MPLBACKEND", "Agg")
    specs = check_server()
    for name in specs:
        if name in trial["hellos"]:
            say_hello(name, trial["hellos"][name])
    if missing := sorted(set(trial["hellos"]) - set(specs)):
        fail(f"the server does not offer the kernels {', '.join(missing)}")
    import_all("Python", ["/opt/env/bin/python", "-c", IMPORT_PYTHON], trial["python"], json.loads)
    import_all(
        "R",
        ["Rscript", "-e", IMPORT_R],
        trial["r"],
        lambda text: dict(line.split("\t", 1) for line in text.splitlines() if "\t" in line),
    )
    for check in trial["checks"]:
        run_check(pathlib.Path("/srv/env") / check)
    print(json.dumps({name: spec["spec"]["language"] for name, spec in specs.items()}))


main()
