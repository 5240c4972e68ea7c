"""A person's word that a Spec may be attempted, or a change may leave."""

from dataclasses import dataclass
from datetime import datetime

from improver.model.glossed import Glossed


class ApprovalPolicy(Glossed):
    NONE = "none", "nobody is asked: Gates and Autonomy decide"
    SPEC = "spec", "a person approves the Spec before an Agent runs"
    CHANGE = "change", "a person approves the change before it leaves"


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """`subject` is what was approved: where the Spec of a Finding points, or the id of an Attempt."""

    id: str
    finding_id: str
    policy: ApprovalPolicy
    subject: str
    at: datetime
