"""Every endpoint, and what djfix makes of it: the one table that the tests go by.

`state` is that of the default run. "fixed": the number of queries does not grow with the rows any
more. "partly": it costs less, and still grows. "review": only with --unsafe. "reported": found, never rewritten. "left": nothing is found.
"missed": nothing is found, although it grows.
`after`: queries of the default run, where they are exact. `ordered`: False where the rows come in no
order that the code states, so that a join may change it.
"""

from dataclasses import dataclass, field

FIXED, PARTLY, REVIEW = "fixed", "partly", "review"
REPORTED, MISSED, LEFT = "reported", "missed", "left"


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
    ordered: bool = True

    @property
    def requests(self):
        return (Request(self.name, f"/{self.name}/"), *self.more)


FLAT = "catalog.views.flat"
RELATIONS = "catalog.views.relations"
CLOSURES = "catalog.views.closures"
WHICH = "catalog.views.which"
TRAPS = "catalog.views.traps"


def detail(name, **data):
    """Requests for the first row, and for one that is not there."""
    return (
        Request(f"{name}-one", f"/{name}/1/"),
        Request(f"{name}-patch", f"/{name}/1/", "PATCH", data),
        Request(f"{name}-delete", f"/{name}/1/", "DELETE"),
        Request(f"{name}-missing", f"/{name}/999/"),
    )


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
    # Every kind of relation, nested, as keys, texts and links.
    Endpoint("nested-twice", f"{RELATIONS}.NestedTwice", FIXED, 1),
    Endpoint("slug", f"{RELATIONS}.Slug", FIXED, 1),
    Endpoint("link", f"{RELATIONS}.Link", LEFT, 1),
    Endpoint("link-by-name", f"{RELATIONS}.LinkByName", FIXED, 1),
    Endpoint("key-with-field", f"{RELATIONS}.KeyWithField", LEFT, 1),
    Endpoint("write-only", f"{RELATIONS}.WriteOnly", LEFT, 1),
    Endpoint("chapter-keys", f"{RELATIONS}.ChapterKeys", FIXED, 3),
    Endpoint("review-keys", f"{RELATIONS}.ReviewKeys", FIXED, 2),
    Endpoint("reader-keys", f"{RELATIONS}.ReaderKeys", FIXED, 3),
    Endpoint("tag-names", f"{RELATIONS}.TagNames", FIXED, 2),
    Endpoint("tag-texts", f"{RELATIONS}.TagTexts", FIXED, 3),
    Endpoint("tag-links", f"{RELATIONS}.TagLinks", FIXED, 2),
    Endpoint("nested-tags", f"{RELATIONS}.NestedTags", FIXED, 2),
    Endpoint("tags-with-group", f"{RELATIONS}.TagsWithGroup", FIXED, 3),
    Endpoint("chapters", f"{RELATIONS}.Chapters", FIXED, 2),
    Endpoint("back-reference", f"{RELATIONS}.BackReference", FIXED, 2),
    Endpoint("readings", f"{RELATIONS}.Readings", FIXED, 3),
    Endpoint("nested-cover", f"{RELATIONS}.NestedCover", FIXED, 1),
    Endpoint("cover-method", f"{RELATIONS}.CoverMethod", FIXED, 1),
    Endpoint("book-of-cover", f"{RELATIONS}.BookOfCover", FIXED, 1),
    Endpoint("author-profile", f"{RELATIONS}.AuthorProfile", FIXED, 1),
    Endpoint("notes", f"{RELATIONS}.Notes", FIXED, 3),
    Endpoint("note-target", f"{RELATIONS}.NoteTarget", FIXED, 3),
    Endpoint("categories", f"{RELATIONS}.Categories", FIXED, 2),
    Endpoint("places", f"{RELATIONS}.Places", FIXED, 1),
    Endpoint("branches", f"{RELATIONS}.Branches", LEFT, 1),
    Endpoint("branch-countries", f"{RELATIONS}.BranchCountries", FIXED, 1),
    Endpoint("everything", f"{RELATIONS}.Everything", FIXED, 4),
    Endpoint("all-but", f"{RELATIONS}.AllBut", FIXED, 2, ordered=False),
    Endpoint("depth-one", f"{RELATIONS}.DepthOne", FIXED),
    Endpoint("depth-two", f"{RELATIONS}.DepthTwo", FIXED),
    Endpoint("depth-declared", f"{RELATIONS}.DepthDeclared", LEFT, 1),
    Endpoint("added-by", f"{RELATIONS}.AddedBy", FIXED, 1),
    Endpoint("user-books", f"{RELATIONS}.UserBooks", FIXED, 2),
    Endpoint("novels", f"{RELATIONS}.Novels", FIXED, 1),
    Endpoint("reviews", f"{RELATIONS}.Reviews", FIXED, 2, ordered=False),
    # Where the paths hide.
    Endpoint("method", f"{CLOSURES}.Method", FIXED, 1),
    Endpoint("property", f"{CLOSURES}.Property", FIXED, 2),
    Endpoint("second-property", f"{CLOSURES}.SecondProperty", FIXED, 1),
    Endpoint("helper", f"{CLOSURES}.Helper", FIXED, 1),
    Endpoint("representation", f"{CLOSURES}.Representation", FIXED, 2),
    Endpoint("inherited-representation", f"{CLOSURES}.InheritedRepresentation", FIXED, 1),
    Endpoint("mixed-in", f"{CLOSURES}.MixedIn", FIXED, 1),
    Endpoint("extended-meta", f"{CLOSURES}.ExtendedMeta", FIXED, 2),
    Endpoint("get-fields", f"{CLOSURES}.GetFields", FIXED, 1),
    Endpoint("popped", f"{CLOSURES}.Popped", PARTLY, 1),
    Endpoint("removable", f"{CLOSURES}.Removable", REVIEW),
    Endpoint("removed", f"{CLOSURES}.Removed", LEFT, 1),
    Endpoint("own-field", f"{CLOSURES}.OwnField", FIXED, 1),
    Endpoint("inner", f"{CLOSURES}.Inner", FIXED, 1),
    Endpoint("count", f"{CLOSURES}.Count", REVIEW),
    Endpoint("served-by-prefetch", f"{CLOSURES}.ServedByPrefetch", REVIEW),
    Endpoint("filter", f"{CLOSURES}.Filter", REPORTED),
    Endpoint("values-list", f"{CLOSURES}.ValuesList", REPORTED),
    Endpoint("unordered-first", f"{CLOSURES}.UnorderedFirst", REPORTED),
    Endpoint("filtering-list", f"{CLOSURES}.FilteringList", REPORTED),
    Endpoint("early-return", f"{CLOSURES}.EarlyReturn", FIXED, 1),
    Endpoint("books-with-chapters", f"{CLOSURES}.BooksWithChapters", FIXED, 2),
    # Which serializer, and which queryset.
    Endpoint("by-hand", f"{WHICH}.ByHand", FIXED, 1),
    Endpoint("paged", f"{WHICH}.Paged", FIXED, 2),
    Endpoint("in-mixin", f"{WHICH}.InMixin", FIXED, 1),
    Endpoint("in-base", f"{WHICH}.InBase", FIXED, 1),
    Endpoint("asked-attribute", f"{WHICH}.AskedAttribute", REVIEW),
    Endpoint(
        "asked-method",
        f"{WHICH}.AskedMethod",
        REVIEW,
        None,
        (Request("asked-method-old", "/asked-method/?old=1"),),
    ),
    Endpoint("shared-more", f"{WHICH}.SharedMore", REVIEW),
    Endpoint("shared-less", f"{WHICH}.SharedLess", LEFT, 1),
    Endpoint("refined", f"{WHICH}.Refined", FIXED, 1),
    Endpoint("from-helper", f"{WHICH}.FromHelper", FIXED, 1),
    Endpoint("from-helper-around", f"{WHICH}.FromHelperAround", FIXED, 1),
    Endpoint("long-chain", f"{WHICH}.LongChain", FIXED, 1),
    Endpoint("manager-method", f"{WHICH}.ManagerMethod", FIXED, 1),
    Endpoint("loaded-by-method", f"{WHICH}.LoadedByMethod", LEFT, 2),
    Endpoint("loaded-by-manager", f"{WHICH}.LoadedByManager", LEFT, 1),
    Endpoint("loaded-by-hook", f"{WHICH}.LoadedByHook", LEFT, 1),
    Endpoint("loaded-by-prefetch", f"{WHICH}.LoadedByPrefetch", LEFT, 2),
    Endpoint("loaded-by-join", f"{WHICH}.LoadedByJoin", LEFT, 4),
    Endpoint("flat-prefetch", f"{WHICH}.FlatPrefetch", FIXED, 3),
    Endpoint("prefetch-of-their", f"{WHICH}.PrefetchOfTheir", FIXED, 3),
    Endpoint("thrown-away", f"{WHICH}.ThrownAway", FIXED, 2),
    Endpoint("annotated", f"{WHICH}.Annotated", LEFT, 1),
    Endpoint("both", f"{WHICH}.Both", PARTLY),
    Endpoint("unordered", f"{WHICH}.Unordered", FIXED, 4, ordered=False),
    Endpoint("unordered-tags", f"{WHICH}.UnorderedTags", FIXED, 2, ordered=False),
    Endpoint("ordered-by-filter", f"{WHICH}.OrderedByFilter", FIXED, 1),
    Endpoint("ordered-by-cursor", f"{WHICH}.OrderedByCursor", FIXED, 1),
    Endpoint("pagination", f"{WHICH}.Pagination", FIXED, 2),
    Endpoint("by-function", f"{WHICH}.by_function", FIXED, 1),
    Endpoint(
        "branches-of-code",
        f"{WHICH}.TwoReturns",
        FIXED,
        1,
        (Request("branches-of-code-old", "/branches-of-code/?old=1"),),
    ),
    Endpoint("by-action", "", REVIEW, None, detail("by-action", title="changed")),
    Endpoint("by-dict", "", FIXED, 1, (Request("by-dict-one", "/by-dict/1/"),)),
    Endpoint(
        "by-method",
        f"{WHICH}.ByMethod",
        FIXED,
        1,
        (Request("by-method-post", "/by-method/", "POST"),),
    ),
    Endpoint("actions", "", PARTLY, None, (Request("actions-recent", "/actions/recent/"),)),
    Endpoint(
        "stock-writes",
        "",
        FIXED,
        2,
        (
            Request("stock-writes-one", "/stock-writes/1/"),
            Request("stock-writes-delete", "/stock-writes/1/", "DELETE"),
        ),
    ),
    Endpoint("writes-keys", "", FIXED, 2, detail("writes-keys", tags=[2, 3])),
    Endpoint("stale", "", REVIEW, None, (Request("stale-write", "/stale/1/write/", "POST"),)),
    # What must not be added, or not by a join.
    Endpoint("hidden-rows", f"{TRAPS}.HiddenRows", FIXED, 2),
    Endpoint("gone-rows", f"{TRAPS}.GoneRows", FIXED, 3),
    Endpoint("recursion", f"{TRAPS}.Recursion", REPORTED),
    Endpoint("locked", f"{TRAPS}.Locked", FIXED, 5),
    Endpoint("values", f"{TRAPS}.Values", LEFT, 1),
    Endpoint("union", f"{TRAPS}.Union", REPORTED),
    Endpoint("only", f"{TRAPS}.Only", REPORTED),
    Endpoint("only-later", f"{TRAPS}.OnlyLater", REPORTED),
    Endpoint("iterated", f"{TRAPS}.Iterated", MISSED),
    Endpoint("bare-join", f"{TRAPS}.BareJoin", FIXED, 2),
    Endpoint("cleared", f"{TRAPS}.Cleared", FIXED, 1),
    Endpoint("raw", f"{TRAPS}.Raw", REVIEW),
    Endpoint("sliced", f"{TRAPS}.Sliced", FIXED, 2),
    Endpoint("distinct", f"{TRAPS}.Distinct", FIXED, 1),
)
