"""Names and ARNs of a stage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurora.contracts import names
from aurora.declaration import Declaration
from aurora.naming import InvalidStageName, Naming
from infra import SYSTEMS
from tests.support.clone import PROJECT
from tests.support.platform import DECLARED, settings

ACCOUNT = "123456789012"


def naming(stage: str = "dev") -> Naming:
    return Naming("aurora", stage, "eu-west-1", ACCOUNT)


def test_a_name_is_service_stage_resource() -> None:
    assert naming().name("courses") == "aurora-dev-courses"


def test_a_global_name_ends_with_the_account() -> None:
    assert naming().global_name("content") == f"aurora-dev-content-{ACCOUNT}"


def test_what_is_named_after_a_folder_has_hyphens_in_aws() -> None:
    assert naming().name("course_api") == "aurora-dev-course-api"


def test_callers_get_the_alias() -> None:
    assert (
        naming().live_arn("starter-api") == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:aurora-dev-starter-api:live"
    )


def test_other_partitions_have_their_own_arns() -> None:
    china = Naming("aurora", "dev", "cn-north-1", ACCOUNT, "aws-cn")
    assert china.bucket_arn("content").startswith("arn:aws-cn:s3:::")


@pytest.mark.parametrize("stage", ["Dev", "dev_1", "1dev", "-dev", "dev-", "dev--a", "", "dév", "dev "])
def test_a_stage_that_aws_names_cannot_hold_is_refused(stage: str) -> None:
    with pytest.raises(InvalidStageName, match="lower-case letters"):
        naming(stage)


def check(stage: str) -> Naming:
    """The names of a stage in which this platform's systems can be deployed."""
    found = naming(stage)
    names.check(Declaration(SYSTEMS, settings(stage=stage), found, PROJECT))
    return found


def test_a_stage_that_makes_names_too_long_is_refused_with_the_limit() -> None:
    with pytest.raises(InvalidStageName, match=r"too long: .* names may have 6[34]"):
        check("a-stage-name-of-fifty-characters-is-far-too-long-ok")


def test_a_stage_whose_functions_would_be_called_as_another_s_is_refused() -> None:
    assert check("lab").name("book-builder") == "aurora-lab-book-builder"
    with pytest.raises(InvalidStageName, match="'dev-lab' must not end in -lab"):
        check("dev-lab")


@given(st.from_regex(r"[a-z][a-z0-9]{0,15}(-[a-z0-9]{1,15}){0,2}", fullmatch=True))
def test_every_name_of_an_accepted_stage_is_within_aws_s_limits(stage: str) -> None:
    try:
        found = check(stage)
    except InvalidStageName:
        return
    assert len(found.global_name("content")) <= 63
    assert len(found.global_name("site")) <= 63
    for function in DECLARED.functions:
        assert len(found.name(function)) <= 64
    for workflow in DECLARED.workflows:
        assert len(f"{found.name(workflow)}-workflow") <= 64
