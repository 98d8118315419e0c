"""What stays when servers, images and the whole stack come and go."""

import pytest

from lectern import names
from tests.support.participant import Participant
from tests.support.stack import docker


@pytest.fixture(scope="module")
def ada(stack):
    with stack.at_work("keeper") as someone:
        yield someone


def test_a_file_survives_stop_and_a_change_of_image(stack, ada):
    ada.write_file("notes.txt", "mine")
    before = stack.workspace(ada.name)["Image"]
    ada.stop()

    published = names.published_tag(stack.project, stack.course()["environment"])
    holder = docker("create", published)
    try:
        docker("commit", "--change", "ENV LECTERN_TEST_IMAGE=2", holder, published)
        ada.start()

        assert stack.workspace(ada.name)["Image"] != before
        assert ada.read_file("notes.txt") == "mine"
    finally:
        docker("rm", holder)
        docker("tag", before, published)


def test_whoever_takes_a_deleted_accounts_name_finds_nothing_of_it(stack):
    admin = Participant(stack.url, "admin", stack.admin_password)
    admin.log_in()
    with stack.at_work("gone") as first:
        first.write_file("diary.txt", "mine")
    assert admin.request("DELETE", f"/hub/api/users/{first.name}").status_code == 204

    later = Participant(stack.url, first.name, "another long password")
    later.join(stack.course()["code"])
    later.start()

    assert later.run("import os; print(os.path.exists('diary.txt'))").text == "False\n"
    assert docker("volume", "inspect", names.home_volume(stack.project, first.name))
    later.stop()
    later.close()
    admin.close()


def test_the_shared_folder_is_for_reading(ada):
    cell = ada.run(f"open('{names.SHARED_FOLDER}/mine.txt', 'w')")

    assert "Read-only" in cell.error or "Permission" in cell.error


def test_what_the_admin_shares_participants_read(stack, ada):
    admin = Participant(stack.url, "admin", stack.admin_password)
    admin.log_in()
    admin.start()

    wrote = admin.run(f"print(open('{names.SHARED_FOLDER}/sheet.txt', 'w').write('exercise 1'))")

    assert wrote.error == ""
    assert ada.read_file("shared/sheet.txt") == "exercise 1"
    admin.stop()
    admin.close()


def test_people_and_homes_survive_down_and_up(stack, ada):
    ada.write_file("kept.txt", "still here")

    stack.down()
    stack.up()

    again = Participant(stack.url, ada.name, ada.password)
    again.log_in()
    again.start()
    assert again.read_file("kept.txt") == "still here"
    again.close()
