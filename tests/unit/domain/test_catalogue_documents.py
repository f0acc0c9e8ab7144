"""Which documents of the user's catalogue fit an opportunity, and how a note shows them."""

from __future__ import annotations

import pytest

from lambdas.aws.domain.catalogue import document_notes, fitting, mark_of


def document(title="A paper", url="https://a.example/p", kind="whitepaper", **more):
    return {"kind": kind, "title": title, "url": url, "description": "", "solutions": [], "use_cases": [], **more}


OPPORTUNITY = {
    "RelatedEntityIdentifiers": {"Solutions": ["S-1", "S-2"]},
    "Project": {"CustomerUseCase": "Database"},
    "Customer": {"Account": {"Industry": "Retail"}},
}


@pytest.mark.parametrize(
    ("names", "fits"),
    [
        ({}, True),
        ({"solutions": ["S-2"]}, True),
        ({"solutions": ["S-3"]}, False),
        ({"use_cases": ["Database"]}, True),
        ({"use_cases": ["Archiving"]}, False),
        ({"solutions": ["S-3"], "use_cases": ["Database"]}, True),
        ({"industries": ["Retail"]}, True),
        ({"industries": ["Gaming"]}, False),
        ({"solutions": ["S-1"], "industries": ["Gaming"]}, False),
    ],
)
def test_a_document_fits_by_solution_or_use_case_within_its_industries(names, fits):
    one = document(**names)
    assert fitting([one], OPPORTUNITY) == ([one] if fits else [])


def test_an_opportunity_that_says_nothing_gets_what_fits_everything_only():
    general, special = document(), document(use_cases=["Database"])
    assert fitting([general, special], {}) == [general]


def test_a_note_groups_by_kind_and_escapes_what_the_file_says():
    (note,) = document_notes(
        [
            document("Course <1>", "https://a.example/?a=1&b=2", "training", description='"Two" hours & more'),
            document("Paper", "https://a.example/p"),
        ],
        10,
    )
    assert (note.kind, note.subject) == ("note", "Resources for this deal")
    assert note.body == (
        "<p>These may help with this opportunity at AWS:</p>"
        '<p><strong>Whitepapers</strong></p><ul><li><a href="https://a.example/p">Paper</a></li></ul>'
        "<p><strong>Training</strong></p><ul><li>"
        '<a href="https://a.example/?a=1&amp;b=2">Course &lt;1&gt;</a>: &quot;Two&quot; hours &amp; more</li></ul>'
    )


def test_more_documents_make_more_notes_and_none_make_none():
    notes = document_notes([document(f"Paper {number}") for number in range(5)], 2)
    assert [note.body.count("<li>") for note in notes] == [2, 2, 1]
    assert len({note.key for note in notes}) == 3
    assert document_notes([], 2) == []


def test_a_document_is_another_one_by_title_and_address_only():
    first = document()
    assert mark_of(document(description="new", use_cases=["Database"])) == mark_of(first)
    assert len({mark_of(one) for one in (first, document(title="B"), document(url="https://b.example/p"))}) == 3
