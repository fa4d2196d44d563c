"""Bodies that may write rows while others are shown, each told apart."""

from __future__ import annotations

from djfix.codemods.inference.access.beside import models_written
from djfix.codemods.inference.access.reading import Accesses
from djfix.codemods.project.project import Project
from djfix.codemods.source.files import Files

FILES = {
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/models.py": """\
from django.db import models

from shop import first, second


class Order(models.Model):
    total = models.IntegerField()

    @property
    def shown(self):
        first.touch(self)
        second.touch(self)
        return self.total


class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE)
""",
    "shop/first.py": "def touch(order):\n    log.update(order)\n",
    "shop/second.py": """\
from shop import models


def touch(order):
    models.Line.objects.filter(order=order).update(total=1)
""",
}


def test_functions_of_one_name_in_two_files_are_both_kept() -> None:
    project = Project(Files.of(FILES))
    reads = project.shared(Accesses).attribute("shop.models.Order", "shown")
    written = {name for each in reads.writing for name in models_written(project, each)}
    assert "shop.models.Line" in written
    places = {(each.evidence[-1].path, each.evidence[-1].line) for each in reads.writing}
    assert {("shop/first.py", 1), ("shop/second.py", 4)} <= places
