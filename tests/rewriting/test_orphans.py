"""Imports whose last use the edits took go; all others stay."""

from __future__ import annotations

import pytest

from djfix.codemods.rewriting.edits import ReplaceStatements, statements_from

PATH = "shop/views.py"
USE = "\n\ndef f():\n    g(1)\n"


def edited(workbench, before: str, used_elsewhere=lambda path, name: False) -> str:
    """The text after `g(1)` became `x()`."""
    bench = workbench(before)
    edit = ReplaceStatements(PATH, bench.statements("g(1)"), statements_from("x()"))
    return bench.applied([edit], used_elsewhere)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("from a import g\n", "", id="only_import"),
        pytest.param("import os\nfrom a import g\n", "import os\n", id="last_import"),
        pytest.param(
            '"""Doc."""\n\nfrom a import g\n\nimport os\n',
            '"""Doc."""\n\nimport os\n',
            id="block_of_its_own",
        ),
        pytest.param('"""Doc."""\n\nfrom a import g\n', '"""Doc."""\n', id="after_the_docstring"),
        pytest.param("from a import b, g\n", "from a import b\n", id="last_name"),
        pytest.param("from a import g, h\n", "from a import h\n", id="first_name"),
        pytest.param("from a import b, g, h\n", "from a import b, h\n", id="middle_name"),
        pytest.param("from a import b as g, h  # why\n", "from a import h  # why\n", id="alias"),
        pytest.param("from a import (b, g,)\n", "from a import (b,)\n", id="parentheses"),
        pytest.param(
            "from a import (\n    b,\n    g,\n    h,\n)\n",
            "from a import (\n    b,\n    h,\n)\n",
            id="own_line",
        ),
        pytest.param(
            "from a import (\n    b,  # one\n    g,  # two\n)\n",
            "from a import (\n    b,  # one\n    # two\n)\n",
            id="comment_is_kept",
        ),
        pytest.param(
            "from a import (b,\n               g)\n", "from a import (b)\n", id="aligned_last"
        ),
        pytest.param(
            "from a import (g,\n               b)\n",
            "from a import (\n               b)\n",
            id="aligned_first",
        ),
        pytest.param("from a import g  # why\n", "# why\n", id="comment_of_the_statement_is_kept"),
        pytest.param("import b; from a import g\n", "import b\n", id="end_of_a_shared_line"),
        pytest.param("from a import g; import b\n", "import b\n", id="start_of_a_shared_line"),
        pytest.param("import g\n", "", id="module"),
    ],
)
def test_orphan_goes(workbench, before: str, after: str) -> None:
    expected = f"{after}{USE.replace('g(1)', 'x()')}"
    assert edited(workbench, before + USE) == (expected if after else expected.lstrip("\n"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"from a import g\n{USE}    g(2)\n", id="used_again"),
        pytest.param(
            f"from a import g\n{USE}\n\ndef h():\n    return g\n", id="used_in_another_function"
        ),
        pytest.param(f"from a import g\n__all__ = ['g']\n{USE}", id="exported"),
        pytest.param(
            f"from a import g\n\ndef h(a: 'list[g]'): pass\n{USE}", id="string_annotation"
        ),
        pytest.param(f"from a import g\n\nx = 1  # type: g\n{USE}", id="type_comment"),
        pytest.param(f'"""Doc.\n\n>>> g(1)\n"""\nfrom a import g\n{USE}', id="doctest"),
        pytest.param(f"from a import g  # noqa: F401\n{USE}", id="pragma"),
        pytest.param(f"from a import (\n    b,\n    g,  # noqa\n)\n{USE}", id="pragma_on_its_line"),
        pytest.param(f"from a import g as g\n{USE}", id="exported_by_its_alias"),
        pytest.param(f"try:\n    from a import g\nexcept E:\n    g = 1\n{USE}", id="fallback"),
        pytest.param(f"if x:\n    from a import g\n{USE}", id="condition"),
        pytest.param(f"from a import *\n{USE}", id="star"),
        pytest.param(f"from a import g\nfrom b import g\n{USE}", id="bound_twice"),
        pytest.param(f"from a import g\ng = wrap(g)\n{USE}", id="bound_again"),
        pytest.param(
            f"from a import g, unused\n{USE}    g(3)\nunused = 1\n", id="never_used_is_not_ours"
        ),
        pytest.param(f"from a import other\n{USE}", id="unused_before_is_not_ours"),
    ],
)
def test_import_stays(workbench, text: str) -> None:
    assert edited(workbench, text) == text.replace("g(1)\n", "x()\n", 1).replace(
        ">>> x()", ">>> g(1)"
    ).replace("    g(1)\n", "    x()\n")


