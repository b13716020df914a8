"""The contracts of the platform, read from what the program declares for each stage."""

from __future__ import annotations

import base64
import json
import pickle
import re
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

import pytest

from aurora.policy.access import ANY_RESOURCE
from aurora.providers.image import EnsuredImageProvider
from aurora.runtime import aws
from aurora.runtime.objects import ObjectStore
from aurora.testing.declared import ACCOUNT, CONFIG, Declared, Resource, declare, stack_config
from functions.content import settings as content
from functions.course_api import settings as course_api
from functions.labs import settings as labs
from functions.slides import settings as slides
from tests.support.clone import PROJECT
from tests.support.platform import DECLARED

STAGES = ("dev", "staging", "prod")
ENDPOINT = {"provider": "openai", "id": "m", "baseUrl": "https://models.example.com/v1"}
MODELS = {"aurora:models": json.dumps({"mine": ENDPOINT})}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def platform(stage: str, request: pytest.FixtureRequest) -> Declared:
    return request.getfixturevalue(stage)


def statements(resource: Resource) -> list[dict[str, Any]]:
    return json.loads(resource.inputs["policy"])["Statement"]


def test_every_physical_name_says_service_and_stage(platform: Declared, stage: str) -> None:
    named = [
        str(resource.inputs.get("name") or resource.inputs.get("bucket"))
        for suffix in (
            ":Bucket",
            ":Function",
            ":Role",
            ":RolePolicy",
            ":Table",
            ":StateMachine",
            ":Repository",
            ":Api",
            ":UserPool",
        )
        for resource in platform.of_type(suffix)
    ]
    assert named
    assert [name for name in named if not name.startswith(f"aurora-{stage}-")] == []


def test_bucket_names_end_with_the_account(platform: Declared) -> None:
    assert all(bucket.inputs["bucket"].endswith(f"-{ACCOUNT}") for bucket in platform.of_type(":Bucket"))


def test_nothing_of_one_stage_names_another(platform: Declared, stage: str) -> None:
    everything = json.dumps([[resource.inputs for resource in platform.resources], dict(platform.exports)])
    for other in set(STAGES) - {stage}:
        assert f"aurora-{other}-" not in everything
        assert f"/aurora/{other}/" not in everything


def test_every_taggable_resource_carries_the_tags(platform: Declared, stage: str) -> None:
    taggable = (
        *(":Bucket", ":BucketObjectv2", ":Table", ":Repository", ":Function", ":Role", ":LogGroup", ":StateMachine"),
        *(":Api", ":Stage", ":UserPool", ":Distribution", ":MetricAlarm", ":Topic"),
    )
    for suffix in taggable:
        for resource in platform.of_type(suffix):
            tags = resource.inputs.get("tags", {})
            assert {"service": "aurora", "stage": stage, "managed-by": "pulumi"}.items() <= tags.items(), resource.name


def test_every_route_is_explicit_and_authorised_by_a_token(platform: Declared) -> None:
    routes = platform.of_type(":Route")
    assert len(routes) == len(DECLARED.routes)
    for route in routes:
        assert route.inputs["authorizationType"] == "JWT"
        assert route.inputs["authorizerId"]
        assert not route.inputs["routeKey"].startswith(("ANY", "$default"))


def test_the_api_allows_the_site_s_origin_only(platform: Declared) -> None:
    (api,) = platform.of_type(":Api")
    assert api.inputs["corsConfiguration"]["allowOrigins"] == [platform.exports["site"]]


def test_nobody_can_sign_up_by_themselves(platform: Declared) -> None:
    (pool,) = platform.of_type(":UserPool")
    assert pool.inputs["adminCreateUserConfig"]["allowAdminCreateUserOnly"] is True


def test_functions_run_an_image_by_digest_and_publish_versions(platform: Declared) -> None:
    functions = platform.of_type("lambda/function:Function")
    assert len(functions) == len(DECLARED.functions)
    for function in functions:
        assert "@sha256:" in function.inputs["imageUri"]
        assert function.inputs["publish"] is True


