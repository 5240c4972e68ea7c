"""A file is there whole or as it was before."""

import stat

from improver.machine import files


def test_a_file_and_its_folder_are_made_for_their_owner_only(tmp_path):
    file = tmp_path / "new" / "one.json"
    files.write(file, b"first")
    files.write(file, b"2")
    assert file.read_bytes() == b"2"
    assert [path.name for path in file.parent.iterdir()] == ["one.json"]
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_what_a_crash_left_unfinished_is_written_over(tmp_path):
    (tmp_path / ".one.json.new").write_bytes(b"half of a long f")
    files.write(tmp_path / "one.json", b"whole")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("one.json", b"whole")]
