"""Which Target and which address `improver watch` works with."""

from pathlib import Path

import pytest

from improver.config import Settings, Target
from improver.config.settings import Ingest
from improver.errors import ImproverError
from improver.watch import WatchOptions, watch
from improver.watch.start import target_of
from tests.conftest import Checkout


def settings(*names: str) -> Settings:
    return Settings(targets={name: Target(repo=Path(f"/srv/{name}")) for name in names})


def test_the_only_target_needs_no_name() -> None:
    assert target_of("", settings("shop"), Path("/")) == "shop"


def test_the_checkout_that_holds_the_folder_decides() -> None:
    assert target_of("", settings("shop", "blog"), Path("/srv/blog/web")) == "blog"


@pytest.mark.parametrize(("name", "targets"), [("", ("shop", "blog")), ("blogg", ("shop", "blog")), ("", ())])
def test_an_unclear_target_is_refused_with_the_choices(name: str, targets: tuple[str, ...]) -> None:
    with pytest.raises(ImproverError) as refused:
        target_of(name, settings(*targets), Path("/"))
    assert "blog, shop" in refused.value.hint or "improver init" in refused.value.hint


def test_a_port_that_nobody_can_know_is_refused(checkout: Checkout, tmp_path: Path) -> None:
    targets = {"shop": Target(repo=checkout.path)}
    unknown = Settings(data_dir=tmp_path / "data", ingest=Ingest(port=0), targets=targets)
    with pytest.raises(ImproverError, match=r"ingest\.port is 0"):
        watch(WatchOptions(argv=("true",)), unknown, base={})


@pytest.mark.parametrize("options", [WatchOptions(argv=()), WatchOptions(argv=("true",), health="localhost:80")])
def test_a_wrong_question_is_refused_before_anything_starts(options: WatchOptions) -> None:
    with pytest.raises(ImproverError):
        watch(options, settings("shop"), base={})
