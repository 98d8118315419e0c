import os

from lectern.builder.declare.content_hash import content_hash


def test_the_hash_is_of_names_and_bytes(tmp_path):
    (tmp_path / "apt.txt").write_text("git\n")
    before = content_hash(tmp_path)
    os.utime(tmp_path / "apt.txt", (0, 0))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("x")

    assert content_hash(tmp_path) == before
    (tmp_path / "apt.txt").rename(tmp_path / "other.txt")
    assert content_hash(tmp_path) != before


def test_the_hash_follows_no_links_and_waits_for_no_pipes(tmp_path):
    repo, outside = tmp_path / "repo", tmp_path / "outside"
    repo.mkdir()
    outside.write_text("one")
    (repo / "link").symlink_to(outside)
    (repo / "loop").symlink_to("loop")
    os.mkfifo(repo / "pipe")
    (repo / "pipe-link").symlink_to("pipe")
    before = content_hash(repo)

    outside.write_text("two")
    assert content_hash(repo) == before
    (repo / "link").unlink()
    (repo / "link").symlink_to("elsewhere")
    assert content_hash(repo) != before


def test_a_link_and_a_file_of_the_same_text_differ(tmp_path):
    (tmp_path / "x").symlink_to("text")
    before = content_hash(tmp_path)
    (tmp_path / "x").unlink()
    (tmp_path / "x").write_text("text")

    assert content_hash(tmp_path) != before


def test_file_names_that_are_no_utf8_are_hashed(tmp_path):
    (tmp_path / os.fsdecode(b"\xff\xfe")).write_text("x")

    assert len(content_hash(tmp_path)) == 12
