"""What holds of the box where Landlock is all there is, attack by attack; what does not is why it ends at `branch`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from improver.model import Autonomy, Isolation
from improver.sandbox import landlock
from tests.adversarial import grounds as ground
from tests.adversarial.table import OUTSIDE

BY_NAME = {attack.name: attack for attack in OUTSIDE if attack.shows}
# What Landlock has no rule for, with what is seen of it.
OPEN = {
    "send_datagram": "reached: datagram", "command_the_daemon": "reached: control socket",
    "command_docker": "reached: docker.sock", "command_systemd": "reached: bus",
}  # fmt: skip


@pytest.fixture(scope="module")
def grounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ground.Grounds]:
    if landlock.abi() < 6:
        pytest.skip(f"needs Landlock ABI 6 (Linux 6.12); this kernel has {landlock.abi()}")
    root = tmp_path_factory.mktemp("confined") / "template"
    root.mkdir()
    ground.template(root)
    with pytest.MonkeyPatch.context() as patch, ground.grounds(root, root.parent / "grounds") as made:
        patch.setenv("HOME", str(made.home))
        patch.setenv("IMPROVER_TOKEN", ground.SECRETS["the environment"])
        (made.data / "keys.toml").write_text("canary-ingest-key")
        made.keys = "canary-ingest-key"
        made.before = made.prints()
        yield made


@pytest.mark.parametrize("name", BY_NAME)
def test_landlock_alone_holds_all_but_what_is_known(name: str, grounds: ground.Grounds) -> None:
    attack = BY_NAME[name]
    try:
        told = grounds.confined(attack)
        effects = grounds.effects(attack, told)
    finally:
        grounds.clear(attack)
        grounds.restore()
    assert "Traceback" not in told, told
    assert effects == ([OPEN[name]] if name in OPEN else []), told[-2000:]


def test_so_a_change_goes_no_further_than_a_branch() -> None:
    assert Isolation.LANDLOCK.cap is Autonomy.BRANCH


def test_the_page_names_what_is_open() -> None:
    page = (Path(__file__).parents[2] / "docs" / "hardening.md").read_text()
    assert [name for name in OPEN if f"`{name}`" not in page] == []
