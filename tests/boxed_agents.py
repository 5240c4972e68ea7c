"""One run of a real Agent in a real box, its model played by a script: put together as an Attempt does it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from improver.dispatching import papers
from improver.model import AgentReport, AgentStatus, Boxed, Isolation, Job
from improver.model.configured import Configured
from improver.sandbox import Meter, ModelProxy, Order, run

STREAMS = Path(__file__).parent / "fixtures" / "agents"
TEST_APP = """\
import unittest
from app import add

class T(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(2, 3), 5)
"""
FILES = {
    ".gitignore": "__pycache__/\n",
    "app.py": "def add(a, b):\n    return a - b\n",
    "setup.cfg": "[metadata]\n",
    "test_app.py": TEST_APP,
}


def folded(agent: ModuleType, lines: Iterable[str], begun: AgentReport | None = None) -> AgentReport:
    """What an Agent's lines say of it."""
    report = begun or AgentReport()
    for line in lines:
        report = agent.parse(report, line)
    return report


@dataclass(frozen=True, kw_only=True)
class Played:
    report: AgentReport
    boxed: Boxed
    proxy: ModelProxy
    lines: tuple[str, ...]


def play(
    agent: ModuleType,
    config: Configured,
    job: Job,
    git_dir: Path,
    *,
    isolation: Isolation = Isolation.BUBBLEWRAP,
    wall_clock_s: float = 60,
) -> Played:
    folder = job.home.parent
    lines: list[str] = []
    meter = Meter({}, lambda: (), lambda _: None)
    with ModelProxy(folder, isolation, meter=meter, clock=lambda: datetime.now(UTC)) as proxy:
        job = replace(job, base_url=proxy.base_url, model_key=proxy.key, isolation=isolation)
        launch = agent.command(job, config)
        papers.lay_out(job, launch)
        proxy.lead_to(launch.upstream, launch.upstream_headers, launch.upstream_paths, 8 * job.turns)
        order = Order(
            argv=launch.argv, tree=job.tree, env=launch.env, stdin=launch.stdin, wall_clock_s=wall_clock_s,
            writable=(job.home,), readable=(job.side, job.papers, *launch.readable),
            programs=(*job.test[:1], *launch.programs),
            git_dir=git_dir, model_socket=proxy.socket, model_port=proxy.port,
        )  # fmt: skip
        boxed = run(order, isolation, on_line=lines.append)
    report = folded(agent, lines)
    stopped = replace(report, status=AgentStatus.TIMEOUT)
    report = stopped if boxed.code is None else agent.ended(report, boxed.code)
    return Played(report=report, boxed=boxed, proxy=proxy, lines=tuple(lines))
