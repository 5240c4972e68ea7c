"""How a user is named in our records: stable, countable, and never an address."""

import hashlib
import ipaddress


def pseudonym(user: str) -> str:
    """The user's id as it came, or a stable short hash of it if it is an e-mail or IP address."""
    if not _is_address(user):
        return user
    return f"user:{hashlib.sha256(user.strip().lower().encode('utf-8', 'replace')).hexdigest()[:16]}"


def _is_address(user: str) -> bool:
    local, at, domain = user.strip().rpartition("@")
    if at and local and domain:
        return True
    try:
        ipaddress.ip_address(user.strip())
    except ValueError:
        return False
    return True
