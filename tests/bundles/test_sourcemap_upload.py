"""What a bundler wrote is found, checked, and kept under the name that its errors will ask for."""

import json
import shutil
from pathlib import Path

import pytest

from improver.bundles.sourcemap_upload import Upload, Uploaded, upload
from improver.errors import ImproverError

BUNDLE = Path(__file__).parent.parent / "fixtures" / "sourcemaps" / "bundle"
DEBUG_ID = "0b1e5ab0-1234-4abc-8def-0123456789ab"


@pytest.fixture
def built(tmp_path):
    return Path(shutil.copytree(BUNDLE, tmp_path / "build" / "static")).parent


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "kept"


def told(**changed):
    return Upload(**{"target": "shop", "release": "shop@1", **changed})


def test_a_debug_id_in_the_bundle_or_in_the_map_names_it(built, kept):
    bundle = built / "static/shop.min.js"
    bundle.write_text(f"{bundle.read_text()}\n//# debugId={DEBUG_ID.upper()}\n")
    path = str(bundle.with_suffix(".js.map"))
    assert upload(kept, [built], told(release="")) == [Uploaded(file=path, known_by=DEBUG_ID.upper())]
    assert [file.name for file in kept.iterdir()] == [f"{DEBUG_ID.replace('-', '')}.map"]
    record = json.loads(Path(path).read_text())
    for spelling in ("debug_id", "debugId"):
        Path(path).write_text(json.dumps({**record, spelling: DEBUG_ID}))
        assert upload(kept, [Path(path)], told(release=""))[0].known_by == DEBUG_ID
    assert len(list(kept.iterdir())) == 1


def test_without_one_its_address_in_the_release_names_it(built, kept):
    assert upload(kept, [built], told())[0].known_by == "~/static/shop.min.js in shop@1"
    file = built / "static/shop.min.js.map"
    assert (
        upload(kept, [file], told(prefix="https://cdn.test/x/"))[0].known_by
        == "https://cdn.test/x/shop.min.js in shop@1"
    )


def test_a_map_that_cannot_be_used_is_said_before_anything_is_kept(built, kept):
    (built / "static/worse.js.map").write_text("{}")
    with pytest.raises(ImproverError, match=r"worse\.js\.map: this is no source map"):
        upload(kept, [built], told())
    (built / "static/worse.js.map").unlink()
    with pytest.raises(ImproverError, match="has no debug id"):
        upload(kept, [built], told(release=""))
    assert not kept.exists()


def test_where_there_is_no_map_is_said(built, kept):
    with pytest.raises(ImproverError, match=r"no \.map file there"):
        upload(kept, [built.parent / "build" / "static" / "shop.min.js"][:0], told())
    with pytest.raises(ImproverError, match="there is no"):
        upload(kept, [built / "nowhere"], told())


def test_styles_have_maps_too_and_they_are_left_out(built, kept):
    (built / "static/shop.css.map").write_text("{}")
    assert len(upload(kept, [built], told())) == 1
