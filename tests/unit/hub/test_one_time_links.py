"""Links that work once, on a database in memory."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from jupyterhub import orm
from nativeauthenticator.orm import UserInfo
from sqlalchemy import text

from lectern import names
from lectern.hub import one_time_links, roles
from lectern.hub.one_time_links import RESET_LIFETIME, LinkError, OneTimeLink
from lectern.hub.people.enrolment import enrol_list
from lectern.hub.people.lists import ListError, read_list

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HUB = "http://lectern.example/hub/"


@pytest.fixture
def db(session):
    UserInfo.__table__.create(session.get_bind(), checkfirst=True)
    one_time_links.ensure_table(session)
    return session


def _enrol(db, text):
    return enrol_list(
        db, "maths", read_list(text.encode()), protected=(), unusable_hash=b"-", address=HUB, now=NOW
    )


def test_a_link_works_once(db):
    link = one_time_links.find(db, one_time_links.hand_out(db, "ada", RESET_LIFETIME, NOW), NOW)

    assert [one_time_links.use(db, link, NOW), one_time_links.use(db, link, NOW)] == [True, False]


def test_a_used_link_says_so(db):
    token = one_time_links.hand_out(db, "ada", RESET_LIFETIME, NOW)
    one_time_links.use(db, one_time_links.find(db, token, NOW), NOW)

    with pytest.raises(LinkError, match="used already"):
        one_time_links.find(db, token, NOW)


def test_an_old_link_says_so(db):
    token = one_time_links.hand_out(db, "ada", RESET_LIFETIME, NOW)

    with pytest.raises(LinkError, match="too old"):
        one_time_links.find(db, token, NOW + RESET_LIFETIME + timedelta(seconds=1))


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=9))])
def test_a_link_is_kept_as_it_always_was(db, zone):
    now = NOW.astimezone(zone)
    token = one_time_links.hand_out(db, "ada", RESET_LIFETIME, now)
    one_time_links.use(db, one_time_links.find(db, token, now), now)

    kept = db.execute(text("SELECT expires_at, used_at FROM lectern_one_time_links")).one()

    assert tuple(kept) == ("2026-11-25 10:00:00.000000", "2026-11-25 09:00:00.000000")


def test_a_slip_of_an_earlier_version_opens(db):
    row = {"hashed": one_time_links.hash_of("secret"), "end": "2026-11-25 09:00:01.000000"}
    db.execute(
        text(
            "INSERT INTO lectern_one_time_links (hashed, username, expires_at) VALUES (:hashed, 'ada', :end)"
        ),
        row,
    )

    assert one_time_links.find(db, "secret", NOW).expires_at == NOW + timedelta(seconds=1)


async def test_a_slip_lasts_fourteen_days(db):
    (slip,) = await _enrol(db, "Ada\n")
    token = slip.link.removeprefix(f"{HUB}link/")

    assert one_time_links.find(db, token, NOW + timedelta(days=14, seconds=-1)).username == "ada"
    with pytest.raises(LinkError, match="too old"):
        one_time_links.find(db, token, NOW + timedelta(days=14))


def test_a_new_link_ends_the_one_before(db):
    first = one_time_links.hand_out(db, "ada", RESET_LIFETIME, NOW)
    one_time_links.hand_out(db, "ada", RESET_LIFETIME, NOW)

    with pytest.raises(LinkError, match="not known"):
        one_time_links.find(db, first, NOW)


def test_the_table_has_no_secret(db):
    token = one_time_links.hand_out(db, "ada", RESET_LIFETIME, NOW)

    assert token not in str(db.query(OneTimeLink.hashed, OneTimeLink.username).all())


async def test_a_list_becomes_accounts_in_the_course_with_links(db):
    slips = await _enrol(db, "name,role\nAda Lovelace,\nGrace Hopper,helper\n")

    assert [slip.account for slip in slips] == ["ada-lovelace", "grace-hopper"]
    grace = {group.name for group in orm.User.find(db, "grace-hopper").groups}
    assert grace == set(roles.groups_of("maths", roles.Role.HELPER))
    members = {user.name for user in orm.Group.find(db, names.course_group("maths")).users}
    assert members == {"ada-lovelace", "grace-hopper"}
    for slip in slips:
        assert one_time_links.find(db, slip.link.removeprefix(f"{HUB}link/"), NOW).username == slip.account
        assert UserInfo.find(db, slip.account).is_authorized


async def test_a_list_is_taken_whole_or_not_at_all(db):
    db.add(UserInfo(username="grace", password=b"-"))
    db.commit()

    with pytest.raises(ListError):
        await _enrol(db, "Ada\nAdmin\n")

    assert orm.User.find(db, "ada") is None
    assert [slip.account for slip in await _enrol(db, "Grace\n")] == ["grace-2"]
