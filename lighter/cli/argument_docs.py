"""What a docstring says of each argument, in Google's, NumPy's and reST's style: the first sentence."""

import re
from collections.abc import Iterator, Sequence
from inspect import cleandoc

_LONGEST = 160  # characters of a description
_SECTION = re.compile(
    r"(?:(?:keyword |other )?(?:args|arguments|parameters|params)|attributes|fields)\s*:+", re.IGNORECASE
)
_GOOGLE = re.compile(r"(?P<names>[\w*`, \\]+?)\s*(?:\((?P<kind>.*?)\))?\s*:(?!:)\s*(?P<text>.*)")
_NUMPY = re.compile(r"(?P<names>[\w*`, \\]+?)\s*(?::.*)?")
_REST = re.compile(
    r":(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?(?P<names>[*\\]*\w+)\s*:\s*(?P<text>.*)"
)
_RULE = re.compile(r"-{3,}\s*")
_END_OF_SENTENCE = re.compile(r"(?<!e\.g)(?<!i\.e)(?<!etc)(?<!cf)(?<!vs)[.!?](?=\s)")


def argument_docs(text: str) -> dict[str, str]:
    """The first sentence of what a docstring says of each argument that it names, in one line."""
    lines = cleandoc(text).expandtabs().splitlines()
    found: dict[str, str] = {}
    for names, said in (*_rest(lines), *_sections(lines, is_by_quotes=not text[:1].isspace())):
        for name in re.findall(r"\w+", names):
            found.setdefault(name, _sentence(said))
    return {name: said for name, said in found.items() if said}


def _rest(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for at, line in enumerate(lines):
        if entry := _REST.match(line.strip()):
            yield entry["names"], [entry["text"], *_deeper(lines[at + 1 :], _indent(line))]


def _sections(lines: Sequence[str], *, is_by_quotes: bool) -> Iterator[tuple[str, list[str]]]:
    """What stands below `Args:`, deeper than that, or below `Parameters` with a rule under it.

    A first line that stands by the quotes has lost its indent: all below it counts as deeper.
    """
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if _SECTION.fullmatch(line.strip()):
            indent = -1 if at == 0 and is_by_quotes else _indent(line)
            yield from _entries([*_deeper(lines[at + 1 :], indent)], _GOOGLE)
        elif _SECTION.fullmatch(f"{line.strip()}:") and _RULE.fullmatch(following.strip()):
            yield from _entries([*_until_rule(lines[at + 2 :])], _NUMPY)


def _entries(block: Sequence[str], form: re.Pattern[str]) -> Iterator[tuple[str, list[str]]]:
    """The arguments of a section, each with the lines that follow it."""
    first = next((line for line in block if line.strip()), "")
    for at, line in enumerate(block):
        if line.strip() and _indent(line) == _indent(first) and (entry := form.fullmatch(line.strip())):
            said = entry.groupdict().get("text", "")
            yield entry["names"], [said, *_deeper(block[at + 1 :], _indent(line))]


def _deeper(lines: Sequence[str], indent: int) -> Iterator[str]:
    """The lines up to one that stands no deeper than that."""
    for line in lines:
        if line.strip() and _indent(line) <= indent:
            return
        yield line


def _until_rule(lines: Sequence[str]) -> Iterator[str]:
    """The lines up to the heading of the next section."""
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        if _RULE.fullmatch(following.strip()):
            return
        yield line


def _sentence(lines: Sequence[str]) -> str:
    """The first sentence of the first paragraph, in one line, cut where it is long."""
    said: list[str] = []
    for line in map(str.strip, lines):
        if said and (not line or line[:2] in {"- ", "* ", ".."}):
            break
        said += [line] if line else []
    text = " ".join(" ".join(said).split())
    end = _END_OF_SENTENCE.search(text)
    text = text[: end.start()] if end else text
    text = text.removesuffix(".") if not text.endswith("..") else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3].rstrip()}..."


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
