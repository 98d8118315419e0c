"""An image with languages of the catalogue, made by the builder's own steps; tried as a participant would."""

import contextlib
import json
import os
import subprocess
from pathlib import Path

from lectern import names
from lectern.builder.languages.catalogue import bundle, debian_packages, read_catalogue, requirements

ROOT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("LECTERN_STATE", ROOT / ".lectern"))
MACHINE = Path(os.environ.get("LECTERN_MACHINE", STATE))
STEPS = ROOT / "lectern/builder/steps"
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
    install = f"uv pip install --quiet {' '.join(map(repr, requirements(languages)))}"
    (folder / "Dockerfile").write_text(
        f"FROM {notebook_image()}\n"
        "USER root\n"
        f"RUN --mount=type=bind,source=install-debian.bash,target=/srv/build/step {_APT} "
        f"bash /srv/build/step {' '.join(debian_packages(languages)) or 'bash'}\n"
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
        results |= json.loads(line)
    missing = set(keys) - set(results)
    assert not missing, f"{missing}: {done.stderr[-2000:]}"
    return results
