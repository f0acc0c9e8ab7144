"""The main job as scenes: each plays one part of it in a ``World`` and raises ``NotSeen`` where it does not hold.

``make demo`` plays them once and shows them; the e2e tests play them again and again, with faults in the world.
"""

from __future__ import annotations

from sandbox.scenarios import (
    aws_inbox,
    aws_life,
    aws_people,
    aws_solutions,
    conflicts,
    faults,
    google,
    inbound,
    microsoft,
    outbound,
    rules,
    three_clouds,
)
from sandbox.scenarios.scene import Scene, Stage

SCENES: tuple[Scene, ...] = (
    Scene(1, "A deal tagged #AWS becomes an opportunity", outbound.new_deal),
    Scene(2, "Changes to the deal reach the opportunity, also two at once", outbound.edits),
    Scene(3, "AWS changes next steps and stage, the deal follows", inbound.aws_edits),
    Scene(4, "An invitation from AWS is accepted and becomes a deal", inbound.invitation),
    Scene(5, "No tag, no call; tag off pauses, tag on resumes", rules.tags),
    Scene(6, "A deal without the company's country says so, and syncs once it is filled in", rules.missing_country),
    Scene(7, "Every webhook three times and shuffled: still one opportunity", rules.duplicates),
    Scene(
        8,
        "Partner Central is down, then a message is poisoned; one recovers, one is replayed",
        faults.down_and_poisoned,
    ),
    Scene(9, "One deal with three tags lives at all three partners", three_clouds.one_deal),
    Scene(10, "Microsoft sends a referral, Google an opportunity; the referral is accepted", three_clouds.both_send),
    Scene(11, "Google reviews what a person submitted: accepts one, rejects one", google.review),
    Scene(
        12, "Microsoft's consent dies in the middle of it; after a new one everything arrives", microsoft.dead_consent
    ),
    Scene(13, "The life of one deal at AWS, from its tag to Launched", aws_life.life),
    Scene(14, "Our solutions: listed, matched to a deal with reasons, submitted", aws_solutions.matches),
    Scene(15, "Invitations answered on a deal: accepted, rejected, linked", aws_inbox.answers),
    Scene(16, "People and shared notes reach AWS; AWS's Closed Lost is a task", aws_people.people_and_notes),
    Scene(17, "A field of strategy manual changed on both sides: shown, picked, applied", conflicts.pick),
)

__all__ = ["SCENES", "Scene", "Stage"]
