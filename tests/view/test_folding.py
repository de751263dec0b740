from recorder.view.folding import fold, tool_input


def test_keeps_what_fits():
    assert fold("a\nb\n", 2) == ("a\nb", "")


def test_counts_what_is_missing():
    assert fold("a\nb\nc\nd", 2) == ("a\nb", "… 2 more lines, --all shows them")
    assert fold("a\nb\nc", 2).missing == "… 1 more line, --all shows them"


def test_an_enormous_line_is_cut_as_well():
    folded = fold("x" * 5000, 2)
    assert len(folded.shown) == 200
    assert folded.missing == "… 4,800 more characters, --all shows them"


def test_folds_nothing_when_told_so():
    assert fold("x" * 5000 + "\n" * 3 + "y", None).shown == "x" * 5000 + "\n" * 3 + "y"


def test_what_is_shown_is_clean():
    assert fold("\x1b[2J\n\x07", None).shown == "␛[2J\n␇"
    assert fold("\x1b[2J\n\x07", 1).shown == "␛[2J"


def test_tool_input():
    assert tool_input({"command": "ls", "n": 3, "deep": {"a": [1]}}) == [
        ("command", "ls"),
        ("n", "3"),
        ("deep", '{"a": [1]}'),
    ]
    assert tool_input('{"comm') == [("", '{"comm')]
    assert tool_input([1]) == [("", "[1]")]
    assert tool_input({}) == []
