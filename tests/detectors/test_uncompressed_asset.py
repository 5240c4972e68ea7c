"""Scripts and style sheets that are sent as they lie on the disk."""

import json

from improver.config import Settings
from improver.model import Payload
from improver.opening import passing_runtime
from improver.stages import detect, ingest
from tests.detectors.told import START, Page, of_pages

SCRIPT = "https://shop/app.4f3a2b1c9d.js"


def shelf(sent: int = 900_000, unpacked: int = 900_000, op: str = "resource.script", url: str = SCRIPT) -> Page:
    page = Page()
    page.span(op, url, 400, **{"http.response_content_length": sent, "http.decoded_response_content_length": unpacked})
    return page


def test_a_large_script_that_is_not_compressed_is_found_whatever_its_build(tmp_path):
    (found,) = of_pages(tmp_path, shelf(), shelf(url="https://shop/app.0a1b2c3d4e.js"))
    assert (found.pattern, found.title) == ("uncompressed_asset", "Sent without compression: https://shop/app.*.js")


def test_sentrys_newer_spans_are_read_too(tmp_path):
    def typed(value):
        return {"value": value, "type": "integer" if isinstance(value, int) else "string"}

    def streamed(number):
        said = {
            "sentry.op": "resource.script", "url.full": "http://shop/fonts.js", "http.response.body.size": 1_338_906,
            "http.response.body.decoded_size": 1_338_906,
        }  # fmt: skip
        return {
            "trace_id": f"{number:032x}", "span_id": f"{number:016x}", "name": "shop", "status": "ok",
            "start_timestamp": START.timestamp(), "end_timestamp": START.timestamp() + 0.03,
            "attributes": {name: typed(value) for name, value in said.items()},
        }  # fmt: skip

    records = [{"version": 2, "items": [streamed(number)]} for number in (1, 2)]
    with passing_runtime(Settings(), clock=lambda: START) as runtime:
        bodies = [json.dumps(record).encode() for record in records]
        envelopes = [
            b'{}\n{"type":"span","content_type":"application/vnd.sentry.items.span.v2+json","item_count":1,"length":%d}\n%s\n'
            % (len(body), body)
            for body in bodies
        ]
        ingest.load(
            runtime,
            [
                Payload(id=f"p{n}", collector="sentry", path="/api/1/envelope/", received_at=START, body=envelope)
                for n, envelope in enumerate(envelopes)
            ],
        )
        detect.run(runtime)
        (symptom,) = runtime.warehouse.state.rows("select detector, title from symptoms")
    assert symptom == {"detector": "uncompressed_asset", "title": "Sent without compression: http://shop/fonts.js"}


def test_compressed_small_cached_and_other_files_are_none(tmp_path):
    for near_miss in (
        {"sent": 600_000},
        {"sent": 90_000, "unpacked": 90_000},
        {"sent": 0, "unpacked": 0},
        {"op": "resource.img", "url": "https://shop/a.png"},
    ):
        assert of_pages(tmp_path, shelf(**near_miss), shelf(**near_miss)) == []
