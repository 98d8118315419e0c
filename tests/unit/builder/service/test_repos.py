"""The bare repos of environments."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lectern.errors import DeclarationError, RepoError
from tests.support.repos import write_repo

MAX = 1_000_000
POINTER = "version https://git-lfs.github.com/spec/v1"


@pytest.fixture
async def stats(repos, tmp_path):
    await repos.create(
        "stats", write_repo(tmp_path / "content", {"environment.yml": "name: x\n", "a/b.md": "hi"})
    )
    return repos


async def exported(repos, tmp_path, commit=None, max_bytes=MAX):
    folder = tmp_path / f"out-{os.urandom(4).hex()}"
    folder.mkdir()
    await repos.export("stats", commit or await repos.resolve("stats", "main"), folder, max_bytes=max_bytes)
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


async def pushed(repos, work_tree, files, *command):
    work_tree("clone", "-q", str(repos.path("stats")), ".")
    write_repo(work_tree.folder, files)
    work_tree("add", "--all")
    if command:
        work_tree(*command)
    work_tree("commit", "-qm", "change")
    work_tree("push", "-q", "origin", "main")


async def test_a_folder_becomes_the_first_commit_and_comes_out_again(stats, tmp_path):
    assert stats.names() == ["stats"]
    assert await exported(stats, tmp_path) == {"environment.yml", "a/b.md"}
    assert [commit.subject for commit in await stats.log("stats")] == ["Begin"]
    assert await stats.read("stats", "main", "a/b.md") == b"hi"


async def test_an_edit_shows_only_when_the_branch_moves(stats):
    before = await stats.resolve("stats", "main")

    commit = await stats.commit_file("stats", "a/new.md", "text", person="ada <x>", subject="Add")

    assert await stats.files("stats", "main") == ["a/b.md", "environment.yml"]
    await stats.advance("stats", "main", commit, expected=before)
    assert await stats.read("stats", "main", "a/new.md") == b"text"
    assert (await stats.log("stats"))[0].author == "ada x"


async def test_a_branch_that_moved_meanwhile_is_not_moved_again(stats):
    before = await stats.resolve("stats", "main")
    mine = await stats.commit_file("stats", "x", "1", person="ada", subject="a")
    await stats.advance(
        "stats", "main", await stats.commit_file("stats", "x", "2", person="bob", subject="b")
    )

    with pytest.raises(RepoError, match="could not be moved"):
        await stats.advance("stats", "main", mine, expected=before)


async def test_a_name_is_taken_once(stats, tmp_path):
    with pytest.raises(RepoError, match="already"):
        await stats.create("stats", tmp_path / "content")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.one_of(st.text(), st.sampled_from(["..", "../x", "a/b", ".new-x", "-x", "A", "x.git", "stats\n"]))
)
def test_no_name_leads_out_of_the_folder(repos, name):
    assert not repos.has(name)
    with pytest.raises(RepoError):
        repos.path(name)


async def test_a_deleted_repo_leaves_nothing(stats):
    await stats.delete("stats")

    assert (stats.names(), list(stats.folder.iterdir())) == ([], [])


async def test_what_an_attribute_would_leave_out_of_an_archive_is_built(stats, tmp_path, work_tree):
    await pushed(stats, work_tree, {".gitattributes": "a/* export-ignore\n"})

    assert "a/b.md" in await exported(stats, tmp_path)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"data.csv": f"{POINTER}\nsize 5\n"}, "data.csv: is a pointer to Git LFS"),
        ({"link": "-> /etc/passwd"}, "link: is a link to outside"),
        ({"a/link": "-> ../../x"}, "a/link: is a link to outside"),
        ({"a/top": "-> ..", "sneaky": "-> a/top/../.."}, "sneaky: is a link to outside"),
        ({"big.bin": b"x" * 2_000_000}, "holds more than 1 MB"),
    ],
    ids=["lfs", "absolute-link", "relative-link", "link-over-a-link", "too-much"],
)  # fmt: skip
async def test_files_that_cannot_be_built_are_named(stats, tmp_path, work_tree, files, said):
    await pushed(stats, work_tree, files)

    with pytest.raises(DeclarationError) as caught:
        await exported(stats, tmp_path)

    assert said in str(caught.value)
    assert caught.value.hint


async def test_a_link_inside_the_repo_stays_a_link(stats, tmp_path, work_tree):
    await pushed(stats, work_tree, {"link": "-> a/b.md"})

    assert "link" in await exported(stats, tmp_path)


async def test_a_submodule_is_refused_by_name(stats, tmp_path, work_tree):
    entry = f"160000,{'1' * 40},material"
    await pushed(stats, work_tree, {}, "update-index", "--add", "--cacheinfo", entry)

    with pytest.raises(DeclarationError, match="is a submodule") as caught:
        await exported(stats, tmp_path)

    assert caught.value.where == "material"


async def test_what_was_built_by_a_name_is_kept_as_long_as_that_is_there(stats, work_tree):
    await pushed(stats, work_tree, {"a/b.md": "more"})
    work_tree("checkout", "-qb", "trial")
    work_tree("commit", "-qm", "trial", "--allow-empty")
    work_tree("push", "-q", "origin", "trial")
    work_tree("push", "-q", "origin", "main:refs/tags/v1")
    on_main, on_trial = await stats.resolve("stats", "main"), await stats.resolve("stats", "trial")
    refs = ("main", "v1", "trial", on_main, on_trial, "0" * 40, "--all")

    before = {ref for ref in refs if await stats.is_kept("stats", ref)}
    work_tree("push", "-q", "origin", ":trial")
    after = {ref for ref in refs if await stats.is_kept("stats", ref)}

    assert before == {"main", "v1", "trial", on_main, on_trial}
    assert after == {"main", "v1", on_main}


async def test_git_writes_no_larger_file_than_it_may(stats):
    path, words = stats.path("stats"), ("hash-object", "-w", "--stdin")

    small, _, _ = await stats.git.try_run(path, *words, stdin=os.urandom(50_000), largest_bytes=MAX)
    large, _, _ = await stats.git.try_run(path, *words, stdin=os.urandom(2 * MAX), largest_bytes=MAX)

    assert small == 0
    assert large != 0
