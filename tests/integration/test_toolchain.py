"""From an environment repo to a release: what is built again, refused, recorded, kept, cleared away."""

import json
import os
import re
import secrets
import shutil
import subprocess

import pytest

from lectern import names
from tests.support.builder import Builder, image_tags
from tests.support.stack import docker

#: Small, so that a build takes seconds; pinned, so that runs of all days share the cache.
PYTHON = {"requirements.txt": "tabulate==0.9.0\n"}

#: A project in the repo itself, and a postBuild that makes something.
OWN = {
    "requirements.txt": "tabulate==0.9.0\n-e .\n",
    "pyproject.toml": '[project]\nname = "course"\nversion = "1.2"\n[tool.setuptools]\npackages = ["a"]\n',
    "a/__init__.py": "",
    "postBuild": "#!/bin/sh\nmkdir made && echo 1 >made/it\n",
}

#: Where the engine's cache may go on with any notebook image, a fresh build is one on an image of its own.
FRESH = "FROM {image}\nUSER root\nRUN echo {nonce} >/srv/nonce\nUSER jovyan\n"


def _check(code: str, kernel: str = "python3") -> str:
    header = f"jupyter:\n  kernelspec:\n    name: {kernel}\n    display_name: {kernel}\n"
    return f"---\n{header}---\n\n# Check\n\n```python\n{code}\n```\n"


def _layers(image: str) -> list[str]:
    return json.loads(docker("inspect", "--format", "{{json .RootFS.Layers}}", image))


# --- what is built again ------------------------------------------------------------------------


def test_an_unchanged_repo_is_not_built_again(builder, name):
    repo = builder.repo(name, PYTHON)
    builder.build(repo)
    before = builder.releases(name)

    again = builder.build(repo)

    assert "unchanged" in again.talk
    assert "building the image" not in again.talk
    assert builder.releases(name) == before


def test_a_changed_text_installs_nothing(builder, name):
    builder.build(builder.repo(name, PYTHON))
    builder.build(builder.repo(name, PYTHON | {"README.md": "# Course\n"}))

    old, new = builder.releases(name)
    before, after = (_layers(builder.image(name, release["commit"])) for release in (old, new))
    assert old["identity"] == new["identity"]
    assert old["commit"] != new["commit"]
    assert before[:-2] == after[:-2]  # the last two are the repo's files and the link to the manifest


def test_one_package_more_is_a_small_layer_and_told_as_one_change(builder, name):
    builder.build(builder.repo(name, PYTHON), "--publish")
    more = {"requirements.txt": PYTHON["requirements.txt"] + "iniconfig==2.0.0\n"}

    said = builder.build(builder.repo(name, more))

    assert "+ iniconfig 2.0.0 (python)" in said.talk
    old, new = (builder.image(name, release["commit"]) for release in builder.releases(name))
    size = int(docker("inspect", "--format", "{{.Size}}", new)) - int(
        docker("inspect", "--format", "{{.Size}}", old)
    )
    assert size < 1_000_000
    commits = [f"{name}:{release['commit']}" for release in builder.releases(name)]
    assert builder.run("diff", *commits).out == "+ iniconfig 2.0.0 (python)\n"
    assert json.loads(builder.run("diff", *reversed(commits), "--json").out) == [
        {"source": "python", "name": "iniconfig", "before": "2.0.0", "after": ""}
    ]
    assert builder.run("diff", name, commits[0]).out == ""


# --- what is recorded ---------------------------------------------------------------------------


def test_a_release_has_a_bill_of_materials(builder, name):
    builder.build(builder.repo(name, PYTHON), "--publish")

    bill = json.loads(builder.run("manifest", name, "--cyclonedx").out)

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    urls = {component["purl"] for component in bill["components"]}
    assert "pkg:pypi/tabulate@0.9.0" in urls
    assert any(url.startswith("pkg:deb/debian/") for url in urls)
    assert "tabulate==0.9.0" in json.loads(builder.run("manifest", name).out)["python"]


