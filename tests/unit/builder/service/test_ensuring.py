"""A class goes on with the release that it has."""

from datetime import UTC, datetime

import pytest

from lectern.builder.releases import ReleaseHere
from lectern.builder.service.ensuring import built_or_kept
from lectern.builder.service.telling import ToldError
from lectern.errors import RepoError, ResolveError
from lectern.release import Publication, Release

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
MADE = Release("stats", "a" * 40, "b" * 64, "base", "r", (), (), NOW, "passed", "main", "ada")
KEPT = ReleaseHere(MADE, MADE.commit, Publication("ada", NOW), 1)


async def ends_with(result):
    if isinstance(result, Exception):
        raise result
    return result


async def ensured(result, published):
    said = []

    async def say(text):
        said.append(text)

    return await built_or_kept(ends_with(result), lambda: ends_with(published), say), said


@pytest.mark.parametrize(
    "problem", [ToldError(), ResolveError("the index does not answer", where="PyPI"), RepoError("x")]
)
async def test_what_cannot_be_built_anew_goes_on_and_warns(problem):
    result, said = await ensured(problem, KEPT)

    assert result is KEPT
    assert (
        "warning: stats could not be built anew: servers start from release aaaaaaaaaaaa of 2026-11-25"
        in said
    )
    assert said[-1] == "hint: `scripts/lectern env build stats` tries again"


async def test_the_reason_is_told_unless_the_builds_log_had_it():
    assert (await ensured(ResolveError("is down", where="PyPI"), KEPT))[1][0] == "    PyPI: is down"
    assert len((await ensured(ToldError(), KEPT))[1]) == 2


@pytest.mark.parametrize("problem", [ToldError(), ResolveError("is down")])
async def test_without_a_release_the_failure_stays_one(problem):
    with pytest.raises(type(problem)):
        await ensured(problem, None)


@pytest.mark.parametrize("result", [{"published": True}, None])
async def test_what_works_is_what_comes_out(result):
    assert await ensured(result, KEPT) == (result, [])
