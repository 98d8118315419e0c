"""Use an environment as a participant would: server, kernels' hellos, packages, the instructor's check.

Runs in a throw-away container, in the server's own Python: kernels are started from there in class too.
What does not need each other runs side by side; the check has the container, and its memory, for itself.
The one argument is what to try, as JSON (`smoke_test.Trial`); stdout is what was found, stderr why it failed.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import start_new_kernel

TOP_LEVEL_MODULES = ""  # the text of top_level_modules.py, put here by smoke_test.py

SERVER_S = 60
HELLO_S = 120
IMPORT_S = 300
CELL_S = 300
SHOWN_LINES = 15
AT_ONCE = 3  # what runs side by side shares a participant's memory
NOTICES = pathlib.Path("/tmp/workspace-notices")  # what the server could not start with

IMPORT_PYTHON = """
import importlib, json, sys, traceback
failed = {}
for name, modules in json.load(sys.stdin).items():
    for module in modules:
        try:
            importlib.import_module(module)
        except BaseException:
            failed[name] = traceback.format_exc(limit=-1).strip().splitlines()[-1]
json.dump(failed, sys.__stdout__)
"""
IMPORT_R = """
installed <- rownames(installed.packages())
for (asked in readLines(file("stdin"))) {
    name <- c(installed[tolower(installed) == asked], asked)[1]
    said <- tryCatch({ suppressPackageStartupMessages(library(name, character.only = TRUE)); "" },
                     error = function(problem) conditionMessage(problem))
    if (nzchar(said)) cat(name, gsub("[[:space:]]+", " ", said), sep = "\\t", fill = 10000)
}
"""


class TrialError(Exception):
    """Something does not work; its text is for the instructor."""


def fail(text):
    raise TrialError("\n".join(str(text).strip().splitlines()[-SHOWN_LINES:]))


def check_server():
    """Start the server; give the kernels that it offers."""
    port = "8999"
    log = pathlib.Path("/tmp/server.log")
    options = ["--no-browser", f"--port={port}", "--IdentityProvider.token=smoke"]
    command = ["/opt/jupyter/bin/workspace-server", *options]
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


@contextlib.contextmanager
def said_aside(what):
    """Give a file for what a kernel's process says; it is shown when the kernel does not live."""
    with tempfile.TemporaryFile("w+") as said:
        try:
            yield said
        except TrialError:
            raise
        except NoSuchKernel:
            fail(f"{what}: the environment has no such kernel")
        except Exception as problem:  # it died, or did not answer in time
            said.seek(0)
            fail(f"{said.read()}\n{what}: {problem or type(problem).__name__}")


def say_hello(name, hello):
    """Let a kernel run its program and compare what it prints."""
    answers = []

    def keep(message):
        content = message["content"]
        answers.append(
            content.get("text") or content.get("data", {}).get("text/plain") or content.get("evalue", "")
        )

    with said_aside(f"kernel {name}") as said:
        manager, client = start_new_kernel(
            kernel_name=name, startup_timeout=HELLO_S, stdout=said, stderr=said
        )
        try:
            reply = client.execute_interactive(hello["code"], timeout=HELLO_S, output_hook=keep)["content"]
        finally:
            manager.shutdown_kernel(now=True)
    printed = "".join(answers)
    if reply["status"] != "ok" or hello["expected"] not in printed:
        fail(f"kernel {name}: `{hello['code']}` gave {printed!r}, expected {hello['expected']!r}")


def run(command, handed):
    try:
        done = subprocess.run(
            command, input=handed, capture_output=True, text=True, timeout=IMPORT_S, check=False
        )
    except subprocess.TimeoutExpired:
        fail(f"{command[0]} did not end within {IMPORT_S} s while packages were imported")
    if done.returncode:
        fail(f"{done.stderr}\n{command[0]} ended with status {done.returncode} while packages were imported")
    return done.stdout


def require_none(failed, language):
    if failed:
        fail(
            "\n".join(f"{language} package {name} cannot be imported: {why}" for name, why in failed.items())
        )


def import_python(distributions):
    """Import the modules of Python packages."""
    if distributions:
        python = "/opt/env/bin/python"
        modules = run([python, "-c", TOP_LEVEL_MODULES, *distributions], "")
        require_none(json.loads(run([python, "-c", IMPORT_PYTHON], modules)), "Python")


def import_r(packages):
    """Load R packages."""
    if packages:
        said = run(["Rscript", "-e", IMPORT_R], "\n".join(packages) + "\n")
        require_none(dict(line.split("\t", 1) for line in said.splitlines() if "\t" in line), "R")


def run_check(path):
    """Execute the instructor's own notebook, or script."""
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    try:
        notebook = nbformat.v4.upgrade(jupytext.read(path))
    except Exception as problem:  # each form of notebook has errors of its own
        fail(f"{path.name}: cannot be read as a notebook: {str(problem).strip().splitlines()[0]}")
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    client = NotebookClient(
        notebook, timeout=CELL_S, kernel_name=kernel, resources={"metadata": {"path": str(path.parent)}}
    )
    with said_aside(path.name) as said:
        try:
            client.execute(stdout=said, stderr=said)
        except CellExecutionError as problem:
            fail(f"{problem}\n{path.name}: a cell failed")


def require_offered(specs, wanted):
    if missing := sorted(set(wanted) - set(specs)):
        fail(f"the server does not offer the kernels {', '.join(missing)}")


def try_all(trial):
    """Try everything; of several failures the first in this order is told, whichever came first."""
    side_by_side = ThreadPoolExecutor(AT_ONCE)
    server = side_by_side.submit(check_server)
    parts = [
        *(side_by_side.submit(say_hello, name, hello) for name, hello in trial["hellos"].items()),
        side_by_side.submit(import_python, trial["python"]),
        side_by_side.submit(import_r, trial["r"]),
    ]
    specs = server.result()
    require_offered(specs, trial["hellos"])
    known = trial["if_offered"].items()
    parts += [side_by_side.submit(say_hello, name, hello) for name, hello in known if name in specs]
    for part in parts:
        part.result()
    for check in trial["checks"]:
        run_check(pathlib.Path("/srv/env") / check)
    return {name: spec["spec"]["language"] for name, spec in specs.items()}


def main():
    try:
        print(json.dumps(try_all(json.loads(sys.argv[1]))), flush=True)
    except TrialError as problem:
        print(problem, file=sys.stderr, flush=True)
        os._exit(1)  # what still runs beside it ends with the container


main()
