"""Tags: whole words in any case, and never shown to a partner."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.domain.tags import Tagging, carries_tag, strip_tags, tags_in, with_tags

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


LISTED = Tagging("#AWS", "cosell_partners", "aws", in_name=False)
EITHER = Tagging("#AWS", "cosell_partners", "aws", in_name=True)


@pytest.mark.parametrize(
    ("tagging", "properties", "on"),
    [
        (Tagging("#AWS"), {"dealname": "Big #aws"}, True),
        (Tagging("#AWS"), {"dealname": "Big", "cosell_partners": "aws"}, False),
        (LISTED, {"dealname": "Big #AWS"}, False),
        (LISTED, {"cosell_partners": "microsoft;aws"}, True),
        (LISTED, {"cosell_partners": "aws-eu"}, False),
        (LISTED, {"cosell_partners": None}, False),
        (LISTED, None, False),
        (EITHER, {"dealname": "Big #AWS"}, True),
        (EITHER, {"cosell_partners": "aws"}, True),
        (EITHER, {"dealname": "Big", "cosell_partners": "google"}, False),
    ],
)
def test_a_deal_is_tagged_where_the_settings_say(
    tagging: Tagging, properties: dict[str, str | None] | None, on: bool
) -> None:
    assert tagging.on(properties) is on


def test_a_new_deal_carries_what_it_is_tagged_by() -> None:
    assert Tagging("#AWS").put_on("Big") == {"dealname": "Big #AWS"}
    assert LISTED.put_on("Big") == {"dealname": "Big", "cosell_partners": "aws"}
    assert EITHER.put_on("Big") == {"dealname": "Big #AWS", "cosell_partners": "aws"}
    assert all(each.on(each.put_on("Big")) for each in (Tagging("#AWS"), LISTED, EITHER))


def test_the_settings_say_where_to_look_and_a_person_is_told_so() -> None:
    where = {"name": "cosell_partners", "value": "aws", "or_name": True}
    assert Tagging.of({"tag": "#AWS", "tag_property": where}) == EITHER
    assert Tagging.of({"tag": "#AWS", "tag_property": None}) == Tagging.of({"tag": "#AWS"}) == Tagging("#AWS")
    assert [each.said for each in (Tagging("#AWS"), LISTED, EITHER)] == [
        "#AWS in its name",
        "'aws' in its property 'cosell_partners'",
        "#AWS in its name or 'aws' in its property 'cosell_partners'",
    ]
    assert EITHER.properties == ("dealname", "cosell_partners")
