"""Tags: whole words in any case, and never shown to a partner."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.domain.tags import carries_tag, strip_tags, tags_in, with_tags

TAGS = ("#AWS", "#Microsoft", "#GCP")


@pytest.mark.parametrize(
    ("name", "carries"),
    [
        ("BigCorp #AWS", True),
        ("#aws BigCorp", True),
        ("BigCorp (#Aws), phase 2", True),
        ("#AWS#GCP", True),
        ("BigCorp #AWSome", False),
        ("BigCorp #AWS-like", False),
        ("BigCorp AWS", False),
        ("ticket#AWS", False),
        ("##AWS", False),
        ("", False),
        (None, False),
    ],
)
def test_a_tag_is_a_whole_word_in_any_case(name: str | None, carries: bool) -> None:
    assert carries_tag(name, "#AWS") is carries


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("BigCorp Cloud Migration #AWS", "BigCorp Cloud Migration"),
        ("#aws BigCorp #GCP phase 2 #microsoft", "BigCorp phase 2"),
        ("BigCorp - #AWS", "BigCorp"),
        ("BigCorp (#AWS) phase 2", "BigCorp phase 2"),
        ("BigCorp #AWSome", "BigCorp #AWSome"),
        ("#AWS", ""),
        (None, ""),
    ],
)
def test_a_partner_sees_the_name_without_any_partners_tag(name: str | None, seen: str) -> None:
    assert strip_tags(name, TAGS) == seen


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(["#AWS", "#aws", "#A", "WS", "(", ")", " ", "-", "Big", "#GCP", "#", "/", "\n"]), max_size=9
    )
)
def test_stripping_leaves_no_tag_and_twice_is_once(parts: list[str]) -> None:
    once = strip_tags("".join(parts), TAGS)
    assert not tags_in(once, TAGS)
    assert strip_tags(once, TAGS) == once


def test_a_tag_is_added_once() -> None:
    assert with_tags("BigCorp", ["#AWS"]) == "BigCorp #AWS"
    assert with_tags("BigCorp #aws", ["#AWS"]) == "BigCorp #aws"
