"""The look at a whole column never misses what the Scrubber would change."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.columns.scrubbing import scrubbed, suspects, users
from improver.model.user import pseudonym
from improver.scrub import CODE_KEYS, IDENTITIES, STACK_KEYS, Scrubber

KEYS = ("", "name", "db.query.text", CODE_KEYS[0], STACK_KEYS[0], IDENTITIES[0])
# What its patterns are made of, so that pieces of them meet.
PIECES = st.sampled_from(
    [
        "password",
        "passwd",
        "PWD",
        "passphrase",
        "Secret",
        "api_key",
        "api-key",
        "x-api-key",
        "access key",
        "accessKey",
        "private_key",
        "token",
        "tokens",
        "Authorization",
        "proxy-authorization",
        "credential",
        "set-cookie",
        "csrf",
        "xsrf",
        "sess",
        "ion",
        "_",
        "id",
        "\u017fecret",
        "to\u212aen",
        "sess\u0131onid",
        "pass\u0131",
        "=",
        "==",
        ":",
        " : ",
        "'",
        '"',
        "\\",
        '\\"',
        " ",
        "\u00a0",
        "\x0b",
        "\x1c",
        "\n",
        "\t",
        "bearer ",
        "Basic ",
        "token ",
        "abcdefghijklmnop",
        "0123456789abcdef",
        "eyJ",
        "hbGciOiJIUz",
        ".",
        "ghp_",
        "gho_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "sk-",
        "sk_live_",
        "rk_test_",
        "phx_",
        "AKIA",
        "ABCDEFGHIJKLMNOP",
        "AIza",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END RSA PRIVATE KEY-----",
        "://",
        "user",
        "@",
        "example",
        ".org",
        "/home/",
        "/Users/",
        "C:\\Users\\",
        "C:/Users/",
        "ann",
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "378282246310005",
        "123-45-6789",
        "078-05-1120",
        "1",
        "-",
        "\u00e9",
        "\u0660",
        "\0",
        "+",
        ",",
        ";",
        "&",
        "]",
        "}",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=30), st.just("x" * 20_000))


@settings(max_examples=1500, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8), st.sampled_from(KEYS), st.booleans())
def test_what_looks_harmless_in_a_column_is_what_the_scrubber_leaves_alone(texts, key, emails):
    scrubber = Scrubber(emails=emails)
    column = pa.array(texts, pa.string())
    harmless = [text for text, suspect in zip(texts, suspects(column).to_pylist(), strict=True) if not suspect]
    assert [scrubber.text(text, key) for text in harmless] == harmless
    assert scrubbed(column, key, scrubber).to_pylist() == [scrubber.text(text, key) for text in texts]


ADDRESSES = st.sampled_from(
    [
        "ann@example.org",
        " 10.0.0.1 ",
        "\u00a010.0.0.1",
        "::1",
        "2001:db8::1",
        "10.0.0",
        "1.2.3.4.5",
        "u1",
        "\u0661.1.1.1",
        "fe80::1%eth0",
    ]
)


@given(st.lists(st.one_of(ADDRESSES, TEXTS), min_size=1, max_size=8))
def test_users_are_named_in_a_column_as_they_are_named_alone(names):
    assert users(pa.array(names, pa.string())).to_pylist() == [pseudonym(name)[: 16 * 1024] for name in names]


def test_nothing_stays_nothing():
    assert suspects(pa.array([None, "a"], pa.string())).to_pylist() == [None, False]
    assert scrubbed(pa.array([None, "a@b.org"], pa.string()), "", Scrubber()).to_pylist() == [None, "[scrubbed]"]
