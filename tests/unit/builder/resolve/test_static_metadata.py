import pytest
from hypothesis import given
from hypothesis import strategies as st

from lectern.builder.resolve import static_metadata
from lectern.builder.resolve.static_metadata import UnknownMetadataError, read_archive
from tests.support.package_index import source, tarred, wheel, zipped


def _tree(**files):
    return tarred({f"apple-1/{path.replace('__', '.')}": text for path, text in files.items()})


def test_a_release_is_read_from_its_metadata():
    found = read_archive(source("apple", "1.0", requires=["pear>=2; python_version > '3'"]))

    assert (found.name, found.version, found.is_pure) == ("apple", "1.0", True)
    assert found.requires == ('pear>=2; python_version > "3"',)


def test_a_wheel_is_read():
    found = read_archive(wheel("apple", "1.0", requires=["pear ; extra == 'x'"], extras=["x"]))

    assert (found.requires, found.extras) == (('pear; extra == "x"',), ("x",))


def test_an_old_release_is_read_from_what_setuptools_wrote_down():
    lists = "pear\n\n[:python_version < '3.9']\nfig\n\n[sweet]\nplum>1\n"
    info = "Metadata-Version: 1.2\nName: apple\nVersion: 1.0\n"
    content = tarred({"apple-1/apple.egg-info/requires.txt": lists, "apple-1/apple.egg-info/PKG-INFO": info})

    found = read_archive(content)

    assert found.requires == ("pear", 'fig; python_version < "3.9"', 'plum>1; extra == "sweet"')
    assert found.extras == ("sweet",)


@pytest.mark.parametrize("info", ["", "Metadata-Version: 1.2\nVersion: 1.0\n", "Name:\n"])
def test_what_setuptools_wrote_down_without_a_name_tells_nothing(info):
    with pytest.raises(UnknownMetadataError, match="only when its code runs"):
        read_archive(tarred({"apple-1/apple.egg-info/PKG-INFO": info, "apple-1/setup.py": ""}))


def test_what_setuptools_wrote_down_without_a_version_leaves_it_open():
    assert read_archive(tarred({"apple-1/apple.egg-info/PKG-INFO": "Name: apple\n"})).version == ""


@pytest.mark.parametrize("name", ["/", "a;b", "\\ud800"])
def test_a_name_that_no_project_can_have_is_not_believed(name):
    with pytest.raises(UnknownMetadataError, match="has a name that no project can have"):
        read_archive(_tree(setup__py=f"setup(name='{name}')"))


def test_a_tree_is_read_from_its_pyproject():
    project = '[project]\nname = "Apple"\nversion = "1"\ndependencies = ["pear"]\n'
    optional = '[project.optional-dependencies]\nx = ["fig"]\n'

    found = read_archive(_tree(pyproject__toml=project + optional))

    assert (found.name, found.requires) == ("apple", ("pear", 'fig; extra == "x"'))


@pytest.mark.parametrize(
    "text",
    [
        'project = "apple"',
        'project = [{name = "apple"}]',
        "[project]\nname = 5",
        '[project]\nname = "apple"\ndynamic = ["version", ["x"]]',
        '[project]\nname = "apple"\ndynamic = 5',
        '[project]\nname = "apple"\nversion = 1.0',
        '[project]\nname = "apple"\ndependencies = 5',
        '[project]\nname = "apple"\ndependencies = "pear"',
        '[project]\nname = "apple"\ndependencies = [5]',
        '[project]\nname = "apple"\noptional-dependencies = ["pear"]',
        '[project]\nname = "apple"\noptional-dependencies = {x = "pear"}',
        f"x = {'[' * 5000}",
        f"x = {'9' * 5000}",
    ],
)
def test_a_pyproject_of_another_form_tells_nothing(text):
    with pytest.raises(UnknownMetadataError, match="only when its code runs"):
        read_archive(_tree(pyproject__toml=f"{text}\n[build-system]\n"))


def test_a_tree_is_read_from_its_setup_cfg():
    found = read_archive(
        _tree(setup__cfg="[metadata]\nname = apple\n[options]\ninstall_requires =\n  pear\n  fig>1\n")
    )

    assert found.requires == ("pear", "fig>1")


def test_a_tree_is_read_from_a_setup_call_that_is_written_out():
    code = "NEEDED = ['pear']\nsetuptools.setup(name='apple', version='1', install_requires=NEEDED)"

    assert read_archive(_tree(setup__py=code)).requires == ("pear",)


@pytest.mark.parametrize(
    "code",
    [
        "setup(name='apple', install_requires=open('r.txt').read())",
        "setup(**arguments)",
        "setup(name=name())",
        "setup(name='apple', install_requires=None)",
        "setup(name='apple', install_requires=5)",
        "setup(name='apple', install_requires={['a']})",
        "setup(name='apple', install_requires={'a': 1})",
        "setup(name={[]: 1})",
        f"setup(name='apple', install_requires={'-' * 5000}1)",
        f"{'(' * 5000}setup(name='apple')",
        f"x{'.x' * 3000}(name='apple')",
        "def f(",
        "print('no call')",
    ],
)
def test_what_only_running_would_tell_is_not_guessed(code):
    with pytest.raises(UnknownMetadataError, match="only when its code runs"):
        read_archive(_tree(setup__py=code))


@pytest.mark.parametrize("version", ["{[]: 1}", "None", "0x" + "f" * 5000, "VERSION"])
def test_a_version_that_only_running_would_tell_is_left_open(version):
    found = read_archive(_tree(setup__py=f"setup(name='apple', version={version})"))

    assert (found.name, found.version) == ("apple", "")


def test_a_dynamic_list_is_not_believed():
    with pytest.raises(UnknownMetadataError):
        read_archive(_tree(pyproject__toml='[project]\nname = "apple"\ndynamic = ["dependencies"]'))


def test_what_has_to_be_compiled_is_known_by_its_sources():
    assert not read_archive(source("apple", "1.0", {"src/apple.c": ""})).is_pure
    assert not read_archive(source("apple", "1.0", {"Cargo.toml": ""})).is_pure
    assert read_archive(source("apple", "1.0", {"tests/data.c": "", "docs/x/y.rs": ""})).is_pure


def test_a_project_in_a_subfolder_is_read_there():
    content = tarred({"x-1/README": "", "x-1/python/pyproject.toml": '[project]\nname = "apple"'})

    assert read_archive(content, "python").name == "apple"


@given(st.binary(max_size=200) | st.binary(max_size=50).map(lambda tail: b"PK\x03\x04" + tail))
def test_no_content_breaks_the_reader(content):
    with pytest.raises(UnknownMetadataError):
        read_archive(content)


@given(st.text(max_size=200), st.sampled_from(["pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO"]))
def test_no_text_breaks_the_reader(text, name):
    try:
        read_archive(zipped({f"apple/{name}": text}))
    except UnknownMetadataError:
        return


def test_an_archive_that_becomes_too_many_bytes_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(static_metadata, "_MAX_UNPACKED", 64)

    with pytest.raises(UnknownMetadataError, match="when it is unpacked"):
        read_archive(_tree(setup__py="setup(name='apple')", data__txt="x" * 64))


def test_what_is_no_requirement_is_named_on_one_line():
    with pytest.raises(UnknownMetadataError) as caught:
        read_archive(_tree(setup__py="setup(name='apple', install_requires=['fig', 'pytz >= 2011k'])"))

    assert str(caught.value) == "needs something that is no requirement (`pytz >= 2011k`)"
