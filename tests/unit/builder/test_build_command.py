"""What `lectern build` refuses before it asks anything of the engine."""

import pytest
from click.testing import CliRunner

from lectern.builder.build_command import build


@pytest.mark.parametrize("folder", ["My Course", "postBuild", "über"])
def test_a_folder_whose_name_no_environment_can_have_needs_another(tmp_path, folder):
    (tmp_path / folder).mkdir()

    said = CliRunner().invoke(build, [str(tmp_path / folder)])

    assert said.exit_code == 2
    assert "give it a --name" in said.output


@pytest.mark.parametrize("words", [["--name", "Über"], ["--commit", "main"]])
def test_a_name_or_commit_that_can_be_none_is_refused(tmp_path, words):
    said = CliRunner().invoke(build, [str(tmp_path), *words])

    assert said.exit_code == 2
    assert words[0] in said.output
