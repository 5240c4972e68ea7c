"""What monitoring sees."""

from pathlib import Path

from starlette.testclient import TestClient

from improver.dashboards.app import create_app
from tests.dashboards.conftest import ADDRESS
from tests.dashboards.gallery import Gallery, opened


def test_metrics_are_prometheus_text(gallery: Gallery, client: TestClient) -> None:
    with gallery.runtime.warehouse.telemetry.transaction() as writer:
        writer.execute("insert into rejections values ('sentry', 'bad \"key\"\n', 3, '2026-11-20')")
        writer.execute("insert into hot_payloads values ('p', 'sentry', '', 'public', '2026-11-20', 12, 123456789)")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert 'improver_payloads{collector="sentry"} 1' in lines
    assert 'improver_events{collector="sentry"} 123456789' in lines
    assert 'improver_rejected{collector="sentry",reason="bad \\"key\\"\\n"} 3' in lines
    assert 'improver_attempts{status="delivered"} 2' in lines
    assert "improver_findings 8" in lines
    assert "improver_paused 0" in lines
    assert "# TYPE improver_spool_lag_seconds gauge" in lines


def test_every_sample_stands_below_its_type(client: TestClient) -> None:
    typed: set[str] = set()
    for line in client.get("/metrics").text.splitlines():
        if line.startswith("# TYPE"):
            typed.add(line.split()[2])
        elif not line.startswith("#"):
            assert line.partition("{")[0].partition(" ")[0] in typed


def test_a_daemon_that_was_told_to_stop_is_alive_but_not_ready(tmp_path: Path) -> None:
    with opened(tmp_path) as runtime:
        client = TestClient(create_app(runtime), base_url=ADDRESS)
        assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
        runtime.stop.set()
        assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)
