"""The words for what can be done to tests, gravest first."""

from improver.model import Glossed


class Reason(Glossed):
    UNTOUCHED = "tests_untouched", "what the base's tests check is checked as before"
    DELETED = "test_file_deleted", "a test file was deleted"
    MOVED = "test_moved", "a test was moved to another file: the base's own must stay where they are"
    RENAMED = "test_renamed", "a test was renamed: the base's own must stay what they are called"
    REMOVED = "test_removed", "a test, or a case of one, is gone or replaced by another of its name"
    SKIPPED = "test_skipped", "a test of the base is now skipped, expected to fail, or left out by another's `only`"
    ASSERTION_REMOVED = "assertion_removed", "an existing test asserts less"
    WEAKENED = "assertion_weakened", "an existing test's assertion is easier to pass, or need not be reached"
    EXPECTED = "expected_changed", "an existing test expects something else than before"
    SETTINGS = "test_settings_changed", "what steers the test runner was changed"
    RUNNER = "reaches_into_runner", "a test reaches past what it tests: into its runner, its process or the interpreter"
    READS_CODE = "reads_the_code", "a test looks at the source code instead of using it"
    LOOKS_FOR_TESTS = "looks_for_tests", "code outside the tests asks whether it is being tested"
    UNREADABLE = "unreadable_test", "a test file that cannot be parsed"
