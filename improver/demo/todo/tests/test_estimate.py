import estimate


def test_blank_lines_are_no_steps():
    assert estimate.steps("Knead\n\n  Bake  \n") == ["Knead", "Bake"]


def test_wordy_steps_take_longer():
    assert estimate.time_needed("Knead the dough until it is smooth") > estimate.time_needed("Knead")
