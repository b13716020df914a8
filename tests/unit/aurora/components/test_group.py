"""The image that a group's functions need: what of the declaration and the settings is part of its digest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aurora.components.group import image_requests
from aurora.declaration import Declaration
from aurora.image.ensure import ImageRequest, Place
from aurora.naming import Naming
from aurora.system import Function
from infra.courses import COURSES
from tests.support.clone import PROJECT
from tests.support.platform import settings

CONTENT = COURSES.groups["content"]


def requested(functions: tuple[Function, ...] = CONTENT, **config: object) -> ImageRequest:
    """The image of the group `content` with these functions."""
    system = replace(COURSES, groups={**COURSES.groups, "content": functions})
    found = settings({f"aurora:{key}": value for key, value in config.items()})
    naming = Naming("aurora", "dev", "eu-west-1", "123456789012")
    return image_requests(Declaration((system,), found, naming, PROJECT))["content"]


def test_the_order_of_the_declaration_makes_no_other_image() -> None:
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
