"""The table of AWS's reasons is whole: every code of the service model is in it, and each says what to do."""

from __future__ import annotations

import botocore.session
import pytest

from lambdas.aws.domain.submission_reasons import KINDS, explanation, kind_of, passes


def test_every_code_of_the_service_model_is_in_the_table_and_no_other() -> None:
    model = botocore.session.get_session().get_service_model("partnercentral-selling")
    assert set(KINDS) == set(model.shape_for("ReasonCode").enum)


@pytest.mark.parametrize("reason", [*KINDS, "SomethingNew", None])
def test_each_reason_says_what_to_do_with_which_property(reason: str | None) -> None:
    said = explanation(reason, 6, "aws_submit")
    assert said.endswith("set 'aws_submit' to No, and then to Yes.")
    assert (reason or "no reason given") in said
    assert ("6 times" in said) is passes(reason)


def test_a_conflict_that_is_new_passes_and_any_other_new_code_does_not() -> None:
    assert passes("SomethingConflict")
    assert not passes("SomethingNew")
    assert not passes(None)
    assert kind_of("SomethingNew") == "unknown"
