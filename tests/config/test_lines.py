"""Lines of TOML files that errors name."""

import pytest

from improver.config.lines import line_of

TEXT = """\
data_dir = "x"

[ingest]
port = 1 # the port

[targets."my shop"]
repo = "."

[[keys]]
id = 1
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("data_dir",), 1),
        (("ingest",), 3),
        (("ingest", "port"), 4),
        (("ingest", "nonsuch"), 3),
        (("targets", "my shop", "repo"), 7),
        (("keys", "id"), 10),
        (("nonsuch",), None),
    ],
)
def test_the_line_of_a_key_or_of_what_is_nearest_above_it(path, line):
    assert line_of(TEXT, path) == line


def test_dotted_keys_are_found():
    assert line_of("ingest.port = 1\n", ("ingest", "port")) == 1
