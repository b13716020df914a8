"""What the local platform does without: the CDN in front of the site, alarms, dashboards and whom topics tell."""

from __future__ import annotations

from typing import Any

from aurora.local.aws import PARTITION, LocalAws
from aurora.local.deploy.resources import names
from aurora.local.deploy.resources.shapes import Created, Inputs, pascal, picked
from tests.engine.aws.lifecycle import Kind, Refused, again, found, there


def _create_access_control(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    created = aws.client("cloudfront").create_origin_access_control(
        OriginAccessControlConfig={
            "Name": inputs["name"],
            **picked(
                inputs,
                originAccessControlOriginType="OriginAccessControlOriginType",
                signingBehavior="SigningBehavior",
                signingProtocol="SigningProtocol",
            ),
        }
    )
    return created["OriginAccessControl"]["Id"], {"etag": created["ETag"]}


def _delete_access_control(id_: str, state: Inputs, aws: LocalAws) -> None:
    cdn = aws.client("cloudfront")
    cdn.delete_origin_access_control(Id=id_, IfMatch=cdn.get_origin_access_control(Id=id_)["ETag"])


def _create_distribution(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    behavior = inputs["defaultCacheBehavior"]
    created = aws.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": inputs["comment"],
            "Comment": inputs["comment"],
            "Enabled": inputs["enabled"],
            "DefaultRootObject": inputs["defaultRootObject"],
            "Origins": {
                "Quantity": len(inputs["origins"]),
                "Items": [
                    {
                        "Id": origin["originId"],
                        "DomainName": origin["domainName"],
                        "OriginAccessControlId": origin["originAccessControlId"],
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    }
                    for origin in inputs["origins"]
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": behavior["targetOriginId"],
                "ViewerProtocolPolicy": behavior["viewerProtocolPolicy"],
                "CachePolicyId": behavior["cachePolicyId"],
                "ResponseHeadersPolicyId": behavior["responseHeadersPolicyId"],
            },
        }
    )["Distribution"]
    return created["Id"], {
        "arn": f"arn:{PARTITION}:cloudfront::{aws.account_id}:distribution/{created['Id']}",
        "domainName": created["DomainName"],
        "status": created["Status"],
        "tagsAll": inputs.get("tags", {}),
    }


def _delete_distribution(id_: str, state: Inputs, aws: LocalAws) -> None:
    """CloudFront deletes only what was disabled before."""
    cdn = aws.client("cloudfront")
    now = cdn.get_distribution_config(Id=id_)
    disabled = cdn.update_distribution(
        Id=id_, IfMatch=now["ETag"], DistributionConfig={**now["DistributionConfig"], "Enabled": False}
    )
    cdn.delete_distribution(Id=id_, IfMatch=disabled["ETag"])


def _put_alarm(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    own_spelling = ("name", "tags", "dimensions", "metricQueries")
    described = {key: value for key, value in inputs.items() if key not in own_spelling}
    queries = [_query(query) for query in inputs.get("metricQueries", [])]
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName=inputs["name"],
        **({"Metrics": queries} if queries else {"Dimensions": _dimensions(inputs)}),
        **pascal(described),
    )
    return inputs["name"], {"arn": aws.arn("cloudwatch", f"alarm:{inputs['name']}"), "tagsAll": inputs.get("tags", {})}


def _query(query: Inputs) -> dict[str, Any]:
    """One of the metrics that an alarm computes its own from."""
    metric = query.get("metric")
    if metric is None:
        return {"Id": query["id"], **picked(query, expression="Expression", label="Label", returnData="ReturnData")}
    named = {"Namespace": metric["namespace"], "MetricName": metric["metricName"], "Dimensions": _dimensions(metric)}
    return {
        "Id": query["id"],
        "MetricStat": {"Metric": named, "Period": metric["period"], "Stat": metric["stat"]},
        "ReturnData": query.get("returnData", False),
    }


def _dimensions(inputs: Inputs) -> list[dict[str, str]]:
    return [{"Name": key, "Value": value} for key, value in inputs.get("dimensions", {}).items()]


def _put_dashboard(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    dashboard = inputs["dashboardName"]
    answer = aws.client("cloudwatch").put_dashboard(DashboardName=dashboard, DashboardBody=inputs["dashboardBody"])
    if answer.get("DashboardValidationMessages"):
        raise Refused(f"the dashboard {dashboard} is not valid: {answer['DashboardValidationMessages']}")
    return dashboard, {"dashboardArn": f"arn:{PARTITION}:cloudwatch::{aws.account_id}:dashboard/{dashboard}"}


def _read_alarm(id_: str, state: Inputs, aws: LocalAws) -> dict[str, Any] | None:
    return {} if aws.client("cloudwatch").describe_alarms(AlarmNames=[id_])["MetricAlarms"] else None


def _subscribe(name: str, inputs: Inputs, aws: LocalAws) -> Created:
    answer = aws.client("sns").subscribe(
        TopicArn=inputs["topic"], Protocol=inputs["protocol"], Endpoint=inputs["endpoint"], ReturnSubscriptionArn=True
    )
    return answer["SubscriptionArn"], {"arn": answer["SubscriptionArn"]}


def _unsubscribe(id_: str, state: Inputs, aws: LocalAws) -> None:
    found(aws.client("sns").unsubscribe, SubscriptionArn=id_)


KINDS = {
    "aws:cloudfront/originAccessControl:OriginAccessControl": Kind(
        _create_access_control,
        lambda id_, state, aws: there(aws.client("cloudfront").get_origin_access_control, Id=id_),
        _delete_access_control,
        replaces=("name",),
    ),
    "aws:cloudfront/distribution:Distribution": Kind(
        _create_distribution,
        lambda id_, state, aws: there(aws.client("cloudfront").get_distribution, Id=id_),
        _delete_distribution,
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        _put_alarm,
        _read_alarm,
        lambda id_, state, aws: aws.client("cloudwatch").delete_alarms(AlarmNames=[id_]),
        again(_put_alarm),
        replaces=("name",),
    ),
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        _put_dashboard,
        lambda id_, state, aws: there(aws.client("cloudwatch").get_dashboard, DashboardName=id_),
        lambda id_, state, aws: aws.client("cloudwatch").delete_dashboards(DashboardNames=[id_]),
        again(_put_dashboard),
        replaces=("dashboardName",),
    ),
    "aws:sns/topic:Topic": Kind(
        names.topic,
        lambda id_, state, aws: there(aws.client("sns").get_topic_attributes, TopicArn=id_),
        lambda id_, state, aws: aws.client("sns").delete_topic(TopicArn=id_),
        replaces=("name",),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        _subscribe,
        lambda id_, state, aws: there(aws.client("sns").get_subscription_attributes, SubscriptionArn=id_),
        _unsubscribe,
        replaces=("topic", "protocol", "endpoint"),
    ),
}
