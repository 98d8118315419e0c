"""What the page of an environment lets people edit."""

import pytest

from lectern.builder.service.pages.editing import editable, require_editable, require_readable
from lectern.errors import DeclarationError, RepoError


def test_declaration_files_are_offered_and_data_is_not():
    assert editable(["data.csv", "README.md", "binder/environment.yml"]) == [
        "binder/environment.yml",
        "README.md",
    ]


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
