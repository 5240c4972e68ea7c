"""The web face on a filled Warehouse, asked as a browser on this machine would ask."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from improver.dashboards.app import create_app
from tests.dashboards.gallery import Gallery, hung, opened

ADDRESS = "http://127.0.0.1:4319"


@pytest.fixture(scope="package")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """Shared: tests only read from it."""
    with hung(tmp_path_factory.mktemp("gallery")) as made:
        yield made


@pytest.fixture
def client(gallery: Gallery) -> Iterator[TestClient]:
    with TestClient(create_app(gallery.runtime), base_url=ADDRESS) as asking:
        yield asking


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Before any telemetry came in."""
    with (
        opened(tmp_path_factory.mktemp("empty")) as runtime,
        TestClient(create_app(runtime), base_url=ADDRESS) as asking,
    ):
        yield asking
