"""Who is to be forgotten, and a document without them. Pure.

A person is known by digests alone (addresses, full names, phone numbers) and by HubSpot's ids, so that neither a
message nor the progress of the work holds what is to be forgotten. Names and numbers are learned from our own copies:
HubSpot's record is gone by the time that it tells us.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, permutations
from typing import Any

from lambdas.shared.domain.personal import ADDRESS, FORGOTTEN, subject_of

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_NUMBER = re.compile(r"(?<![\w-])\+?\(?\d[\d\s().\-/]{5,}\d(?![\w-])")
_DIGITS = 8  # of a phone number, from its end: the country is written in several ways
# How a contact's members are called at HubSpot and the partners, without case and signs.
_FIRST = ("firstname", "givenname")
_LAST = ("lastname", "familyname")
_PHONE = ("phone", "phonenumber", "mobilephone")
_ADDRESS = ("email", "emailaddress")
_CONTACT_TYPE = "0-1"


@dataclass(frozen=True, slots=True)
class Person:
    """``subjects`` are digests of addresses, ``contacts`` HubSpot's ids, ``names`` and ``phones`` digests."""

    subjects: frozenset[str] = frozenset()
    contacts: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    def __or__(self, other: Person) -> Person:
        return Person(
            self.subjects | other.subjects,
            self.contacts | other.contacts,
            self.names | other.names,
            self.phones | other.phones,
        )


def name_marks(*parts: str) -> frozenset[str]:
    """Digests of a full name in both orders; none for a single word, which too many share."""
    words = [_WORD.findall(part) for part in parts if part]
    if sum(map(len, words)) < 2:
        return frozenset()
    orders = permutations(words) if len(words) <= 2 else (words,)
    return frozenset(_mark([one for part in order for one in part]) for order in orders)


def phone_marks(*numbers: str) -> frozenset[str]:
    """Digests of phone numbers; what has fewer than seven digits is none."""
    digits = (re.sub(r"\D", "", one) for one in numbers)
    return frozenset(_digest(one[-_DIGITS:]) for one in digits if len(one) >= 7)


def learned(value: Any, person: Person) -> Person:
    """The person with what ``value`` says of them: addresses of their contact, full names, phone numbers."""
    if isinstance(value, str):
        document = _document(value)
        return person if document is None else learned(document, person)
    if isinstance(value, Mapping):
        if _is_surely(value, person):
            person |= _told_by(value)
        for one in value.values():
            person = learned(one, person)
    elif isinstance(value, (list, tuple)):
        for one in value:
            person = learned(one, person)
    return person


