"""Repos with a Dockerfile or default.nix: refused, or built as they stand where the operator allows it."""

import json
import subprocess

import pytest
from repo2docker.buildpacks import DockerBuildPack, NixBuildPack

from lectern import names
from lectern.builder import own_recipe
from lectern.builder.buildpack import stock_pack_for
from lectern.builder.declaration import read_declaration
from lectern.builder.limits import Limits
from lectern.builder.resolving import Base, resolve
from lectern.builder.step_files import STEPS
from lectern.errors import DeclarationError, SmokeTestError
from lectern.settings import Settings
from tests.support.repos import write_repo

LIMITS = Limits(1 << 30, 1 << 30, 1 << 20)
DOCKERFILE = "# A comment\nfrom --platform=linux/amd64 debian:13 AS one\nFROM one\nUSER 1000\n"


@pytest.fixture
def resolved(tmp_path):
    """Give a function that resolves a repo of files."""

    def resolve_it(files, *, is_allowed):
        repo = write_repo(tmp_path / "repo", files)
        settings = Settings(builds=tmp_path / "builds", stock_buildpacks=is_allowed)
        base = Base("lectern/notebook:1", lambda: pytest.fail("read"))
        return resolve(read_declaration(repo), repo, settings, base=base)

    return resolve_it


@pytest.mark.parametrize("path", ["Dockerfile", "binder/Dockerfile", "default.nix"])
def test_a_recipe_is_refused_and_the_hint_names_the_setting(resolved, path):
    with pytest.raises(DeclarationError, match="whole recipe") as caught:
        resolved({path: "FROM x\n"}, is_allowed=False)

    assert caught.value.where == path
    assert "declare the packages in environment.yml" in caught.value.hint
    assert "LECTERN_STOCK_BUILDPACKS" in caught.value.hint


def test_lists_beside_a_refused_recipe_are_what_the_hint_leads_to(resolved):
    with pytest.raises(DeclarationError) as caught:
        resolved({"Dockerfile": "FROM x\n", "requirements.txt": "numpy\n"}, is_allowed=False)

    assert caught.value.hint.startswith("move the lists of packages beside it into `binder/`")


def test_a_recipe_that_is_allowed_has_an_empty_lock_and_says_so(resolved):
    lock = resolved({"Dockerfile": "FROM x\n", "requirements.txt": "numpy\n"}, is_allowed=True)

    assert (lock.python, lock.debian, lock.base) == (None, (), "lectern/notebook:1")
    assert lock.notices == (
        "Dockerfile: built as it stands: no package is locked, and no list beside it is read",
    )


def test_recipes_are_refused_where_the_operator_said_nothing(tmp_path):
    assert Settings(builds=tmp_path).stock_buildpacks is False


@pytest.mark.parametrize(
    ("path", "pack"),
    [("Dockerfile", DockerBuildPack), (".binder/Dockerfile", DockerBuildPack), ("default.nix", NixBuildPack)],
)
def test_repo2dockers_own_pack_builds_a_recipe(path, pack):
    assert stock_pack_for(path) is pack


def test_of_two_recipes_the_dockerfile_counts_as_on_binder(tmp_path):
    repo = write_repo(tmp_path, {"default.nix": "", "Dockerfile": ""})

    assert read_declaration(repo).foreign[0] == "Dockerfile"


def test_a_recipes_hash_changes_with_its_text(tmp_path):
    repo = write_repo(tmp_path, {"Dockerfile": DOCKERFILE, "other/Dockerfile": "FROM x\n"})

    assert own_recipe.recipe_hash(repo, "Dockerfile") == own_recipe.recipe_hash(repo, "Dockerfile")
    assert own_recipe.recipe_hash(repo, "Dockerfile") != own_recipe.recipe_hash(repo, "other/Dockerfile")


def test_a_recipe_that_leads_out_of_the_repo_is_refused(tmp_path):
    (tmp_path / "secret").write_text("x")
    repo = write_repo(tmp_path / "repo", {"Dockerfile": "-> ../secret"})

    with pytest.raises(DeclarationError, match="link to outside"):
        own_recipe.recipe_hash(repo, "Dockerfile")


