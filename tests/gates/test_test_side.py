"""Files on the side of the tests are told by where they lie and what they are called."""

import pytest

from improver.gates._test_side import is_test_file, is_test_side, steers


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_app.py", "test_app.py", "app/app_test.py", "src/a.test.ts", "src/a.spec.jsx", "src/a.test.mjs",
        "src/__tests__/a.js", "pkg/a_test.go", "spec/models/user_spec.rb", "test/user_test.rb",
        "src/test/java/AppTest.java", "AppTests.kt", "TestApp.java",
        "tests/cli.rs", "lib/a_test.exs", "tests/UserTest.php", "cypress/e2e/a.cy.ts",
    ],
)  # fmt: skip
def test_these_are_test_files(path):
    assert is_test_file(path)
    assert is_test_side(path)


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py", "tests/conftest.py", "tests/__init__.py", "tests/data/a.json", "pytest.ini", "tox.ini",
        "setup.cfg", "pyproject.toml", "package.json", "jest.config.js", "Makefile", "spec/helper.rb", "testdata/a.bin",
        "src/__snapshots__/a.snap", ".mocharc.yml",
    ],
)  # fmt: skip
def test_these_belong_to_the_tests_without_being_one(path):
    assert not is_test_file(path)
    assert is_test_side(path)


@pytest.mark.parametrize(
    "path", ["app.py", "latest.py", "contest.py", "src/protest.ts", "attestation.go", "spec/parser.py", "Testament.md"]
)
def test_these_are_the_product(path):
    assert not is_test_file(path)
    assert not is_test_side(path)


def test_a_script_that_the_command_names_steers_the_tests():
    assert steers("scripts/check.sh", ["./scripts/check.sh", "--fast"])
    assert not steers("scripts/check.sh", ["make", "test"])
    assert steers("Makefile", ["make", "test"])
    assert not steers("tests/test_app.py", ["make", "test"])
