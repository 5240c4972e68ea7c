"""A second Agent with a fresh context: it reads a change, answers, and can write nothing that is kept."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from improver import plugins, sandbox
from improver.config import plugin_config
from improver.dispatching import cancelling, papers, spend
from improver.model import AgentReport, AgentStatus, Attempt, Job, Spec
from improver.runtime import Runtime

TURNS = 20
REQUESTS_A_TURN = 8  # of the model: one to answer, others to count and to try again
LAST_WORDS_S = 15.0  # for an Agent whose budget is spent to end by itself


class Reviewer:
    """Asks on behalf of one Attempt, whose budget it is held to."""

    def __init__(self, runtime: Runtime, attempt: Attempt, spec: Spec) -> None:
        self._runtime = runtime
        self._attempt = attempt
        self._spec = spec
        self._folder = runtime.data.attempts / attempt.id / "review"

    def __call__(self, prompt: str, files: Mapping[str, str], tree: Path, name: str) -> AgentReport:
        """It works in a folder that holds `files`; `tree`, the change, lies beside it and is only shown."""
        name = name or self._attempt.agent
        plugin = plugins.load("agents", name)
        config = plugin_config(self._runtime.settings, "agents", name, plugin)
        if missing := plugin.missing(config):
            return AgentReport(status=AgentStatus.FAILED, detail=missing)
        job = self._job(prompt, files, tree)
        meter = spend.meter(self._runtime, self._attempt)
        isolation, clock = self._attempt.isolation, self._runtime.clock
        with sandbox.ModelProxy(self._folder, isolation, meter=meter, clock=clock) as proxy:
            job = replace(job, base_url=proxy.base_url, model_key=proxy.key)
            launch = plugin.command(job, config)
            papers.lay_out(job, launch)
            if launch.upstream:
                most = REQUESTS_A_TURN * job.turns
                proxy.lead_to(launch.upstream, launch.upstream_headers, launch.upstream_paths, most)
            order = sandbox.Order(
                argv=launch.argv,
                tree=job.tree,
                wall_clock_s=self._spec.budget.wall_clock_s,
                env=launch.env,
                programs=launch.programs,
                writable=(job.home,),
                readable=(tree, job.papers, *launch.readable),
                stdin=launch.stdin,
                model_socket=proxy.socket,
                model_port=proxy.port,
                limits=sandbox.limits_of(self._runtime.settings.sandbox),
            )
            report = self._followed(plugin, order, meter)
        for left in (job.tree, job.home, job.papers):
            shutil.rmtree(left, ignore_errors=True)
        return report

    def _job(self, prompt: str, files: Mapping[str, str], tree: Path) -> Job:
        shutil.rmtree(self._folder, ignore_errors=True)
        desk, home = self._folder / "desk", self._folder / "home"
        for path in (desk, home):
            path.mkdir(mode=0o700, parents=True)
        for name, text in files.items():
            (desk / name).write_text(text, errors="replace")
        asked = prompt.replace("{tree}", str(tree))
        (self._folder / "prompt.md").write_text(asked)
        budget = self._spec.budget
        return Job(
            attempt_id=f"{self._attempt.id} review",
            prompt=asked,
            tree=desk,
            side=tree,
            home=home,
            papers=self._folder / "papers",
            base_url="",
            kind=self._spec.kind,
            location="review",
            turns=min(TURNS, budget.turns),
            usd=budget.usd,
            isolation=self._attempt.isolation,
        )

    def _followed(self, plugin: ModuleType, order: sandbox.Order, meter: sandbox.Meter) -> AgentReport:
        report = AgentReport()

        def heard(line: str) -> None:
            nonlocal report
            report = plugin.parse(report, line)

        boxed = sandbox.run(
            order,
            self._attempt.isolation,
            on_line=heard,
            stop=cancelling.Halt(self._runtime, self._attempt),
            spent=lambda: meter.ignored_s > LAST_WORDS_S,
        )
        (self._folder / "output.txt").write_text(boxed.output, errors="replace")
        if meter.over:
            return replace(report, status=AgentStatus.BUDGET, detail=meter.over)
        if boxed.code is None:
            return replace(report, status=AgentStatus.TIMEOUT, detail=f"{boxed.ending}: {boxed.ending.gloss}")
        ended: AgentReport = plugin.ended(report, boxed.code)
        return ended
