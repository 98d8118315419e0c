"""An image with languages of the catalogue, made by the builder's own steps; tried as a participant would."""

import contextlib
import json
import subprocess
import tomllib

from lectern.builder.languages.catalogue import bundle, debian_packages, read_catalogue, requirements
from lectern.builder.plan import Step
from tests.support.stack import ROOT
from tests.support.step_image import CLIENTS, LABEL, UV, debian, notebook_image, run, same, step_images

DATA = ROOT / "lectern/builder/languages"
TRIAL = ROOT / "tests/languages/trial.py"
MEMORY = "2g"

_UV_INSTALL = """
export HOME=/root VIRTUAL_ENV=/opt/env UV_LINK_MODE=copy
uv venv --quiet --python /usr/bin/python3 /opt/env
[ $# = 0 ] || uv pip install --quiet "$@"
"""


@contextlib.contextmanager
def language_image(keys: list[str]):
    """Give an image with some languages; it goes afterwards, its layers stay in the build's cache."""
    languages = [read_catalogue()[key] for key in keys]
    apt, files = debian(*debian_packages(languages) or ("bash",))
    files |= {"languages.json": bundle(languages), "pypi.bash": _UV_INSTALL}
    with step_images() as images:
        yield images.build(
            apt,
            # The newest that serve: which ones a lock would take is another test's.
            Step("pypi.bash", requirements(languages), mounts=UV),
            Step("install-languages.bash", reads=same("languages.json")),
            files=files,
        )


def try_languages(image: str, keys: list[str]) -> dict[str, dict]:
    """Run each language's cells as a participant without network; give what happened, by language."""
    done = subprocess.run(
        [
            "docker", "run", "--rm", "--init", "--interactive", "--network", "none", "--read-only",
            "--tmpfs", "/tmp:exec", "--tmpfs", "/home/jovyan:exec,uid=1000,gid=1000",
            "--memory", MEMORY, "--memory-swap", MEMORY, "--pids-limit", "512",
            "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--label", LABEL, image, "/opt/jupyter/bin/python", "-", *keys,
        ],
        input=TRIAL.read_text(encoding="utf-8"), capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    results: dict[str, dict] = {}
    for line in done.stdout.splitlines():
        if line.startswith("{"):  # Kotlin's kernel talks on stdout too
            results |= json.loads(line)
    missing = set(keys) - set(results)
    assert not missing, f"{missing}: {done.stderr[-2000:]}"
    return results


def faults(results: dict[str, dict]) -> dict[str, list]:
    """Give what did not go as each language's data say."""
    return {key: found for key, result in results.items() if (found := list(_faults(key, result)))}


def _faults(key: str, result: dict):
    data = tomllib.loads((DATA / f"{key}.toml").read_text(encoding="utf-8"))
    if "failed" in result:
        yield result["failed"]
        return
    expected = {"hello": data["hello"]["prints"], "after": data["hello"]["prints"]}
    asks = data.get("input", {})
    expected["input"] = expected["answered"] = asks.get("prints", "")
    expected["quiet"] = "was no question"
    if "unanswered" in result and result["unanswered"]["name"] != "NoInput":
        yield "unanswered", result["unanswered"]
    expected["state"] = data.get("state", {}).get("prints", "")
    for part in ("hello", "state", "input", "quiet", "answered", "after"):
        if part in result and (result[part]["status"] != "ok" or expected[part] not in result[part]["shown"]):
            yield part, result[part]
    stops = data["error"].get("stops", True)
    if (
        data["error"]["shows"] not in result["error"]["shown"]
        or (result["error"]["status"] == "error") != stops
    ):
        yield "error", result["error"]
    if "endless" in result and result["endless"]["status"] == "ok":
        yield "endless", result["endless"]


_MEASURE = r"""
import json, pathlib, re, subprocess, sys
def out(*words): return subprocess.run(words, capture_output=True, text=True, check=True).stdout
out("apt-get", "-qq", "update")
sizes = {}
for key, (debian, pypi) in json.load(sys.stdin).items():
    kib = 0
    if debian:
        told = out("apt-get", "--simulate", "--no-install-recommends", "install", *debian)
        new = re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", told, re.MULTILINE)
        if new:
            shown = out("apt-cache", "show", *(f"{name}={version}" for name, version in new))
            kib += sum(map(int, re.findall(r"^Installed-Size: (\d+)", shown, re.MULTILINE)))
    if pypi:
        out("uv", "pip", "install", "--python", "/usr/bin/python3", "--target", f"/tmp/{key}", *pypi)
        kib += int(out("du", "--summarize", "--block-size=1K", f"/tmp/{key}").split()[0])
    sizes[key] = max(round(kib * 1024 / 1e6), 1) if kib else 0
print(json.dumps(sizes))
"""


def measured_sizes() -> dict[str, int]:
    """Give the megabytes that each language's packages add to the notebook image when it comes alone.

    Left out are languages that packages alone do not make: what is warmed up, and what comes from elsewhere.
    """
    catalogue = read_catalogue()
    asked = {
        key: (one.debian, one.pypi)
        for key, one in catalogue.items()
        if one.debian + one.pypi and not one.warm_up
    }
    settings = CLIENTS / "uv.toml"
    told = run(
        notebook_image(), "/opt/jupyter/bin/python", "-c", _MEASURE,
        options=(
            "--user", "root", "--volume", f"{settings}:/etc/uv/uv.toml:ro",
            # apt's own user downloads.
            "--cap-add", "ALL", "--env", "HOME=/root",
        ),
        network="bridge", stdin=json.dumps(asked).encode(), timeout_s=900,
    )  # fmt: skip
    return json.loads(told)
