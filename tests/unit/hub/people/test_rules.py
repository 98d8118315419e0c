"""Who may hand out a link that opens another's account, and who may open another's server."""

from lectern.hub.people.rules import Standing, may_open, may_reset


def _who(name, *, courses=(), instructs=(), helps=(), is_admin=False):
    inside = frozenset(courses) | frozenset(instructs) | frozenset(helps)
    return Standing(name, is_admin, inside, frozenset(instructs), frozenset(helps))


GRACE = _who("grace", instructs=["maths"])
ADA = _who("ada", courses=["maths"])


def test_an_instructor_may_for_a_participant_of_their_own_course():
    assert may_reset(GRACE, ADA)


def test_nobody_may_for_whoever_could_do_more_than_they():
    assert not may_reset(GRACE, _who("root", courses=["maths"], is_admin=True))
    assert not may_reset(GRACE, _who("alan", courses=["maths"], instructs=["physics"]))
    assert not may_reset(GRACE, _who("alan", instructs=["maths"]))
    assert not may_reset(GRACE, _who("emmy", helps=["maths"]))


def test_an_instructor_may_not_for_who_is_also_in_another_s_course():
    assert not may_reset(GRACE, _who("ada", courses=["maths", "physics"]))
    assert may_reset(_who("grace", instructs=["maths", "physics"]), _who("ada", courses=["maths", "physics"]))


def test_an_instructor_may_not_for_who_is_in_no_course_or_another():
    assert not may_reset(GRACE, _who("ada"))
    assert not may_reset(GRACE, _who("ada", courses=["physics"]))


def test_a_helper_and_a_participant_may_for_nobody():
    assert not may_reset(_who("emmy", helps=["maths"]), ADA)
    assert not may_reset(ADA, _who("bob", courses=["maths"]))


def test_an_admin_may_for_everybody():
    assert may_reset(_who("root", is_admin=True), _who("alan", instructs=["physics"]))


EMMY = _who("emmy", helps=["maths"])


def test_helpers_and_instructors_of_a_course_and_admins_may_open_its_participants_servers():
    assert may_open(EMMY, ADA, "maths")
    assert may_open(GRACE, ADA, "maths")
    assert may_open(_who("root", is_admin=True), ADA, "maths")


def test_nobody_else_may_open_a_server():
    assert not may_open(_who("bob", courses=["maths"]), ADA, "maths")
    assert not may_open(_who("alan", helps=["physics"]), ADA, "maths")
    assert not may_open(EMMY, _who("ada", courses=["physics"]), "maths")
    assert not may_open(
        _who("root", courses=["maths"], is_admin=True), _who("root", courses=["maths"]), "maths"
    )


def test_a_server_with_more_rights_than_a_participant_s_anywhere_stays_closed():
    for more in ({"instructs": ["physics"]}, {"helps": ["maths"]}, {"is_admin": True}):
        assert not may_open(GRACE, _who("ada", courses=["maths"], **more), "maths")
