"""Courses: codes, seats, dates, choices, limits and previews, on the running appliance."""

import json
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from lectern import names
from tests.support.participant import Participant, StartFailedError
from tests.support.stack import docker, wait_until

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def make_course(stack):
    """Give a way to make courses of these tests' own; they are deleted at the end."""
    made = []

    def make(*options, environment=None):
        name = f"course-{secrets.token_hex(3)}"
        words = ("--environment", environment or stack.course()["environment"])
        made.append(name)
        return json.loads(stack.script("lectern", "course", "create", name, *words, *options, "--json"))

    yield make
    for name in made:
        stack.script("lectern", "course", "delete", name, "--yes")


def _course(stack, name):
    listed = json.loads(stack.script("lectern", "course", "list", "--json"))
    return next(course for course in listed if course["name"] == name)


def _code(stack, course, *options):
    return json.loads(stack.script("lectern", "course", "code", "add", course["name"], *options, "--json"))[
        "code"
    ]


def _somebody(stack, name="ada"):
    return Participant(stack.url, f"{name}-{secrets.token_hex(3)}", PASSWORD)


@pytest.fixture(scope="module")
def teacher(stack, make_course):
    """Give somebody who came in by an instructor's code, with the course that they teach."""
    course = make_course()
    someone = _somebody(stack, "teacher")
    someone.join(_code(stack, course, "--role", "instructor"))
    yield someone, course
    someone.close()


@pytest.fixture(scope="module")
def at_work(stack, make_course):
    """Give somebody at work in a course with a limit of its own."""
    course = make_course("--memory", "700 MB", "--cpus", "0.9", "--processes", "200")
    someone = _somebody(stack)
    someone.join(course["code"])
    someone.start()
    yield someone, course
    someone.stop()
    someone.close()


def _post(person, path, **form):
    person.http.get("/hub/home")  # where a browser has its form token from
    return person.http.post(path, data={**form, "_xsrf": person.xsrf(path)}, follow_redirects=False)


def _go_to(person, course):
    """End the running server and start it in a course, as the page's button does."""
    answer = _post(person, "/hub/switch", course=course["name"], environment=course["environment"])
    person.http.get(answer.headers["location"])
    person.start()


def test_of_forty_at_once_as_many_get_in_as_there_are_seats(stack, make_course):
    course = make_course()
    code = _code(stack, course, "--seats", "28")
    crowd = [_somebody(stack, "crowd") for _ in range(40)]

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda person: person.post_sign_up(code), crowd))

    assert sorted(answer.status_code for answer in answers) == [302] * 28 + [400] * 12
    assert all("All seats" in answer.text for answer in answers if answer.status_code == 400)
    shown = next(known for known in _course(stack, course["name"])["codes"] if known["code"] == code)
    assert (shown["seats_taken"], shown["is_usable"]) == (28, False)


def test_an_account_without_a_seat_is_not_made(stack, make_course):
    course = make_course()
    code = _code(stack, course, "--seats", "1")
    _somebody(stack).join(code)
    late = _somebody(stack)

    assert late.post_sign_up(code).status_code == 400
    assert late.post_sign_up(course["code"]).status_code == 302  # the name is still free


def test_a_withdrawn_code_lets_nobody_in(stack, make_course):
    course = make_course()
    code = _code(stack, course)
    stack.script("lectern", "course", "code", "revoke", course["name"], code.lower().replace("-", ""))

    answer = _somebody(stack).post_sign_up(code)

    assert answer.status_code == 400
    assert "withdrawn" in answer.text


def test_whoever_has_an_account_joins_with_the_code_alone(make_course, at_work):
    person, _ = at_work
    second = make_course()

    page = person.http.get(f"/join/{second['code']}")
    answer = _post(person, "/hub/join", code=second["code"])

    assert page.url.path == f"/hub/join/{second['code']}"
    assert second["title"] in page.text
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/hub/spawn?course={second['name']}"


def test_a_course_that_is_not_open_yet_says_when(stack, make_course):
    course = make_course("--opens", "2040-01-01 09:00", "--timezone", "Europe/Berlin")

    answer = _somebody(stack).post_sign_up(course["code"])

    assert answer.status_code == 400
    assert "opens on 2040-01-01 09:00 (Europe/Berlin)" in answer.text


