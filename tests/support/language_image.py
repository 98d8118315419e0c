"""An image with languages of the catalogue, made by the builder's own steps; tried as a participant would."""

import contextlib
import json
import os
import subprocess
import tomllib
from pathlib import Path

from lectern import names
from lectern.builder.languages.catalogue import bundle, debian_packages, read_catalogue, requirements

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("LECTERN_STATE", ROOT / ".lectern"))
MACHINE = Path(os.environ.get("LECTERN_MACHINE", STATE))
STEPS = ROOT / "lectern/builder/steps"
DATA = ROOT / "lectern/builder/languages"
TRIAL = ROOT / "tests/languages/trial.py"
MEMORY = "2g"
PROJECT = "languages"

_APT = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked "
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked"
)
_UV = (
    "--mount=type=cache,id=lectern-uv,target=/root/.cache/uv --mount=type=secret,id=uv,target=/etc/uv/uv.toml"
)


def notebook_image() -> str:
    """Give the notebook image of this checkout; builds it when its inputs changed."""
    subprocess.run([ROOT / "scripts/build-images", "notebook"], check=True, capture_output=True)
    lines = (STATE / "images.env").read_text(encoding="utf-8").splitlines()
    tags = dict(line.split("=", 1) for line in reversed(lines) if "=" in line)
    return f"lectern/notebook:{tags['NOTEBOOK_TAG']}"


@contextlib.contextmanager
def language_image(group: str, keys: list[str]):
    """Give an image with some languages; it goes afterwards, its layers stay in the build's cache."""
    languages = [read_catalogue()[key] for key in keys]
    folder = STATE / "languages" / group
    folder.mkdir(parents=True, exist_ok=True)
    for step in ("install-debian.bash", "install-languages.bash"):
        (folder / step).write_bytes((STEPS / step).read_bytes())
    (folder / "languages.json").write_text(bundle(languages), encoding="utf-8")
    packages = debian_packages(languages) or ("bash",)
    (folder / "debian.lock").write_text("".join(f"{name}\n" for name in packages), encoding="utf-8")
    install = f"uv pip install --quiet {' '.join(map(repr, requirements(languages)))}"
    (folder / "Dockerfile").write_text(
        f"FROM {notebook_image()}\n"
        "USER root\n"
        "RUN --mount=type=bind,source=install-debian.bash,target=/srv/build/install-debian.bash "
        f"--mount=type=bind,source=debian.lock,target=/srv/build/debian.lock {_APT} "
        "bash /srv/build/install-debian.bash\n"
        f"RUN {_UV} export HOME=/root VIRTUAL_ENV=/opt/env UV_LINK_MODE=copy "
        f"&& uv venv --quiet --python /usr/bin/python3 /opt/env"
        f"{' && ' + install if requirements(languages) else ''}\n"
        "RUN --mount=type=bind,source=.,target=/srv/build bash /srv/build/install-languages.bash\n"
        "USER jovyan\n",
        encoding="utf-8",
    )
    image = f"lectern-languages:{group}"
    command = ["docker", "build", "--quiet", "--label", f"{names.PROJECT}={PROJECT}", "--tag", image]
    command += ["--secret", f"id=uv,src={MACHINE / 'clients/uv.toml'}", str(folder)]
    done = subprocess.run(
        command, env=os.environ | {"DOCKER_BUILDKIT": "1"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}\n{done.stderr[-4000:]}")
    try:
        yield image
    finally:
        if not os.environ.get("KEEP"):
            subprocess.run(["docker", "rmi", "--force", image], capture_output=True, check=True)


def try_languages(image: str, keys: list[str]) -> dict[str, dict]:
    """Run each language's cells as a participant without network; give what happened, by language."""
    done = subprocess.run(
        [
            "docker", "run", "--rm", "--init", "--interactive", "--network", "none", "--read-only",
            "--tmpfs", "/tmp:exec", "--tmpfs", "/home/jovyan:exec,uid=1000,gid=1000",
            "--memory", MEMORY, "--memory-swap", MEMORY, "--pids-limit", "512",
            "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            "--label", f"{names.PROJECT}={PROJECT}", image, "/opt/jupyter/bin/python", "-", *keys,
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
    expected["state"] = data.get("state", {}).get("prints", "")
    for part in ("hello", "state", "after"):
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
    done = subprocess.run(
        [
            "docker", "run", "--rm", "--interactive", "--user", "root",
            "--label", f"{names.PROJECT}={PROJECT}",
            "--volume", f"{MACHINE / 'clients/uv.toml'}:/etc/uv/uv.toml:ro", "--env", "HOME=/root",
            notebook_image(), "/opt/jupyter/bin/python", "-c", _MEASURE,
        ],
        input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
