"""How ``cosell dlq`` shows a dead letter: as a row, and at length, a plain summary first."""

from __future__ import annotations

from cli.link_trouble import moment
from lambdas.shared.domain.dead_letters import DeadLetter, Work, cause_of, message_of, work_of
from lambdas.shared.domain.link import Link

_WIDTHS = (36, 25, 5, 8, 9, 20, 22)
_HEADS = ("MESSAGE ID", "SINCE (UTC)", "TIMES", "STATE", "KIND", "QUEUE", "ERROR", "LINK")
_TIMES = ("registered_at", "due_at", "woken_at", "told_at", "decided_at")
_LAST = ("cause", "body")
"""Long ones, at the end."""


def heading() -> str:
    """The line above the rows."""
    return _line(_HEADS)


def row(one: DeadLetter) -> str:
    """A letter as one line."""
    queue = one.queue or one.queue_url.rpartition("/")[2]
    times = str(one.count)
    cells = (one.message_id, moment(one.registered_at), times, one.state, one.kind or "new", queue, str(one.error))
    return _line((*cells, one.link or "-"))


def _line(cells: tuple[str, ...]) -> str:
    padded = [text.ljust(width) for text, width in zip(cells, _WIDTHS, strict=False)]
    return "  ".join([*padded, *cells[len(_WIDTHS) :]]).rstrip()


def at_length(letter: DeadLetter, link: Link | None, stage: str) -> str:
    """All that is known of a letter. ``link`` is the one that it names, as it is now."""
    cause = cause_of(letter)
    summary = [
        _what_failed(letter, link),
        f"It failed with {letter.error or 'an unknown error'} ({cause.name}): {cause.means}.",
        f"What to do: {cause.do}",
        f"Now: {next_of(letter)}",
        *_commands(letter, link, stage),
    ]
    return "\n".join([*summary, "", "Details", *_details(letter)])


def _what_failed(letter: DeadLetter, link: Link | None) -> str:
    whose = f"Deal {link.deal_id}" if link is not None and link.deal_id else None
    if whose is None and link is not None:
        whose = f"Opportunity {link.opportunity_id}" if link.opportunity_id else f"Link {link.key}"
    about = f"{whose} ({link.partner})" if whose and link is not None else letter.link or "No deal is named"
    times = f", {letter.count} times by now, the last one" if letter.count > 1 else ""
    return f"{about}: {_work(letter)} was given up{times} at {moment(letter.registered_at)}."


def _work(letter: DeadLetter) -> str:
    queue = letter.queue or letter.queue_url.rpartition("/")[2]
    of_work = {
        Work.LINK: "bringing its changes across",
        Work.POLL: f"the poll {(message_of(letter.body) or {}).get('poll', '')}".rstrip(),
        Work.EVENT: "an event that a rule could not deliver",
    }
    return f"{of_work.get(work_of(letter), 'the work of a message')} (queue {queue})"


def next_of(letter: DeadLetter) -> str:
    """What becomes of it by itself, and what by a person."""
    if letter.state != "waiting":
        return f"nothing, it was {letter.state}."
    if letter.kind is None:
        return "the next sweep of dead letters judges it (poll dead-letters.due)."
    if letter.kind == "transient":
        when = f" at {moment(letter.due_at)}" if letter.due_at else ""
        did = "was woken; whether that helped is looked at" if letter.woken_at else "is woken again by itself"
        return f"it {did}{when} ({letter.wakes} wakes so far). `replay` does it now."
    itself = {
        Work.LINK: " The next change of the deal tries again too, and resolves it if it goes well.",
        Work.POLL: " The schedule comes again anyway, and it is put aside after a day.",
        Work.EVENT: " The polls find what it was about, and it is put aside after a day; there is nothing to replay.",
    }
    return "it waits for you: `replay` it once the cause is gone, or `drop` it." + itself.get(work_of(letter), "")


def _commands(letter: DeadLetter, link: Link | None, stage: str) -> list[str]:
    if letter.state != "waiting":
        return []
    where = "" if stage == "sandbox" else f" --stage {stage}"
    found: list[str] = []
    if work_of(letter) is not Work.EVENT:
        found.append(f"  cosell dlq replay {letter.message_id}{where}    # once the cause is gone (writes)")
    if link is not None and link.deal_id:
        found.append(f"  cosell reconcile --deal {link.deal_id} --values{where}    # how both sides stand")
    found.append(f"  cosell dlq drop {letter.message_id}{where}    # only if its work is not wanted any more (writes)")
    return found


def _details(letter: DeadLetter) -> list[str]:
    names = [name for name in letter.__dataclass_fields__ if name not in _LAST]
    found: list[str] = []
    for name in (*names, *_LAST):
        value = getattr(letter, name)
        if value is not None:
            found.append(f"  {name:14}  {moment(value) if name in _TIMES else value}")
    return found
