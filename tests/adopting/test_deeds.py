import ast

import pytest

from lighter.adopting.deeds import deeds


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("args = parser.parse_args()", "reads the command line"),
        ("path = sys.argv[1]", "reads the command line"),
        ("name = input('?')", "reads the terminal"),
        ("print('x')", "prints"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '0'", "sets an environment variable"),
        ("sys.path.append('..')", "changes sys.path"),
        ("for x in data:\n    loss.backward()", "trains"),
        ("MNIST('.', download=True)", "downloads"),
        ("urllib.request.urlretrieve(url)", "downloads"),
        ("if x:\n    exit()", "ends the process"),
        ("x = [torch.zeros(3).cuda() for _ in y]", "asks for CUDA"),
        ("os.system('ls')", "runs a command"),
        ("with open('x') as f: ...", "opens a file"),
    ],
)
def test_what_runs_at_import(text, what):
    (deed,) = deeds(ast.parse(f"import a\n{text}\n"))
    assert deed.what == what
    assert deed.line in {2, 3}


@pytest.mark.parametrize(
    "text",
    [
        "def f(): print('x')",
        "class A:\n    def f(self): input()",
        "f = lambda: print('x')",
        "if __name__ == '__main__':\n    args = parse_args()",
        "name = platform.system()",
        "logger.print('x')",
        "x = os.environ['HOME']",
        "MNIST('.', download=False)",
        "y = torch.cuda.is_available()",
    ],
)
def test_what_does_not(text):
    assert deeds(ast.parse(text)) == ()


def test_each_once_with_its_first_line():
    assert [(d.what, d.line) for d in deeds(ast.parse("print(1)\nprint(2)\ninput()\n"))] == [
        ("prints", 1),
        ("reads the terminal", 3),
    ]
