"""Nothing to say, no problem, all went well: in all its ways."""

import pytest

from improver.grouping.attitude import is_praise, says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "nothing", "None.", "nope", "N/A", "no blockers", "There were no obstacles", "Nothing got in my way",
        "I didn't hit any errors or limits", "did not run into any difficulty so far", "I wasn't held up by anything",
        "none: both reports came at the first try", "n/a - the run finished", "No. All four steps passed",
        "nothing comes to mind", "No suggestions at the moment", "not a single hiccup", "Zero friction",
        "I don't have anything to add", "none that I can think of", "never got stuck", "without any trouble",
        "nothing to complain about, keep it as it is",
    ],
)  # fmt: skip
def test_an_answer_that_denies_a_problem_and_names_none_says_nothing(text):
    assert says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "No blockers, but list_rows is slow", "Nothing blocked me except that the search timed out",
        "none of the exports work", "No. The upload failed", "nothing was saved", "the save button does nothing",
        "no error message is shown, the window just closes", "no way to report a bug",
        "no option to see errors of a job",
        "I do not know what the error means", "could not fix the problem with my avatar", "no results for umlauts",
        "nothing but problems with the scanner", "without an error the file is empty", "no notes field on orders",
        "The export never finishes", "not found: /settings", "no longer have access to my files",
    ],
)  # fmt: skip
def test_what_only_begins_like_a_denial_says_something(text):
    assert not says_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "Everything worked as expected", "it all went smoothly", "all five pages were made as asked",
        "The tools did what they say", "Task completed successfully", "every call was fine",
    ],
)  # fmt: skip
def test_what_went_as_it_should_is_praise(text):
    assert is_praise(text)


@pytest.mark.parametrize(
    "text",
    [
        "everything worked except the export, it fails", "works as expected only in Chrome, in Firefox it crashes",
        "not everything went well, rows are missing", "completed tasks come back the next morning",
        "finished orders can still be edited", "which date format is expected?", "It does not work as documented",
    ],
)  # fmt: skip
def test_what_went_well_but_for_something_is_none(text):
    assert not is_praise(text)
