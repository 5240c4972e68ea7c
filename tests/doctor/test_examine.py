"""The whole examination."""

from improver.doctor import Health, examine


def test_a_config_that_does_not_load_ends_it_with_the_reason(tmp_path):
    (tmp_path / "improver.toml").write_text("[ingest]\nprot = 1\n")
    *_, last = examine(tmp_path / "improver.toml")
    assert (last.name, last.health) == ("config", Health.FAIL)
    assert "ingest.prot" in last.said
    assert last.todo == "did you mean port?"


def test_everything_is_looked_at(tmp_path):
    (tmp_path / "improver.toml").write_text('data_dir = "data"\n[ingest]\nport = 0\ngrpc_port = 0\n[web]\nport = 0\n')
    names = [one.name for one in examine(tmp_path / "improver.toml") if not one.name.startswith("box: ")]
    assert names == [
        "python", "git", "config", "data folder", "sandbox", "targets", "ingest.port", "web.port", "gRPC", "daemon",
    ]  # fmt: skip
