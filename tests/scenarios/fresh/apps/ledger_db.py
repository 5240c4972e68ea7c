"""A real PostgreSQL with two tellers at it; its own log is what is kept. It runs as nobody where we are root."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BIN = Path(shutil.which("postgres") or "/usr/lib/postgresql/15/bin/postgres").resolve().parent
SETTINGS = (
    "listen_addresses=''", "deadlock_timeout=100ms", "log_connections=on", "log_disconnections=on",
    "log_checkpoints=on", "log_line_prefix='%m [%p] %q%u@%d '", "fsync=off", "log_timezone=UTC", "shared_buffers=16MB",
)  # fmt: skip


class Database:
    def __init__(self, folder: Path) -> None:
        self.data, self.log, self.socket = folder / "data", folder / "postgresql.log", folder
        self._as = ("runuser", "-u", "postgres", "--") if os.getuid() == 0 else ()
        if self._as:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", self.data, "-U", "ledger", "--no-sync", "--auth=trust")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join((*SETTINGS, f"unix_socket_directories='{folder}'")) + "\n")

    def start(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-l", self.log, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop")

    def _run(self, program: str, *args: object) -> None:
        command = (*self._as, str(BIN / program), *map(str, args))
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60)

    def session(self, *statements: str) -> subprocess.Popen[bytes]:
        command = [str(BIN / "psql"), "-h", str(self.socket), "-U", "ledger", "postgres", "-q", "-v", "ON_ERROR_STOP=1"]
        for statement in statements:
            command += ["-c", statement]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, *statements: str) -> None:
        self.session(*statements).wait(30)


def transfer(database: Database, one: int, other: int) -> subprocess.Popen[bytes]:
    take = "update accounts set cents = cents + 1 where id = {}"
    return database.session("begin", take.format(one), "select pg_sleep(0.3)", take.format(other), "commit")


def deadlocks(database: Database) -> None:
    """Two transfers between the same two accounts, in the opposite order."""
    for number in range(5):
        both = transfer(database, 2 * number + 1, 2 * number + 2), transfer(database, 2 * number + 2, 2 * number + 1)
        for one in both:
            one.wait(30)
        database.ask("select sum(cents) from accounts")
    database.ask("checkpoint")


def restarted(database: Database) -> None:
    """A statement that is called off, a client that just goes, and a restart for the night's update."""
    for _ in range(3):
        database.ask("set statement_timeout = '5s'", "select sum(cents) from accounts")
        slow = database.session("select pg_sleep(20)")
        time.sleep(0.4)
        slow.send_signal(2)
        slow.wait(30)
    database.ask("checkpoint")
    idle = database.session("select pg_sleep(20)")
    time.sleep(0.4)
    database.stop()
    idle.wait(30)
    database.start()
    database.ask("select sum(cents) from accounts")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ledger-") as name:
        folder = Path(name)
        database = Database(folder)
        database.start()
        try:
            fill = "insert into accounts select n, 100 from generate_series(1, 10) n"
            database.ask("create table accounts (id int primary key, cents bigint)", fill)
            {"deadlocks": deadlocks, "restarted": restarted}[sys.argv[1]](database)
        finally:
            database.stop()
        Path(sys.argv[2]).write_text(database.log.read_text())


main()
