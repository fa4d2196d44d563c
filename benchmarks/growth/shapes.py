"""Django projects drawn for any size: deep and cyclic serializers, long chains of calls.

Every shape grows by one model, serializer or function with each step of its size, and keeps one
view, so a rule that follows each step once costs as much again for twice the size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

Files = Mapping[str, str]

IN_ONE_FILE = 10
"""Functions of a chain that share a file: most steps stay, every tenth crosses over."""

SETTINGS = """
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
"""
MANAGE = """
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

if __name__ == "__main__":
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
"""
MODELS_HEAD = "from django.db import models\n"
SERIALIZERS_HEAD = "from rest_framework import serializers\n\nfrom shop import models\n"
MODEL = """

class Part{number}(models.Model):
    name = models.CharField(max_length=20)
    stock = models.IntegerField(default=0)
    maker = models.ForeignKey("shop.Maker", on_delete=models.CASCADE, related_name="made{number}")
{next}"""
NEXT = """    next = models.ForeignKey(
        "shop.Part{number}", on_delete=models.CASCADE, related_name="+"
    )
"""
MAKER = """

class Maker(models.Model):
    name = models.CharField(max_length=20)
"""
SERVICES = """from shop.chain0 import step0
from shop.models import Part0


def take(pk):
    return step0(Part0.objects.get(pk=pk))
"""
VIEWS = """from rest_framework import viewsets

from shop import models, serializers


class PartViewSet(viewsets.ModelViewSet):
    queryset = models.Part0.objects.order_by("pk")
    serializer_class = serializers.Part0Serializer
"""


def deep(size: int) -> Files:
    """Serializers nested one in another, each with a method field that crosses a relation."""
    nested = """

class Part{number}Serializer(serializers.ModelSerializer):
{next}    maker_name = serializers.SerializerMethodField()

    class Meta:
        model = models.Part{number}
        fields = ["name", "maker_name"{more}]

    def get_maker_name(self, part):
        return part.maker.name
"""
    texts = [
        nested.format(
            number=number,
            next="" if number == size - 1 else f"    next = Part{number + 1}Serializer()\n",
            more="" if number == size - 1 else ', "next"',
        )
        for number in reversed(range(size))
    ]
    return _project(_models(size, closed=False), SERIALIZERS_HEAD + "".join(texts))


def cyclic(size: int) -> Files:
    """Serializers that build the next one inside a method; the last builds the first again."""
    building = """

class Part{number}Serializer(serializers.ModelSerializer):
    following = serializers.SerializerMethodField()
    maker_name = serializers.CharField(source="maker.name")

    class Meta:
        model = models.Part{number}
        fields = ["name", "maker_name", "following"]

    def get_following(self, part):
        return Part{following}Serializer(part.next).data
"""
    texts = [
        building.format(number=number, following=(number + 1) % size) for number in range(size)
    ]
    return _project(_models(size, closed=True), SERIALIZERS_HEAD + "".join(texts))


def calls(size: int) -> Files:
    """An object that is handed on from function to function, over many files, to its last use."""
    files: dict[str, str] = {}
    for first in range(0, size, IN_ONE_FILE):
        numbers = range(first, min(first + IN_ONE_FILE, size))
        crossing = f"from shop.chain{numbers[-1] // IN_ONE_FILE + 1} import step{numbers[-1] + 1}\n"
        head = crossing if numbers[-1] + 1 < size else ""
        steps = [_step(number, size) for number in numbers]
        files[f"shop/chain{first // IN_ONE_FILE}.py"] = head + "".join(steps)
    serializers = """from rest_framework import serializers

from shop import models
from shop.chain0 import step0


class Part0Serializer(serializers.ModelSerializer):
    maker_name = serializers.SerializerMethodField()

    class Meta:
        model = models.Part0
        fields = ["name", "maker_name"]

    def get_maker_name(self, part):
        return step0(part)
"""
    project = _project(_models(1, closed=False), serializers)
    return {**project, **files, "shop/services.py": SERVICES}


def wide(size: int) -> Files:
    """Serializers side by side that nest nothing: what the same code costs without any depth."""
    flat = """

class Part{number}Serializer(serializers.ModelSerializer):
    maker_name = serializers.CharField(source="maker.name")

    class Meta:
        model = models.Part{number}
        fields = ["name", "maker_name"]
"""
    texts = [flat.format(number=number) for number in range(size)]
    return _project(_models(size, closed=False), SERIALIZERS_HEAD + "".join(texts))


SHAPES: Mapping[str, Callable[[int], Files]] = {
    "deep serializers": deep,
    "cyclic serializers": cyclic,
    "long call chains": calls,
    "side by side": wide,
}


def _step(number: int, size: int) -> str:
    body = f"    return step{number + 1}(part)\n"
    if number == size - 1:
        body = "    part.stock -= 1\n    part.save()\n    return part.maker.name\n"
    return f"\n\ndef step{number}(part):\n{body}"


def _models(size: int, *, closed: bool) -> str:
    following: Sequence[str] = [
        NEXT.format(number=(number + 1) % size) if closed or number + 1 < size else ""
        for number in range(size)
    ]
    texts = [MODEL.format(number=number, next=text) for number, text in enumerate(following)]
    return MODELS_HEAD + MAKER + "".join(texts)


def _project(models: str, serializers: str) -> Files:
    return {
        "manage.py": MANAGE.lstrip(),
        "settings.py": SETTINGS.lstrip(),
        "shop/__init__.py": "",
        "shop/models.py": models,
        "shop/serializers.py": serializers,
        "shop/views.py": VIEWS,
    }