def test_name_used_by_other_files_stays(workbench) -> None:
    asked: list[tuple[str, str]] = []

    def used_elsewhere(path: str, name: str) -> bool:
        asked.append((path, name))
        return True

    text = f"from a import g, h\n{USE}"
    assert edited(workbench, text, used_elsewhere) == text.replace("g(1)", "x()")
    assert asked == [(PATH, "g")]


def test_package_keeps_its_imports(workbench) -> None:
    bench = workbench("", {"shop/__init__.py": f"from a import g\n{USE}"})
    from djfix.codemods.findings import NodeReference
    from djfix.codemods.rewriting.edits import apply_edits

    function = bench.files.document("shop/__init__.py").tree.body[1]
    place = NodeReference.of(function.body[0])
    edit = ReplaceStatements("shop/__init__.py", (place,), statements_from("x()"))
    texts = apply_edits(
        bench.files, [edit], trees=bench.trees, used_elsewhere=lambda path, name: False
    )
    assert texts["shop/__init__.py"].startswith("from a import g\n")


def test_import_inside_a_function_goes_with_its_use(workbench) -> None:
    text = "def f():\n    from a import g\n\n    g(1)\n"
    assert edited(workbench, text) == "def f():\n    x()\n"


def test_import_inside_another_function_stays(workbench) -> None:
    text = "def h():\n    from a import g\n    g()\n\n\ndef f():\n    from a import g\n    g(1)\n"
    assert edited(workbench, text) == (
        "def h():\n    from a import g\n    g()\n\n\ndef f():\n    x()\n"
    )


def test_module_import_hidden_by_a_local_one_is_not_ours(workbench) -> None:
    text = "from b import g\n\n\ndef f():\n    from a import g\n    g(1)\n"
    assert edited(workbench, text) == "from b import g\n\n\ndef f():\n    x()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "import a.b\n\n\ndef f():\n    a.b.g(1)\n", "def f():\n    x()\n", id="its_only_use"
        ),
        pytest.param(
            "import a.b\nimport a.c\n\n\ndef f():\n    a.b.g(1)\n    a.c.h\n",
            "import a.c\n\n\ndef f():\n    x()\n    a.c.h\n",
            id="like_import_still_used",
        ),
        pytest.param(
            "import a.b\n\n\ndef f():\n    a.b.g(1)\n    a.z\n",
            "import a.b\n\n\ndef f():\n    x()\n    a.z\n",
            id="package_still_used",
        ),
        pytest.param(
            "import a.b\nimport a.c\n\n\ndef f():\n    a.b.g(1)\n    h(a)\n",
            "import a.b\nimport a.c\n\n\ndef f():\n    x()\n    h(a)\n",
            id="package_passed_whole",
        ),
    ],
)
def test_plain_import_of_a_submodule(workbench, before: str, after: str) -> None:
    bench = workbench(before)
    edit = ReplaceStatements(PATH, bench.statements("a.b.g(1)"), statements_from("x()"))
    assert bench.applied([edit]) == after


def test_names_that_live_on_in_the_new_code_stay(workbench) -> None:
    bench = workbench(f"from a import g\n{USE}")
    edit = ReplaceStatements(PATH, bench.statements("g(1)"), statements_from("h(g)"))
    assert bench.applied([edit]) == f"from a import g\n{USE}".replace("g(1)", "h(g)")