def test_a_lock_gives_the_same_environment_where_nothing_is_left_of_the_first(builder, name):
    repo = builder.repo(name, PYTHON | OWN | {"apt.txt": "tree\n"})
    builder.build(repo)
    first = builder.releases(name)[0]
    state = builder.stack.state / "fresh"
    shutil.copytree(
        builder.stack.state,
        state,
        ignore=shutil.ignore_patterns("repos", "logs", "fresh"),
        dirs_exist_ok=True,
    )
    tag = image_tags(state)["NOTEBOOK_TAG"]
    fresh = f"{tag}-{secrets.token_hex(4)}"
    recipe = FRESH.format(image=f"lectern/notebook:{tag}", nonce=fresh)
    label = f"{names.PROJECT}={builder.stack.project}"
    subprocess.run(
        ["docker", "build", "--quiet", "--label", label, "--tag", f"lectern/notebook:{fresh}", "-"],
        input=recipe, text=True, check=True, capture_output=True,
    )  # fmt: skip
    images = (state / "images.env").read_text(encoding="utf-8")
    (state / "images.env").write_text(
        images.replace(f"NOTEBOOK_TAG={tag}", f"NOTEBOOK_TAG={fresh}"), encoding="utf-8"
    )
    try:
        Builder(builder.stack, LECTERN_STATE=str(state)).build(repo)

        releases = builder.releases(name)
        assert [one["commit"] for one in releases][-1] == first["commit"]
        assert releases[-1]["identity"] == first["identity"]
        manifest = json.loads(builder.run("manifest", f"{name}:{first['commit']}").out)
        assert manifest["local"][0].startswith("course==1.2 sha256:")
        assert manifest["postBuild"][0].startswith("files==1 sha256:")
        assert releases[-1]["built_at"] != first["built_at"]
        image = builder.image(name, first["commit"])
        assert builder.inside(image, "cat", "/srv/nonce") == fresh
    finally:
        builder.forget(name)
        docker("rmi", f"lectern/notebook:{fresh}", check=False)
        shutil.rmtree(state)


def test_a_build_honours_its_lock_until_an_upgrade_is_asked_for(builder, name):
    of_old = builder.repo(name, {"requirements.txt": "iniconfig==2.0.0\n"})
    old = json.loads(builder.run("lock", of_old).out)
    repo = builder.repo(name, {"requirements.txt": "iniconfig\n"})
    newest = json.loads(builder.run("lock", repo).out)
    assert "iniconfig==2.0.0" not in newest["python"]["requirements"]
    # A lock as it was written when 2.0.0 was the newest.
    builder.keep(name, "lectern.lock", json.dumps(newest | {"python": old["python"]}))

    builder.build(repo)
    locked = builder.releases(name)[-1]
    assert (
        "iniconfig==2.0.0" in json.loads(builder.run("manifest", f"{name}:{locked['commit']}").out)["python"]
    )

    assert json.loads(builder.run("lock", repo, "--upgrade").out) == newest
    builder.build(repo)
    upgraded = builder.releases(name)[-1]
    assert (upgraded["commit"], upgraded["identity"] != locked["identity"]) == (locked["commit"], True)


def test_an_index_password_is_in_no_layer_label_record_or_log(builder, name):
    machine = builder.stack.state / "machine"
    source = os.environ.get("LECTERN_MACHINE", str(builder.stack.state))
    shutil.copytree(f"{source}/clients", machine / "clients", dirs_exist_ok=True)
    password = secrets.token_hex(12)
    own = machine / "clients/uv.toml"
    index = (
        f'\n[[index]]\nname = "own"\nurl = "http://teacher:{password}@127.0.0.1:9/simple"\nexplicit = true\n'
    )
    own.write_text(own.read_text(encoding="utf-8") + index, encoding="utf-8")
    # A package no other test has: its step really runs, with the password in its reach.
    repo = builder.repo(
        name, {"requirements.txt": "sortedcontainers==2.4.0\n", "README.md": secrets.token_hex(4)}
    )
    try:
        Builder(builder.stack, LECTERN_MACHINE=str(machine)).build(repo, "--publish")

        commit = builder.releases(name)[0]["commit"]
        image = builder.image(name, commit)
        records = docker("history", "--no-trunc", image) + docker("inspect", image)
        for file in ("lectern.lock", f"{commit}.log", f"{commit}.manifest.json"):
            records += builder.kept(name, file)
        assert password not in records
        seeker = f"! grep -rqs {password} /opt /srv /etc /root /home /tmp /var"
        builder.inside(image, "sh", "-c", seeker)
    finally:
        shutil.rmtree(machine)


# --- what is refused ----------------------------------------------------------------------------

