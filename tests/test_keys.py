"""Keys: made, found, revoked, rotated while running, and never readable by others."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from improver.errors import ImproverError
from improver.keys import Keys
from improver.model import TrustLabel

AT = datetime(2026, 11, 21, 1, 46, 35, tzinfo=UTC)
ROOT = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "keys.toml"


def create(path, target="shop", trust=TrustLabel.SERVER):
    return Keys.create(path, target, trust, clock=lambda: AT)


def rewrite(path, old, new):
    path.write_text(path.read_text().replace(old, new))
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


def test_without_a_file_there_are_no_keys(path):
    assert Keys.load(path).find("0" * 32) is None


def test_a_created_key_is_found_by_its_value_and_by_its_id(path):
    key = create(path)
    keys = Keys.load(path)
    assert keys.find(key.value) == keys.by_id(key.id) == key
    assert (key.target, key.trust, key.created, len(key.value)) == ("shop", TrustLabel.SERVER, AT, 32)
    assert int(key.value, 16)


@pytest.mark.parametrize("shown", ["", "x", "é", "0" * 32, "0" * 100_000])
def test_any_other_value_is_not(path, shown):
    create(path)
    assert Keys.load(path).find(shown) is None


def test_a_second_key_keeps_the_first_and_one_target_has_one_project(path):
    first, second, other = create(path), create(path, trust=TrustLabel.PUBLIC), create(path, "blog")
    keys = Keys.load(path)
    assert [keys.find(key.value) for key in (first, second, other)] == [first, second, other]
    assert [key.project for key in (first, second, other)] == [1, 1, 2]


@pytest.mark.parametrize("target", ["shop", 'a "quoted" \\ name', "läden", "🛒"])
def test_any_printable_target_name_survives_the_file(path, target):
    assert Keys.load(path).find(create(path, target).value).target == target


@pytest.mark.parametrize("target", ["", "a\nb", "a\x7f"])
def test_a_target_name_that_cannot_stand_in_a_file_is_refused(path, target):
    with pytest.raises(ImproverError, match="cannot name a target"):
        create(path, target)


def test_the_dsn_is_what_an_sdk_takes(path):
    key = create(path)
    assert key.dsn("http://127.0.0.1:4318") == f"http://{key.value}@127.0.0.1:4318/1"


def test_the_secret_is_not_in_what_gets_logged(path):
    key = create(path)
    assert key.value not in repr(key)


def test_the_file_is_for_its_owner_only_and_refused_otherwise(path):
    create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(ImproverError, match="can be read by others") as refused:
        Keys.load(path)
    assert f"chmod 600 {path}" in refused.value.hint


def test_a_new_key_is_known_without_a_restart(path):
    keys = Keys.load(path)
    key = create(path)
    assert keys.find(key.value) == key


def test_a_revoked_key_is_refused_without_a_restart_and_still_names_its_target(path):
    key = create(path)
    keys = Keys.load(path)
    assert keys.find(key.value)
    rewrite(path, "created", "revoked_at = 2026-11-22T00:00:00Z\ncreated")
    assert keys.find(key.value) is None
    assert keys.by_id(key.id).target == "shop"
    assert keys.of_target("shop", TrustLabel.SERVER) is None


def test_the_newest_usable_key_of_a_target_is_handed_out(path):
    create(path)
    newer = Keys.create(path, "shop", TrustLabel.SERVER, clock=lambda: AT.replace(year=2027))
    create(path, trust=TrustLabel.PUBLIC)
    assert Keys.load(path).of_target("shop", TrustLabel.SERVER) == newer


def test_a_file_broken_while_running_costs_nobody_their_key(path, caplog):
    key = create(path)
    keys = Keys.load(path)
    rewrite(path, "[[keys]]", "[[keys")
    assert keys.find(key.value) == key
    assert "stay valid" in caplog.text
    assert key.value not in caplog.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[keys]]", "[[keys"),
        ("[[keys]]", "[keys]"),
        ("id = ", "name = "),
        ('"server"', '"admin"'),
        ("project = 1", 'project = "x"'),
        ("value = ", 'value = "short" #'),
        ("+00:00", ""),
    ],
)
def test_a_file_that_is_no_keys_file_is_refused_with_what_it_should_hold(path, old, new):
    create(path)
    rewrite(path, old, new)
    with pytest.raises(ImproverError) as refused:
        Keys.load(path)
    assert str(path) in refused.value.message
    assert "improver connect" in refused.value.hint


CREATE = """
import sys
from pathlib import Path
from improver.keys import Keys
from improver.model import TrustLabel

