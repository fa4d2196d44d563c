"""How Celery's settings may be spelled, and which spellings it passes over without a word.

Measured with Celery 5.7 (`app.config_from_object`): a setting under the namespace, in its old
upper-case name, or in its new lower-case name holds; with no namespace `CELERY_TASK_TIME_LIMIT`
does not, and with `namespace="CELERY"` neither does `CELERY_TIME_LIMIT`. A namespace in lower case
is looked up in lower case, and `django.conf.settings` holds no name in lower case at all.
https://docs.celeryq.dev/en/stable/userguide/configuration.html has both lists of names.
"""

from __future__ import annotations

OLD_NAMES = {
    "task_time_limit": "CELERYD_TASK_TIME_LIMIT",
    "task_soft_time_limit": "CELERYD_TASK_SOFT_TIME_LIMIT",
    "task_acks_late": "CELERY_ACKS_LATE",
    "task_always_eager": "CELERY_ALWAYS_EAGER",
    "task_eager_propagates": "CELERY_EAGER_PROPAGATES_EXCEPTIONS",
    "task_annotations": "CELERY_ANNOTATIONS",
    "task_routes": "CELERY_ROUTES",
    "task_queues": "CELERY_QUEUES",
    "task_default_queue": "CELERY_DEFAULT_QUEUE",
    "task_reject_on_worker_lost": "CELERY_REJECT_ON_WORKER_LOST",
    "worker_pool": "CELERYD_POOL",
    "worker_concurrency": "CELERYD_CONCURRENCY",
    "worker_max_tasks_per_child": "CELERYD_MAX_TASKS_PER_CHILD",
    "worker_max_memory_per_child": "CELERYD_MAX_MEMORY_PER_CHILD",
    "worker_prefetch_multiplier": "CELERYD_PREFETCH_MULTIPLIER",
    "worker_disable_prefetch": "CELERYD_DISABLE_PREFETCH",
    "broker_url": "BROKER_URL",
    "broker_pool_limit": "BROKER_POOL_LIMIT",
    "broker_transport_options": "BROKER_TRANSPORT_OPTIONS",
    "beat_schedule": "CELERYBEAT_SCHEDULE",
}
"""The settings that djfix asks for, by their names since Celery 4, and the names before."""

_PREFIXES = ("task_", "worker_", "broker_")


def spellings(name: str, namespace: str) -> tuple[str, ...]:
    """The names by which a module of settings may give one; "" is no namespace."""
    spaced = (under(namespace, name),) if namespace else ()
    return (*spaced, OLD_NAMES[name], name)


def under(namespace: str, name: str) -> str:
    """A setting's name under a namespace, in the namespace's case, as Celery looks it up."""
    spelled = f"{namespace}_{name}"
    return spelled.upper() if namespace.isupper() else spelled.lower()


def ignored_spellings(name: str, namespace: str) -> tuple[str, ...]:
    """Names that look as if they gave a setting, and do not."""
    short = next((name.removeprefix(each) for each in _PREFIXES if name.startswith(each)), name)
    prefix = namespace.upper() or "CELERY"
    candidates = [
        f"{prefix}_{short.upper()}",
        f"CELERYD_{short.upper()}",
        f"CELERY_{name.upper()}",
    ]
    held = {each for other in OLD_NAMES for each in spellings(other, namespace)}
    return tuple(each for each in dict.fromkeys(candidates) if each not in held)
