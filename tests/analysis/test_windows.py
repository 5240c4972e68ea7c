"""Windows: as many rows as they may hold, whatever else came in between."""

from dataclasses import replace

from improver.analysis import windows
from improver.config import Settings
from tests import world

# Numbers far apart: between them are Events of other tables.
APART = 3000
ZEROS = {"BIGINT": "0", "VARCHAR": "''", "JSON": "'{}'", "TIMESTAMP": "timestamp '2026-11-16'"}


def test_a_window_holds_as_many_rows_as_it_may_however_far_apart_their_numbers_are(tmp_path):
    scope = replace(windows.SCOPES["sessions"], at_once=5)
    with world.opened(Settings(data_dir=tmp_path / "data")) as runtime:
        telemetry = runtime.warehouse.telemetry
        columns = {row["column_name"]: ZEROS[row["column_type"]] for row in telemetry.rows("describe hot_usage")}
        filled = ", ".join(f'{value} as "{name}"' for name, value in (columns | {"seq": f"n * {APART}"}).items())
        with telemetry.transaction() as writer:
            writer.execute(f"insert into hot_usage by name select {filled} from range(1, 13) as numbers(n)")
        ends = windows.ends(telemetry, scope, since=0)
        assert ends[-1] == 12 * APART
        held = [round((end - begun) / APART) for begun, end in zip([0, *ends], ends, strict=False)]
        assert sum(held) == 12 and 3 <= len(held) <= 4 and max(held) <= scope.at_once
        assert windows.ends(telemetry, scope, since=12 * APART) == []
