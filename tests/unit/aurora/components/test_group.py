"""The image that a group's functions need: what of the catalogue and the settings is part of its digest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.components.group import FunctionSpec, image_request
from aurora.image.ensure import ImageRequest, Place
from aurora.naming import Naming
from aurora.settings import Settings
from infra import catalogue
from tests.support.clone import PROJECT

NAMING = Naming("aurora", "dev", "eu-west-1", "123456789012")


def settings(**aurora: object) -> Settings:
    values = {f"aurora:{key}": value for key, value in aurora.items()}
    return Settings.of("aurora", "dev", {"aws:region": "eu-west-1", **values})


CONTENT = catalogue.groups(settings(), NAMING)["content"]


def requested(functions: tuple[FunctionSpec, ...] = CONTENT, **aurora: object) -> ImageRequest:
    return image_request("content", functions, settings(**aurora), NAMING, PROJECT)


def test_the_order_of_the_catalogue_makes_no_other_image() -> None:
    assert requested(tuple(reversed(CONTENT))) == requested()


def test_a_function_s_settings_make_no_other_image() -> None:
    more = replace(CONTENT[0], timeout=CONTENT[0].timeout + 1, memory=CONTENT[0].memory * 2)
    assert requested((more, *CONTENT[1:])).tag == requested().tag


def test_another_function_is_another_image_because_the_build_imports_it() -> None:
    assert requested(CONTENT[1:]).tag != requested().tag


@pytest.mark.parametrize(("key", "value"), [("architecture", "arm64"), ("baseImage", "debian:bookworm")])
def test_another_platform_or_base_is_another_image(key: str, value: str) -> None:
    assert requested(CONTENT, **{key: value}).tag != requested().tag


def test_where_images_may_come_from_makes_no_other_image() -> None:
    elsewhere = requested(copyFrom=[{"stage": "staging"}, {"stage": "prod", "service": "other"}], buildImages="false")
    assert elsewhere.tag == requested().tag
    assert elsewhere.copy_from == (Place("staging", "aurora"), Place("prod", "other"))
    assert elsewhere.may_build is False
