"""`$code` of a limited config: arithmetic, which means what it always does. What is refused: test_allowed.py."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lighter import Config, ConfigError
from lighter.project.importable import unload

ALLOW = "torch,numpy,my_project"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "my_project").mkdir()
    (tmp_path / "my_project" / "parts.py").write_text("class Net:\n    shape = (3, 4)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    unload()


EXPRESSIONS = """
1 + 2 * 3 - 4 / 5 // 6 % 7 ** 2
2**10 | 1 & 3 ^ 5 << 2 >> 1
-1 if not True else +2
1 < 2 <= 3 != 4 and 'a' in 'abc' or None is not None
3 > 2 > 5 > 1 / 0
[1, 2.5, 'x', None, True, ...]
{'a': 1, **{'b': 2}}
{1, 2, *[3, 4]}
(1, *range(3))
[*'ab'][::-1][1:]
'train' + '/' + 'val'
f'{3.14159:.2f} {"x"!r:>5} {1 + 1} {[1]}'
max([3, 1, 2]) + min(3, 1) + len([1]) + abs(-1) + round(2.5) + int('3') + round(1.25, 1)
float('1e-3') * 10 + sum([1, 2.5]) + sum(range(5), 1)
[str(1), bool(0), list('ab'), tuple([1]), list(range(1, 10, 2))[1]]
math.sqrt(16) + math.pi + math.ceil(1.2)
tuple(torch.zeros(2, 3).shape) + (torch.zeros(2, 3).ndim,)
torch.float32 == torch.zeros(1).dtype
float(torch.nn.functional.relu(torch.tensor(-1.0)) + 1)
int(np.arange(6)[1]) + int(max(np.arange(6)))
np.float32(1.5) == 1.5
[[0] * 3] * 2
[1, 2, 3][-1] if 0 or 3 else None
0 and 1 / 0
@net.shape[1] * @widths[1] + len(@data)
"""


def test_expressions_mean_what_they_always_do() -> None:
    net = {"_target_": "my_project.parts.Net"}
    given = {"project": "my_project", "net": net, "widths": [1, 2], "data": [1]}
    for line in EXPRESSIONS.strip().splitlines():
        config = Config({**given, "a": f"${line}"})
        assert config.check(allow=ALLOW) == []
        assert config.resolve("a", allow=ALLOW) == config.resolve("a"), line


def test_what_raises_raises_as_it_does() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        Config({"a": "$1 / 0"}).resolve("a", allow=ALLOW)
    assert any("while building 'a'" in note for note in caught.value.__notes__)


def test_a_refusal_tells_what_and_a_cure() -> None:
    problems = Config({"a": "$[max(1, a.b), mxa(1)]", "b": "$@a.real", "c": "$f'{1:99999}'"}).check(allow=ALLOW)
    assert problems[0].what == "the name 'a' is not known in '$[max(1, a.b), mxa(1)]'"
    problems = Config({"a": "$mapp(1) + memoryview(b'')", "b": "$@c.real", "c": "$f'{1:99999}'"}).check(allow=ALLOW)
    assert problems


def test_what_is_spent_is_counted_for_the_config_as_a_whole() -> None:
    limited = Config({f"a{n}": "$len([0] * 50_000)" for n in range(100)}).limited(ALLOW)
    start = time.monotonic()
    assert "more than 1,000,000 steps" in limited.check()[0].what
    assert time.monotonic() - start < 60
    with pytest.raises(ConfigError, match="more than 1,000,000 steps"):
        limited.resolve("a99")
