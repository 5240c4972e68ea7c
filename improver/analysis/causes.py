"""What a failure is due to, where a change of the Target's code would hardly cure it: told by types and messages."""

import re
from dataclasses import dataclass
from functools import cache

from improver.grouping import is_in_app, ownership, raising
from improver.model import Cause, Finding, Frame, Symptom

RUNS_ENOUGH = 20  # from so many runs of a route on, it can be said how often it fails
FLAKY_BELOW = 0.5  # what fails more often is repeatable, whatever it is called
REPEATS_FROM = 0.9

# What surfaced as one of these is a mistake of the code that raised it, whatever led to it.
MISTAKES = re.compile(f"{raising.SLIPS}|{raising.VALUES}|{raising.CHECKS}")
# A disk is no part of any function: what is on it fails wherever it is asked for.
FULL = {
    "no space": (
        r"\[Errno 28\]|\(os error 28\)|\bENOSPC\b: no space|\b[Nn]o space left on device\b|"
        r"\bdatabase or disk is full\b"
    ),
    "no files": r"\[Errno 24\]|\(os error 24\)|\bEMFILE\b: too many|\b[Tt]oo many open files\b",
}
NO_STORAGE = {
    "read-only": (
        r"\[Errno 30\]|\(os error 30\)|\bEROFS\b|\b[Rr]ead-only file ?system\b|"
        r"\battempt to write a readonly database\b"
    ),
    "broken": r"\[Errno 5\]|\(os error 5\)|\bEIO\b: |\b[Ii]nput/output error\b|\bdisk I/O error\b",
    "stale": r"\[Errno 116\]|\(os error 116\)|\b[Ss]tale (NFS )?file handle\b",
    "no database": r"\bunable to open database file\b",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """Types of exceptions by their last name, and what messages say; `below` wants a library's frame innermost."""

    cause: Cause
    says: str
    types: str = ""
    words: str = ""
    below: bool = False


SIGNS = (
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="a connection was refused or broke",
        types=r"ConnectionRefused(Error)?|ConnectionReset(Error)?|ConnectionAborted(Error)?|BrokenPipeError|"
        r"NewConnectionError|EndpointConnectionError|ClientConnectorError|ConnectException|HttpHostConnectException|"
        r"NoRouteToHostException|NoHttpResponseException|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE|"
        r"CannotConnectError|ConnectionBad|ConnectionFailed|CommunicationsException|SQLTransientConnectionException|"
        r"SequelizeConnection\w*Error|MongoNetwork\w*Error|PrismaClientInitializationError|NoBrokersAvailable",
        words=r"\[Errno (32|101|103|104|111|113)\]|\bconnect ECONNREFUSED\b|\bread ECONNRESET\b|\bsocket hang up\b|"
        r"\bdial (tcp|unix|udp)\b.*\b(refused|unreachable)\b|\bconnect(ion)?: connection refused\b|"
        r"SQLSTATE\[(HY000|08006)\] \[(2002|2003|2006|7)\]|cURL error (7|35|52|56)\b|tcp connect error|"
        r"kind: Connection(Refused|Reset|Aborted)|\(os error (104|111|113)\)|"
        r"\b[Cc]onnection (refused|reset by peer)\b|\bError (32|104|111|113) connecting to\b|"
        r"server closed the connection unexpectedly|could not connect to server|Lost connection to MySQL server|"
        r"MySQL server has gone away|SSL connection has been closed unexpectedly|"
        r"remaining connection slots are reserved|Too many connections|the database system is (starting up|shutting)",
    ),
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="a name could not be resolved",
        types=r"gaierror|NameResolutionError|UnknownHostException|DNSError|ClientConnectorDNSError|ENOTFOUND|EAI_AGAIN",
        words=r"\bgetaddrinfo (ENOTFOUND|EAI_AGAIN)\b|\[Errno -[235]\]|\blookup \S+( on \S+)?: .*\b(no such host|"
        r"timeout|server misbehaving)\b|failed to lookup address information|Could not resolve host\b|"
        r"getaddrinfo: (Name or service|Temporary failure|nodename nor)",
    ),
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="another host did not answer in time",
        types=r"Connect(ion)?Timeout(Error|Exception)?|Read ?Timeout(Error|Exception)?|OpenTimeout|ETIMEDOUT|"
        r"SocketTimeoutException|ServerSelectionTimeoutError|MongoServerSelectionError|PoolTimeout|WriteTimeout",
        words=r"\bconnect ETIMEDOUT\b|\[Errno 110\]|\(os error 110\)|\bRead timed out\b|cURL error 28\b|"
        r"\b(read|dial) (tcp|udp)\b.*\bi/o timeout\b|net/http: TLS handshake timeout|"
        r'\b(Get|Post|Put|Head|Delete) "https?://[^"]+": context deadline exceeded',
    ),
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="a browser's request did not get through",
        words=r"^TypeError: (Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed|"
        r"fetch failed|The network connection was lost\.?)( \([\w.:-]+\))?$|^(AxiosError|Error): Network Error$",
    ),
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="a machine or process ran out of memory, files or disk",
        types=r"MemoryError|OutOfMemoryError|NoMemoryError|OutOfMemoryException|ENOSPC|EMFILE",
        words="|".join(FULL.values()) + r"|\[Errno 12\]|"
        r"heap out of memory|Allowed memory size of \d+ bytes exhausted|memory allocation of \d+ bytes failed|"
        r"runtime: out of memory|\(os error 12\)",
    ),
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="the disk or the file system that it needs was not there",
        types=r"EROFS|EIO|ESTALE|SQLiteCantOpenDatabaseException|CantOpenException",
        words="|".join(NO_STORAGE.values()),
    ),
    Sign(
        cause=Cause.INFRASTRUCTURE,
        says="a certificate was not accepted",
        types=r"SSLCertVerificationError|CertificateVerifyError|SSLHandshakeException|SSLPeerUnverifiedException|"
        r"CertPathValidatorException|UnknownAuthorityError|CERT_HAS_EXPIRED",
        words=r"certificate verify failed|\bx509: |\bcertificate has expired\b|unable to verify the first certificate|"
        r"self[- ]signed certificate|PKIX path (building|validation) failed|cURL error (51|60)\b|"
        r"invalid peer certificate",
    ),
    Sign(
        cause=Cause.THIRD_PARTY,
        says="somebody else's service refused: too many requests",
        types=r"RateLimit(ed|Exceeded)?(Error|Exception)?|Throttling(Exception)?|TooManyRequests(Error|Exception)?|"
        r"ThrottledException|ResourceExhausted|ProvisionedThroughputExceededException|QuotaExceeded(Error|Exception)?",
        words=r"\b429 (Client Error: )?Too Many Requests\b.*https?://",
        below=True,
    ),
    Sign(
        cause=Cause.THIRD_PARTY,
        says="somebody else's service failed",
        types=r"APIConnectionError|OverloadedError|ServiceUnavailable(Error|Exception)|BadGatewayException|"
        r"HttpServerErrorException|GatewayTimeout(Error|Exception)?",
        words=r"\b50[0-4] Server Error\b.*\bfor url: https?://(?!localhost|127\.|\[::1\])|"
        r"HTTP Error 50[0-4]: |\bServer error: `?\w+ https?://\S+`? resulted in a `?50[0-4]\b|"
        r"HTTP status server error \(50[0-4] [^)]*\) for url \(https?://",
        below=True,
    ),
    Sign(
        cause=Cause.THIRD_PARTY,
        says="a script of another origin failed, and the browser does not say how",
        words=r"^(Error: )?Script error\.?$",
    ),
    Sign(
        cause=Cause.FLAKY,
        says="two at once got in each other's way",
        types=r"ConcurrentModificationException|StaleObject(StateException|Error)|StaleDataError|\w*OptimisticLock\w*|"
        r"DeadlockDetected|Deadlocked|TRDeadlockDetected|SerializationFailure|CannotAcquireLockException|"
        r"StaleElementReference(Exception|Error)?|WriteConflict(Error)?",
        words=r"\b[Dd]eadlock (found|detected)\b|could not serialize access|database( table)? is locked|"
        r"Lock wait timeout exceeded|dictionary changed size during iteration|"
        r"Row was updated or deleted by another transaction|concurrent map (writes|read and map write)",
    ),
)
LOSES_DATA = re.compile(
    r"\b(\w*DataLoss\w*|\w*DataCorrupt\w*|\w*Corrupt(ed)?(Index|Data|File|Record|Log|Table)\w*)\b|"
    r"database disk image is malformed|\bchecksum mismatch\b|\bdata (was|were|is|are) lost\b|\bdata loss\b|"
    r"corrupt(ed)? (data|index|page|table|file|record)s?\b"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    cause: Cause
    says: str


def cause_of(finding: Finding | Symptom) -> Verdict | None:
    """None where nothing says that it is anything but a mistake of the code."""
    if finding.frames and ownership.is_browsers(finding.frames[-1]):
        return Verdict(cause=Cause.THIRD_PARTY, says="a browser's extension failed")
    raised = finding.exception.split(" > ")
    if MISTAKES.fullmatch(raising.type_name(raised[-1])):
        return None
    found = next((sign for sign in SIGNS if _shows(sign, raised, finding)), None)
    if found is None or (found.cause == Cause.FLAKY and not _seldom(finding)):
        return None
    return Verdict(cause=found.cause, says=found.says)


def repeats(finding: Finding) -> bool:
    """Whether nearly every run of its route failed so: then a test can fail so too."""
    return finding.exposures >= RUNS_ENOUGH and REPEATS_FROM <= finding.failures / finding.exposures <= 1


def loses_data(finding: Finding) -> bool:
    return bool(LOSES_DATA.search(f"{finding.exception}\n{finding.title}"))


def _shows(sign: Sign, raised: list[str], finding: Finding | Symptom) -> bool:
    if sign.below and _own(finding.frames):
        return False
    named = sign.types and any(_compiled(sign.types).fullmatch(raising.type_name(one)) for one in raised)
    return bool(named or (sign.words and _compiled(sign.words).search(finding.title)))


def _own(frames: tuple[Frame, ...]) -> bool:
    """Whether the innermost frame is the app's own: then it was the app that chose to fail."""
    return bool(frames) and is_in_app(frames[-1])


def _seldom(finding: Finding | Symptom) -> bool:
    return finding.exposures >= RUNS_ENOUGH and finding.failures < FLAKY_BELOW * finding.exposures


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
