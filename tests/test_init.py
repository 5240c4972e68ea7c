"""The config that `improver init` writes."""

import os
from pathlib import Path

import pytest

from improver import init
from improver.config import load
from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import TrustLabel
from tests import world


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return world.make_shop(tmp_path / "shop")


def test_it_loads_and_says_what_was_found(shop, environment):
    init.write(init.plan(shop, "", environment))
    target = load(shop / "improver.toml", {}).targets["shop"]
    assert (target.repo, target.branch, target.autonomy, target.agent) == (shop, "main", "branch", "claude")
    assert target.test == ["python3", "-m", "pytest", "-q"]


def test_names_that_need_quoting_survive(tmp_path, environment):
    folder = world.make_shop(tmp_path / 'a "quoted" \\ földer')
    (folder / ".venv").mkdir()
    (folder / ".venv" / "pyvenv.cfg").write_text("")
    world.git(folder, "switch", "-qc", "feature/ünïcode-🚀")
    init.write(init.plan(folder, "", environment))
    target = load(folder / "improver.toml", {}).targets["a-quoted-f-lder"]
    assert target.branch == "feature/ünïcode-🚀"
    assert target.readable == [folder / ".venv"]
    assert target.test[0] == str(folder / ".venv" / "bin" / "python")


def test_it_stands_at_the_top_of_the_repository_wherever_one_is(shop, environment):
    assert init.plan(shop / "tests", "", environment).file == shop / "improver.toml"


def test_the_data_folder_is_private_and_holds_the_key_of_the_dsn(shop, environment):
    plan = init.plan(shop, "", environment)
    dsn = init.write(plan)
    assert plan.data_dir.stat().st_mode & 0o777 == 0o700
    key = Keys.load(plan.data_dir / "keys.toml").of_target("shop", TrustLabel.SERVER)
    assert dsn == key.dsn("http://127.0.0.1:4318")
    assert (plan.data_dir / "keys.toml").stat().st_mode & 0o777 == 0o600


def test_two_repositories_of_one_name_share_no_data(tmp_path, environment):
    first, second = (init.plan(world.make_shop(tmp_path / n / "shop"), "", environment) for n in ("a", "b"))
    assert first.name == second.name == "shop"
    assert first.data_dir != second.data_dir


def test_a_new_config_for_the_same_repository_keeps_data_and_keys(shop, environment):
    assert init.write(init.plan(shop, "", environment)) == init.overwrite(init.plan(shop, "", environment))


def test_git_does_not_see_it_and_the_projects_own_files_stay_as_they_are(shop, environment):
    exclude = shop / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("*.swp")  # as some editors leave it: without a line end
    init.write(init.plan(shop, "", environment))
    init.overwrite(init.plan(shop, "", environment))
    assert world.git(shop, "status", "--porcelain") == ""
    assert exclude.read_text().splitlines() == ["*.swp", "/improver.toml"]


def test_the_projects_own_name_is_a_service_of_it(shop, environment):
    (shop / "pyproject.toml").write_text('[project]\nname = "shop-api"\n')
    init.write(init.plan(shop, "store", environment))
    assert load(shop / "improver.toml", {}).targets["store"].services == ["shop-api"]


def test_a_repository_without_a_commit_is_refused(tmp_path, environment):
    world.git(tmp_path, "init", "-q", "empty")
    with pytest.raises(ImproverError, match="has no commit yet"):
        init.plan(tmp_path / "empty", "", environment)


def test_a_detached_checkout_is_refused(shop, environment):
    world.git(shop, "checkout", "-q", "--detach")
    with pytest.raises(ImproverError, match="is on no branch"):
        init.plan(shop, "", environment)


def test_a_name_without_a_letter_is_refused(shop, environment):
    with pytest.raises(ImproverError, match="cannot name a target"):
        init.plan(shop, "…", environment)


def test_nothing_in_the_repository_is_run(shop, environment):
    """A repository may be anybody's: looking at it must not execute it."""
    trap = shop / "trap"
    (shop / "setup.py").write_text(f"open({str(trap)!r}, 'w')")
    (shop / "conftest.py").write_text(f"open({str(trap)!r}, 'w')")
    world.git(shop, "config", "core.fsmonitor", f"touch {trap}; false")
    init.write(init.plan(shop, "", environment | {"PATH": os.environ["PATH"]}))
    assert not trap.exists()


def test_nothing_is_written_through_a_link_that_a_repository_brings(shop, environment, tmp_path):
    (tmp_path / "precious").write_text("mine")
    for aim in ("precious", "not-yet"):
        (shop / "improver.toml").symlink_to(tmp_path / aim)
        for way in (init.write, init.overwrite):
            with pytest.raises(ImproverError, match=r"improver\.toml"):
                way(init.plan(shop, "", environment))
        (shop / "improver.toml").unlink()
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (tmp_path / "not-yet").exists()


def test_the_config_is_its_owners_alone_and_nothing_is_left_beside_it(shop, environment):
    before = {path.name for path in shop.iterdir()}
    init.write(init.plan(shop, "", environment))
    assert (shop / "improver.toml").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in shop.iterdir()} - before == {"improver.toml"}
