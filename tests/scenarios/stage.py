"""What a scenario drives: real apps in processes of their own, pages in a real browser, operators, log files."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self

from tests.browser import Page, browser
from tests.js_clients import node_modules as posthog_modules
from tests.scenarios import environments, keys
from tests.scenarios.recording import SourceMapFile, Written

HERE = Path(__file__).parent
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0"
QUIET_S = 0.4


class Taking(Protocol):
    take: str
    round: int
    sent: list[Any]


class App:
    """One instrumented app, asked over HTTP as its users would."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str, visitor: int = 1, **headers: str) -> int:
        return self.ask("GET", path, visitor, headers=headers)

    def post(self, path: str, record: object = None, visitor: int = 1) -> int:
        return self.ask("POST", path, visitor, json.dumps(record).encode(), {"Content-Type": "application/json"})

    def ask(
        self, method: str, path: str, visitor: int = 1, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        told = {"User-Agent": PERSON, "X-User": f"visitor-{visitor}"} | {
            name.replace("_", "-"): value for name, value in (headers or {}).items()
        }
        try:
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def leave_early(self, path: str, after: float) -> None:
        """Ask, and hang up before the answer."""
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {PERSON}\r\n\r\n".encode())
            time.sleep(after)


class Stage:
    def __init__(self, url: str, folder: Path, part: str, taking: Taking) -> None:
        self.url, self.folder, self.part = url, folder, part
        self.written: list[Written] = []
        self.maps: list[SourceMapFile] = []
        self._taking = taking
        self._open = ExitStack()
        self._apps: list[App] = []
        self._rounds: Counter[str] = Counter()
        self._sources = _laid_out(part)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._open.__exit__(None, None, None)

    @contextmanager
    def round(self, take: str = "") -> Iterator[None]:
        """What is sent within is one round of the take."""
        self.flush()
        self._rounds[take] += 1
        self._taking.take, self._taking.round = take, self._rounds[take]
        yield
        self.flush()
        self._taking.take, self._taking.round = "", 0

    def flush(self) -> None:
        """Until the apps have sent what they hold."""
        for app in self._apps:
            app.get("/-/flush")
        heard = -1
        while heard != len(self._taking.sent):
            heard = len(self._taking.sent)
            time.sleep(QUIET_S if self._apps or heard else 0.05)

    def forget(self) -> None:
        """What was sent outside of a round was only to warm up."""
        self.flush()
        self._taking.sent[:] = [one for one in self._taking.sent if one.take]

    def python(self, script: str, service: str, release: str = "1.0.0", **env: str) -> App:
        """An app of this part, under its real SDK: see apps/telemetry.py."""
        return self._start([environments.python(), self._script(script)], service, release, env)

    def node(self, script: str, service: str, release: str = "1.0.0", **env: str) -> App:
        env["NODE_PATH"] = str(environments.node_modules())
        return self._start(["node", self._script(script)], service, release, env)

    def environment(self, service: str, release: str = "1.0.0", **env: str) -> dict[str, str]:
        host = self.url.removeprefix("http://")
        return {
            **os.environ,
            "SENTRY_DSN": f"http://{keys.SERVER}@{host}/{keys.PROJECT}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"x-improver-key={keys.SERVER}",
            "OTEL_SERVICE_NAME": service,
            "OTEL_RESOURCE_ATTRIBUTES": f"service.version={release},deployment.environment.name=production",
            "RELEASE": release,
            "SCRATCH": str(self.folder),
            **env,
        }

    def run(self, script: str, *args: str, service: str = "worker", release: str = "1.0.0", **env: str) -> str:
        """A program that does its work and ends, badly or well; what it printed."""
        command = (str(environments.python()), str(self._script(script)), *args)
        return self.ran(*command, service=service, release=release, **env)

    def ran(self, *command: str, service: str = "worker", release: str = "1.0.0", **env: str) -> str:
        """The same in another language: the whole command, run where this part's sources stand."""
        done = subprocess.run(
            ["nice", *command], env=self.environment(service, release, **env), cwd=self._sources, timeout=120,
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.flush()
        return done.stdout

    @contextmanager
    def browser(self) -> Iterator[Page]:
        with browser() as page:
            yield page

    def pages(self, folder: str) -> str:
        """This part's static pages with the telemetry that they load; their address."""
        root = self.folder / "pages"
        root.mkdir(exist_ok=True)
        for file in (*(HERE / "apps" / folder).iterdir(), *(HERE / self.part / "apps" / folder).iterdir()):
            text = file.read_text().replace("INGEST", self.url).replace("PUBLIC_KEY", keys.PUBLIC)
            (root / file.name).write_text(text)
        module = root / "posthog.js"
        if not module.exists():
            module.symlink_to(posthog_modules() / "posthog-js" / "dist" / "module.full.no-external.js")
        handler = partial(Files, directory=str(root))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self._open.callback(server.server_close)
        self._open.callback(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def bundle(self, source: str, to: str, release: str = "") -> None:
        """Minified by esbuild; the source map of a release is uploaded by the replay, as a build would."""
        root = self.folder / "pages"
        root.mkdir(exist_ok=True)
        modules = environments.node_modules()
        entry = self._sources / source
        subprocess.run(
            [modules / ".bin" / "esbuild", entry, "--bundle", "--minify", "--sourcemap", f"--outfile={root / to}"],
            check=True, env={**os.environ, "NODE_PATH": str(modules)}, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if not release:
            return
        record = json.loads((root / f"{to}.map").read_text())
        # Only ours is looked at: the SDK's own sources would be most of the recording.
        self.maps.append(SourceMapFile(release=release, address=f"~/{to}", text=json.dumps(_without_sdk(record))))

    def source(self, name: str, **words: str) -> None:
        """An app's source as another release has it: each word replaced."""
        part = HERE / self.part / "apps" / name
        text = part.read_text()
        for word, new in words.items():
            text = text.replace(word, new)
        (self._sources / name).write_text(text)

    def moved_down(self, name: str, lines: int) -> None:
        """Another release of a source, in which the same code stands elsewhere."""
        file = self._sources / name
        file.write_text("#\n" * lines + file.read_text())

    def until(self, page: Page, condition: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not page.run(condition):
            assert time.monotonic() < deadline, condition
            time.sleep(0.05)

    def file(self, collector: str, name: str, text: str, at: float = 0.0) -> None:
        """What a program wrote, until then or now, to a file that a Collector follows."""
        taking = self._taking
        one = Written(
            take=taking.take, round=taking.round, at=at or time.time(), collector=collector, name=name, text=text
        )
        self.written.append(one)

    def remark(self, **fields: object) -> None:
        """Feedback by HTTP, as an app's own form sends it."""
        port = int(self.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        told = {"Content-Type": "application/json", "X-Improver-Key": keys.SERVER}
        connection.request("POST", "/feedback", json.dumps(fields), told)
        assert connection.getresponse().status == 200
        connection.close()

    def _script(self, name: str) -> Path:
        return self._sources / name

    def _start(self, command: list[Any], service: str, release: str, env: dict[str, str]) -> App:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        told = self.environment(service, release, **env) | {"PORT": str(port)}
        log = (self.folder / f"{service}-{port}.log").open("w")
        process = subprocess.Popen(["nice", *command], env=told, cwd=self._sources, stdout=log, stderr=log)
        self._open.callback(partial(_end, process))
        app = App(port)
        _await(app, process, Path(log.name))
        self._apps.append(app)
        return app


class Files(SimpleHTTPRequestHandler):
    """Files of a folder; what is called slow is, and no connection is given up."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "/queue-" in self.path:
            time.sleep(0.7)
            self.path = "/queue.json"
        if "/slow-" in self.path:
            time.sleep(5)
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


def _laid_out(part: str) -> Path:
    """The apps where the same paths stand in every recording, and none of whoever records."""
    place = Path(tempfile.gettempdir()) / "improver-scenarios-srv" / part
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(HERE / part / "apps", place)
    shutil.copytree(HERE / "apps", place, dirs_exist_ok=True)
    return place


def _without_sdk(record: dict[str, Any]) -> dict[str, Any]:
    contents = [
        None if "node_modules" in source else content
        for source, content in zip(record["sources"], record["sourcesContent"], strict=True)
    ]
    return {**record, "sourcesContent": contents}


def _await(app: App, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", app.port), timeout=1).close()
            return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the app did not start: {log.read_text()[-3000:]}") from error
            time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
