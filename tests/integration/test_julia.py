"""A real Julia goes into an image by the product's own step, and works there as a participant."""

import json
import platform
import zlib
from dataclasses import dataclass

import pytest

from lectern.builder.plan import Step
from lectern.builder.resolve.julia import MANIFEST, lock_julia
from lectern.builder.resolve.julia_releases import fetch_releases, read_archives
from lectern.errors import ResolveError
from tests.support.julia_server import GREETING, VERSION, repacked_julia, served, write_site
from tests.support.stack import ROOT
from tests.support.step_image import STATE, NotBuiltError, debian, image_tags, same, say, step_images

LANGUAGES = ROOT / "lectern" / "builder" / "languages"

# The address is part of the build's cache key: the same port again makes a second run quick.
FIRST_PORT = 20000 + zlib.crc32(str(ROOT).encode()) % 20000

# A project that is a package itself, as many a repo is.
PROJECT = f"""\
name = "Course"
uuid = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"

[deps]
{GREETING[0]} = "{GREETING[1]}"

[compat]
julia = "1.5"
"""
UNKNOWN = '[deps]\nNowhere = "cccccccc-dddd-4eee-8fff-000000000000"\n'
JULIA_CACHE = ("--mount=type=cache,id=lectern-julia,target=/var/cache/lectern-julia,sharing=locked",)


@dataclass(frozen=True)
class Server:
    """Where Julia and its packages are served."""

    base: str
    packages: str


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    site = tmp_path_factory.mktemp("julia-site")
    packages = write_site(site, repacked_julia(image_tags()["base"], STATE / "julia/downloads"))
    with served(site, range(FIRST_PORT, FIRST_PORT + 50)) as address:
        yield Server(f"{address}/bin", f"{address}/{packages}")


@pytest.fixture(scope="module")
def lock(server):
    return lock_julia(PROJECT, "", architecture=platform.machine(), base=server.base)


@pytest.fixture(scope="module")
def build(lock, server):
    """Give a function that builds an image as the product does."""
    with step_images() as images:

        def build(manifest="", **changed):
            pinned = lock.archive(platform.machine())
            asked = {
                "sha256": pinned.sha256,
                "project": lock.project,
                "kernel": "generic",
                "packages": server.packages,
            } | changed
            projects = {"Project.toml": asked["project"]} | ({"Manifest.toml": manifest} if manifest else {})
            apt, files = debian(*lock.debian)
            return images.build(
                apt,
                Step(
                    "install-julia.bash",
                    (f"{server.base}/{pinned.path}", asked["sha256"]),
                    same("julia.sh"),
                    JULIA_CACHE,
                ),
                Step("install-julia-packages.bash", (asked["kernel"], asked["packages"]), same(*projects)),
                files=files | projects,
            )

        yield build


@pytest.fixture(scope="module")
def image(build):
    """Give an image of the project, built once."""
    return build()


def run(image, *command, options=(), network="none"):
    """Run a command as a participant with a participant's memory, and give what it printed."""
    return say(image, *command, options=("--memory=1g", *options), network=network)


def julia(image, code, **options):
    return run(image, "julia", "-e", code, **options)


def test_the_lock_pins_the_release_that_the_server_lists(lock, server):
    (release,) = fetch_releases(server.base)

    assert lock.version == VERSION
    assert lock.archives == read_archives(release, server.base)
    assert server.base not in repr(lock)


def test_a_participant_uses_the_projects_packages(image):
    assert julia(image, "using Greeting; print(VERSION, ' ', greet())") == f"{VERSION} hello, world"


def test_packages_are_precompiled_for_all(image):
    said = julia(image, 'using Greeting; print(isdir(joinpath(DEPOT_PATH[1], "compiled")))')

    assert said == "false"


def test_the_shared_depot_cannot_be_changed_by_a_participant(image):
    said = run(
        image,
        "bash",
        "-c",
        "touch /opt/julia-depot/x /opt/julia-project/Project.toml 2>&1; id -un",
    )

    assert said.count("Permission denied") == 2


ADD_AN_OLD_UNIT = r"""
using Pkg
Pkg.add([PackageSpec(name="Unit", version="1.0.0"), PackageSpec(name="Greeting")])
import Unit
own = Base.active_project()
print(Unit.word(), "\n", own, "\n", read(joinpath(dirname(own), "Manifest.toml"), String))
"""


@pytest.fixture(scope="module")
def own_project(image, server):
    """Have a participant add packages to a project of their own; give what is loaded, path and manifest."""
    address = f"--env=JULIA_PKG_SERVER={server.packages}"
    return julia(image, ADD_AN_OLD_UNIT, options=(address,), network="host").split("\n", 2)


def test_a_participant_adds_packages_of_their_own_beside_the_shared_ones(own_project):
    word, project, _ = own_project

    assert word == "old"
    assert project == "/home/jovyan/.julia/environments/v1.5/Project.toml"


def test_no_more_threads_than_the_container_has_processors(image):
    assert julia(image, "print(Threads.nthreads(), Sys.CPU_THREADS)", options=("--cpus=1",)) == "11"


def test_the_packages_that_julia_chose_can_be_read_out_of_the_image(image):
    manifest = run(image, "cat", MANIFEST)

    assert "[[Greeting]]" in manifest
    assert 'version = "1.1.0"' in manifest


