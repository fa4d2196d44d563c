"""Which files may define a member that runs without a call."""

from __future__ import annotations

import pytest

from djfix.codemods.inference.saving.spelled import Spelled
from djfix.codemods.source.files import Files

FOUND = {
    "a_property": "@property\ndef total(self): ...\n",
    "a_cached_one": "@cached_property\nasync def total(self): ...\n",
    "one_of_a_module": "@functools.cached_property  # why\n\n# more\ndef total(self): ...\n",
    "one_with_another_decorator": "@property\n@cache(\n    1\n)\ndef total(self): ...\n",
    "what_is_set": "@Base.total.setter\ndef total(self, value): ...\n",
    "a_name_in_brackets": "@property\ndef total[T](self): ...\n",
}


@pytest.mark.parametrize("name", FOUND)
def test_a_member_is_found(name: str) -> None:
    assert Spelled(Files.of({"a.py": FOUND[name]})).files_of("total") == ["a.py"]


def test_a_name_of_another_script_is_found_as_python_has_it() -> None:
    files = Files.of({"a.py": "@property\ndef \ufb01ne(self): ...\n"})
    assert Spelled(files).files_of("fine") == ["a.py"]


def test_special_methods_are_found_without_a_mark() -> None:
    files = Files.of({"a.py": "def __str__(self): ...\n", "b.py": "x.__str__()\n"})
    assert Spelled(files).files_of("__str__") == ["a.py"]


@pytest.mark.parametrize(
    "text",
    [
        "def total(self): ...\n",
        "@property\ndef other(self): ...\n\ndef total(self): ...\n",
        "total = property(get_total)\n",
        "@property\ndef totals(self): ...\n",
    ],
)
def test_another_function_is_none(text: str) -> None:
    assert Spelled(Files.of({"a.py": text})).files_of("total") == []
