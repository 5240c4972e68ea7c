from collections.abc import Sequence
from pathlib import Path

import pytest

from improver.errors import ImproverError
from improver.sandbox.discover import locate, needs


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def found(*programs: Path, search: str = "", untrusted: Sequence[Path] = ()) -> list[Path]:
    return needs(programs, search=search, tree=Path("/nowhere"), untrusted=untrusted)


def test_a_program_of_the_system_needs_nothing_more() -> None:
    assert found(Path("/bin/sh")) == []


def test_every_link_on_the_way_to_the_program_is_needed(tmp_path: Path) -> None:
    real = program(tmp_path / "versions" / "3" / "tool")
    for link, target in (("current", "versions/3/tool"), ("here/tool", "../current")):
        (tmp_path / link).parent.mkdir(exist_ok=True)
        (tmp_path / link).symlink_to(target)
    assert found(tmp_path / "here" / "tool") == [tmp_path / "current", tmp_path / "here" / "tool", real]


def test_a_virtual_environment_is_needed_whole_with_the_python_it_was_made_from(tmp_path: Path) -> None:
    base = program(tmp_path / "base" / "bin" / "python3", "")
    program(tmp_path / "base" / "lib" / "python3.12" / "os.py")
    program(tmp_path / "environment" / "bin" / "python", "")
    (tmp_path / "environment" / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    program(tmp_path / "environment" / "bin" / "pytest", f"#!{tmp_path}/environment/bin/python\n")
    expected = [tmp_path / "base" / "bin", tmp_path / "base" / "lib", tmp_path / "environment"]
    assert found(tmp_path / "environment" / "bin" / "pytest") == expected


def test_a_prefix_shows_its_libraries_but_not_what_else_lies_there(tmp_path: Path) -> None:
    python = program(tmp_path / ".local" / "bin" / "python3", "")
    program(tmp_path / ".local" / "lib" / "python3.12" / "os.py")
    program(tmp_path / ".local" / "share" / "keyrings" / "login")
    assert found(python) == [tmp_path / ".local" / "bin", tmp_path / ".local" / "lib"]


def test_a_lonely_program_shows_nothing_beside_it(tmp_path: Path) -> None:
    tool = program(tmp_path / "bin" / "tool")
    program(tmp_path / "bin" / "other")
    assert found(tool) == [tool]


def test_an_interpreter_named_by_env_is_searched_for(tmp_path: Path) -> None:
    node = program(tmp_path / "node" / "bin" / "node", "")
    program(tmp_path / "node" / "lib" / "node_modules" / "npm" / "cli.js")
    tool = program(tmp_path / "tool", "#!/usr/bin/env -S node --no-warnings\n")
    assert found(tool, search=str(node.parent)) == [node, tmp_path / "node" / "lib" / "node_modules", tool]


def test_a_shim_needs_the_versions_it_chooses_from(tmp_path: Path) -> None:
    shim = program(tmp_path / "pyenv" / "shims" / "python")
    (tmp_path / "pyenv" / "versions").mkdir()
    assert found(shim) == [tmp_path / "pyenv"]


def test_the_home_folder_is_never_shown_as_somebodys_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    python = program(tmp_path / "bin" / "python", "")
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert tmp_path not in found(python)


def test_a_link_in_the_tree_shows_no_file_that_is_no_program(tmp_path: Path) -> None:
    secret = tmp_path / "id_rsa"
    secret.write_text("key")
    link = tmp_path / "tree" / "bin" / "python"
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    assert found(link, program(tmp_path / "tree" / "tool", f"#!{secret}\n"), untrusted=[tmp_path / "tree"]) == [
        tmp_path / "tree" / "tool"
    ]


def test_nothing_in_the_tree_is_run_to_learn_about_it(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    python = program(tmp_path / "tree" / "bin" / "python", f"#!/bin/sh\ntouch {ran}\n")
    (tmp_path / "tree" / "pyvenv.cfg").write_text(f"home = {python.parent}\n")
    found(python, untrusted=[tmp_path / "tree"])
    assert not ran.exists()


def test_a_program_is_found_as_a_shell_in_the_tree_would(tmp_path: Path) -> None:
    tool = program(tmp_path / "bin" / "tool")
    assert locate("./bin/tool", search="", tree=tmp_path) == tool
    assert locate("tool", search=str(tmp_path / "bin"), tree=Path("/")) == tool
    with pytest.raises(ImproverError, match=r"no program '\./bin/missing'"):
        locate("./bin/missing", search="", tree=tmp_path)


def test_a_program_is_not_looked_for_in_relative_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin" / "tool")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImproverError, match="no program 'tool'"):
        locate("tool", search="bin:.", tree=tmp_path)
    assert locate("tool", search=f"bin:{tmp_path}/bin", tree=tmp_path) == tmp_path / "bin" / "tool"
