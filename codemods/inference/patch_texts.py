"""Code in a text (`exec`) that sets a method of Django's querysets or managers."""

from __future__ import annotations

import ast
import re

_OPEN = "{}"
"""What stands for the parts of an f-string that are computed."""

_OWNER = r"(?:\w*QuerySet|\w*Manager|Query|\w*Compiler|objects|_default_manager|_base_manager)"
_SETTING = re.compile(rf"\b{_OWNER}\s*\.\s*[\w{{}}%()]+\s*=[^=]")
_BY_NAME = re.compile(rf"\bsetattr\b[^\n]*\b{_OWNER}\b")


def is_patch_in_text(node: ast.expr) -> bool:
    """Whether a text reads like `QuerySet.exists = f`, or `setattr(QuerySet, name, f)`."""
    text = _text_of(node)
    return _SETTING.search(text) is not None or _BY_NAME.search(text) is not None


def _text_of(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text_of(each) or _OPEN for each in parts)
    return ""