for n in range(10):
    print(Keys.create(Path(sys.argv[1]), "shop", TrustLabel.SERVER).value)
"""


def test_keys_created_at_the_same_time_are_all_kept(path):
    argv = [sys.executable, "-c", CREATE, path]
    makers = [subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    made = [value for maker in makers for value in maker.communicate()[0].split()]
    keys = Keys.load(path)
    assert len(made) == 30
    assert all(keys.find(value) for value in made)


# Rotation.


def test_a_rotation_makes_new_keys_and_the_old_stay_valid_until_they_are_revoked(path):
    server, public = create(path), create(path, trust=TrustLabel.PUBLIC)
    other = create(path, target="blog")
    old = Keys.rotate(path, "shop")
    keys = Keys.load(path)
    assert {key.id for key in old} == {server.id, public.id}
    assert keys.of_target("shop", TrustLabel.SERVER).id not in (server.id, public.id)
    assert keys.of_target("shop", TrustLabel.PUBLIC).id not in (server.id, public.id)
    assert keys.of_target("blog", TrustLabel.SERVER) == other
    assert keys.find(server.value) == server
    revoked = Keys.revoke(path, server.id)
    assert revoked.revoked_at is not None
    assert keys.find(server.value) is None
    assert keys.find(public.value) == public
    assert keys.by_id(server.id).target == "shop"


def test_of_two_keys_made_in_the_same_second_the_later_is_handed_out(path):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    made = [Keys.create(path, "shop", TrustLabel.SERVER, clock=lambda: now) for _ in range(3)]
    assert Keys.load(path).of_target("shop", TrustLabel.SERVER) == made[-1]


def test_a_key_is_revoked_by_how_its_id_begins_but_never_by_guessing(path):
    first, second = create(path), create(path)
    with pytest.raises(ImproverError, match="no key 'zz'"):
        Keys.revoke(path, "zz")
    with pytest.raises(ImproverError, match="no key ''"):
        Keys.revoke(path, "")
    Keys.revoke(path, first.id[:7])
    assert Keys.load(path).find(first.value) is None
    assert Keys.load(path).find(second.value) == second


def test_origins_survive_that_another_key_is_made(path):
    key = create(path, trust=TrustLabel.PUBLIC)
    rewrite(path, "project = 1", 'project = 1\norigins = ["https://shop.test", "https://www.shop.test"]')
    create(path, target="blog")
    assert Keys.load(path).by_id(key.id).origins == ("https://shop.test", "https://www.shop.test")


@pytest.mark.parametrize("origins", ['"https://shop.test"', "[1]", "{a = 1}"])
def test_origins_that_are_no_list_of_texts_are_refused(path, origins):
    create(path)
    rewrite(path, "project = 1", f"project = 1\norigins = {origins}")
    with pytest.raises(ImproverError, match=r"no list of texts|something that is no key"):
        Keys.load(path)


def test_a_new_key_is_known_to_everybody_who_asks_at_once(path):
    for _ in range(50):
        Keys.create(path, "shop", TrustLabel.SERVER)
    keys = Keys.load(path)
    new, together = Keys.create(path, "shop", TrustLabel.SERVER), threading.Barrier(8)

    def find(_):
        together.wait(10)
        return keys.find(new.value)

    with ThreadPoolExecutor(8) as askers:
        assert list(askers.map(find, range(8))) == [new] * 8
