"""Every setting, with its default and what it means; docs and `improver config schema` are generated from here."""

from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, model_validator

from improver.model import ApprovalPolicy, Autonomy, FindingKind
from improver.model.configured import Configured, Pattern, Secret


class Ingest(Configured):
    host: str = "127.0.0.1"
    """The address where SDKs send telemetry. Anything but loopback lets others send evidence: mind the keys."""
    port: int = Field(4318, ge=0, le=65535)
    """OTLP's own port; Sentry's and PostHog's paths live on it too. 0 takes a free one."""
    grpc_port: int = Field(4317, ge=0, le=65535)
    """Where OTLP comes in over gRPC, if improver is installed with its extra `grpc`. 0 switches it off."""
    max_body_mb: int = Field(20, ge=1, le=200)
    """A larger request is refused with 413."""
    quota_per_minute: int = Field(60_000, ge=1)
    """Requests that one key may send in a minute; all that come without a key share one such quota."""
    scrub_emails: bool = True
    """Take e-mail addresses out of telemetry, besides secrets, card numbers and client addresses, which always go."""
    allowed_origins: list[str] = ["*"]
    """Web origins whose browsers may send telemetry and read `/fixes`; `*` is any."""


class Web(Configured):
    host: str = "127.0.0.1"
    """The address of the dashboard and the JSON API."""
    port: int = Field(4319, ge=0, le=65535)
    """The dashboard's port. 0 takes a free one."""
    allowed_hosts: list[str] = []
    """Host names, besides loopback, under which the dashboard may be asked for."""
    token: Secret = ""
    """Needed for every write over HTTP: "env:NAME" or "file:/path". Without one, HTTP can only read."""


class Spool(Configured):
    max_mb: int = Field(500, ge=16)
    """Undigested telemetry kept on disk before senders are turned away."""
    min_free_mb: int = Field(256, ge=0)
    """Senders are turned away when less than this is free on the disk."""
    segment_mb: int = Field(16, ge=1)
    """A segment file is closed at this size."""
    keep_hours: float = Field(24, ge=0)
    """How long digested segments are kept for replay."""


class Warehouse(Configured):
    memory_mb: int = Field(192, ge=64)
    """DuckDB's memory limit. With less than 128, many Events of 40 KB and more cannot be analysed."""
    threads: int = Field(2, ge=1)
    """DuckDB's threads."""
    keep_days: int = Field(30, ge=1)
    """How long raw telemetry is kept."""


class Artificial(Configured):
    """What no person did: patterns as RE2 has them, in any case. A rule holds for what comes in from then on."""

    crawlers: list[Pattern] = [
        "[a-z]bot[/;),:]", "bot$", "crawler", "spider[/;) ]", r"\+https?://", r"\(https?://", "slurp", "ia_archiver",
        "facebookexternalhit", "mediapartners-google", "google-(extended|inspectiontool|read-aloud)", "bingpreview",
        "headless", "phantomjs", "puppeteer", "playwright", "selenium", "webdriver", "cypress/", "lighthouse", "jsdom/",
    ]  # fmt: skip
    """User agents of crawlers, and of browsers that a program steers."""
    monitors: list[Pattern] = [
        "uptime", "pingdom", "statuscake", "site24x7", "kube-probe", "elb-healthchecker", "googlehc/", "stackdriver",
        r"synthetics?\b", "checkly", "blackbox", r"updown\.io", "newrelicpinger", "zabbix", "nagios", "check_http",
        "prometheus/", "health-?check",
    ]  # fmt: skip
    """User agents of what looks whether a site is up."""
    probes: list[Pattern] = [r"^([a-z]+ )?/?(-/)?(health(y|z|-?check)?|livez|liveness|readyz?|readiness|ping)/?$"]
    """Routes that only monitors ask for."""
    programs: list[Pattern] = [
        r"(^|[/\\\s\"'])(pytest|py\.test|unittest|nosetests|tox|jest|vitest|mocha|rspec|phpunit|playwright|cypress)"
        r"(\.py|\.js|\.exe)?([\s\"',/]|$)",
        r"manage\.py\W{1,6}test\b",
        r"\.test[\s\"',]",
    ]
    """Command lines of test runs."""
    environments: list[str] = ["test", "tests", "testing", "ci", "e2e"]
    """Environments in which only tests run."""


class Analysis(Configured):
    full_pass_minutes: int = Field(15, ge=1)
    """How often everything is looked at again; new kinds of errors wake the pipeline within seconds anyway."""
    report_cron: str = "0 9 * * mon"
    """When the weekly report is written to the Channels. Name the weekday: 0 is not Sunday here."""
    minutes_lost: dict[FindingKind, float] = {FindingKind.ERROR: 3.0, FindingKind.CRASH: 10.0}
    """What one occurrence of each kind costs a person, in minutes, until telemetry tells it better."""
    gave_up_minutes: float = Field(10.0, gt=0, le=30)
    """What an occurrence costs a user who was not seen to succeed within so many minutes afterwards."""


