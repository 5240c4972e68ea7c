"""What visitors and strangers sent, told by exceptions of frameworks and by lines of servers."""

import pytest

from improver.grouping import visitors


@pytest.mark.parametrize(
    ("exception", "said"),
    [
        ("DisallowedHost", "Invalid HTTP_HOST header: 'scan.example'. You may need to add it to ALLOWED_HOSTS."),
        ("django.core.exceptions.TooManyFieldsSent", "The number of parameters exceeded the limit"),
        ("ActionController::RoutingError", 'No route matches [GET] "/wp-login.php"'),
        ("Rack::QueryParser::InvalidParameterError", "invalid %-encoding"),
        ("Symfony\\Component\\HttpKernel\\Exception\\NotFoundHttpException", "none"),
        ("NotFound", "404 Not Found: The requested URL was not found on the server."),
        ("BadRequestKeyError", "400 Bad Request: The browser (or proxy) sent a request that this server cannot read."),
        ("RequestValidationError", "[{'loc': ('body', 'name')}]"),
        ("org.springframework.web.HttpRequestMethodNotSupportedException", "Request method 'PUT' is not supported"),
        ("java.lang.IllegalArgumentException", "Invalid character found in method name [0x16]. They must be tokens"),
        ("Microsoft.AspNetCore.Server.Kestrel.Core.BadHttpRequestException", "Unrecognized HTTP version"),
        ("PayloadTooLargeError", "request entity too large"),
    ],
)
def test_what_a_framework_refuses_a_visitor_is_the_visitors_doing(exception, said):
    assert visitors.are_refused_by(exception, said)


@pytest.mark.parametrize(
    ("exception", "said"),
    [
        ("ResponseValidationError", "phone is required"),
        ("HTTPError", "400 Client Error: Bad Request for url: https://pay.example/charges"),
        ("telegram.error.BadRequest", "Chat not found"),
        ("GuzzleHttp\\Exception\\ClientException", "POST /x resulted in: NotFoundHttpException: No route found"),
        ("SuspiciousFileOperation", "The joined path is located outside of the base path component"),
        ("NotFound", "no such bucket"),
        ("KeyError", "'Host'"),
        ("ValueError", "the request says: invalid host header"),
    ],
)
def test_what_others_refuse_the_app_or_the_app_gets_wrong_is_not(exception, said):
    assert not visitors.are_refused_by(exception, said)


@pytest.mark.parametrize(
    "line",
    [
        "45.1.2.3:1122 [20/Nov/2026:08:03:00.001] fe/1: SSL handshake failure",
        "Timeout before authentication for 45.1.2.3 port 51124",
        "lost connection after AUTH from unknown[45.1.2.3]",
        "FATAL:  unsupported frontend protocol 0.0: server supports 3.0 to 3.0",
        'FATAL:  no pg_hba.conf entry for host "45.1.2.3", user "postgres", database "postgres", no encryption',
        "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis.",
        "Blocked hosts: scan.example",
        "kex_exchange_identification: Connection closed by remote host",
    ],
)
def test_strangers_at_the_door_are_known(line):
    assert visitors.are_refused(line)


@pytest.mark.parametrize(
    "line",
    [
        "could not send mail: TLS handshake with mail.example failed",
        "lost connection after 12 s",
        "request to https://pay.example aborted: 400",
    ],
)
def test_what_the_app_itself_asked_of_others_is_no_stranger(line):
    assert not visitors.are_refused(line)
