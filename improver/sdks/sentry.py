"""Sentry's SDKs. Every run is traced, because a fix is only said to hold once it was exercised."""

from improver.model import TrustLabel
from improver.sdks.sdk import REVISION, Sdk

ENVIRONMENT = {"SENTRY_DSN": "{dsn}", "SENTRY_ENVIRONMENT": "production", "SENTRY_RELEASE": f'"{REVISION}"'}
# Where the SDK reads this one too, there is nothing to change in the code.
TRACED = {**ENVIRONMENT, "SENTRY_TRACES_SAMPLE_RATE": "1.0"}
IN_THE_PAGE = "this DSN is no secret, and its evidence never goes beyond a branch by itself"

SERVERS = (
    "@sentry/node", "@sentry/nestjs", "@sentry/bun", "@sentry/aws-serverless", "@sentry/google-cloud-serverless",
    "@sentry/hono", "@sentry/effect",
)  # fmt: skip
PAGES = (
    "@sentry/browser", "@sentry/react", "@sentry/vue", "@sentry/angular", "@sentry/svelte", "@sentry/solid",
    "@sentry/gatsby", "@sentry/ember",
)  # fmt: skip
BOTH = (
    "@sentry/nextjs", "@sentry/nuxt", "@sentry/sveltekit", "@sentry/remix", "@sentry/astro", "@sentry/solidstart",
    "@sentry/react-router", "@sentry/tanstackstart-react",
)  # fmt: skip


def _on_the_server(name: str) -> Sdk:
    return Sdk(
        name=name,
        language="JavaScript",
        trust=TrustLabel.SERVER,
        install=f"npm install {name}",
        place="on the server, before all else (`node --import ./instrument.js app.js`); the DSN comes from outside",
        code=f'const Sentry = require("{name}");\n\nSentry.init({{ tracesSampleRate: 1.0 }});',
        environment=ENVIRONMENT,
    )


def _in_the_page(name: str) -> Sdk:
    return Sdk(
        name=name,
        language="JavaScript",
        trust=TrustLabel.PUBLIC,
        install=f"npm install {name}",
        place=f"in the page; {IN_THE_PAGE}",
        code=f'import * as Sentry from "{name}";\n\n'
        'Sentry.init({\n  dsn: "{dsn}",\n  integrations: [Sentry.browserTracingIntegration()],\n'
        "  tracesSampleRate: 1.0,\n});",
    )


SENTRY = (
    Sdk(
        name="sentry-sdk",
        language="Python",
        trust=TrustLabel.SERVER,
        install="pip install sentry-sdk",
        place="before the app is made; the DSN comes from the environment",
        code="import sentry_sdk\n\nsentry_sdk.init(traces_sample_rate=1.0)",
        environment=ENVIRONMENT,
    ),
    *(_on_the_server(name) for name in (*SERVERS, *BOTH)),
    *(_in_the_page(name) for name in (*PAGES, *BOTH)),
    Sdk(
        name="@sentry/react-native",
        language="JavaScript",
        trust=TrustLabel.PUBLIC,
        install="npm install @sentry/react-native",
        place=f"in the app; its device must reach this address (see ingest.host); {IN_THE_PAGE}",
        code='import * as Sentry from "@sentry/react-native";\n\n'
        'Sentry.init({ dsn: "{dsn}", tracesSampleRate: 1.0 });',
    ),
    Sdk(
        name="sentry-go",
        packages=("github.com/getsentry/sentry-go*",),
        language="Go",
        trust=TrustLabel.SERVER,
        install="go get github.com/getsentry/sentry-go",
        place="in main(); the DSN comes from the environment",
        code="sentry.Init(sentry.ClientOptions{EnableTracing: true, TracesSampleRate: 1.0})\n"
        "defer sentry.Flush(2 * time.Second)",
        environment=ENVIRONMENT,
    ),
    Sdk(
        name="sentry-ruby",
        packages=("sentry-ruby", "sentry-rails", "sentry-sidekiq"),
        language="Ruby",
        trust=TrustLabel.SERVER,
        install="bundle add sentry-ruby",
        place="where the app starts (Rails: config/initializers/sentry.rb); the DSN comes from the environment",
        code="Sentry.init do |config|\n  config.traces_sample_rate = 1.0\nend",
        environment=ENVIRONMENT,
    ),
    Sdk(
        name="sentry-java",
        packages=("io.sentry:*",),
        language="Java",
        trust=TrustLabel.SERVER,
        install="add io.sentry:sentry to the build",
        place="in main(), unless Spring Boot's starter does it; the rest is in the environment",
        code="io.sentry.Sentry.init(options -> options.setEnableExternalConfiguration(true));",
        environment=TRACED,
    ),
    Sdk(
        name="sentry (PHP)",
        packages=("sentry/sentry*", "sentry/sdk"),
        language="PHP",
        trust=TrustLabel.SERVER,
        install="composer require sentry/sentry",
        place="where the app starts, unless Laravel or Symfony does it; the DSN comes from the environment",
        code="\\Sentry\\init(['dsn' => getenv('SENTRY_DSN'), 'traces_sample_rate' => 1.0]);",
        environment=TRACED,
    ),
    Sdk(
        name="Sentry for .NET",
        packages=("Sentry", "Sentry.*"),
        language=".NET",
        trust=TrustLabel.SERVER,
        install="dotnet add package Sentry",
        place="in Program.cs (ASP.NET Core: builder.WebHost.UseSentry); the DSN comes from the environment",
        code="using var sentry = SentrySdk.Init(options => options.TracesSampleRate = 1.0);",
        environment=ENVIRONMENT,
    ),
    Sdk(
        name="sentry (Rust)",
        packages=("sentry", "sentry-*"),
        language="Rust",
        trust=TrustLabel.SERVER,
        install="cargo add sentry",
        place="first in main(); the DSN comes from the environment",
        code="let _guard = sentry::init(sentry::ClientOptions {\n"
        "    traces_sample_rate: 1.0,\n    ..Default::default()\n});",
        environment=ENVIRONMENT,
    ),
)
