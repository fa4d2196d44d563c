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
RELATIONS = "catalog.views.relations"
CLOSURES = "catalog.views.closures"
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
    Endpoint("chapters", f"{RELATIONS}.Chapters", FIXED, 4),
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
    Endpoint("all-but", f"{RELATIONS}.AllBut", FIXED, 2),
    Endpoint("depth-one", f"{RELATIONS}.DepthOne", FIXED),
    Endpoint("depth-two", f"{RELATIONS}.DepthTwo", FIXED),
    Endpoint("depth-declared", f"{RELATIONS}.DepthDeclared", LEFT, 1),
    Endpoint("added-by", f"{RELATIONS}.AddedBy", FIXED, 1),
    Endpoint("user-books", f"{RELATIONS}.UserBooks", FIXED, 2),
    Endpoint("novels", f"{RELATIONS}.Novels", FIXED, 1),
    Endpoint("reviews", f"{RELATIONS}.Reviews", FIXED, 2),
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
    Endpoint("popped", f"{CLOSURES}.Popped", REPORTED),
    Endpoint("own-field", f"{CLOSURES}.OwnField", FIXED, 1),
    Endpoint("inner", f"{CLOSURES}.Inner", FIXED, 1),
    Endpoint("count", f"{CLOSURES}.Count", FIXED, 2),
    Endpoint("served-by-prefetch", f"{CLOSURES}.ServedByPrefetch", FIXED, 3),
    Endpoint("filter", f"{CLOSURES}.Filter", REPORTED),
    Endpoint("values-list", f"{CLOSURES}.ValuesList", REPORTED),
    Endpoint("unordered-first", f"{CLOSURES}.UnorderedFirst", REPORTED),
    Endpoint("filtering-list", f"{CLOSURES}.FilteringList", REPORTED),
    Endpoint("early-return", f"{CLOSURES}.EarlyReturn", FIXED, 1),
    Endpoint("books-with-chapters", f"{CLOSURES}.BooksWithChapters", FIXED, 4),
)
