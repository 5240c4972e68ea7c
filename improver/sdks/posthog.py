"""PostHog's SDKs. None reads key or host from the environment by itself: the code does."""

from improver.model import TrustLabel
from improver.sdks.sdk import REVISION, Sdk

ENVIRONMENT = {"POSTHOG_KEY": "{key}", "POSTHOG_HOST": "{origin}"}
WHERE = "where the app starts; key and host come from the environment"
IN_THE_PAGE = "this key is no secret, and its evidence never goes beyond a branch by itself"
IN_PAGE_CODE = 'posthog.init("{key}", { api_host: "{origin}", capture_exceptions: true, capture_dead_clicks: true });'

POSTHOG = (
    Sdk(
        name="posthog",
        language="Python",
        trust=TrustLabel.SERVER,
        install="pip install posthog",
        place=WHERE,
        code="import os\n\nimport posthog\n\n"
        'posthog.api_key = os.environ["POSTHOG_KEY"]\n'
        'posthog.host = os.environ["POSTHOG_HOST"]\n'
        "posthog.enable_exception_autocapture = True\n"
        "posthog.setup()",
        environment={**ENVIRONMENT, "POSTHOG_RELEASE_ID": f'"{REVISION}"'},
    ),
    Sdk(
        name="posthog-node",
        language="JavaScript",
        trust=TrustLabel.SERVER,
        install="npm install posthog-node",
        place=WHERE,
        code='const { PostHog } = require("posthog-node");\n\n'
        "const posthog = new PostHog(process.env.POSTHOG_KEY, "
        "{ host: process.env.POSTHOG_HOST, enableExceptionAutocapture: true });",
        environment=ENVIRONMENT,
    ),
    Sdk(
        name="posthog-js",
        packages=("posthog-js", "@posthog/react", "@posthog/next", "@posthog/nuxt"),
        language="JavaScript",
        trust=TrustLabel.PUBLIC,
        install="npm install posthog-js",
        place=f"in the page; {IN_THE_PAGE}",
        code=f'import posthog from "posthog-js/dist/module.full.no-external";\n\n{IN_PAGE_CODE}',
    ),
    Sdk(
        name="posthog-js",
        language="JavaScript",
        trust=TrustLabel.PUBLIC,
        install="npm install posthog-js",
        place="or, below PostHog's snippet, with `static` set under [collectors.posthog]",
        code=IN_PAGE_CODE,
    ),
    Sdk(
        name="posthog-react-native",
        language="JavaScript",
        trust=TrustLabel.PUBLIC,
        install="npm install posthog-react-native",
        place=f"in the app; its device must reach this address (see ingest.host); {IN_THE_PAGE}",
        code='import PostHog from "posthog-react-native";\n\n'
        'export const posthog = new PostHog("{key}", { host: "{origin}" });',
    ),
    Sdk(
        name="posthog-go",
        packages=("github.com/posthog/posthog-go",),
        language="Go",
        trust=TrustLabel.SERVER,
        install="go get github.com/posthog/posthog-go",
        place=WHERE,
        code='client, err := posthog.NewWithConfig(os.Getenv("POSTHOG_KEY"), '
        'posthog.Config{Endpoint: os.Getenv("POSTHOG_HOST")})',
        environment=ENVIRONMENT,
    ),
    Sdk(
        name="posthog-ruby",
        packages=("posthog-ruby", "posthog-rails"),
        language="Ruby",
        trust=TrustLabel.SERVER,
        install="bundle add posthog-ruby",
        place=WHERE,
        code='posthog = PostHog::Client.new(api_key: ENV["POSTHOG_KEY"], host: ENV["POSTHOG_HOST"])',
        environment=ENVIRONMENT,
    ),
    Sdk(
        name="posthog-php",
        packages=("posthog/posthog-php",),
        language="PHP",
        trust=TrustLabel.SERVER,
        install="composer require posthog/posthog-php",
        place=WHERE,
        code="PostHog\\PostHog::init(getenv('POSTHOG_KEY'), ['host' => getenv('POSTHOG_HOST')]);",
        environment=ENVIRONMENT,
    ),
)
