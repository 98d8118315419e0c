"""Who may hand out a link that opens another's account."""

from lectern.hub.people.rules import Standing, may_reset


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