def test_every_caller_uses_the_alias_live(platform: Declared) -> None:
    definition = json.loads(platform.one(":StateMachine", "workflow-courses").inputs["definition"])
    called = _function_names(definition)
    assert called
    assert all(arn.endswith(":live") for arn in called)
    assert all(permission.inputs["qualifier"] == "live" for permission in platform.of_type(":Permission"))
    for integration in platform.of_type(":Integration"):
        assert integration.inputs["integrationUri"].endswith(":live/invocations")


def _function_names(node: Any) -> list[str]:
    if isinstance(node, dict):
        return (
            [node["FunctionName"]] if "FunctionName" in node else [n for v in node.values() for n in _function_names(v)]
        )
    return [name for item in node for name in _function_names(item)] if isinstance(node, list) else []


def test_a_request_that_says_nothing_gets_as_many_batches_at_a_time_as_the_stack_says(
    platform: Declared, stage: str
) -> None:
    starter = platform.one("lambda/function:Function", "course_api-starter-api")
    wanted = stack_config(stage)["aurora:maxConcurrency"]
    defaults = json.loads(starter.inputs["environment"]["variables"]["RUN_DEFAULTS"])
    assert str(defaults["max_concurrency"]) == wanted


def test_a_function_has_exactly_the_variables_that_its_code_declares(platform: Declared) -> None:
    declared = {
        cls.__name__.removesuffix("Settings"): {field.name.upper() for field in fields(cls)}
        for module in (content, course_api, labs, slides)
        for cls in vars(module).values()
        if isinstance(cls, type) and cls.__name__.endswith("Settings")
    }
    for function in platform.of_type("lambda/function:Function"):
        camel = "".join(part.title() for part in function.inputs["name"].split("-")[2:])
        assert set(function.inputs["environment"]["variables"]) == declared[camel]


def test_log_groups_exist_before_their_functions_and_roles_may_not_create_them(platform: Declared, stage: str) -> None:
    days = int(stack_config(stage)["aurora:logRetentionDays"])
    for function in platform.of_type("lambda/function:Function"):
        kinds = {urn.split("$")[-1].split("::")[0] for urn in function.depends_on}
        assert {"aws:cloudwatch/logGroup:LogGroup", "aws:iam/rolePolicy:RolePolicy"} <= kinds
        assert "aws:ecr/repositoryPolicy:RepositoryPolicy" in kinds
        assert platform.one(":LogGroup", function.name).inputs["retentionInDays"] == days
    assert not [r for r in platform.of_type(":RolePolicy") if "logs:CreateLogGroup" in r.inputs["policy"]]


def test_no_policy_has_a_wildcard_resource_but_the_listed_ones(platform: Declared) -> None:
    for role_policy in platform.of_type(":RolePolicy"):
        for statement in statements(role_policy):
            for resource in statement["Resource"]:
                if resource == "*":
                    assert set(statement["Action"]) <= set(ANY_RESOURCE)
                assert not [action for action in statement["Action"] if "*" in action]


def test_lambda_may_pull_a_group_s_image_for_that_group_s_functions_only(platform: Declared) -> None:
    for policy in platform.of_type(":RepositoryPolicy"):
        (statement,) = statements(policy)
        sources = statement["Condition"]["StringLike"]["aws:SourceArn"]
        expected = {
            f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{function.inputs['name']}{version}"
            for function in platform.of_type("lambda/function:Function")
            if function.name.startswith(f"{policy.name}-")
            for version in ("", ":*")
        }
        assert set(sources) == expected


