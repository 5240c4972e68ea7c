"""What a visitor sent and was refused, which servers and frameworks have as errors of theirs: a 4xx in other words."""

import re

# Raised by a framework while it reads a request, or looks for what takes it: names that nothing else has.
_RAISED = (
    # Django: SuspiciousOperation and its kind, but for paths of files, which are often the app's own mistake
    r"Disallowed(?:Host|Redirect)|SuspiciousOperation|SuspiciousMultipartForm|InvalidSessionKey|UnreadablePostError"
    r"|TooMany(?:Fields|Files)Sent|RequestDataTooBig|Http404|Resolver404"
    # FastAPI
    r"|(?:WebSocket)?RequestValidationError"
    # Rails and Rack
    r"|ActionController::(?:RoutingError|MethodNotAllowed|UnknownHttpMethod|UnknownFormat|BadRequest|ParameterMissing"
    r"|InvalidAuthenticityToken|InvalidCrossOriginRequest)|ActionDispatch::Http::(?:\w{1,40}::)?\w{0,40}(?:Parse"
    r"|Type)Error"
    r"|ActionDispatch::RemoteIp::IpSpoofAttackError|Puma::HttpParserError"
    r"|Rack::(?:QueryParser|Utils)::(?:InvalidParameter|ParameterType|ParamsTooDeep|QueryLimit)Error"
    # Symfony and Laravel
    r"|(?:NotFound|MethodNotAllowed|AccessDenied|BadRequest|TooManyRequests)HttpException|TokenMismatchException"
    r"|PostTooLargeException|ThrottleRequestsException|SuspiciousOperationException"
    # Spring, Jetty, Netty
    r"|No(?:Route|ResourceFound|HandlerFound)(?:Error|Exception)|RequestRejectedException|BadMessageException"
    r"|Http(?:RequestMethod|MediaType)Not(?:Supported|Acceptable)Exception|HttpMessageNotReadableException"
    r"|MissingServletRequestParameterException|MethodArgument(?:TypeMismatch|NotValid)Exception"
    r"|MaxUploadSizeExceededException|TooLongHttp(?:Header|Line|Content)Exception|NotSslRecordException"
    # ASP.NET, Node
    r"|BadHttpRequestException|AntiforgeryValidationException|PayloadTooLargeError|HPE_INVALID_(?:METHOD|URL)"
    r"|EBADCSRFTOKEN"
)
# What is said where the type says nothing, or stands in front of no message.
_SAID = (
    r"invalid http_host header|invalid host header|blocked hosts?: |bad request (?:version|syntax|line)"
    r"|invalid http (?:request|method|version|header)|code 400, message|400, message(?::|=)"
    r"|malformed http (?:request|message)|http parse error, malformed request"
    r"|invalid character found in (?:the |method )(?:request target|name)"
    r"|error parsing http request header|failed to decode param |invalid csrf token|csrf verification failed"
    # werkzeug
    r"|4\d\d [a-z][a-z ]{2,40}: the (?:browser|method|requested url|request|csrf|data value) "
    r"|no route (?:matches \[|found for \"[A-Z]{3,7} )|no mapping for [A-Z]{3,7} "
    r"|request (?:was )?(?:aborted|cancell?ed)(?::| by)? (?:the )?client"
    # strangers who do not speak the protocol, or look for another one
    r"|TLS handshake error from|SSL handshake failure|possible security attack detected"
    r"|http2: server: error reading preface|unsupported frontend protocol|no pg_hba\.conf entry for host"
    r"|bad client handshake"
    r"|timeout before authentication for|lost connection after \w{1,12} from|kex_\w{1,30}: |banner exchange: "
)
_RAISES = re.compile(_RAISED)
_SAYS = re.compile(_SAID, re.IGNORECASE)
_REFUSES = re.compile(
    rf"\b(?:{_RAISED})\b|\b(?i:{_SAID})|\[preauth\]"
    r"|\[client [^\]\n]{1,80}\] (?:AH\d{5}: )?(?i:client denied by|file does not exist|invalid uri"
    r"|script .{1,300} not found|directory index forbidden|user .{1,100} not found|attempt to serve directory"
    r"|cannot (?:serve|map) )"
)
# nginx names the visitor, and the server behind it where that is to blame.
_VISITOR = re.compile(r", client: [^,\s]{2,64}, server: ")
_BEHIND = re.compile(r"\bupstream\b|\bFastCGI sent in stderr\b")
_VISITORS_DOING = re.compile(
    r"\bclient (?:intended|sent|prematurely|timed|closed|disconnected)|\bforbidden\b"
    r"|\((?:2: No such file or directory|20: Not a directory|21: Is a directory|36: File name too long)\)"
    r"|\blimiting (?:requests|connections)\b|\buser \"[^\"\n]{0,200}\"(?: was not found|: password mismatch)"
    r"|\bno user/password was provided\b|\binvalid (?:host|method|url|uri|request|header|\w{1,20} line) (?:in|while)\b"
    r"|\bSSL_(?:do_handshake|read)\(\) failed\b|\bin SSL handshake\b",
    re.IGNORECASE,
)


def are_refused(line: str) -> bool:
    """Whether a line of a log tells of that."""
    doing = _VISITOR.search(line) and not _BEHIND.search(line) and _VISITORS_DOING.search(line)
    return bool(doing or _REFUSES.search(line))


def are_refused_by(exception: str, said: str) -> bool:
    """Whether that is what was raised: what another service refused, and is only quoted, is not."""
    name = re.split(r"[.\\/]", exception)[-1]
    return bool(_RAISES.fullmatch(name) or _SAYS.match(said))
