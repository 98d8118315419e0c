"""A real Julia goes into an image by the product's own step, and works there as a participant."""

import hashlib
import json
import platform
import subprocess
import zlib
from pathlib import Path

import pytest

from lectern import names
from lectern.builder.plan import Plan, Step, dockerfile
from lectern.builder.resolve.julia import MANIFEST, fetch_releases, lock_julia
from lectern.errors import ResolveError
from tests.support.julia_server import GREETING, VERSION, repacked_julia, served, write_site
from tests.support.stack import ROOT, docker

STATE = ROOT / ".lectern" / "julia"
STEPS = ROOT / "lectern" / "builder" / "steps"
PROJECT_LABEL = "lectern-test-julia-" + hashlib.sha256(str(ROOT).encode()).hexdigest()[:6]
IMAGE = f"{PROJECT_LABEL}:built"

# The address is part of the build's cache key: the same port again makes a second run quick.
FIRST_PORT = 20000 + zlib.crc32(str(ROOT).encode()) % 20000

PROJECT = f'[deps]\n{GREETING[0]} = "{GREETING[1]}"\n\n[compat]\njulia = "1.5"\n'
APT_CACHES = (
    "--mount=type=cache,id=lectern-apt,target=/var/cache/apt,sharing=locked",
    "--mount=type=cache,id=lectern-apt-lists,target=/var/lib/apt/lists,sharing=locked",
)
JULIA_CACHE = ("--mount=type=cache,id=lectern-julia,target=/var/cache/lectern-julia,sharing=locked",)


