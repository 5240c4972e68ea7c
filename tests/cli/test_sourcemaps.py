"""`improver sourcemaps upload`, typed in."""

import json
from pathlib import Path

BUNDLE = Path(__file__).parent.parent / "fixtures" / "sourcemaps" / "bundle"


def test_maps_are_uploaded_for_the_only_target(shop, improver):
    done = improver("sourcemaps", "upload", str(BUNDLE), "--release", "shop@1", "--url-prefix", "~/static", "--json")
    assert done.exit_code == 0, done.stderr
    assert [one["known_by"] for one in json.loads(done.stdout)] == ["~/static/shop.min.js in shop@1"]


def test_what_is_missing_is_said(shop, improver):
    without = improver("sourcemaps", "upload", str(BUNDLE))
    assert (without.exit_code, "has no debug id" in without.stderr, "--release" in without.stderr) == (1, True, True)
    unknown = improver("sourcemaps", "upload", str(BUNDLE), "--target", "toys")
    assert (unknown.exit_code, "no target 'toys'" in unknown.stderr) == (1, True)
