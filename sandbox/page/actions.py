"""The buttons: each is a step of the demo's scenes, done by the scenes' own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from lambdas.shared.adapters.ledger import DeadLetters
from lambdas.shared.domain.dead_letters import DeadLetter, Work, work_of
from sandbox.page.journal import Entry, Journal
from sandbox.scenarios import SCENES, Stage, faults, inbound
from sandbox.scenarios.scene import CHOICES
from sandbox.world import World

type Form = Mapping[str, str]

_AMOUNT_LIMIT = Decimal(10) ** 12
FAULT_OPERATIONS = ("UpdateOpportunity", "CreateOpportunity", "GetOpportunity")
AWS_STAGES = ("Technical Validation", "Business Validation", "Committed", "Qualified")
TAGS = tuple(CHOICES)


class BadOrder(Exception):
    """A form that cannot be followed; the text says what is wrong and what is allowed."""


class Actions:
    """Does what a button says, in the background; ``journal`` tells what became of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.journal = Journal()
        self._do: Mapping[str, Callable[[Form], Entry]] = {
            "create": self._create,
            "amount": self._amount,
            "aws-stage": self._aws_stage,
            "invitation": self._invitation,
            "fault": self._fault,
            "clear-faults": self._clear_faults,
            "poison": self._poison,
            "replay": self._replay,
            "drop": self._drop,
            "scene": self._scene,
        }

    def perform(self, name: str, form: Form) -> Entry:
        """Begin what the button ``name`` says. ``KeyError``: there is no such button; ``BadOrder``: a wrong form."""
        return self._do[name](form)

    def stop(self) -> None:
        """Begin nothing more."""
        self.journal.stop()

    def _begin(self, title: str, play: Callable[[Stage], str | None]) -> Entry:
        # Schedules, a person and other buttons are at work too, so no scene may count calls.
        return self.journal.begin(title, lambda say: play(Stage(self._world, say=say, calm=False)))

    def _create(self, form: Form) -> Entry:
        name, tags = form.get("name", "").strip(), [tag for tag in TAGS if form.get(f"tag {tag}")]
        if not name:
            raise BadOrder("a deal needs a name")

        def play(stage: Stage) -> str:
            deal_id = stage.new_deal(" ".join([name, *tags]), tagged=bool(tags)).deal_id
            stage.say(f"deal {deal_id} with company and contact is in HubSpot")
            looks = {"#AWS": stage.opportunity_of, "#Microsoft": stage.referral_of, "#GCP": stage.google_of}
            for tag in tags:
                looks[tag](deal_id)
            return f"deal {deal_id} is at {len(tags)} of {len(TAGS)} partners"

        return self._begin(f"Create “{name}” {' '.join(tags)}", play)

    def _amount(self, form: Form) -> Entry:
        deal_id = self._deal(form)
        try:
            amount = Decimal(form.get("amount", ""))
        except InvalidOperation:
            raise BadOrder(f"{form.get('amount', '')!r} is no amount; allowed: a number such as 64000") from None
        if not 0 <= amount < _AMOUNT_LIMIT:
            raise BadOrder(f"{amount} is no amount; allowed: 0 to below {_AMOUNT_LIMIT:f}")
        return self._begin(
            f"Amount {amount:f} on deal {deal_id}", lambda stage: stage.edit(deal_id, amount=f"{amount:f}")
        )

    def _aws_stage(self, form: Form) -> Entry:
        deal_id, aws_stage = self._deal(form), _one_of(form, "stage", AWS_STAGES)

        def play(stage: Stage) -> str:
            opportunity = stage.opportunity_of(deal_id)
            inbound.edit_as_aws(stage, opportunity.id, aws_stage=aws_stage)
            stage.shown(deal_id, hs_next_step=inbound.NEXT_STEPS)
            return f"the deal follows: stage {stage.world.deal(deal_id)['dealstage']}"

        return self._begin(f"AWS sets {aws_stage} for deal {deal_id}", play)

    def _invitation(self, _form: Form) -> Entry:
        return self._begin("AWS sends an invitation", inbound.invitation)

    def _fault(self, form: Form) -> Entry:
        operation = _one_of(form, "operation", FAULT_OPERATIONS)

        def play(stage: Stage) -> str:
            rule = faults.out_of_order(stage, operation, count=3)
            return f"{rule.id}: the next {rule.count} calls of {operation} are answered 503"

        return self._begin(f"Partner Central: 503 for {operation}", play)

    def _clear_faults(self, _form: Form) -> Entry:
        def play(stage: Stage) -> str:
            faults.all_well(stage)
            return "no fault is in force at any vendor"

        return self._begin("Clear faults", play)

    def _poison(self, form: Form) -> Entry:
        deal_id = self._deal(form)

        def play(stage: Stage) -> str:
            amount = str(int(Decimal(stage.world.deal(deal_id).get("amount") or 0)) + 1000)
            with faults.poisoned(stage, deal_id, stage.opportunity_of(deal_id).id, amount) as (letter, _cure):
                pass  # the fault stays in force: taking it away is the next button to press
            return f"dead letter {letter.message_id}: {letter.error}; clear the faults, then replay it"

        return self._begin(f"Poison the next message of deal {deal_id}", play)

    def _replay(self, form: Form) -> Entry:
        def replay(stage: Stage, letters: DeadLetters, letter: DeadLetter) -> str:
            if work_of(letter) is Work.EVENT:
                return (
                    f"{form.get('letter', '')} is an event as it came, which nobody can read again; the polls find it"
                )
            letters.replay(letter, stage.world.cloud.client("sqs"))
            return "replayed"

        return self._decide("Replay", form, replay)

    def _drop(self, form: Form) -> Entry:
        def drop(_stage: Stage, letters: DeadLetters, letter: DeadLetter) -> str:
            letters.mark(letter.message_id, "dropped")
            return "dropped"

        return self._decide("Drop", form, drop)

    def _decide(self, what: str, form: Form, decide: Callable[[Stage, DeadLetters, DeadLetter], str]) -> Entry:
        """Of a letter that waits; of any other, that it does not."""
        message_id = form.get("letter", "")

        def play(stage: Stage) -> str:
            letters = stage.world.dead_letters()
            letter = letters.live(message_id)
            if letter is None or letter.state != "waiting":
                return f"{message_id} does not wait any more"
            return decide(stage, letters, letter)

        return self._begin(f"{what} {message_id}", play)

    def _scene(self, form: Form) -> Entry:
        number = _one_of(form, "number", [str(scene.number) for scene in SCENES])
        scene = next(one for one in SCENES if str(one.number) == number)
        return self._begin(f"Scene {scene.number}: {scene.title}", scene.play)

    def _deal(self, form: Form) -> str:
        deal_id = form.get("deal", "")
        if not any(record.id == deal_id for record in self._world.hubspot.records("deals")):
            raise BadOrder(f"there is no deal {deal_id!r}")
        return deal_id


def _one_of(form: Form, name: str, allowed: tuple[str, ...] | list[str]) -> str:
    if form.get(name) not in allowed:
        raise BadOrder(f"{name} {form.get(name)!r} is not known; allowed: {', '.join(allowed)}")
    return form[name]
