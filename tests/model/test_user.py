"""How users are named."""

from improver.model.user import pseudonym


def test_an_address_becomes_the_same_hash_however_it_is_written():
    assert pseudonym("Bob@Example.test") == pseudonym("bob@example.test ") != pseudonym("eve@example.test")
    assert pseudonym("10.0.0.7").startswith("user:")


def test_any_other_id_stays_as_it_came():
    users = ["", "u1", "42", "@", "bob@", "user:abc"]
    assert [pseudonym(user) for user in users] == users
