"""What the site publishes."""

from __future__ import annotations

from pathlib import Path

import pytest

from aurora.components.site import InvalidSite, content_security_policy, read_site, site_digest


def test_the_policy_names_origins_not_paths() -> None:
    policy = content_security_policy(
        ["https://api.example.com/x", "https://api.example.com/y", "http://127.0.0.1:80/b"]
    )
    for directive in ("connect-src", "img-src"):
        assert f"{directive} 'self' http://127.0.0.1:80 https://api.example.com;" in policy


def test_the_policy_allows_no_inline_script_and_no_eval() -> None:
    policy = content_security_policy([])
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_a_file_of_unknown_type_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    (tmp_path / "notes.docx").write_text("")
    with pytest.raises(InvalidSite, match=r"notes\.docx"):
        read_site(tmp_path)


def test_a_picture_of_pixels_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(InvalidSite, match=r"logo\.png"):
        read_site(tmp_path)


def test_a_site_without_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSite, match=r"no index\.html"):
        read_site(tmp_path)


def test_the_digest_changes_with_every_file() -> None:
    digests = {site_digest({"a.js": b"1"}), site_digest({"a.js": b"2"}), site_digest({"b.js": b"1"}), site_digest({})}
    assert len(digests) == 4
