from improver.sandbox.gitdir import masked

CONFIG = """[core]
\trepositoryformatversion = 1
\tbare = false
\tsshCommand = ssh -i /home/ada/.ssh/key
\tfsmonitor = /tmp/run-me
[extensions]
\tobjectFormat = sha256
[remote "origin"]
\turl = https://ada:hunter2@git.example.invalid/shop
[include]
\tpath = ~/.gitconfig-with-tokens
[credential]
\thelper = store
[core "filemode"]
\tfilemode = hunter2
"""


def test_only_how_the_repository_is_stored_is_kept() -> None:
    assert masked(CONFIG) == (
        "[core]\n\trepositoryformatversion = 1\n[core]\n\tbare = false\n[extensions]\n\tobjectFormat = sha256\n"
    )


def test_what_is_no_config_is_kept_out() -> None:
    assert masked("\x00\n[core\nbare = true\n[core] bare = false\nbare = \\\ntrue\n") == ""
