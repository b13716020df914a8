"""What the program declares and the local platform cannot give is an error that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aurora.local.deploy import program
from aurora.local.errors import ProgramError

CONFIG = {"aws:region": "eu-west-1", "aurora:limit": "3"}


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Runs a program's text; resources get the outputs that the test gives for their type."""

    def run_text(text: str, **outputs: dict[str, Any]) -> dict[str, Any]:
        (tmp_path / "__main__.py").write_text(f"import pulumi\nimport pulumi_aws as aws\n{text}")

        def create(kind: str, name: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
            return f"{name}-id", outputs.get(kind.rpartition(":")[2], {})

        return program.run(
            tmp_path, name="aurora", stack="local", config=CONFIG, create=create, invoke=lambda token, arguments: {}
        )

    return run_text


def test_exports_are_the_values_of_the_outputs(run: Any) -> None:
    exports = run(
        "bucket = aws.s3.Bucket('b', bucket='name')\n"
        "pulumi.export('all', {'id': bucket.id, 'arn': [bucket.arn], 'name': bucket.bucket})\n"
        "pulumi.export('limit', pulumi.Config('aurora').require_int('limit'))\n"
        "pulumi.export('stack', pulumi.get_stack())\n",
        Bucket={"arn": "arn:b"},
    )

    assert exports == {"all": {"id": "b-id", "arn": ["arn:b"], "name": "name"}, "limit": 3, "stack": "local"}


def test_an_output_that_was_not_supplied_is_an_error_where_it_is_used(run: Any) -> None:
    with pytest.raises(ProgramError) as caught:
        run(
            "bucket = aws.s3.Bucket('b', bucket='name')\n"
            "aws.ssm.Parameter('p', type='String', value=bucket.arn.apply(lambda arn: arn + '/*'))\n"
        )

    message = str(caught.value)
    assert "value of aws:ssm/parameter:Parameter 'p'" in message
    assert "aws:s3/bucket:Bucket (not supplied: " in message
    assert " arn," in message


def test_an_export_of_an_output_that_was_not_supplied_is_an_error(run: Any) -> None:
    with pytest.raises(ProgramError, match="export arn uses an output"):
        run("pulumi.export('arn', {'is': aws.s3.Bucket('b').arn})\n")


def test_an_output_that_was_not_supplied_and_is_not_used_is_no_error(run: Any) -> None:
    assert run("aws.s3.Bucket('b', bucket='name')\npulumi.export('done', True)\n") == {"done": True}


def test_the_programs_own_complaint_about_its_settings_is_passed_on_as_it_is(run: Any) -> None:
    with pytest.raises(ProgramError, match=r"^add this line$"):
        run("raise pulumi.RunError('add this line')\n")


def test_a_resource_that_fails_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import pulumi_aws as aws\naws.s3.Bucket('b')\n")

    def create(kind: str, name: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        raise ValueError("no room")

    with pytest.raises(ProgramError, match=r"aws:s3/bucket:Bucket 'b' cannot be created locally: ValueError: no room"):
        program.run(tmp_path, name="aurora", stack="local", config=CONFIG, create=create, invoke=lambda t, a: {})


def test_a_program_can_be_run_again_in_the_same_process(run: Any) -> None:
    assert [run(f"pulumi.export('n', {number})\n") for number in (1, 2)] == [{"n": 1}, {"n": 2}]
