"""Serves every endpoint without rows, with a few, and with twice as many; prints what happened, as JSON.

Also every path that a queryset was told to load, and what Django says of it: a path of
prefetch_related is not looked at by Django while there are no rows.
"""

import json
import os
import sys

SIZES = (0, 4, 8)
HEADERS = ("Content-Type", "Allow", "Location", "Link")


def main():
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    paths = Paths()
    paths.listen()
    django.setup()
    make_tables()
    served = {}
    for before, size in zip((0, *SIZES), SIZES, strict=False):
        fill_to(before, size)
        for name, result in serve_all():
            served.setdefault(name, {})[size] = result
    print(json.dumps({"served": served, "paths": paths.judged(), "views": views()}))


def make_tables():
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)


def fill_to(before, size):
    from django.db import transaction

    from fill import fill

    with transaction.atomic():
        fill(before, size)


def serve_all():
    from endpoints import ENDPOINTS

    for endpoint in ENDPOINTS:
        for request in endpoint.requests:
            yield request.name, serve(request)


def serve(request):
    """The answer to one request, and the number of queries; what it wrote is taken back."""
    from django.db import connection, transaction
    from django.test import Client

    queries = []

    def count(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    with transaction.atomic():
        with connection.execute_wrapper(count):
            answer = answer_to(Client(), request)
        transaction.set_rollback(True)
    if os.environ.get("LIBRARY_SQL") == request.name:
        print(*queries, sep="\n", file=sys.stderr)
    return {**answer, "queries": len(queries), "reads": request.method == "GET"}


def answer_to(client, request):
    try:
        response = client.generic(
            request.method,
            request.url,
            json.dumps(request.data),
            content_type="application/json",
        )
    except Exception as error:
        return {"status": f"raised {type(error).__name__}: {error}", "headers": {}, "body": ""}
    headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
    return {"status": response.status_code, "headers": headers, "body": response.content.decode()}


def views():
    """The class or function behind each request, by the request's name."""
    from django.urls import resolve

    from endpoints import ENDPOINTS

    found = {}
    for endpoint in ENDPOINTS:
        for request in endpoint.requests:
            view = resolve(request.url.partition("?")[0]).func
            view = getattr(view, "cls", None) or getattr(view, "view_class", view)
            found[request.name] = f"{view.__module__}.{view.__qualname__}"
    return found


class Paths:
    """Every path that is given to select_related and prefetch_related while the project is served."""

    def __init__(self):
        self.joined = set()
        self.prefetched = set()

    def listen(self):
        from django.db.models import QuerySet

        join, prefetch = QuerySet.select_related, QuerySet.prefetch_related

        def select_related(queryset, *names):
            self.joined.update((queryset.model, name) for name in names if name)
            return join(queryset, *names)

        def prefetch_related(queryset, *lookups):
            for lookup in lookups:
                path = getattr(lookup, "prefetch_to", lookup)
                is_renamed = getattr(lookup, "to_attr", None)
                if path and not is_renamed:
                    self.prefetched.add((queryset.model, path))
            return prefetch(queryset, *lookups)

        QuerySet.select_related, QuerySet.prefetch_related = select_related, prefetch_related

    def judged(self):
        """Each path with "" or what is wrong with it."""
        joined = [(model, "join", path, wrong_join(model, path)) for model, path in self.joined]
        prefetched = [
            (model, "prefetch", path, wrong_prefetch(model, path))
            for model, path in self.prefetched
        ]
        named = [(model._meta.label, *rest) for model, *rest in joined + prefetched]
        return sorted(set(named))


def wrong_join(model, path):
    """What Django says when it makes SQL of it; it does so also for a table without rows."""
    try:
        str(model._base_manager.select_related(path).query)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def wrong_prefetch(model, path):
    """A hop that is not a relation by its accessor; after a generic foreign key any is possible."""
    for name in path.split("__"):
        if model is None:
            return "goes on after a generic foreign key"
        field = relations_by_accessor(model).get(name)
        if field is None:
            return f"{model._meta.label} has no relation {name}"
        model = field.related_model
    return ""


def relations_by_accessor(model):
    found = {}
    for field in model._meta.get_fields():
        if field.is_relation and field.auto_created and not field.concrete:
            found[field.get_accessor_name()] = field
        elif field.is_relation:
            found[field.name] = field
    return found


if __name__ == "__main__":
    main()
