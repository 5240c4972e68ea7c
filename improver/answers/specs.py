"""The Spec of a Finding."""

from improver.answers.findings import find
from improver.model import Spec
from improver.runtime import Runtime
from improver.stages import specify
from improver.warehouse import records


def spec(runtime: Runtime, *, id: str) -> Spec:
    """The newest Spec of a Finding, written now if there is none."""
    with runtime.warehouse.state.reading() as reader:
        found = find(reader, id)
        specs = records.select(reader, Spec, "finding_id = $id order by created_at desc limit 1", {"id": found.id})
    return specs[0] if specs else specify.write(runtime, found)
