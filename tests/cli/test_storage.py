"""`improver sql`, `export`, `backup`, `restore` and `forget`, typed in."""

import csv
import io
import json

from improver.config import load
from improver.opening import owned_runtime


def test_sql_answers_in_a_table_in_json_and_in_csv(improver, failing_shop):
    query = 'select "user", count(*) as n from errors group by all order by 1'
    shown = improver("sql", query)
    assert (shown.exit_code, shown.stdout.split()[:2]) == (0, ["user", "n"])
    rows = json.loads(improver("sql", query, "--json").stdout)
    assert [row["n"] for row in rows] == [1, 1]
    [head, *lines] = csv.reader(io.StringIO(improver("sql", query, "--csv").stdout))
    assert (head, len(lines)) == (["user", "n"], 2)


def test_sql_asks_records_too_but_not_both_at_once(improver, failing_shop):
    assert json.loads(improver("sql", "select status from findings", "--json").stdout) == [{"status": "open"}]
    refused = improver("sql", "select * from findings, errors")
    assert refused.exit_code == 1
    assert "two databases" in refused.stderr


def test_sql_alone_lists_the_tables(improver, failing_shop):
    listed = {row["table"]: row["rows"] for row in json.loads(improver("sql", "--json").stdout)}
    assert (listed["errors"], listed["findings"]) == (2, 1)
    assert not any(name.startswith("hot_") for name in listed)


def test_what_telemetry_says_is_inert_in_an_answer(improver, failing_shop):
    shown = improver("sql", "select chr(27) || '[31m' as red, '=1+1' as sum")
    assert "\x1b" not in shown.stdout
    assert "'=1+1" in improver("sql", "select '=1+1' as sum", "--csv").stdout


def test_sql_says_when_it_shows_less_than_there_is(improver, failing_shop):
    shown = improver("sql", "select * from range(10)", "--limit", "2")
    assert "there is more than these 2 rows" in shown.stderr


def test_sql_reaches_no_file(improver, failing_shop):
    for query in ("select * from read_text('/etc/passwd')", "copy errors to 'x.csv'", "select * from 'shop.py'"):
        refused = improver("sql", query)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("error: ")
    assert not (failing_shop / "x.csv").exists()


def test_a_table_is_exported_once(improver, failing_shop):
    done = improver("export", "errors", "errors.csv")
    assert (done.exit_code, done.stdout.startswith("2 rows of errors")) == (0, True)
    assert len(list(csv.DictReader((failing_shop / "errors.csv").open()))) == 2
    assert improver("export", "errors", "errors.csv").exit_code == 1
    assert "neither Parquet nor CSV" in improver("export", "errors", "errors.xml").stderr
    assert improver("export", "findings", "findings.parquet").exit_code == 0
    assert improver("export", "hot_errors", "hot.csv").exit_code == 1


def test_a_backup_is_made_and_brought_back(improver, failing_shop, tmp_path):
    file = tmp_path / "saved.tar"
    assert "2 Events" not in improver("status").stdout
    made = json.loads(improver("backup", file, "--json").stdout)
    assert (made["file"], made["rows"]["state"]["findings"]) == (str(file), 1)
    assert file.stat().st_mode & 0o077 == 0
    settings = load(failing_shop / "improver.toml")
    with owned_runtime(settings) as runtime, runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from findings")
    done = improver("restore", file)
    assert done.exit_code == 0
    assert "What was there before is in" in done.stdout
    assert len(json.loads(improver("findings", "--json").stdout)) == 1


def test_a_user_is_forgotten_after_a_question(improver, failing_shop):
    [first, *_] = json.loads(improver("sql", 'select "user" as name from errors order by 1', "--json").stdout)
    assert improver("forget", first["name"]).exit_code == 1  # nobody said yes
    done = json.loads(improver("forget", first["name"], "--yes", "--json").stdout)
    assert done["events"] == 1
    assert json.loads(improver("sql", "select count(*) as n from errors", "--json").stdout) == [{"n": 1}]
