"""What the page of an environment lets people edit."""

import pytest

from lectern.builder.service.pages.editing import beginnable, editable, require_editable, require_readable
from lectern.errors import DeclarationError, RepoError


def test_declaration_files_are_offered_and_data_is_not():
    assert editable(["data.csv", "README.md", "binder/environment.yml"]) == [
        "binder/environment.yml",
        "README.md",
    ]


@pytest.mark.parametrize(
    ("there", "lacks", "offers"),
    [
        ([], "binder/apt.txt", "environment.yml"),
        (["environment.yml", "data.csv"], "environment.yml", "apt.txt"),
        (["binder/environment.yml", "README.md"], "apt.txt", "binder/apt.txt"),
    ],
)
def test_files_are_begun_where_a_repo_keeps_its_own(there, lacks, offers):
    assert offers in beginnable(there)
    assert lacks not in beginnable(there)
    for path in beginnable(there):
        require_editable(path)


@pytest.mark.parametrize("path", ["../environment.yml", ".git/config", "/etc/passwd", "", "a/apt.txt"])
def test_no_other_path_is_written(path):
    with pytest.raises(RepoError):
        require_editable(path)


async def test_a_broken_file_is_told_with_its_line_before_anything_is_built(repos, tmp_path):
    content = tmp_path / "content"
    content.mkdir()
    (content / "requirements.txt").write_text("numpy\n")
    commit = await repos.create("stats", content)

    with pytest.raises(DeclarationError) as refusal:
        await require_readable(
            repos, "stats", commit, "requirements.txt", "numpy\n=broken\n", max_bytes=1_000_000
        )

    assert refusal.value.where == "requirements.txt:2"


async def test_the_first_file_of_an_empty_environment_is_read_and_becomes_its_first_commit(repos):
    await repos.create("stats")

    await require_readable(repos, "stats", "", "requirements.txt", "numpy\n", max_bytes=1_000_000)
    with pytest.raises(DeclarationError, match="requirements"):
        await require_readable(repos, "stats", "", "requirements.txt", "=x\n", max_bytes=1_000_000)
    commit = await repos.commit_file("stats", "requirements.txt", "numpy\n", person="ada", subject="Begin")
    await repos.advance("stats", "main", commit)

    assert await repos.files("stats", "main") == ["requirements.txt"]
    assert [one.subject for one in await repos.log("stats")] == ["Begin"]