@pytest.mark.parametrize("bucket", ["bucket-content", "site"])
def test_buckets_are_private_encrypted_and_reached_by_tls_only(platform: Declared, bucket: str) -> None:
    block = platform.one(":BucketPublicAccessBlock", bucket).inputs
    assert all(
        block[key] for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    )
    assert platform.one(":BucketServerSideEncryptionConfiguration", bucket)
    (tls,) = [s for s in statements(platform.one(":BucketPolicy", bucket)) if s["Effect"] == "Deny"]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert platform.one(":Bucket", bucket).inputs["forceDestroy"] is True


def test_history_is_kept_outside_dev(dev: Declared, staging: Declared, prod: Declared) -> None:
    assert dev.of_type(":BucketVersioning") == []
    for platform in (staging, prod):
        assert [versioning.name for versioning in platform.of_type(":BucketVersioning")] == ["bucket-content"]
        assert all(table.inputs["pointInTimeRecovery"]["enabled"] for table in platform.of_type("table:Table"))


def test_everything_is_protected_in_prod_and_nothing_in_dev(dev: Declared, prod: Declared) -> None:
    assert [resource for resource in dev.resources if resource.protect] == []
    unprotected = [resource.type for resource in prod.resources if not resource.protect]
    assert unprotected == ["pulumi:pulumi:Stack"]


def test_alarms_watch_every_function_outside_dev_but_those_that_raise_as_a_matter_of_course(
    dev: Declared, prod: Declared
) -> None:
    assert dev.of_type(":MetricAlarm") == []
    watched = {alarm.inputs.get("dimensions", {}).get("FunctionName") for alarm in prod.of_type(":MetricAlarm")} - {
        None
    }
    functions = {function.inputs["name"] for function in prod.of_type("lambda/function:Function")}
    asking = ("content-gen", "images-gen", "lab-planner", "lab-writer")  # models refuse work for now every so often
    assert functions - watched == {f"aurora-prod-{name}" for name in asking}
    assert watched < functions


def test_the_page_gets_this_stage_s_addresses_and_no_others(platform: Declared, stage: str) -> None:
    module = platform.one(":BucketObjectv2", "site-config.js")
    assert module.inputs["cacheControl"] == "no-cache"
    config = json.loads(module.inputs["content"].removeprefix("export default ").rstrip().removesuffix(";"))
    assert config == {
        "environment": stage,
        "stage": stage,
        "region": "eu-west-1",
        "apiEndpoint": platform.exports["api"],
        "signIn": {"endpoint": "https://cognito-idp.eu-west-1.amazonaws.com", "clientId": platform.exports["clientId"]},
        "courses": {
            "models": {"text": ["sample"], "image": ["sample"]},
            "limits": {"maxConcurrency": 10},
        },
    }


def test_the_page_offers_the_models_of_its_stage_the_default_first() -> None:
    offered = [
        declare("dev", {**CONFIG, **MODELS, **default}).one(":BucketObjectv2", "site-config.js").inputs["content"]
        for default in ({}, {"aurora:textModel": "mine"})
    ]
    found = [json.loads(text.removeprefix("export default ").rstrip(";\n"))["courses"]["models"] for text in offered]
    assert [models["text"] for models in found] == [["sample", "mine"], ["mine", "sample"]]
    assert [models["image"] for models in found] == [["sample"], ["sample"]]


def test_assets_are_immutable_and_the_page_is_not(platform: Declared) -> None:
    objects = {str(item.inputs["key"]): item.inputs for item in platform.of_type(":BucketObjectv2")}
    index = objects.pop("index.html")
    objects.pop("config.js")
    assert index["cacheControl"] == "no-cache"
    assert "{{" not in index["content"]
    assert objects
    for key, item in objects.items():
        assert key.startswith("a/")
        assert item["cacheControl"].endswith("immutable")
        assert key.rsplit("/", 1)[0].split("/")[1] in index["content"]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_the_page_may_send_outlines_to_where_upload_forms_point(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, region)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    platform = declare("dev", {**CONFIG, "aws:region": region})
    store = ObjectStore(platform.exports["buckets"]["content"], aws.client.__wrapped__("s3"))
    page = platform.one(":BucketObjectv2", "site-index.html").inputs["content"]
    (sources,) = re.findall(r"connect-src ([^;]+)", page)
    for url in (store.upload_form("k", 1, "text/plain")["url"], store.download_url("k", "k.md", "text/plain")):
        assert f"https://{urlsplit(url).netloc}" in sources.split()