SHADOW = "import sys\nif sys.prefix == '/opt/env':\n    raise RuntimeError('a shadow')\n"
PROJECT = '[project]\nname = "broken-lesson"\nversion = "1"\n'
START = "#!/bin/bash\n"
FAULTS = {
    "a cell of the check": (
        {"check.md": _check("grades = {}\ngrades['ada']")},
        ["check.md: a cell failed", "KeyError: 'ada'", "grades['ada']"],
    ),
    "the check's header": (
        {"check.md": _check("1").replace("    display_name: python3\n", "")},
        ["check.md: cannot be read as a notebook: 'display_name' is a required property"],
    ),
    "the check's kernel": (
        {"check.md": _check("1", kernel="nowhere")},
        ["check.md: the environment has no such kernel"],
    ),
    "an import": (
        {
            "requirements.txt": "-e .\n",
            "pyproject.toml": PROJECT,
            "broken_lesson.py": "import nowhere_at_all\n",
        },
        ["Python package broken-lesson cannot be imported", "nowhere_at_all"],
    ),
    "a kernel's start": (
        {
            "start": START + 'export PYTHONPATH=/srv/env/shadow\nexec "$@"\n',
            "shadow/ipykernel_launcher.py": SHADOW,
        },
        ["kernel python3", "a shadow"],
    ),
    "the start hook": (
        {"start": START + "echo the hook is broken >&2\nexit 3\n"},
        ["the hook is broken", "exit status 3"],
    ),
    "postBuild": (
        {"postBuild": START + "echo no data today >&2\nexit 7\n"},
        ["no data today", "postBuild"],
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_does_not_work_is_named_and_the_published_release_stays(builder, published, what):
    before = builder.releases(published)
    files, named = FAULTS[what]

    said = builder.run("build", builder.repo(published, PYTHON | files), "--publish")

    assert said.status == 1
    assert [part for part in named if part not in said.talk] == [], said.talk
    assert re.search(r"^error: [\s\S]+^hint: ", said.talk, re.MULTILINE)
    assert "Traceback (most recent call last)" not in said.talk.partition("error:")[0]
    assert builder.releases(published) == before
    assert not [tag for tag in builder.tags(published) if tag.startswith("building-")]
    assert builder.trials() == []


def test_an_error_in_a_declaration_names_file_and_line(builder, name):
    repo = builder.repo(name, {"environment.yml": "dependencies:\n  - python\n  - numpyy\n"})

    for command in ("check", "lock", "build"):
        said = builder.run(command, repo)
        assert said.status == 1
        assert "environment.yml:3" in said.talk
        assert "hint: " in said.talk


def test_a_published_image_of_another_kind_is_replaced(builder, name):
    notebook = f"lectern/notebook:{image_tags(builder.stack.state)['NOTEBOOK_TAG']}"
    docker("tag", notebook, builder.image(name, names.PUBLISHED))  # as from before there were manifests

    builder.build(builder.repo(name, PYTHON), "--publish")

    assert [release["published"] for release in builder.releases(name)] == [True]


def test_wrong_usage_is_no_failure_of_a_repo(builder):
    assert builder.run("check").status == 2
    assert builder.run("diff", "one").status == 2
    assert builder.run("build", "--nowhere").status == 2


def test_a_check_gives_data_for_programs(builder, name):
    said = builder.run("check", builder.repo(name, PYTHON), "--json")

    found = json.loads(said.out)
    assert said.status == 0
    assert "tabulate==0.9.0" in found["python"]
    assert (found["name"], found["resolver"]) == (name, "fast")
    assert {"key", "name", "size_mb"} <= json.loads(builder.run("languages", "--json").out)[0].keys()


# --- what is kept and cleared away --------------------------------------------------------------


def test_pruning_keeps_the_published_the_last_two_and_what_somebody_works_in(builder, name):
    label = f"{names.PROJECT}={builder.stack.project}"
    commits = []
    at_work = ""
    try:
        for number in range(6):
            repo = builder.repo(name, PYTHON | {"lesson.md": f"{number}\n"})
            builder.build(repo, *(["--publish"] if number == 1 else []))
            commits.append(builder.releases(name)[-1]["commit"])
            at_work = at_work or docker(
                "run", "--detach", "--label", label, builder.image(name, commits[0]), "sleep", "300"
            )
        left = [release["commit"] for release in builder.releases(name)]
    finally:
        docker("rm", "--force", at_work)

    assert left == [commits[0], commits[1], commits[4], commits[5]]
    said = builder.run("prune")
    assert said.status == 0
    assert builder.image(name, commits[0]) in said.out.split()
    assert commits[0] not in builder.tags(name)
