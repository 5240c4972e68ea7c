"""What failures are due to, by example: each sign with what it is taken for, and what is much like it and is not."""

import pytest

from improver.analysis import causes
from improver.model import Cause, Frame
from tests.found import finding

LIBRARY = Frame(filename="site-packages/requests/models.py", module="requests.models", function="send", in_app=False)
OWN = Frame(filename="shop.py", module="shop", function="average", in_app=True)

INFRASTRUCTURE = [
    # Python
    "ConnectionRefusedError: [Errno 111] Connection refused",
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='api', port=443): Max retries exceeded",
    "OperationalError: connection to \"db\", port 5432 failed: server closed the connection unexpectedly",
    "gaierror: [Errno -2] Name or service not known",
    "OSError: [Errno 28] No space left on device",
    "OSError: [Errno 30] Read-only file system: '/data/1.png'",
    "OperationalError: unable to open database file",
    "redis.exceptions.ConnectionError: Error 111 connecting to cache:6379. Connection refused.",
    "OperationalError: connection to server at \"db\" (10.0.0.4), port 5432 failed: Connection refused",
    "SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
    # JavaScript
    "Error: connect ECONNREFUSED 127.0.0.1:5432",
    "Error: getaddrinfo ENOTFOUND api.example.com",
    "TypeError: Failed to fetch",
    "TypeError: Load failed (api.example.com)",
    "AxiosError: Network Error",
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
    # Java
    "java.net.ConnectException: Connection refused",
    "java.net.UnknownHostException: payments.internal",
    "java.lang.OutOfMemoryError: Java heap space",
    "SSLHandshakeException: PKIX path building failed: unable to find valid certification path",
    # Go
    "*net.OpError: dial tcp 127.0.0.1:5432: connect: connection refused",
    "*url.Error: Get \"https://api.example.com/v1\": dial tcp: lookup api.example.com: no such host",
    "*url.Error: Get \"https://api.example.com/v1\": context deadline exceeded",
    "*errors.errorString: x509: certificate signed by unknown authority",
    # Ruby
    "Errno::ECONNREFUSED: Connection refused - connect(2) for \"localhost\" port 6379",
    "Net::ReadTimeout: Net::ReadTimeout with #<TCPSocket:(closed)>",
    "PG::ConnectionBad: could not connect to server: No such file or directory",
    # PHP
    "PDOException: SQLSTATE[HY000] [2002] Connection refused",
    "GuzzleHttp\\Exception\\ConnectException: cURL error 6: Could not resolve host: api.example.com",
    "FatalError: Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)",
    # Rust
    "std::io::Error: Os { code: 111, kind: ConnectionRefused, message: \"Connection refused\" }",
    "std::io::Error: No space left on device (os error 28)",
    "reqwest::Error: error trying to connect: tcp connect error: Connection refused (os error 111)",
]  # fmt: skip
THIRD_PARTY = [
    "openai.RateLimitError: Error code: 429 - you exceeded your current quota",
    "botocore.errorfactory.ThrottlingException: Rate exceeded",
    "HTTPError: 503 Server Error: Service Unavailable for url: https://api.stripe.com/v1/charges",
    "urllib.error.HTTPError: HTTP Error 502: Bad Gateway",
    "org.springframework.web.client.HttpServerErrorException: 503 Service Unavailable",
    "GuzzleHttp\\Exception\\ServerException: Server error: `GET https://a.example/x` resulted in a `502 Bad Gateway`",
    "reqwest::Error: HTTP status server error (503 Service Unavailable) for url (https://api.example.com/x)",
]  # fmt: skip
MISTAKES = [
    "ZeroDivisionError: division by zero",
    "KeyError: 'timeout'",
    "ValueError: timeout must not be negative",
    "ValueError: connection refused by the user's settings",
    "TypeError: Cannot read properties of undefined (reading 'fetch')",
    "TypeError: fetch failed to parse the order",
    "AttributeError: 'NoneType' object has no attribute 'connect'",
    "ConnectionError: no connection chosen",
    "TimeoutError: the plan took too long",
    "RuntimeError: memory of the basket is full",
    "HTTPError: 500 Server Error: Internal Server Error for url: http://localhost:8000/api",
    "HTTPError: 404 Client Error: Not Found for url: https://api.stripe.com/v1/charges",
    "Error: Request failed with status code 500",
    "Error: certificate number is missing",
    "java.lang.NullPointerException: Cannot invoke \"Connection.refused()\"",
    "*errors.errorString: context deadline exceeded",
    "*runtime.TypeAssertionError: interface conversion",
    "NoMethodError: undefined method `timeout' for nil",
    "PDOException: SQLSTATE[42S02]: Base table or view not found",
    "OperationalError: no such column: orders.refused",
    "thread 'main' panicked: called `Option::unwrap()` on a `None` value",
    "SyntaxError: Unexpected token < in JSON at position 0",
    "RateLimitForm: the limit is required",
]  # fmt: skip


