"""What goes with an environment, and what keeps it."""

import pytest

from lectern.builder.credentials import credentials_of
from lectern.builder.records import Records
from lectern.builder.service.leftovers import remove_records, require_unused
from lectern.errors import RepoError

COMMIT = "a" * 40


@pytest.mark.parametrize(
    ("people", "said"),
    [
        (["ada"], "participants work in it: ada"),
        (["ada", "ada", "bob"], "participants work in it: ada, bob"),
        (list("abcde"), "participants work in it: a, b, c, d, e"),
        (list("abcdefg"), "participants work in it: a, b, c, d, e, and 2 more"),
        (["{x}"], "participants work in it: {x}"),
    ],
)
def test_who_works_in_it_is_named_and_the_rest_counted(people, said):
    with pytest.raises(RepoError) as caught:
        require_unused("stats", people)

    assert caught.value.what == said


def test_what_nobody_works_in_may_go():
    require_unused("stats", [])


def test_tokens_logs_and_lists_of_one_environment_go_and_all_others_stay(tmp_path):
    for name in ("stats", "geo"):
        credentials_of(tmp_path, name).put("git.example.org", "token")
        records = Records(tmp_path / name)
        records.write_manifest(COMMIT, "{}")
        records.write_chain("ground", ())
        records.log(COMMIT).write_text("log")

    remove_records(tmp_path, "stats")

    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        ".credentials/geo/.netrc",
        f"geo/{COMMIT}.log",
        f"geo/{COMMIT}.manifest.json",
        "geo/layers.json",
    }
    assert not (tmp_path / "stats").exists()
    remove_records(tmp_path, "stats")


def test_an_environment_named_like_a_folder_of_the_builder_takes_nothing_of_it_along(tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp/of-a-build").touch()
    Records(tmp_path / "tmp").write_manifest(COMMIT, "{}")

    remove_records(tmp_path, "tmp")

    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["of-a-build"]