def test_no_group_s_name_is_the_beginning_of_another_s(dev: Declared) -> None:
    groups = [group.name for group in dev.of_type("aurora:group:FunctionGroup")]
    assert len(groups) > 1
    assert not [(a, b) for a in groups for b in groups if a != b and b.startswith(a)]


def test_every_resource_of_a_group_begins_with_the_group_s_name_and_no_other_does(dev: Declared) -> None:
    by_urn = {resource.urn: resource for resource in dev.resources}

    def group_of(resource: Resource) -> str | None:
        while resource.parent in by_urn:
            resource = by_urn[resource.parent]
            if resource.type.endswith(":FunctionGroup"):
                return resource.name
        return None

    members = [(group_of(resource), resource.name) for resource in dev.resources]
    in_groups = [(group, name) for group, name in members if group]
    assert len(in_groups) > 40
    assert [name for group, name in in_groups if not name.startswith(group)] == []
    groups = tuple(group.name for group in dev.of_type("aurora:group:FunctionGroup"))
    others = [name for group, name in members if not group and name not in groups]
    assert [name for name in others if name.startswith(groups)] == []


def test_a_model_s_key_is_a_secret_parameter_and_in_no_variable() -> None:
    key = "sk-do-not-log-me"
    platform = declare("dev", {**CONFIG, **MODELS, "aurora:openaiApiKey": key})
    (parameter,) = platform.of_type(":Parameter")
    assert parameter.inputs["type"] == "SecureString"
    holding = [resource.type for resource in platform.resources if key in json.dumps(resource.inputs)]
    assert holding == [parameter.type]
    generator = platform.one("lambda/function:Function", "content-content-gen")
    models = json.loads(generator.inputs["environment"]["variables"]["MODELS"])
    assert models["mine"]["apiKeyParameter"] == parameter.inputs["name"]
    allowed = json.dumps(statements(platform.one(":RolePolicy", "content-content-gen")))
    assert f"parameter{parameter.inputs['name']}" in allowed


def test_the_provider_of_images_is_found_by_what_stacks_have_in_their_state() -> None:
    state = (PROJECT / "tests" / "infra" / "ensured_image_provider.txt").read_text()
    assert isinstance(pickle.loads(base64.b64decode(state)), EnsuredImageProvider)


def test_the_program_writes_the_same_provider_into_the_state(dev: Declared) -> None:
    provider = dev.one(":EnsuredImage", "content").inputs["__provider"]
    assert provider == (PROJECT / "tests" / "infra" / "ensured_image_provider.txt").read_text().strip()


def test_the_preview_can_name_the_file_that_changes_an_image(dev: Declared) -> None:
    manifest = dev.one(":EnsuredImage", "slides").inputs["manifest"]
    assert "functions/slides/settings.py" in manifest
    assert not [path for path in manifest if path.startswith(("functions/content", "tests", "docs"))]


@pytest.mark.parametrize("group", ["content", "slides"])
def test_a_target_of_one_group_is_everything_of_that_group_and_nothing_else(platform: Declared, group: str) -> None:
    (root,) = [resource for resource in platform.of_type("aurora:group:FunctionGroup") if resource.name == group]
    parents = {resource.urn: resource.parent for resource in platform.resources}

    def belongs(urn: str) -> bool:
        return urn == root.urn or (urn in parents and belongs(parents[urn]))

    matched = {resource.urn for resource in platform.resources if resource.name.startswith(group)}
    assert len(matched) > 10
    assert matched == {resource.urn for resource in platform.resources if belongs(resource.urn)}
