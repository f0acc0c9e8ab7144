"""What one run decides: the plan, as data. It lies in the run item and is applied by the later states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lambdas.shared.errors import Problem

REFUSED = "refused:"
"""What the link remembers of a step that was refused, and that the sync can do without, begins so."""

Side = Literal["deal", "opportunity"]
Became = Literal[
    "sent",  # written to the opportunity
    "written",  # written to the deal
    "agreed",  # both sides say the same
    "unmoved",  # neither side has anything new to say
    "muted",  # its condition (only_when) does not hold
    "problem",  # a person has to put something right
    "locked",  # the partner does not take it for now
    "withheld",  # another partner wrote it
    "conflict",  # a person has to decide
    "no-place",  # the deal has no place for what the partner says
    "waits",  # held back because of another field
]
Action = Literal["create", "update", "none"]
Outcome = Literal[
    "synced",  # both sides equal once the plan is applied
    "blocked",  # a person has to put something right on the deal (problems says what)
    "conflict",  # a person has to decide between two values, or between two records
    "paused",  # the tag was taken off
    "closed",  # the deal is gone; the partner is left alone
    "ignored",  # an opportunity that is none of our business
    "deferred",  # one of our creates is open and this may be its record: look again later
    "adopt",  # another record turned out to belong to this link: tie it and run again
]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that is written on one side. ``before`` and ``after`` are partner-space values.

    ``actor`` is who put the winning value on the deal, as HubSpot's history says; None where it does not say.
    """

    field: str
    before: Any
    after: Any
    winner: Side
    rule: str  # "only-deal-moved", "only-opportunity-moved", "last-write-wins", "hubspot-wins", "picked", "create", …
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """Both sides moved apart and the field's strategy is ``manual``: nothing is overwritten.

    ``label`` is what HubSpot calls the field. ``deal_moved_by`` and ``deal_moved_at`` say who changed the deal's value
    and when, by HubSpot's history, ``opportunity_moved_at`` when the partner's record was changed last; moments are
    texts in the account's time zone, empty where nothing is known. ``fits``: the deal can take the partner's value.
    ``goes_with``: what HubSpot calls the field that is decided with it, if any.
    """

    field: str
    property: str
    base: Any
    deal_value: Any
    opportunity_value: Any
    label: str = ""
    deal_moved_by: str = ""
    deal_moved_at: str = ""
    opportunity_moved_at: str = ""
    fits: bool = True
    goes_with: str = ""


