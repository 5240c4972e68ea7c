"""Which counts lose Events that are taken back: they are counted anew before anybody reads them again."""

from improver.warehouse.cursors import Parameters, Writer

LOSING = {
    "errors": "insert into errors_taken_back select distinct target, environment, grouping_version, key, collector",
    "spans": "insert into spans_taken_back select distinct date_trunc('hour', occurred_at)",
}


def note(writer: Writer, table: str, rows: str, where: str, parameters: Parameters) -> None:
    """Before they go: `rows` is where they are, `where` which of them."""
    if table in LOSING:
        writer.execute(f"{LOSING[table]} from {rows} where {where}", parameters)