def told(title, *, frames=(LIBRARY,), **said):
    return causes.cause_of(finding(title=title, exception=title.partition(": ")[0], frames=frames, **said))


@pytest.mark.parametrize("title", INFRASTRUCTURE)
def test_machines_networks_and_servers_are_told_by_what_is_raised(title):
    assert told(title).cause == Cause.INFRASTRUCTURE


@pytest.mark.parametrize("title", THIRD_PARTY)
def test_what_somebody_elses_service_does_is_told_by_what_is_raised(title):
    assert told(title).cause == Cause.THIRD_PARTY


@pytest.mark.parametrize("title", MISTAKES)
def test_mistakes_of_the_code_are_nobody_elses(title):
    assert told(title) is told(title, frames=(OWN,)) is None


def test_a_refusal_that_the_app_itself_raises_is_its_own():
    title = "RateLimitError: too many orders"
    assert told(title, frames=(LIBRARY, OWN)) is None
    assert told(title, frames=(OWN, LIBRARY)).cause == Cause.THIRD_PARTY


def test_what_led_to_an_exception_tells_unless_a_mistake_surfaced():
    chain = "ConnectionRefusedError > NewConnectionError > {}"
    through = finding(title="ApiError: no answer", exception=chain.format("ApiError"), frames=(OWN,))
    mistaken = finding(title="KeyError: 'x'", exception=chain.format("KeyError"), frames=(OWN,))
    assert causes.cause_of(through).cause == Cause.INFRASTRUCTURE
    assert causes.cause_of(mistaken) is None


def test_extensions_and_scripts_of_other_origins_are_third_parties():
    extension = Frame(abs_path="chrome-extension://abc/content.js", filename="content.js", function="f")
    assert told("TypeError: x is undefined", frames=(extension,)).cause == Cause.THIRD_PARTY
    assert told("Script error.", frames=()).cause == Cause.THIRD_PARTY


def test_timing_is_flaky_only_where_it_is_seen_to_fail_now_and_then():
    locked = "OperationalError: database is locked"
    assert told(locked, exposures=1000, failures=3).cause == Cause.FLAKY
    assert told(locked, exposures=1000, failures=900) is None
    assert told(locked, exposures=0, failures=3) is told(locked, exposures=4, failures=1) is None


def test_a_failure_of_nearly_every_run_repeats():
    assert causes.repeats(finding(exposures=40, failures=39))
    assert not causes.repeats(finding(exposures=40, failures=20))
    assert not causes.repeats(finding(exposures=3, failures=3))
    assert not causes.repeats(finding(exposures=40, failures=150))  # runs that failed were not all seen


@pytest.mark.parametrize(
    ("title", "loses"),
    [
        ("DatabaseError: database disk image is malformed", True),
        ("DataLossError: the basket of user 3", True),
        ("OSError: checksum mismatch in page 12", True),
        ("ValueError: no data", False),
        ("KeyError: 'corruption'", False),
    ],
)
def test_lost_data_is_told_by_the_exception(title, loses):
    assert causes.loses_data(finding(title=title, exception=title.partition(": ")[0])) == loses