def without(value: Any, person: Person, *, texts: bool = True) -> Any:
    """``value`` without the person: entries of lists that are about them go, other entries become None, and in texts
    ``FORGOTTEN`` stands for what named them (JSON inside of a text is read as such). ``texts``: False leaves those."""
    if isinstance(value, str):
        return _text_without(value, person) if texts else value
    if isinstance(value, Mapping):
        if _is_about(value, person):
            return None
        return {name: without(one, person, texts=texts) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [without(one, person, texts=texts) for one in value if not _is_about(one, person)]
    return value


def base_without(fields: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """The base without the person, so that the next run neither brings them back nor overwrites anything.

    People who go leave the base as if both sides had agreed on those who stay: the deal does not name them any more,
    so nothing has moved and the partner's record is left alone. A text that names the person leaves the base as a
    whole: sides that say the same agree anew, and where they differ the field's own strategy decides.
    """
    after: dict[str, Any] = {}
    for name, value in fields.items():
        pruned = without(value, person, texts=False)
        if without(pruned, person) == pruned:
            after[name] = None if value and not pruned else pruned
    return after


def _is_about(value: Any, person: Person) -> bool:
    """Whether a mapping is about the person. A name alone is enough only where no address says who it is."""
    if not isinstance(value, Mapping):
        return False
    said = _told_by(value)
    return _is_surely(value, person) or (not said.subjects and bool(said.names & person.names))


def _is_surely(value: Mapping[str, Any], person: Person) -> bool:
    """Whether it has the person's address or HubSpot's id of them. Nothing is learned from anything less: another
    person of the same name would be forgotten with them."""
    if _told_by(value).subjects & person.subjects:
        return True
    if value.get("object") == "contact" and str(value.get("id")) in person.contacts:  # a notice of ours
        return True
    if _is_contact_event(value) and str(value.get("objectId")) in person.contacts:
        return True
    properties = value.get("properties")
    is_contact = isinstance(properties, Mapping) and "email" in properties and "id" in value
    return is_contact and str(value["id"]) in person.contacts


def _is_contact_event(value: Mapping[str, Any]) -> bool:
    kind = str(value.get("subscriptionType") or value.get("eventType") or "")
    return kind.startswith("contact.") or value.get("objectTypeId") == _CONTACT_TYPE


def _told_by(value: Mapping[str, Any]) -> Person:
    """What a mapping says of the one person that it is about, by the names of its members; of a HubSpot record, of its
    properties."""
    texts: dict[str, str] = {}
    for name, one in value.items():
        if isinstance(one, str) and one.strip():
            texts.setdefault(re.sub(r"[^a-z]", "", name.lower()), one)
    inner = value.get("properties")
    person = _told_by(inner) if isinstance(inner, Mapping) and "email" in inner else Person()
    addresses, first, last, phones = (
        [texts[name] for name in names if name in texts] for names in (_ADDRESS, _FIRST, _LAST, _PHONE)
    )
    return person | Person(
        subjects=frozenset(subject_of(one) for one in addresses if ADDRESS.fullmatch(one.strip())),
        names=name_marks(*first, *last),
        phones=phone_marks(*phones),
    )


def _text_without(text: str, person: Person) -> str:
    document = _document(text)
    if document is not None:
        after = without(document, person)
        if after == document:
            return text
        if after is None:
            return FORGOTTEN
        return json.dumps(after, ensure_ascii=False, separators=(",", ":"))
    for start, end in sorted(_spans(text, person), reverse=True):
        text = text[:start] + FORGOTTEN + text[end:]
    return text


def _document(text: str) -> Any:
    """The list or mapping that a text is the JSON of, or None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _spans(text: str, person: Person) -> Iterator[tuple[int, int]]:
    """Where the person is named; spans that touch are one."""
    found = [found.span() for found in ADDRESS.finditer(text) if subject_of(found.group()) in person.subjects]
    if person.phones:
        found += [one.span() for one in _NUMBER.finditer(text) if phone_marks(one.group()) & person.phones]
    if person.names:
        found += _names_in(text, person)
    end = -1
    begin = 0
    for start, stop in sorted(found):
        if start > end:
            if end >= 0:
                yield begin, end
            begin = start
        end = max(end, stop)
    if end >= 0:
        yield begin, end


def _names_in(text: str, person: Person) -> Iterator[tuple[int, int]]:
    """Rows of words that are a name. Only rows of a name's own shape are hashed: texts are long, names are few."""
    shapes = {tuple(map(int, one.split(".")[:2])) for one in person.names}
    words = list(_WORD.finditer(text))
    letters = [0, *accumulate(one.end() - one.start() for one in words)]  # before each word
    for count, length in shapes:
        for first, (before, after) in enumerate(zip(letters, letters[count:], strict=False)):
            if after - before == length:
                row = words[first : first + count]
                if _mark([one.group() for one in row]) in person.names:
                    yield row[0].start(), row[-1].end()


def _mark(words: Sequence[str]) -> str:
    """A name's digest, with how many words and letters it has."""
    return f"{len(words)}.{sum(map(len, words))}.{_digest(' '.join(words).casefold())}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def key_of(subjects: Iterable[str], contacts: Iterable[str]) -> str:
    """Under what the forgetting of a person is kept: one of their addresses' digests, else a digest of their id."""
    return min(subjects, default="") or _digest(f"contact:{min(contacts)}")