class Dispatch(Configured):
    auto: bool = True
    """Attempt Findings without being asked; each Target's `autonomy` still decides how far a change goes."""
    autonomy: Autonomy = Autonomy.COMMIT
    """No change of any Target goes further than this, whatever the Target says."""
    kinds: list[FindingKind] = [FindingKind.ERROR, FindingKind.CRASH]
    """Kinds that may be attempted without being asked."""
    public: bool = False
    """Attempt Findings of public evidence without being asked: anybody who has the browser's key can cause those."""
    min_events: int = Field(1, ge=1)
    """Events a Finding needs before it is attempted without being asked."""
    min_users: int = Field(0, ge=0)
    """Users a Finding needs before it is attempted without being asked."""
    concurrency: int = Field(1, ge=1, le=8)
    """Attempts at once."""
    feedback_rounds: int = Field(1, ge=0, le=5)
    """How often, within one Attempt and its budget, an Agent may mend a change that a Gate refused."""
    tries: int = Field(2, ge=1, le=5)
    """Failed Attempts per Finding before it waits for a person."""
    backoff_minutes: float = Field(60, ge=0)
    """The wait after a failed Attempt; it doubles with each."""
    wall_clock_minutes: float = Field(30, gt=0)
    """An Agent is stopped after this long."""
    test_minutes: float = Field(10, gt=0)
    """The target's setup and test commands are stopped after this long."""
    turns: int = Field(40, ge=1)
    """Model turns per Attempt, for Agents that count them."""
    usd: float = Field(5.0, ge=0)
    """Money per Attempt, as improver's own proxy counts it by `[models]`: at this the Agent is cut off."""
    tokens: int = Field(2_000_000, ge=0)
    """Tokens per Attempt of models whose price is not known."""
    usd_per_day: float = Field(50.0, ge=0)
    """Money in a day (UTC), over all Targets."""
    tokens_per_day: int = Field(20_000_000, ge=0)
    """Tokens of models without a known price in a day (UTC), over all Targets."""
    max_live: int = Field(5, ge=1)
    """Delivered changes that may wait for their Outcome at once, over all Targets."""
    prs_per_hour: int = Field(2, ge=1)
    """Pull requests opened within an hour, over all Targets."""
    prs_per_day: int = Field(10, ge=1)
    """Pull requests opened within 24 hours, over all Targets."""
    open_prs: int = Field(5, ge=1)
    """Pull requests of improver that may be open at once, over all Targets."""
    stale_days: float = Field(14, gt=0)
    """A pull request that is open for longer is closed."""
    quiet_hours: str = Field("", pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")
    """Hours of this machine's clock in which nothing is attempted unasked nor delivered, e.g. "22:00-07:00"."""
    keep_days: int = Field(90, ge=1)
    """How long an ended Attempt's transcript, prompt, evidence and Gates' output are kept."""
    breaker: int = Field(3, ge=1)
    """Failed Attempts in a row, over all Targets, that stop auto-dispatch until `improver resume`."""


class Sandbox(Configured):
    memory_mb: int = Field(2048, ge=64)
    """What an Agent, or a Target's command, and all that it starts may take of memory; at more it is killed."""
    processes: int = Field(256, ge=8)
    """Processes and threads that may live in one sandbox at once."""
    disk_mb: int = Field(2048, ge=16)
    """What one may write to its worktree, and to its temporary folder."""
    setup_cache_mb: int = Field(4096, ge=0)
    """What Targets' setup commands left is kept for other worktrees up to this size; the oldest goes first."""


class Price(Configured):
    input: float = Field(ge=0)
    """US dollars for a million tokens of input."""
    output: float = Field(ge=0)
    """US dollars for a million tokens of output."""
    cache_read: float | None = Field(None, ge=0)
    """For input that came from the vendor's cache; as `input` if not given."""
    cache_write: float | None = Field(None, ge=0)
    """For input that went into the vendor's cache; as `input` if not given."""


class Target(Configured):
    repo: Path
    """The git checkout that improver may change. Attempts work in worktrees of it, never in it."""
    branch: str = "main"
    """The branch that is deployed, and that changes are made from."""
    services: list[str] = []
    """Service names in telemetry that belong here, besides this Target's own name and keys."""
    autonomy: Autonomy = Autonomy.BRANCH
    """How far a change may go: report, branch, pr or commit."""
    autonomy_by_kind: dict[FindingKind, Autonomy] = {}
    """How far changes for one kind of Finding may go, within `autonomy`, e.g. { friction = "pr" }."""
    autonomy_by_path: dict[str, Autonomy] = {}
    """How far a change that touches such paths may go, e.g. { "migrations/**" = "report", "billing/**" = "pr" }."""
    trust_after: int = Field(0, ge=0)
    """Changes of one kind by one Agent that must have held before one is committed unseen; until then at most `pr`."""
    approval: ApprovalPolicy = ApprovalPolicy.NONE
    """What a person approves first: "spec", before an Agent runs; "change", before it leaves; or "none"."""
    draft_for_approval: bool = False
    """With `approval = "change"`: the change that waits leaves as a draft pull request, to be approved there."""
    agent: str = "claude"
    """Which Agent attempts changes here."""
    setup: list[str] = []
    """Run once in a fresh worktree before tests, e.g. ["npm", "ci"]. Empty: nothing."""
    setup_inputs: list[str] = []
    """Globs of files that `setup` depends on besides lockfiles and manifests: what it left is used again as long as
    none of them changed. Name the sources if it builds them into the environment."""
    setup_network: bool = False
    """Let `setup` reach the network, in worktrees of the branch as it is; in those of a change it never can."""
    test: list[str] = []
    """The test command, e.g. ["python", "-m", "pytest", "-q"]. Without one nothing goes further than `report`."""
    lint: list[str] = []
    """The lint command, e.g. ["ruff", "check"]: a change may bring no new complaint. Empty: nothing is linted."""
    readable: list[Path] = []
    """Folders outside the repository that the commands and the Agent may read, e.g. a virtual environment."""
    isolation: str = Field("sandbox", pattern="^(sandbox|host)$")
    """"sandbox", or "host": Agent and tests run unsandboxed, by a person's decision that is shown everywhere."""
    protected_paths: list[str] = []
    """Globs that an Attempt may never change, besides the built-in ones (CI, dot-directories, lockfiles, …)."""
    allowed_paths: list[str] = ["**"]
    """Globs that an Attempt may change."""
    remote: str = ""
    """The git remote that branches are pushed to. Empty: branches stay in the checkout's repository."""
    forge: str = "github"
    """Where pull requests live."""
    repository: str = ""
    """The repository's name on the forge, e.g. "octo/shop". Needed for autonomy `pr`."""
    labels: list[str] = ["improver"]
    """Labels of pull requests."""
    usd_per_day: float | None = Field(None, ge=0)
    """Money in a day (UTC) for this Target, within what all may spend."""
    tokens_per_day: int | None = Field(None, ge=0)
    """Tokens of models without a known price in a day (UTC) for this Target."""
    clean_exposures: int = Field(3, ge=1)
    """Clean runs of the failing place, after deployment, before a deterministic fix is said to hold."""
    watch_days: int = Field(7, ge=1)
    """Days after deployment before an unexercised change is called inconclusive."""

    @model_validator(mode="after")
    def _draft_has_a_home(self) -> "Target":
        asks = self.approval == ApprovalPolicy.CHANGE and self.remote and self.repository
        if self.draft_for_approval and not asks:
            raise ValueError('`draft_for_approval` needs `approval = "change"`, `remote` and `repository`')
        return self


class Settings(Configured):
    """The whole configuration of one improver daemon."""

    data_dir: Path = Path("~/.local/share/improver")
    """Where the Spool, the Warehouse, worktrees and keys are kept (mode 0700)."""
    ingest: Ingest = Ingest()
    web: Web = Web()
    spool: Spool = Spool()
    warehouse: Warehouse = Warehouse()
    analysis: Analysis = Analysis()
    artificial: Artificial = Artificial()
    dispatch: Dispatch = Dispatch()
    sandbox: Sandbox = Sandbox()
    models: dict[str, Price] = {}
    """Prices of models, by name or pattern ("my-model-*"), besides and before those that improver knows."""
    targets: dict[str, Target] = {}
    """The repositories that improver watches and may change, by name."""
    collectors: dict[str, dict[str, Any]] = {}
    """Settings of Collectors, by name; all are on unless `enabled = false`."""
    detectors: dict[str, dict[str, Any]] = {}
    """Settings of Detectors, by name."""
    agents: dict[str, dict[str, Any]] = {}
    """Settings of Agents, by name."""
    gates: dict[str, dict[str, Any]] = {}
    """Settings of Gates, by name."""
    forges: dict[str, dict[str, Any]] = {}
    """Settings of Forges, by name."""
    channels: dict[str, dict[str, Any]] = {}
    """Channels that messages go to, by name; only those named here are used."""

    _source: Path | None = PrivateAttr(None)

    @property
    def source(self) -> Path | None:
        """The file these settings came from."""
        return self._source
