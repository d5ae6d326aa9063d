"""Projects: their tags."""

import pytest

from antechamber.domain.errors import InvalidAttribute
from antechamber.domain.projects import MOST_TAGS, Tag, require_tags


@pytest.mark.parametrize(
    "tags",
    [
        (),
        (Tag("env", "prod"),),
        (Tag("x" * 255, "y" * 255),),
        (Tag("env", "prod"), Tag("Env", "prod")),
        tuple(Tag(str(number), "v") for number in range(MOST_TAGS)),
    ],
)
def test_tags_that_are_taken(tags: tuple[Tag, ...]) -> None:
    assert require_tags(tags) == tags


@pytest.mark.parametrize(
    "tags",
    [
        (Tag("", "prod"),),
        (Tag("env", ""),),
        (Tag("x" * 256, "prod"),),
        (Tag("env", "y" * 256),),
        (Tag("env", "prod"), Tag("env", "test")),
        tuple(Tag(str(number), "v") for number in range(MOST_TAGS + 1)),
    ],
)
def test_tags_that_are_refused(tags: tuple[Tag, ...]) -> None:
    with pytest.raises(InvalidAttribute) as refused:
        require_tags(tags)
    assert refused.value.facts == ("tags",)