def test_after_the_end_servers_do_not_start_and_homes_stay(stack, make_course):
    course = make_course()
    person = _somebody(stack)
    person.join(course["code"])
    person.start()
    person.stop()
    stack.script("lectern", "course", "edit", course["name"], "--closes", "2020-01-01", "--timezone", "UTC")

    with pytest.raises(StartFailedError, match=r"closed on 2020-01-01 00:00 \(UTC\)"):
        person.start()
    assert docker("volume", "inspect", names.home_volume(stack.project, person.name))


def test_a_server_has_its_courses_limits(stack, at_work):
    person, _ = at_work

    host = stack.workspace(person.name)["HostConfig"]

    assert host["Memory"] == host["MemorySwap"] == 700 << 20
    assert host["CpuQuota"] / host["CpuPeriod"] == 0.9
    assert host["PidsLimit"] == 200


def test_a_container_says_which_release_it_runs(stack, at_work):
    person, course = at_work

    labels = stack.workspace(person.name)["Config"]["Labels"]

    assert labels[names.ENVIRONMENT] == course["environment"]
    assert labels[names.COMMIT]
    assert labels[names.COURSE] == course["name"]


def test_memory_is_raised_while_a_kernel_works(stack, at_work):
    person, course = at_work
    kernel = person.start_kernel()
    person.execute(kernel, "x = 41")

    changed = stack.script("lectern", "memory", "900 MB", "--course", course["name"])

    assert changed.split() == [person.name]
    host = stack.workspace(person.name)["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 900 << 20
    assert person.execute(kernel, "x + 1").text == "42"


def test_memory_is_never_set_below_what_is_in_use(stack, at_work):
    person, _ = at_work
    kernel = person.start_kernel()
    person.execute(kernel, "x = b'x' * (300 << 20)")
    before = stack.workspace(person.name)["HostConfig"]["Memory"]

    with pytest.raises(AssertionError, match="Give at least"):
        stack.script("lectern", "memory", "300 MB", "--user", person.name)

    assert stack.workspace(person.name)["HostConfig"]["Memory"] == before
    assert person.execute(kernel, "len(x)").text == str(300 << 20)


def test_one_environment_is_not_asked_for_and_several_are(stack, make_course):
    first, second = make_course(), make_course()
    person = _somebody(stack)
    person.join(first["code"])
    _post(person, "/hub/join", code=second["code"])

    page = person.http.get("/hub/spawn")

    assert page.status_code == 200
    for course in (first, second):
        assert f'value="{course["name"]}/{course["environment"]}"' in page.text
    assert docker("ps", "--quiet", "--filter", f"label={names.PARTICIPANT}={person.name}") == ""


def test_going_to_another_course_asks_and_ends_the_running_server(stack, make_course, at_work):
    person, _ = at_work
    second = make_course()
    _post(person, "/hub/join", code=second["code"])
    before = stack.workspace(person.name)["Id"]

    asked = person.http.get(f"/hub/spawn?course={second['name']}")
    unchanged = stack.workspace(person.name)["Id"]
    _go_to(person, second)

    assert stack.workspace(person.name)["Config"]["Labels"][names.COURSE] == second["name"]
    assert "Stop and start there" in asked.text
    assert unchanged == before


def test_a_course_of_others_cannot_be_chosen(make_course, at_work):
    person, _ = at_work

    assert person.http.get(f"/hub/spawn?course={make_course()['name']}").status_code == 403


# --- pages of those who teach -----------------------------------------------------------------------


def test_an_instructor_sees_their_courses_only(stack, teacher):
    person, course = teacher

    page = person.http.get("/hub/courses")

    assert f"/hub/courses/{course['name']}" in page.text
    assert f'/hub/courses/{stack.course()["name"]}"' not in page.text
    assert person.http.get(f"/hub/courses/{stack.course()['name']}").status_code == 404


@pytest.mark.parametrize(
    "path", ["courses", "new-course", "courses/{}", "courses/{}/slide", "courses/{}/edit"]
)
def test_a_participant_sees_none_of_it(at_work, path):
    person, course = at_work

    assert person.http.get(f"/hub/{path.format(course['name'])}").status_code in (403, 404)


def test_an_instructor_makes_another_course_and_instructs_it(teacher):
    person, course = teacher
    name = f"course-{secrets.token_hex(3)}"
    form = {"name": name, "environments": course["environment"], "timezone": "UTC"}

    answer = _post(person, "/hub/new-course", **form)

    assert answer.headers["location"] == f"/hub/courses/{name}"
    assert person.http.get(f"/hub/courses/{name}").status_code == 200
    _post(person, f"/hub/courses/{name}/delete")
    assert person.http.get(f"/hub/courses/{name}").status_code == 404


def test_an_instructor_does_not_take_an_environment_of_others(teacher):
    person, _ = teacher

    answer = _post(
        person,
        "/hub/new-course",
        name=f"course-{secrets.token_hex(3)}",
        environments="theirs",
        timezone="UTC",
    )

    assert answer.status_code == 400
    assert "in none of your courses" in answer.text


def test_a_change_without_its_form_token_is_forbidden(teacher):
    person, course = teacher

    answer = person.http.post(f"/hub/courses/{course['name']}", data={"action": "close"})

    assert answer.status_code == 403


def test_the_slide_counts_who_comes_in(stack, teacher):
    person, course = teacher
    before = person.http.get(f"/hub/courses/{course['name']}/slide/state").json()

    _somebody(stack).join(course["code"])

    after = person.http.get(f"/hub/courses/{course['name']}/slide/state").json()
    assert after["in"] == before["in"] + 1
    slide = person.http.get(f"/hub/courses/{course['name']}/slide").text
    assert course["code"] in slide
    assert "<svg" in slide


def test_a_course_file_makes_a_course_and_changes_it(stack, tmp_path, make_course):
    name = make_course()["name"]
    file = tmp_path / "course.yml"
    file.write_text(f"name: {name}\ntitle: Écology\nmemory: 512 MB\n", encoding="utf-8")

    applied = json.loads(stack.script("lectern", "course", "apply", str(file), "--json"))

    assert (applied["title"], applied["memory_mb"]) == ("Écology", 512)
    file.write_text(f"name: {name}\nmemory: lots\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"course\.yml:2: `lots` cannot be used"):
        stack.script("lectern", "course", "apply", str(file))


# --- releases -------------------------------------------------------------------------------------


def test_an_instructor_tries_a_release_beside_their_server(stack, teacher):
    person, course = teacher
    commit = docker(
        "inspect",
        "--format", f'{{{{index .Config.Labels "{names.COMMIT}"}}}}',
        names.published_tag(stack.project, course["environment"]),
    )  # fmt: skip
    address = f"/hub/spawn/{person.name}/preview?environment={course['environment']}&release={commit}"

    person.http.get(address)
    wait_until(lambda: person.http.get(f"{person.home_url}preview/lab").status_code == 200, "the preview")

    preview = json.loads(docker("inspect", names.preview_container(stack.project, person.name)))[0]
    assert preview["Config"]["Labels"][names.COMMIT] == commit
    assert names.home_volume(stack.project, person.name) in {mount["Name"] for mount in preview["Mounts"]}
    assert _post(person, "/hub/stop", server="preview").status_code == 302
    assert (
        docker("ps", "--quiet", "--filter", f"name={names.preview_container(stack.project, person.name)}")
        == ""
    )


def test_a_participant_makes_no_second_server(at_work):
    person, course = at_work

    page = person.http.get(f"/hub/spawn/{person.name}/preview?environment={course['environment']}")
    named = person.request("POST", f"/hub/api/users/{person.name}/servers/second")

    assert (page.status_code, named.status_code) == (403, 403)


def test_a_newer_release_is_told_and_a_restart_takes_it(stack, at_work):
    person, course = at_work
    _go_to(person, course)
    environment = course["environment"]
    tag = names.published_tag(stack.project, environment)
    before = docker("inspect", "--format", "{{.Id}}", tag)
    newer = f"{names.environment_image(stack.project, environment)}:newer"
    container = docker("create", "--label", f"{names.PROJECT}={stack.project}", tag)
    docker("commit", "--change", f"LABEL {names.COMMIT}=newer", container, newer)
    docker("rm", container)
    try:
        docker("tag", newer, tag)

        wait_until(
            lambda: "A newer release" in person.http.get("/hub/home").text,
            "the notice on the home page",
            look_every_s=1,
        )
        _go_to(person, course)

        assert stack.workspace(person.name)["Config"]["Labels"][names.COMMIT] == "newer"
        assert "A newer release" not in person.http.get("/hub/home").text
    finally:
        docker("tag", before, tag)
