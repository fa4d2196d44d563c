"""A small shop, and what the expressions marked `reveal(...)` in one of its functions are."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from textwrap import dedent

from djfix.codemods.inference.expressions import Inference
from djfix.codemods.inference.values import (
    Coroutine,
    Instance,
    Items,
    Manager,
    ModelClass,
    Named,
    Number,
    Plain,
    QuerySet,
    Self,
    Unknown,
    Value,
)
from djfix.codemods.project.project import Project
from djfix.codemods.source.document import Document
from djfix.codemods.source.files import Files

SETTINGS = """
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "shop"]
AUTH_USER_MODEL = "shop.User"
"""

MODELS = """
from elsewhere import ForeignManager, MoneyField, Remote
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    points = models.IntegerField(default=0)


class Account(models.Model):
    STEP = 2

    owner = models.OneToOneField(User, models.CASCADE, related_name="account")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")
    balance = models.DecimalField(max_digits=12, decimal_places=2)
    count = models.IntegerField(default=0)
    maybe = models.IntegerField(null=True)
    rate = models.FloatField(default=0)
    spent = models.DurationField()
    active = models.BooleanField(default=True)
    number = models.CharField(max_length=20)
    opened = models.DateField()
    data = models.JSONField(default=dict)
    money = MoneyField()

    @property
    def doubled(self) -> int:
        return self.count * 2

    @property
    def boss(self) -> "Account":
        return self.parent

    @property
    def bare(self):
        return self.remote_call()


class Tag(models.Model):
    name = models.CharField(max_length=20)


class Order(models.Model):
    STEP = 2

    account = models.ForeignKey(Account, models.CASCADE, related_name="orders")
    second = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    missing = models.ForeignKey("gone.Thing", models.CASCADE)
    tags = models.ManyToManyField(Tag)
    quantity = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=12, decimal_places=2)


class QuickQuerySet(models.QuerySet):
    def get(self, *args, **kwargs):
        return cached(*args, **kwargs)

    def cheap(self):
        return self.filter(price=0)


class Quick(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="quicks")
    objects = QuickQuerySet.as_manager()


class WalkingQuerySet(models.QuerySet):
    def __iter__(self):
        return iter(())

    def __getitem__(self, index):
        return None


class Walking(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="walkings")
    objects = WalkingQuerySet.as_manager()


class Foreign(models.Model):
    account = models.ForeignKey(Account, models.CASCADE, related_name="foreigns")
    objects = ForeignManager()


class Based(Remote):
    account = models.ForeignKey(Account, models.CASCADE)
    count = models.IntegerField(default=0)


class CentsField(models.IntegerField):
    def from_db_value(self, value, expression, connection):
        return value / 100


class Priced(models.Model):
    cents = CentsField()


class Pool(models.Model):
    count = models.IntegerField(default=0)

    def take(self):
        reveal(self)

    @classmethod
    def build(cls):
        reveal(cls)

    @staticmethod
    def other(pool):
        reveal(pool)


class Stamp(models.Model):
    count = models.IntegerField(default=0)

    class Meta:
        abstract = True
"""

FILES = {
    "manage.py": 'import os\n\nos.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"\n',
    "config/__init__.py": "",
    "config/settings.py": SETTINGS,
    "shop/__init__.py": "",
    "shop/models.py": MODELS,
}

IMPORTS = """
import datetime
import decimal
import random
import typing
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, List, Optional, Union
from celery import shared_task
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.shortcuts import aget_object_or_404, get_object_or_404
from django.views.generic import DetailView, UpdateView, View
from rest_framework import generics, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.views import APIView
from shop.models import (
    Account, Based, Foreign, Order, Pool, Priced, Quick, Stamp, Tag, User, Walking
)
"""

PATH = "shop/services.py"


class Revealed:
    """The first function of a file that calls `reveal`, and the arguments of its calls."""

    def __init__(self, text: str, others: Mapping[str, str] | None = None) -> None:
        contents = FILES | {PATH: IMPORTS + dedent(text)}
        contents |= {path: dedent(other) for path, other in (others or {}).items()}
        files = Files.of(contents)
        self.document: Document = files.document(PATH)
        self.project = Project(files)
        self.function = _revealing(self.document)
        self.expressions = [
            node
            for statement in self.function.body
            for node in ast.walk(statement)
            if isinstance(node, ast.expr)
        ]
        self.marked = [node.args[0] for node in ast.walk(self.function) if _is_mark(node)]

    def inference(self) -> Inference:
        """A fresh one, that was asked for nothing yet."""
        return Inference(self.project, self.document, self.function)

    @property
    def value(self) -> Value:
        """What the single marked expression is."""
        (marked,) = self.marked
        return self.inference().value(marked)


def shown(value: Value) -> str:
    """A value in few words: `Account yes get locked`, `int?` (it may be None), `unknown`."""
    match value:
        case Unknown():
            return "unknown"
        case Number(kind=kind, optional=optional):
            return f"{kind}?" if optional else kind
        case Plain(kind=kind):
            return kind
        case Instance(model=model, saved=saved, origin=origin):
            return " ".join([_last(model), saved.name.lower(), origin, *_flags(value)])
        case QuerySet(model=model, methods=methods):
            return " ".join(["queryset", _last(model), *methods, *_flags(value)])
        case Manager(model=model, name=name):
            return " ".join([f"manager {_last(model)}.{name}", *_flags(value)])
        case ModelClass(model=model):
            return f"class {_last(model)}"
        case Items(values=values, element=None):
            return f"({', '.join(shown(item) for item in values)})"
        case Items(element=element):
            return f"[{shown(element)}]" if element is not None else "[]"
        case Self(class_name=name):
            return f"self {name}"
        case Named(name=name):
            return f"named {name}"
        case Coroutine(value=inner):
            return f"coroutine of {shown(inner)}"
    return "request"


_FLAGS = ("locked", "outlives", "optional", "remote", "related", "sliced")


def _flags(value: Value) -> list[str]:
    return [flag for flag in _FLAGS if getattr(value, flag, False)]


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _is_mark(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "reveal"


def _revealing(document: Document) -> ast.FunctionDef | ast.AsyncFunctionDef:
    found = [
        node
        for node in ast.walk(document.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(_is_mark(inner) for inner in ast.walk(node))
    ]
    return found[-1]