@pytest.fixture(scope="module")
def tags():
    """Make sure that the images below an environment are there, and give their tags."""
    STATE.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["env", f"LECTERN_STATE={STATE}", ROOT / "scripts/build-images", "notebook"],
        capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(line.split("=") for line in (STATE / "images.env").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def server(tags, tmp_path_factory):
    """Serve Julia and its packages on loopback."""
    site = tmp_path_factory.mktemp("julia-site")
    write_site(site, repacked_julia(f"lectern/base:{tags['BASE_TAG']}", STATE / "downloads"))
    with served(site, range(FIRST_PORT, FIRST_PORT + 50)) as address:
        yield address


@pytest.fixture(scope="module")
def lock(server):
    return lock_julia(PROJECT, "", architecture=platform.machine(), base=f"{server}/bin")


def build(lock, tags, folder, *, archive, packages, kernel="generic", manifest="", sha256=None):
    """Build an image as the product does; give what the builder printed and whether it went well."""
    pinned = lock.archive(platform.machine())
    files = {"Project.toml": lock.project} | ({"Manifest.toml": manifest} if manifest else {})
    install = Step(
        "install-julia.bash",
        (
            *("--kernel", kernel, "--archive", f"{archive}/{pinned.path}"),
            *("--sha256", sha256 or pinned.sha256, "--packages", packages),
        ),
        reads=("julia.sh", *files),
        mounts=JULIA_CACHE,
    )
    tools = Step("install-debian.bash", lock.debian, mounts=APT_CACHES)
    plan = Plan(f"lectern/notebook:{tags['NOTEBOOK_TAG']}", (tools, install), files, ())
    (folder / "src").mkdir()
    for name in ("install-debian.bash", "install-julia.bash", "julia.sh"):
        (folder / name).write_bytes((STEPS / name).read_bytes())
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    everything = (install.script, tools.script, *install.reads)
    text = dockerfile(plan, {name: name for name in everything})
    (folder / "Dockerfile").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["env", "DOCKER_BUILDKIT=1", "docker", "build", "--progress=plain", "--network=host",
         f"--label={names.PROJECT}={PROJECT_LABEL}", f"--tag={IMAGE}", str(folder)],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    return done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def image(lock, tags, server, tmp_path_factory):
    """Give the image, built once."""
    is_built, said = build(
        lock, tags, tmp_path_factory.mktemp("context"), archive=f"{server}/bin", packages=f"{server}/packages"
    )
    assert is_built, said
    yield IMAGE
    docker("rmi", "--force", IMAGE)


def run(image, *command, options=(), check=True):
    """Run a command as a participant, without network, and give what it printed."""
    fence = ("--network=none", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=1g")
    return docker(
        *("run", "--rm", f"--label={names.PROJECT}={PROJECT_LABEL}", *fence, *options, image, *command),
        check=check,
    )


def julia(image, code, **options):
    return run(image, "julia", "-e", code, **options)


def test_the_lock_pins_the_release_that_the_server_lists(lock, server):
    (release,) = fetch_releases(f"{server}/bin")

    assert lock.version == VERSION
    assert lock.archives == release.archives
    assert server not in repr(lock)


def test_a_participant_uses_the_projects_packages(image):
    assert julia(image, "using Greeting; print(VERSION, ' ', greet())") == f"{VERSION} hello, world"


def test_packages_are_precompiled_for_all(image):
    said = julia(image, "using Greeting; print(isdir(joinpath(DEPOT_PATH[1], \"compiled\")))")

    assert said == "false"


def test_the_shared_depot_cannot_be_changed_by_a_participant(image):
    said = run(image, "bash", "-c", "touch /opt/julia-depot/x /opt/julia-project/Project.toml 2>&1; id -un", check=False)

    assert said.count("Permission denied") == 2


def test_a_participant_adds_a_package_of_their_own(image, server):
    # With the class's network: the package server is on loopback.
    said = run(
        image, "bash", "-c",
        'julia -e \'using Pkg; Pkg.add(PackageSpec(name="Unit", version="1.0.0"))\' >/dev/null 2>/tmp/said || cat /tmp/said; '
        "julia -e 'using Unit; print(Unit.word(), \" \", Base.active_project())'; ls /home/jovyan/.julia",
        options=("--network=host", f"--env=JULIA_PKG_SERVER={server}/packages"),
    )  # fmt: skip

    assert said.splitlines()[0].startswith("old /home/jovyan/.julia/environments/v1.5/Project.tomlclones") or (
        said.startswith("old /home/jovyan/.julia/environments/v1.5/Project.toml")
    )
    assert "packages" in said


def test_no_more_threads_than_the_container_has_processors(image):
    assert julia(image, "print(Threads.nthreads(), Sys.CPU_THREADS)", options=("--cpus=1",)) == "11"


def test_the_packages_that_julia_chose_can_be_read_out_of_the_image(image):
    manifest = run(image, "cat", MANIFEST)

    assert "[[Greeting]]" in manifest
    assert 'version = "1.1.0"' in manifest


def test_a_manifest_is_kept_where_newer_versions_exist(image, lock, tags, server, tmp_path):
    older = run(image, "cat", MANIFEST).split("[[Unit]]")[0] + _unit_of_the_registry(image, "1.0.0")

    is_built, said = build(
        lock, tags, tmp_path, archive=f"{server}/bin", packages=f"{server}/packages", manifest=older
    )

    assert is_built, said
    assert julia(IMAGE, "using Greeting; print(greet())") == "hello, old"


def _unit_of_the_registry(image, version):
    """Write a manifest's entry for another version of Unit; its tree is what its archive's name says."""
    raise NotImplementedError


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "has another checksum than the lock"),
        ({"packages": "http://127.0.0.1:9"}, "error: Julia's package server does not answer"),
        ({"kernel": "ijulia"}, "error: IJulia cannot be installed from"),
    ],
    ids=["checksum", "package server", "IJulia"],
)
def test_a_build_that_cannot_go_on_says_why(lock, tags, server, tmp_path, change, message):
    wanted = {"archive": f"{server}/bin", "packages": f"{server}/packages"} | change

    is_built, said = build(lock, tags, tmp_path, **wanted)

    assert not is_built
    assert message in said
    assert "hint: " in said


@pytest.mark.parametrize(
    ("path", "cause"),
    [("/nothing", "HTTP 404"), ("/packages", "HTTP 404")],
)
def test_a_base_without_a_list_of_releases_is_named(server, path, cause):
    with pytest.raises(ResolveError) as caught:
        fetch_releases(server + path)

    assert caught.value.where == f"{server}{path}/versions.json"
    assert cause in caught.value.what


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(ResolveError, match="nothing answers there"):
        fetch_releases("http://127.0.0.1:9")


def test_a_page_in_the_place_of_the_list_is_no_list(tmp_path):
    (tmp_path / "versions.json").write_text("<html>welcome to the network</html>", encoding="utf-8")

    with served(tmp_path, range(FIRST_PORT + 50, FIRST_PORT + 100)) as address, pytest.raises(ResolveError) as caught:
        fetch_releases(address)

    assert caught.value.what == "is no list of Julia's releases"


# --- cells --------------------------------------------------------------------------------------

TALK = Path(__file__).parent.parent / "support" / "loop_talk.py"


def cells(image, *codes, options=()):
    """Run cells through the generic kernel's loop, as its protocol says; give what each one printed."""
    said = run(
        image, "/opt/jupyter/bin/python", "-c", TALK.read_text(encoding="utf-8"), *codes,
        options=(f"--volume={STEPS / 'julia-loop.jl'}:/srv/julia-loop.jl:ro", *options),
    )  # fmt: skip
    return json.loads(said.splitlines()[-1])
