"""Use an environment as a participant would: server, kernels' hellos, packages, the instructor's check.

Runs in a throw-away container, in the server's own Python: kernels are started from there in class too.
The one argument is what to try, as JSON (`smoke_test.Trial`); stdout is what was found, stderr why it failed.
"""

import json
import pathlib
import subprocess
import sys
import time
import urllib.request

from jupyter_client.manager import start_new_kernel

TOP_LEVEL_MODULES = ""  # the text of top_level_modules.py, put here by smoke_test.py

SERVER_S = 60
HELLO_S = 120
IMPORT_S = 300
CELL_S = 300
SHOWN_LINES = 15
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


def fail(text):
    sys.exit("\n".join(str(text).strip().splitlines()[-SHOWN_LINES:]))


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


def say_hello(name, hello):
    """Let a kernel run its program and compare what it prints."""
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=HELLO_S)
    said = []

    def keep(message):
        content = message["content"]
        said.append(
            content.get("text") or content.get("data", {}).get("text/plain") or content.get("evalue", "")
        )

    try:
        reply = client.execute_interactive(hello["code"], timeout=HELLO_S, output_hook=keep)["content"]
    finally:
        manager.shutdown_kernel(now=True)
    printed = "".join(said)
    if reply["status"] != "ok" or hello["expected"] not in printed:
        fail(f"kernel {name}: `{hello['code']}` gave {printed!r}, expected {hello['expected']!r}")


def run(command, handed):
    done = subprocess.run(
        command, input=handed, capture_output=True, text=True, timeout=IMPORT_S, check=False
    )
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
    specs = check_server()
    for name in specs:
        if name in trial["hellos"]:
            say_hello(name, trial["hellos"][name])
    if missing := sorted(set(trial["hellos"]) - set(specs)):
        fail(f"the server does not offer the kernels {', '.join(missing)}")
    import_python(trial["python"])
    import_r(trial["r"])
    for check in trial["checks"]:
        run_check(pathlib.Path("/srv/env") / check)
    print(json.dumps({name: spec["spec"]["language"] for name, spec in specs.items()}))


main()
