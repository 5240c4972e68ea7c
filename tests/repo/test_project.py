"""What `improver init` recognises, in folders as real projects have them."""

import base64
import hashlib
import json

import pytest

from improver.repo.project import Project, look, virtual_environment


@pytest.fixture
def project(tmp_path):
    def make(**files: str):
        root = tmp_path / "project"
        for name, text in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return root

    return make


def make_environment(folder):
    folder.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return folder


PYTEST = {"requirements.txt": "flask", "tests/test_app.py": "def test_a(): ..."}


def test_an_empty_folder_is_no_known_language(project):
    assert look(project(**{"notes.md": ""}), {}) == Project()


def test_pytest_runs_in_the_projects_own_environment(project):
    root = project(**PYTEST)
    venv = make_environment(root / ".venv")
    found = look(root, {})
    assert (found.language, found.test) == ("Python", (f"{venv}/bin/python", "-m", "pytest", "-q"))
    assert found.readable == (venv,)


def test_pytest_runs_with_the_systems_python_when_there_is_no_environment(project):
    found = look(project(**PYTEST), {})
    assert (found.test, found.readable) == (("python3", "-m", "pytest", "-q"), ())


def test_the_worktrees_own_code_goes_before_an_installed_package(project):
    root = project(**PYTEST, **{"src/shop/__init__.py": ""})
    assert look(root, {}).test[-2:] == ("-o", "pythonpath=src")


def test_unittest_is_recognised(project):
    root = project(**{"setup.py": "", "test_app.py": "import unittest"})
    assert look(root, {}).test == ("python3", "-m", "unittest", "discover")


def test_djangos_own_runner_is_recognised(project):
    root = project(**{"manage.py": "", "requirements.txt": "django", "shop/tests.py": ""})
    assert look(root, {}).test == ("python3", "manage.py", "test")
    (root / "requirements.txt").write_text("django\npytest\n")
    (root / "shop" / "test_shop.py").write_text("")
    assert "pytest" in look(root, {}).test


def test_no_test_is_invented(project):
    root = project(**{"app.py": ""})
    make_environment(root / ".venv" / "..venv")
    assert (look(root, {}).language, look(root, {}).test) == ("Python", ())


def test_the_tests_of_installed_packages_are_not_the_projects(project):
    root = project(**{"app.py": "", "venv/lib/test_flask.py": "", "node_modules/x/test_x.py": "", ".tox/test_y.py": ""})
    (root / "venv" / "pyvenv.cfg").write_text("")
    assert look(root, {}).test == ()


def test_poetrys_environment_is_found_by_its_folders_hash(project, tmp_path):
    root = project(**{"pyproject.toml": '[tool.poetry]\nname = "shop"\n'})
    hashed = base64.urlsafe_b64encode(hashlib.sha256(str(root).encode()).digest()).decode()[:8]
    venv = make_environment(tmp_path / "cache" / "pypoetry" / "virtualenvs" / f"shop-{hashed}-py3.11")
    assert virtual_environment(root, {"XDG_CACHE_HOME": str(tmp_path / "cache")}) == venv


def test_the_active_environment_is_the_last_resort(project, tmp_path):
    root = project(**PYTEST)
    active = make_environment(tmp_path / "active")
    assert virtual_environment(root, {"VIRTUAL_ENV": str(active)}) == active
    own = make_environment(root / "venv")
    assert virtual_environment(root, {"VIRTUAL_ENV": str(active)}) == own


def test_node_runs_its_test_script_on_a_copy_of_its_packages(project):
    root = project(**{"package.json": json.dumps({"name": "@acme/shop", "scripts": {"test": "vitest run"}})})
    (root / "node_modules").mkdir()
    found = look(root, {})
    assert (found.language, found.name, found.test) == ("JavaScript", "shop", ("npm", "test"))
    assert found.setup == ("cp", "-a", str(root / "node_modules"), "node_modules")
    assert found.readable == (root / "node_modules",)


def test_npms_placeholder_is_no_test_script(project):
    script = 'echo "Error: no test specified" && exit 1'
    root = project(**{"package.json": json.dumps({"scripts": {"test": script}})})
    assert look(root, {}).test == ()


@pytest.mark.parametrize(("lock", "manager"), [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn")])
def test_the_lockfile_names_the_package_manager(project, lock, manager):
    root = project(**{"package.json": json.dumps({"scripts": {"test": "x"}}), lock: ""})
    assert look(root, {}).test == (manager, "test")


@pytest.mark.parametrize(
    ("manifest", "language", "program"),
    [("go.mod", "Go", "go"), ("Cargo.toml", "Rust", "cargo"), ("Gemfile", "Ruby", "bundle")],
)
def test_other_languages_have_their_usual_command(project, manifest, language, program):
    found = look(project(**{manifest: "", "helper.py": ""}), {})
    assert (found.language, found.test[0]) == (language, program)


@pytest.mark.parametrize("aim", ["..", "../elsewhere"])
def test_what_a_link_out_of_the_repository_leads_to_is_not_shown(project, tmp_path, aim):
    make_environment(tmp_path / "elsewhere")
    (tmp_path / "pyvenv.cfg").write_text("")
    root = project(**PYTEST)
    (root / ".venv").symlink_to(aim)
    assert look(root, {}).readable == ()
    assert look(root, {}).test[0] == "python3"
    for name in PYTEST:
        (root / name).unlink()
    (root / "package.json").write_text('{"name": "shop"}')
    (root / "node_modules").symlink_to(aim)
    assert (look(root, {}).readable, look(root, {}).setup) == ((), ())
