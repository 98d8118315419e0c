"""What git's http-backend is told, and what it answers."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.service.cgi import (
    GitRequest,
    NotGitError,
    read_credentials,
    read_head,
    read_request,
    variables,
)

PUSH = GitRequest("git-receive-pack", is_advertisement=False)


@pytest.mark.parametrize(
    ("method", "path", "query", "content_type", "request_"),
    [
        ("GET", "info/refs", "service=git-upload-pack", "", GitRequest("git-upload-pack", True)),
        ("GET", "info/refs", "service=git-receive-pack", "", GitRequest("git-receive-pack", True)),
        ("POST", "git-receive-pack", "", "application/x-git-receive-pack-request", PUSH),
    ],
)  # fmt: skip
def test_the_smart_services_are_known(method, path, query, content_type, request_):
    assert read_request(method, path, query, content_type) == request_


@pytest.mark.parametrize(
    ("method", "path", "query", "content_type"),
    [
        ("GET", "info/refs", "", ""),
        ("GET", "HEAD", "", ""),
        ("GET", "objects/info/packs", "", ""),
        ("GET", "../other.git/info/refs", "service=git-upload-pack", ""),
        ("GET", "info/refs", "service=git-upload-archive", ""),
        ("POST", "git-receive-pack", "", "text/plain"),
        ("POST", "git-upload-archive", "", "application/x-git-upload-archive-request"),
        ("PUT", "git-receive-pack", "", "application/x-git-receive-pack-request"),
    ],
)
def test_nothing_else_is_served(method, path, query, content_type):
    with pytest.raises(NotGitError):
        read_request(method, path, query, content_type)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20)))
def test_no_header_of_a_client_becomes_a_variable_by_its_name(headers):
    given_ = variables(PUSH, repo="x.git", root="/srv", person="ada", headers=headers)

    assert set(given_) <= {
        "GIT_PROJECT_ROOT", "GIT_HTTP_EXPORT_ALL", "PATH_INFO", "REQUEST_METHOD", "QUERY_STRING",
        "REMOTE_USER", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
        "CONTENT_TYPE", "HTTP_CONTENT_ENCODING", "GIT_PROTOCOL",
    }  # fmt: skip
    assert given_["PATH_INFO"] == "/x.git/git-receive-pack"


def test_a_packed_body_and_the_protocols_version_are_handed_on():
    headers = {"Content-Encoding": "gzip", "Git-Protocol": "version=2"}

    given_ = variables(PUSH, repo="x.git", root="/srv", person="ada", headers=headers)

    assert (given_["HTTP_CONTENT_ENCODING"], given_["GIT_PROTOCOL"]) == ("gzip", "version=2")


@given(st.integers(100, 599), st.binary(max_size=50), st.integers(1, 60))
def test_a_head_is_read_however_it_is_cut(status, content, cut):
    answer = b"Status: %d Oh\r\nContent-Type: text/plain\r\n\r\n%s" % (status, content)

    begun = answer[:cut]
    head, rest = read_head(begun) or read_head(answer)
    rest += answer[len(begun) :] if read_head(begun) else b""

    assert (head.status, head.headers, rest) == (status, (("Content-Type", "text/plain"),), content)


@pytest.mark.parametrize("answer", [b"Status: abc\r\n\r\n", b"no colon\r\n\r\n", b"x" * 20_000])
def test_an_answer_that_is_no_cgi_is_an_error(answer):
    with pytest.raises(ValueError, match=r"head|status"):
        read_head(answer)


@given(
    st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_credentials_are_read_as_they_were_written(name, password):
    header = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()

    assert read_credentials(header) == (name, password)


@given(st.text())
def test_no_header_is_too_strange_for_credentials(header):
    assert read_credentials(header) is None or header.lower().startswith("basic ")