def test_the_manifest_has_what_the_image_told_and_the_recipe(tmp_path):
    repo = write_repo(tmp_path, {"Dockerfile": DOCKERFILE})
    told = json.dumps({"debian": ["bash:amd64=5"], "has_server": True})

    found = own_recipe.read_found(f"noise\n{told}\n", repo, "Dockerfile")

    assert found.has_server
    assert found.manifest["debian"] == ["bash:amd64=5"]
    assert found.manifest["recipe"]["from"] == ["debian:13", "one"]
    assert "dpkg" in found.manifest["recipe"]["not recorded"]


@pytest.mark.parametrize("printed", ["", "noise", "[]", "{}"])
def test_an_image_that_does_not_tell_is_no_release(tmp_path, printed):
    repo = write_repo(tmp_path, {"Dockerfile": DOCKERFILE})

    with pytest.raises(SmokeTestError, match="did not tell"):
        own_recipe.read_found(printed, repo, "Dockerfile")


@pytest.mark.parametrize("has_server", [True, False])
def test_an_image_becomes_a_workspace_that_runs_as_its_user(has_server):
    lines = own_recipe.workspace_lines(user="jovyan", has_server=has_server).splitlines()

    assert lines[-1] == "USER jovyan"
    assert f"COPY manifest.json {names.ENV_MANIFEST}" in lines
    assert any("workspace-server" in line for line in lines) is not has_server


def test_all_that_a_workspace_copies_is_handed_over():
    lines = own_recipe.workspace_lines(user="1000", has_server=False).splitlines()

    copied = {line.split()[1] for line in lines if line.startswith("COPY")}
    assert copied == set(own_recipe.workspace_files("{}\n"))


# --- what an image must bring, said by the script that runs in it -------------------------------


@pytest.fixture
def image(tmp_path):
    """Give a function that runs the script with the programs of a folder alone."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def run(**programs):
        for name, text in programs.items():
            path = folder / name.replace("_", "-")
            path.write_text(text)
            path.chmod(0o755)
        script = (STEPS / "in-its-python.sh").read_text()
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", "limits", "program", "word"],
            env={"PATH": str(folder)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


NOBODY = "#!/bin/sh\necho 1000\n"


def test_an_image_of_roots_is_refused(image):
    status, _, told = image(id="#!/bin/sh\necho 0\n")

    assert status == 1
    assert told.startswith("it runs as user 0: end the Dockerfile with USER 1000")


def test_an_image_without_jupyterhub_is_told_what_binder_demands(image):
    status, _, told = image(id=NOBODY)

    assert status == 1
    assert "it has no jupyterhub-singleuser: let the Dockerfile install" in told
    assert "mybinder.org" in told


def test_a_server_without_lab_is_told(image, tmp_path):
    python = tmp_path / "bin" / "python"
    status, _, told = image(id=NOBODY, python="#!/bin/sh\nexit 1\n", jupyterhub_singleuser=f"#!{python}\n")

    assert status == 1
    assert f"{python} has no jupyterlab" in told


def test_what_is_run_gets_the_servers_python_and_the_limits(image, tmp_path):
    python = tmp_path / "bin" / "python"
    echo = '#!/bin/sh\n[ "$1" = -c ] || echo "$@"\n'
    status, out, _ = image(id=NOBODY, python=echo, jupyterhub_singleuser=f"#!{python}\n")

    assert (status, out) == (0, f"-ISc limits {python} -c program word\n")


def test_both_commands_bring_their_program_within_limits():
    for command in (own_recipe.record_command(LIMITS), own_recipe.trial_command(LIMITS)):
        assert command[:2] == ["/bin/sh", "-c"]
        assert "LIMITS = {" in command[4]
    assert set(json.loads(own_recipe.trial_command(LIMITS)[-1])["if_offered"]) == {"python3", "ir", "julia"}
