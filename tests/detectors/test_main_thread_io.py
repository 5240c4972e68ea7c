"""Files that are read while everybody waits."""

from tests.detectors.told import Page, Trace, of_pages, of_traces


def reading(name: str = "fs readFileSync", ms: float = 120, **more) -> Trace:
    trace = Trace(route="/catalogue", **more)
    trace.span(name, ms, kind=1)
    return trace


def test_a_server_that_reads_a_file_synchronously_is_found(tmp_path):
    (found,) = of_traces(tmp_path, reading(), reading())
    assert found.title == "File access holds up all other requests in /catalogue: fs readFileSync"


def test_an_app_that_says_so_is_found(tmp_path):
    pages = [Page(op="ui.load"), Page(op="ui.load")]
    for page in pages:
        page.span("file.read", "1024 bytes: settings.json", 40, blocked_main_thread=True)
    (found,) = of_pages(tmp_path, *pages)
    assert found.title.startswith("File access holds up the screen")


def test_asynchronous_quick_and_other_threads_access_and_scripts_are_none(tmp_path):
    pages = [Page(op="ui.load"), Page(op="ui.load")]
    for page in pages:
        page.span("file.read", "settings.json", 400, blocked_main_thread=False)
        page.span("file.read", "settings.json", 400)
    assert of_pages(tmp_path, *pages) == []
    for near_miss in ({"name": "fs readFile"}, {"ms": 10}, {"kind": 1}):
        assert of_traces(tmp_path, reading(**near_miss), reading(**near_miss)) == []
