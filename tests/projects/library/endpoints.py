"""Every endpoint, and what djfix makes of it: the one table that the tests go by.

`state` is that of the default run. "fixed": the number of queries does not grow with the rows any
more. "review": only with --unsafe. "reported": found, never rewritten. "left": nothing is found.
`after`: queries of the default run, where they are exact.
"""

from dataclasses import dataclass, field

FIXED, REVIEW, REPORTED, LEFT = "fixed", "review", "reported", "left"


@dataclass(frozen=True)
class Request:
    name: str
    url: str
    method: str = "GET"
    data: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """`name` is the address too; `view` a view class or function, "" where the router has it."""

    name: str
    view: str
    state: str
    after: int | None = None
    more: tuple = ()

    @property
    def requests(self):
        return (Request(self.name, f"/{self.name}/"), *self.more)


FLAT = "catalog.views.flat"
ENDPOINTS = (
    # Keys: nothing to load.
    Endpoint("key", f"{FLAT}.Key", LEFT, 1),
    Endpoint("key-column", f"{FLAT}.KeyColumn", LEFT, 1),
    # One row behind a key.
    Endpoint("key-of-second", f"{FLAT}.KeyOfSecond", FIXED, 1),
    Endpoint("pk-of-object", f"{FLAT}.PkOfObject", FIXED, 1),
    Endpoint("slug-id", f"{FLAT}.SlugId", FIXED, 1),
    Endpoint("chain", f"{FLAT}.Chain", FIXED, 1),
    Endpoint("nested-one", f"{FLAT}.NestedOne", FIXED, 1),
    Endpoint("text-of-one", f"{FLAT}.TextOfOne", FIXED, 1),
    Endpoint("tag-keys", f"{FLAT}.TagKeys", FIXED, 2),
)
