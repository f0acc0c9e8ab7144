"""What a person or a test may set about the simulated account.

Facts that the fact sheet marks unverified, or on which its sources disagree, are members of ``Switches``: both
readings are played, and the product has to hold under both. The comment at each names the section.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Switches:
    """Readings of unclear facts. The defaults are the stricter or the documented reading."""

    # 6 no. 1: replies carry "&amp;colon;" for ":" and "&amp;" for "&"
    encode_entities: bool = False
    # 6 no. 4: GetOpportunity returns a spend row with the currency only, empty lists, half contacts
    stub_rows: bool = False
    # 2.1: PartnerOpportunityIdentifier is missing from replies at times; share of replies, 0 to 1
    partner_identifier_null_rate: float = 0.0
    # 1.8: association and assignment move LastModifiedDate
    association_moves_last_modified: bool = True
    # 1.1: LastModifiedDate has millisecond (1) or second (1000) precision
    last_modified_step_ms: Literal[1, 1000] = 1
    # 3.3: associating what is already associated gives ConflictException; otherwise it is taken as done
    duplicate_association_refused: bool = True
    # 2.7: fields locked once Approved, as documented ("D") or as in the vendor's spreadsheet ("X")
    approved_locks: Literal["D", "X"] = "D"
    # 2.1: ExpectedContractDuration and AwsPartition are locked once Approved
    unverified_fields_locked: bool = False
    # 2.7: a Launched opportunity takes only a handful of fields
    launched_locks: bool = True
    # 2.8: Closed Lost before submission is refused
    closing_before_submission_refused: bool = True
    # 2.8, 3.1: OtherSolutionDescription stands in for a solution at submission
    other_solution_submits: bool = False
    # 2.1: rules of the former file integration (contacts and next steps needed for Co-Sell)
    s3_era_rules: bool = False
    # 2.2, 2.6: Frequency "None" is taken (and needed) for contract value rows; otherwise only the model's Monthly
    frequency_none_accepted: bool = True
    # 2.2: spend may be in EUR, or in USD only
    euro_accepted: bool = True
    # 2.2: PrimaryNeedsFromAws takes "Do Not Need Support from AWS Sales Rep"
    no_support_need_accepted: bool = False
    # 2.3: slash values of CustomerUseCase are written with spaces around the slash
    use_case_slash_spaced: bool = True
    # 6 no. 3: Sandbox refuses updates without Marketing.Source
    sandbox_needs_marketing_source: bool = True
    # 6 no. 3: AwsFundingUsed is one of the companions refused with Source None
    funding_refused_without_marketing: bool = True
    # 1.7: ClientToken longer than 64 characters is refused
    client_token_max_64: bool = False
    # 1.9: a fresh opportunity is not found for so long
    fresh_not_found_ms: int = 0
    # 1.5: the rate counts over the group, or per operation
    rate_counts: Literal["group", "operation"] = "group"
    # 3.2: the AWS summary before submission is nearly empty, or not found
    summary_before_submission: Literal["empty", "not-found"] = "empty"
    # 3.1: task ids may be null even on COMPLETE
    task_ids_null: bool = False
    # 3.1: a task's Message may be the literal text "null"
    task_message_null_text: bool = False
    # 3.5, 3.6: review status of an opportunity that came of an invitation
    invited_review_status: str = "Approved"
    # 1.4: ListSolutions is empty in Sandbox although associating works
    sandbox_lists_no_solutions: bool = False
    # 4: events as recorded ("observed") or as in the developer guide ("documented")
    event_shape: Literal["observed", "documented"] = "observed"
    # 1.1: the request must be signed for us-east-1 and partnercentral-selling
    check_signature_scope: bool = True
    # 2.1: kind of partner: a services partner needs AwsAccountId at Launched; an ISV may edit more there
    partner_kind: Literal["ISV", "Services"] = "ISV"
    # 2.1: special programmes need SoftwareRevenue at Launched
    special_programme: bool = False
    # 2.2: the account may submit with Visibility Limited
    limited_visibility_eligible: bool = False
    # 3.4: a snapshot job acts with the registered role, and without one its runs fail
    snapshot_job_needs_role: bool = True
    # 3.4: starting what runs, and stopping what is stopped, is refused; otherwise it is taken as done
    job_turned_twice_refused: bool = True
    # 3.4: GetSellingSystemSettings before any Put is empty, or not found
    selling_settings_before_put: Literal["empty", "not-found"] = "empty"

    @classmethod
    def other_readings(cls) -> Switches:
        """Every unclear fact read the other way round, for running a suite under both readings.

        Left as they are: what depends on the configured values or on the kind of account (``frequency_none_accepted``,
        ``use_case_slash_spaced``, ``euro_accepted``, ``partner_kind``, ``special_programme``,
        ``limited_visibility_eligible``) and ``check_signature_scope``, which is no unclear fact.
        """
        return cls(
            encode_entities=True,
            stub_rows=True,
            partner_identifier_null_rate=0.5,
            association_moves_last_modified=False,
            last_modified_step_ms=1000,
            duplicate_association_refused=False,
            approved_locks="X",
            unverified_fields_locked=True,
            launched_locks=False,
            closing_before_submission_refused=False,
            other_solution_submits=True,
            s3_era_rules=True,
            no_support_need_accepted=True,
            sandbox_needs_marketing_source=False,
            funding_refused_without_marketing=False,
            client_token_max_64=True,
            fresh_not_found_ms=2000,
            rate_counts="operation",
            summary_before_submission="not-found",
            task_ids_null=True,
            task_message_null_text=True,
            sandbox_lists_no_solutions=True,
            event_shape="documented",
            snapshot_job_needs_role=False,
            job_turned_twice_refused=False,
            selling_settings_before_put="not-found",
        )


@dataclass(slots=True)
class Quota:
    """Rates and day quotas of the account (1.5); None = unlimited.

    ``jitter_ms``: a call that comes so much too early still passes, on credit, because timers and threads of one
    machine are not the client's fault; the average is held all the same.
    """

    reads_per_second: float | None = 10.0
    writes_per_second: float | None = 1.0
    reads_per_day: int | None = 100_000
    writes_per_day: int | None = 10_000
    jitter_ms: int = 50


@dataclass(slots=True)
class TaskPace:
    """When an asynchronous task ends: after ``delay_ms`` and after it was listed ``polls`` times (0, 0 = at once)."""

    delay_ms: int = 0
    polls: int = 0


@dataclass(slots=True)
class EventTrouble:
    """Best effort delivery (4): each event may be doubled (with another id), dropped, delayed by a random time."""

    duplicate_probability: float = 0.0
    drop_probability: float = 0.0
    delay_min_ms: int = 0
    delay_max_ms: int = 0
    seed: int = 0
