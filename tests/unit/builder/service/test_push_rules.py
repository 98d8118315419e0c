"""What a push may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.service.push_rules import Update, decide, in_order, read_updates
from lectern.errors import RepoError

OLD, NEW, NOTHING = "a" * 40, "b" * 40, "0" * 40


def decided(ref, *, old=OLD, new=NEW, is_fast_forward=True, is_force_allowed=False):
    return decide(Update(old, new, ref), is_fast_forward=is_fast_forward, is_force_allowed=is_force_allowed)


def test_main_is_published():
    assert decided("refs/heads/main") == "publish"
    assert decided("refs/heads/main", old=NOTHING, is_fast_forward=False) == "publish"


def test_any_other_branch_is_a_preview_even_by_force():
    assert decided("refs/heads/trial/one", is_fast_forward=False) == "preview"


def test_tags_and_deleted_branches_are_accepted_without_a_build():
    assert decided("refs/tags/v1") == "accept"
    assert decided("refs/heads/trial", new=NOTHING) == "accept"


@pytest.mark.parametrize(
    ("ref", "more", "said"),
    [
        ("refs/heads/main", {"is_fast_forward": False}, "throw away published history"),
        ("refs/heads/main", {"new": NOTHING}, "cannot be deleted"),
        ("refs/notes/commits", {}, "only branches and tags"),
        ("refs/mirror/head", {}, "only branches and tags"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(ref, more, said):
    with pytest.raises(RepoError, match=said) as caught:
        decided(ref, **more)

    assert caught.value.hint


def test_a_setting_lets_main_be_rewritten_and_deleted():
    assert decided("refs/heads/main", is_fast_forward=False, is_force_allowed=True) == "publish"
    assert decided("refs/heads/main", new=NOTHING, is_force_allowed=True) == "accept"


def test_what_is_published_is_built_last():
    main, trial = Update(OLD, NEW, "refs/heads/main"), Update(OLD, NEW, "refs/heads/trial")

    assert in_order([(main, "publish"), (trial, "preview")]) == [(trial, "preview"), (main, "publish")]


def test_a_push_of_a_hundred_branches_is_refused():
    with pytest.raises(RepoError, match="100 branches"):
        in_order([(Update(NOTHING, NEW, f"refs/heads/{n}"), "preview") for n in range(100)])


_HASHES = st.text("0123456789abcdef", min_size=40, max_size=40)
_REFS = st.text(st.characters(categories=["L", "N"], include_characters="/-."), min_size=1).map(
    "refs/heads/".__add__
)


@given(st.lists(st.builds(Update, _HASHES, _HASHES, _REFS)))
def test_the_hooks_lines_are_read_as_git_wrote_them(updates):
    text = "".join(f"{one.old} {one.new} {one.ref}\n" for one in updates)

    assert read_updates(text) == tuple(updates)


@given(st.text(min_size=1))
def test_whatever_else_comes_is_refused_or_a_ref(text):
    try:
        updates = read_updates(text)
    except RepoError:
        return
    assert all(one.ref.startswith("refs/") for one in updates)
