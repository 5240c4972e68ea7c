"""Errors of bundled code, from the wire to the Warehouse, name the files that people wrote."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from improver import pipeline
from improver.bundles import symbolicate
from improver.bundles.sourcemap_upload import Upload, upload
from improver.bundles.symbolicate import SourceMaps, name_of_debug_id
from improver.config import Settings
from improver.model import Payload
from improver.upkeep import housekeeping
from tests.world import NOW, Clock, opened

FIXTURES = Path(__file__).parent.parent / "fixtures" / "sourcemaps" / "bundle"
MAP = (FIXTURES / "shop.min.js.map").read_bytes()
URL = "https://shop.test/static/shop.min.js"
DEBUG_ID = "0B1E5AB0-1234-4abc-8def-0123456789ab"
MINIFIED = [("s", 151), ("o", 125), ("c.firstPrice", 87)]
SOURCES = [("src/shop.js", "pay", 9), ("src/shop.js", "checkout", 5), ("src/cart.js", "firstPrice", 9)]


@pytest.fixture
def runtime(tmp_path):
    with opened(Settings(data_dir=tmp_path), Clock()) as runtime:
        yield runtime


def event(release="shop@1", url=URL, images=()):
    frames = [
        {"filename": url, "function": function, "lineno": 1, "colno": column, "in_app": True}
        for function, column in MINIFIED
    ]
    error = {"type": "TypeError", "value": "no price", "stacktrace": {"frames": frames}}
    return {
        "platform": "javascript", "release": release, "exception": {"values": [error]},
        "debug_meta": {"images": list(images)},
    }  # fmt: skip


def image(debug_id=DEBUG_ID, code_file=URL):
    return {"type": "sourcemap", "code_file": code_file, "debug_id": debug_id}


def stored(runtime, *records):
    """The frames of each error that comes in, and its grouping key."""
    payloads = [
        Payload(
            id=f"{runtime.clock()}{n}",
            collector="sentry",
            path="/api/0/store/",
            received_at=NOW,
            body=json.dumps(record).encode(),
        )
        for n, record in enumerate(records)
    ]
    before = runtime.warehouse.telemetry.value("select count(*) from errors")
    runtime.spool.append_now([replace(payload, id=f"{before}{payload.id}") for payload in payloads])
    pipeline.digest(runtime)
    rows = runtime.warehouse.telemetry.rows("select raised, key, data from errors order by seq")[before:]
    return [(json.loads(row["raised"])[0]["frames"], row["key"]) for row in rows]


def places(frames):
    return [(frame["filename"], frame["function"], frame["lineno"]) for frame in frames]


def keep(runtime, debug_id=DEBUG_ID, content=MAP):
    runtime.maps.put(name_of_debug_id(debug_id), content)


def test_frames_are_found_by_debug_id_before_they_are_grouped(runtime):
    [(minified, bundled)] = stored(runtime, event(images=[image()]))
    keep(runtime)
    [(frames, key)] = stored(runtime, event(images=[image(DEBUG_ID.lower().replace("-", ""))]))
    assert places(minified)[0] == (URL, "s", 1)
    assert places(frames) == SOURCES
    assert frames[-1]["context_line"] == "    return first.price;"
    assert [frame["in_app"] for frame in frames] == [True] * 3
    assert key != bundled


def test_a_new_build_of_the_same_source_is_the_same_failure(runtime):
    keep(runtime)
    keep(runtime, "f" * 32)
    url = "https://shop.test/static/shop.4f2a.js"
    (_, one), (_, other) = stored(runtime, event(images=[image()]), event(url=url, images=[image("f" * 32, url)]))
    assert one == other


@pytest.mark.parametrize(
    ("prefix", "release", "url", "found"),
    [
        ("~/static", "shop@1", URL, True), ("~/static/", "shop@1", f"{URL}?v=3", True),
        ("~/static", "shop@2", URL, False), ("~/", "shop@1", URL, False),
        ("https://shop.test/static", "shop@1", URL, True), ("https://other.test/static", "shop@1", URL, False),
        ("~/static", "", URL, False), ("app:///", "shop@1", "app:///shop.min.js", True),
    ],
)  # fmt: skip
def test_without_a_debug_id_release_and_address_count(runtime, prefix, release, url, found):
    told = Upload(target="unassigned", release="shop@1", prefix=prefix)
    upload(runtime.data.sourcemaps, [FIXTURES], told)
    [(frames, _)] = stored(runtime, event(release, url))
    assert (places(frames) == SOURCES) is found


def test_one_targets_release_is_not_anothers(runtime):
    upload(runtime.data.sourcemaps, [FIXTURES], Upload(target="other", release="shop@1", prefix="~/static"))
    [(frames, _)] = stored(runtime, event())
    assert places(frames)[0][0] == URL


def test_libraries_are_not_the_users_own_code(runtime):
    keep(runtime, content=MAP.replace(b"../src/cart.js", b"../node_modules/cart/cart.js"))
    [(frames, _)] = stored(runtime, event(images=[image()]))
    assert [frame["in_app"] for frame in frames] == [True, True, False]


def test_lines_of_source_are_scrubbed_like_the_rest(runtime):
    keep(runtime, content=MAP.replace(b"return first.price;", b"return login('u', password='hunter2');"))
    [(frames, _)] = stored(runtime, event(images=[image()]))
    assert "hunter2" not in frames[-1]["context_line"]
    assert frames[-1]["context_line"].strip().startswith("return login")


@pytest.mark.parametrize(
    "meta",
    [
        None,
        [],
        {"images": 3},
        {"images": [None, {"type": "sourcemap"}, image("../../etc/passwd"), {**image(), "code_file": 1}]},
    ],
)
def test_debug_ids_that_are_none_change_nothing(runtime, meta):
    keep(runtime)
    [(frames, _)] = stored(runtime, {**event(), "debug_meta": meta})
    assert places(frames)[0] == (URL, "s", 1)


def test_a_damaged_map_costs_nothing_but_its_own_frames(runtime, caplog):
    keep(runtime, content=b"{")
    found = stored(runtime, event(images=[image()]), event(images=[image()]))
    assert [places(frames)[0][1] for frames, _ in found] == ["s", "s"]
    assert len([record for record in caplog.records if "source map" in record.message]) == 1


def test_only_so_much_of_maps_is_kept_open(runtime, monkeypatch):
    monkeypatch.setattr(symbolicate, "OPEN_BYTES", 3 * len(MAP))
    for number in range(7):
        keep(runtime, f"{number:032x}")
        stored(runtime, event(images=[image(f"{number:032x}")]))
    assert len(runtime.maps._open) == 3


def test_maps_are_private_and_are_dropped_after_a_year(runtime):
    keep(runtime)
    (path,) = runtime.data.sourcemaps.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    os.utime(path, (NOW.timestamp(),) * 2)
    housekeeping.retain(runtime)
    assert path.exists()
    housekeeping.retain(replace(runtime, clock=Clock(NOW + timedelta(days=366))))
    assert not path.exists()


def test_without_any_map_nothing_is_looked_for(tmp_path):
    SourceMaps(tmp_path / "none").drop(NOW)