@dataclass(frozen=True, slots=True)
class HeldTogether:
    """A field that waits because of the ``other`` one that it stands or falls with: ``why`` is what became of that.

    ``label`` and ``other_label`` are what HubSpot calls the two.
    """

    field: str
    other: str
    why: Became
    label: str = ""
    other_label: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """A person decided a conflict: which side's value stands, ``by`` whom (HubSpot's id), and both values as shown."""

    field: str
    winner: Side
    by: str
    deal_value: Any
    opportunity_value: Any
    rule: str = "picked"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to tell a person, once: ``key`` (value-free) is remembered on the link. ``body`` is HTML, escaped.

    ``announce`` is the detail of the ``Notification`` event that goes with it onto the sync bus, once as well and
    without any value; empty: none does. ``due_hours``: until a task is due, None for what is usual.
    """

    key: str
    kind: Literal["task", "note"]
    subject: str
    body: str
    priority: Literal["high", "normal"] = "normal"
    announce: Mapping[str, str] = field(default_factory=dict)
    due_hours: int | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Company and contacts that a new deal gets. ``company_key`` is the value of the unique company property."""

    company_key: str | None = None
    company: Mapping[str, str] = field(default_factory=dict)
    contacts: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """Work of another machine that this run found to be due. ``kind`` names its inbox (``submissions`` is the queue in
    ``COSELL_<PARTNER>_SUBMISSIONS_URL``), ``detail`` goes into the message; ids and choices, no customer's value.

    Every run that finds it due sends it again: whoever gets it makes sure that it is done once.
    """

    kind: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What the deal shows, and what is told, where the partner refuses a step that the sync can do without."""

    deal: Mapping[str, str] = field(default_factory=dict)
    tell: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole decision.

    ``opportunity`` maps partner paths to values to write (all of them for a create, only those that move for an
    update); ``deal`` maps HubSpot property names to text (``""`` clears). ``base`` is the base once everything here
    is applied. ``blocked`` names fields that the partner has locked for now. ``steps`` are the further writes that
    bring the opportunity to where it belongs, one call each, in the partner's own words: entities to be tied to it, an
    answer to be given. ``adopt`` names what to tie: ``{"deal_id": …}``, ``{"opportunity_id": …}``, or
    both, if the deal is to lead to that one's link. ``creates_deal``: ``deal`` holds the properties of a deal to be
    made, ``deal_people`` who comes with it. ``tell`` are facts for notes and tasks that the link does not remember as
    told. ``review_changed``:
    the deal shows another review status than the partner's record has now. ``withheld`` names fields that rest because
    another partner wrote them on the deal, ``together`` says which wait because of the field that they stand or fall
    with. ``look_again``: once this is written both
    sides are to be read once more, since no notice will say what became of it. ``look_at``: when (epoch milliseconds)
    to look although nothing moved. ``errands`` are sent once everything here is written. ``otherwise`` says for each
    step that may be refused what the deal shows then instead of ``deal``. ``newcomers`` are contacts (HubSpot
    properties) that the partner's record has got since and the deal gets; ``own_words`` names what ``deal`` writes that
    is our people's text and no partner's. ``remember`` are short texts without a value that the link keeps beside its
    steps; ``no_longer`` are those, and facts that were told, which are over. ``picked`` are conflicts that a person
    decided and that this run settles; ``answers`` is what a person has to hear about a pick. ``shown_conflicts`` is
    what the link keeps of the conflicts that the deal shows (``conflict_picks``), None where it keeps what it has;
    ``asks_anew``: one of them is news.
    ``status`` is what the deal shows of its sync once this is written. ``became`` says what was decided about each
    field that was compared.
    """

    action: Action
    outcome: Outcome
    opportunity: Mapping[str, Any] = field(default_factory=dict)
    opportunity_changes: tuple[FieldChange, ...] = ()
    deal: Mapping[str, str] = field(default_factory=dict)
    deal_changes: tuple[FieldChange, ...] = ()
    conflicts: tuple[FieldConflict, ...] = ()
    blocked: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    base: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    adopt: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    creates_deal: bool = False
    deal_people: People | None = None
    tell: tuple[Fact, ...] = ()
    review_changed: bool = False
    withheld: tuple[str, ...] = ()
    together: tuple[HeldTogether, ...] = ()
    look_again: bool = False
    look_at: int | None = None
    errands: tuple[Errand, ...] = ()
    otherwise: Mapping[str, Otherwise] = field(default_factory=dict)
    status: str = ""
    newcomers: tuple[Mapping[str, str], ...] = ()
    own_words: tuple[str, ...] = ()
    remember: tuple[str, ...] = ()
    no_longer: tuple[str, ...] = ()
    picked: tuple[Picked, ...] = ()
    answers: tuple[str, ...] = ()
    shown_conflicts: Mapping[str, Mapping[str, str]] | None = None
    asks_anew: bool = True
    became: Mapping[str, Became] = field(default_factory=dict)

    @property
    def writes(self) -> int:
        """How many writes to the partner the plan takes, for the quota."""
        return (self.action != "none") + len(self.steps)

    @property
    def write_deal(self) -> bool:
        """Whether HubSpot is to be written at all: the deal, a note or a task."""
        return bool(self.deal or self.tell or self.creates_deal or self.otherwise or self.newcomers)

    def as_dict(self) -> dict[str, Any]:
        """JSON form, as it lies in the run item; problems as in ``Problem.as_dict``."""
        return {**asdict(self), "problems": [each.as_dict() for each in self.problems]}
