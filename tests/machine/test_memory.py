"""What a burst took goes back to the operating system, while something that came after it stays."""

import subprocess
import sys

BURST = """
import pyarrow as pa
from pathlib import Path
from improver.machine import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20

memory.share()
assert pa.default_memory_pool().backend_name == "system"
before = resident()
burst = [bytes(2000) for _ in range(50_000)]
column = pa.array(range(5_000_000))
kept = bytes(2000)
held = resident()
del burst, column
memory.give_back()
print(held - before, resident() - before)
"""


def test_memory_that_a_burst_took_goes_back():
    done = subprocess.run([sys.executable, "-c", BURST], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    held, left = map(int, done.stdout.split())
    assert held > 120
    assert left < 40
