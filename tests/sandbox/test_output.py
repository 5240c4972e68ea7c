from hypothesis import example, given
from hypothesis import strategies as st

from improver.sandbox import output
from improver.sandbox.output import Excerpt, Lines


@given(st.lists(st.binary(max_size=12)))
def test_lines_are_the_same_however_they_arrive(chunks: list[bytes]) -> None:
    heard: list[bytes] = []
    lines = Lines(heard.append)
    for chunk in chunks:
        lines.feed(chunk)
    lines.close()
    whole = b"".join(chunks).split(b"\n")
    assert heard == (whole if whole[-1] else whole[:-1])


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    heard: list[bytes] = []
    lines = Lines(heard.append)
    for _ in range(3):
        lines.feed(b"x" * (output.LONGEST_LINE // 2 + 1))
    assert [len(line) for line in heard] == [output.LONGEST_LINE + 2]


@example([b"x" * 5, "\u00e9".encode()], 12)
@given(st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b""))), st.integers(2, 40))
def test_an_excerpt_is_the_head_and_the_tail(lines: list[bytes], limit: int) -> None:
    excerpt = Excerpt(limit)
    for line in lines:
        excerpt.add(line)
    whole = b"".join(line + b"\n" for line in lines)
    half = limit // 2
    if len(whole) <= 2 * half:
        assert excerpt.text() == whole.decode(errors="replace")
    else:
        gap = f"\n… {len(whole) - 2 * half} bytes left out …\n".encode()
        assert excerpt.text() == (whole[:half] + gap + whole[-half:]).decode(errors="replace")