def test_a_manifest_is_kept_where_newer_versions_exist(own_project, build):
    manifest = own_project[2]

    older = build(manifest)

    assert julia(older, "using Greeting; print(greet())") == "hello, old"
    assert run(older, "cat", MANIFEST) == manifest.strip()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sha256": "0" * 64}, "has another checksum than the lock"),
        ({"packages": "http://127.0.0.1:9"}, "error: Julia's package server does not answer"),
        ({"project": UNKNOWN}, "error: Project.toml: its packages cannot be installed"),
        ({"kernel": "ijulia"}, "error: IJulia cannot be installed from"),
    ],
    ids=["checksum", "package server", "package", "IJulia"],
)
def test_a_build_that_cannot_go_on_says_why(build, change, message):
    with pytest.raises(NotBuiltError) as caught:
        build(**change)

    assert message in str(caught.value)
    assert "hint: " in str(caught.value)


def test_a_base_without_a_list_of_releases_is_named(server):
    with pytest.raises(ResolveError) as caught:
        fetch_releases(server.packages)

    assert caught.value.where == f"{server.packages}/versions.json"
    assert "HTTP 404" in caught.value.what


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(ResolveError, match="nothing answers there"):
        fetch_releases("http://127.0.0.1:9")


def test_a_page_in_the_place_of_the_list_is_no_list(tmp_path):
    (tmp_path / "versions.json").write_text("<html>welcome to the network</html>", encoding="utf-8")

    with (
        served(tmp_path, range(FIRST_PORT + 50, FIRST_PORT + 100)) as address,
        pytest.raises(ResolveError) as caught,
    ):
        fetch_releases(address)

    assert caught.value.what == "is no list of Julia's releases"


# --- cells, by the loop that the generic kernel starts ----------------------------------------------

PICTURE = """
struct Dot end
Base.show(io::IO, ::MIME"image/svg+xml", ::Dot) = print(io, "<svg/>")
Dot()
"""
CELLS = {
    "a package of the project": {"code": "using Greeting\nx = 41\ngreet()"},
    "state": {"code": "for i in 1:1\n  x += i\nend\nx"},
    "no value": {"code": "print(x); x;"},
    "an error": {"code": 'error("no luck")'},
    "no Julia": {"code": "1 +* 2"},
    "a picture": {"code": PICTURE},
    # In its third round all of it is compiled: a compiler that is interrupted goes on.
    "endless": {
        "code": 'while true\n  println("at work")\n  sleep(0.01)\nend',
        "interrupt_at": "at work\n" * 3,
    },
    "after that": {"code": "x"},
}


@pytest.fixture(scope="module")
def answers(image):
    """Run the cells above, one after the other, in one Julia; give what each showed."""
    talk = (ROOT / "tests/support/loop_talk.py").read_text(encoding="utf-8")
    told = json.loads(
        run(
            image, "/opt/jupyter/bin/python", "-c", talk, json.dumps(list(CELLS.values())),
            "/usr/local/bin/julia", "/srv/julia.loop.jl",
            options=(f"--volume={LANGUAGES / 'julia.loop.jl'}:/srv/julia.loop.jl:ro",),
        )
    )  # fmt: skip
    assert told["exit"] == 0
    return dict(zip(CELLS, told["cells"], strict=True))


@pytest.mark.parametrize(
    ("cell", "printed"),
    [
        ("a package of the project", '"hello, world"\n'),
        ("state", "42\n"),
        ("no value", "42"),
        ("after that", "42\n"),
    ],
)
def test_cells_share_their_variables_and_show_their_last_value(answers, cell, printed):
    assert answers[cell] == {"printed": printed, "error": "", "pictures": {}}


@pytest.mark.parametrize(
    ("cell", "name", "shown"),
    [
        ("an error", "ErrorException", "no luck"),
        ("no Julia", "ErrorException", "syntax"),
        ("endless", "InterruptException", "InterruptException"),
    ],
)
def test_a_cell_that_fails_or_is_interrupted_says_so_and_the_next_one_runs(answers, cell, name, shown):
    told, _, message = answers[cell]["error"].partition("\n")

    assert told == name
    assert shown in message
    assert "julia.loop.jl" not in message


def test_a_value_that_is_a_picture_becomes_a_file(answers):
    assert answers["a picture"] == {"printed": "", "error": "", "pictures": {".svg": "<svg/>"}}


IN_JUPYTER = """
mkdir -p ~/.local/share/jupyter/kernels/julia && echo "$1" >~/.local/share/jupyter/kernels/julia/kernel.json
exec /opt/jupyter/bin/python -c "$2" julia
"""


def test_the_generic_kernel_runs_cells_for_jupyter(image):
    argv = ["/opt/jupyter/bin/python", "/opt/lectern-kernel", "julia", "-f", "{connection_file}"]
    spec = json.dumps({"argv": argv, "display_name": "Julia", "language": "julia"})
    trial = (ROOT / "tests/languages/trial.py").read_text(encoding="utf-8")

    said = run(
        image, "bash", "-c", IN_JUPYTER, "-", spec, trial,
        options=(f"--volume={LANGUAGES}:/opt/lectern-kernel:ro",),
    )  # fmt: skip

    told = json.loads(said)["julia"]
    shown = {cell: told[cell]["shown"].strip() for cell in ("hello", "state", "after", "kept")}
    assert shown == dict.fromkeys(shown, "42")
    assert "no luck" in told["error"]["shown"]
    assert told["endless"]["name"] == "Interrupted"
    assert "got lectern" in told["input"]["shown"]
