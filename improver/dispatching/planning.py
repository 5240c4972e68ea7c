"""What a dispatch would do, down to the command line: the whole reckoning, before anything is started."""

import shlex
from dataclasses import dataclass, replace

from improver import plugins
from improver.answers.findings import find
from improver.config import Target, plugin_config
from improver.dispatching import agent_run, briefing, policy
from improver.model import Finding, Launch, SkipReason, Spec
from improver.runtime import Runtime
from improver.stages import dispatch as dispatching
from improver.stages import specify

ATTEMPT = "ATTEMPT"  # stands for the id that it will get
TOLD = "PROMPT"  # stands for the prompt where it is an argument


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What a dispatch would do, and why."""

    finding_id: str
    would_dispatch: bool
    skip: str
    skip_because: str
    policy: str
    policy_because: str
    autonomy: str
    limits: tuple[str, ...]
    approval: str
    isolation: str
    agent: str
    spec: str
    prompt: str
    evidence: tuple[str, ...]
    command: str  # as a shell would take it
    environment: tuple[str, ...]  # all that the Agent's process gets; the key in it is made up
    files: tuple[str, ...]  # what is laid beside the worktree, for the Agent to read
    upstream: str  # the only address that its proxy asks


def dry_run(runtime: Runtime, *, id: str) -> Plan:
    """What a dispatch of this Finding would do: the whole reckoning, the exact prompt, files and command line.

    Nothing is started.
    """
    finding = specified(runtime, id)
    reckoning = dispatching.reckon(runtime, finding)
    unasked = policy.refusal(runtime, finding, policy.Brakes(runtime))
    target = runtime.settings.targets.get(finding.target)
    spec = reckoning.spec
    prompt, launch = _told(runtime, spec, target, reckoning) if spec and target else ("", None)
    return Plan(
        finding_id=finding.id,
        would_dispatch=reckoning.skip is None,
        skip=reckoning.skip or "",
        skip_because=hint(runtime, reckoning) if reckoning.skip else "",
        policy=unasked or "",
        policy_because=unasked.gloss if unasked else "",
        autonomy=reckoning.autonomy,
        limits=tuple(map(str, reckoning.limits)),
        approval=f"{target.approval}: {target.approval.gloss}" if target else "",
        isolation=reckoning.isolation,
        agent=target.agent if target else "",
        spec=spec.id if spec else "",
        prompt=prompt,
        evidence=spec.evidence if spec else (),
        command=shlex.join(TOLD if word == prompt else word for word in launch.argv) if launch else "",
        environment=tuple(f"{name}={value}" for name, value in sorted(launch.env.items())) if launch else (),
        files=("side/spec.md", *(f"side/{name}" for name in spec.evidence)) if spec else (),
        upstream=launch.upstream if launch else "",
    )


def _told(
    runtime: Runtime, spec: Spec, target: Target, reckoning: dispatching.Reckoning
) -> tuple[str, Launch | None]:
    """The prompt, and how the Agent would be started with it; no way to, where its program or key is missing."""
    place = runtime.data.attempts / ATTEMPT
    prompt = briefing.prompt(spec, target, place / "side", "")
    plugin = plugins.load("agents", target.agent)
    config = plugin_config(runtime.settings, "agents", target.agent, plugin)
    if plugin.missing(config):
        return prompt, None
    job = agent_run.job_of(place, spec, target, prompt, reckoning.isolation)
    return prompt, plugin.command(replace(job, base_url="http://PROXY", model_key="MADE-UP"), config)


def specified(runtime: Runtime, finding_id: str) -> Finding:
    """A Finding, with its Spec written if it can be."""
    with runtime.warehouse.state.reading() as reader:
        finding = find(reader, finding_id)
    if finding.location and finding.target in runtime.settings.targets:
        specify.ensure(runtime, finding)
    return finding


def hint(runtime: Runtime, reckoning: dispatching.Reckoning) -> str:
    skip = reckoning.skip
    if skip == SkipReason.NO_AGENT:
        return dispatching.missing_agent(runtime, runtime.target(reckoning.finding.target))
    return SkipReason(skip).gloss if skip else ""
