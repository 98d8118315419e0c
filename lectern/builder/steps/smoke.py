"""Use an environment as a participant would: server, each kernel's hello, the instructor's check.

Runs in a throw-away container, in the server's own Python: kernels are started from there in class too.
"""

import json
import pathlib
import subprocess
import sys
import time
import urllib.request

from jupyter_client.manager import start_new_kernel

HELLO = {"python": ("print(6 * 7)", "42"), "R": ("cat(6 * 7)", "42")}
PORT = 8999


def check_server():
    command = [
        "/opt/jupyter/bin/jupyter-lab",
        "--no-browser",
        f"--port={PORT}",
        "--IdentityProvider.token=smoke",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        for _ in range(600):
            try:
                url = f"http://127.0.0.1:{PORT}/api/kernelspecs?token=smoke"
                return json.load(urllib.request.urlopen(url, timeout=30))["kernelspecs"]
            except OSError:
                if server.poll() is not None:
                    sys.exit(f"the server ended with status {server.returncode}")
                time.sleep(0.1)
        sys.exit("the server did not answer within 60 s")
    finally:
        server.terminate()
        server.wait()


def say_hello(name, language):
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=60)
    printed = []

    def keep(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    code, expected = HELLO.get(language, ("", ""))
    try:
        reply = client.execute_interactive(code, timeout=60, output_hook=keep)["content"]
    finally:
        manager.shutdown_kernel(now=True)
    if reply["status"] != "ok" or expected not in "".join(printed):
        sys.exit(
            f"kernel {name}: `{code}` gave {''.join(printed)!r} ({reply['status']}), expected {expected}"
        )


def run_check(name):
    import jupytext
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.v4.upgrade(jupytext.read(pathlib.Path("/srv/env") / name))
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    try:
        NotebookClient(notebook, timeout=300, kernel_name=kernel).execute()
    except CellExecutionError as problem:
        sys.exit(f"{name}: a cell failed\n{problem}")


specs = check_server()
for name, spec in specs.items():
    say_hello(name, spec["spec"]["language"])
for name in sys.argv[1:]:
    run_check(name)
print(json.dumps({name: spec["spec"]["language"] for name, spec in specs.items()}))
