"""The same functions as a codemod without guards would write them: all of it must be noticed."""

from __future__ import annotations

import re
from textwrap import indent

from differential.vocabulary import AROUND, HEAD, TARGET, Shape, body, wrapped


def with_f_and_save(shape: Shape) -> str:
    """`x.n -= d; x.save()` as `x.n = F("n") - d; x.save(update_fields=["n"])`, wherever it is."""
    text = with_f(wrapped(shape), shape)
    target = re.escape(TARGET.get(shape.load, "row"))
    text = re.sub(rf"({target})\.save\(\)", rf"\1.save(update_fields=['{shape.field}'])", text)
    return HEAD + indent(text, "    ") + "\n"


def with_f_and_plain_save(shape: Shape) -> str:
    """Only the right side is changed."""
    return HEAD + indent(with_f(wrapped(shape), shape), "    ") + "\n"


def with_update(shape: Shape) -> str:
    """The change and the save as one `update()` by primary key, the rest as it is."""
    target = TARGET.get(shape.load, "row")
    change = re.compile(rf"{re.escape(target)}\.{shape.field} -= (.*)\n( *){target}\.save\(.*\)")
    manager = f"{shape.model}.objects.filter(pk={target}.pk)"
    call = rf'{manager}.update({shape.field}=F("{shape.field}") - \1)'
    text = change.sub(call, wrapped(shape))
    return HEAD + indent(text, "    ") + "\n"


def with_bare_update(shape: Shape) -> str:
    """Nothing but the update: the fetch, and what it did for a missing row, are gone."""
    lookup = "slug=slug" if "slug" in body(shape) else "pk=pk"
    text = f'{shape.model}.objects.filter({lookup}).update({shape.field}=F("{shape.field}") - d)'
    around = AROUND[shape.around]
    text = text if not shape.around else around.format(body=indent(text, "    "))
    return HEAD + indent(text, "    ") + "\n"


def with_guarded_update(shape: Shape) -> str:
    """The guard in the WHERE, by primary key."""
    f, m = shape.field, shape.model
    lines = [
        f"row = {m}.objects.get(pk=pk)",
        f'if not {m}.objects.filter(pk=pk, {f}__gte=d).update({f}=F("{f}") - d):',
        "    raise ValueError('too little')",
    ]
    return HEAD + indent("\n".join(lines), "    ") + "\n"


def with_f(text: str, shape: Shape) -> str:
    target = re.escape(TARGET.get(shape.load, "row"))
    change = re.compile(rf"({target}\.{shape.field}) ([-+])= ")
    return change.sub(rf'\1 = F("{shape.field}") \2 ', text)
