"""An environment of one's own, made by the command from another one that is up."""

from __future__ import annotations

from tests.engine.engine import MODELS, Engine

API_KEY = "sk-nobody-may-see-this"


def test_an_environment_of_ones_own_comes_up_from_copies_and_goes_without_a_trace(engine: Engine) -> None:
    engine.configure("dev", {"aurora:models": MODELS})
    engine.must("pulumi", "stack", "init", "dev")
    engine.must("pulumi", "config", "set", "-s", "dev", "--secret", "aurora:openaiApiKey", stdin=f"{API_KEY}\n")
    engine.up_by_copies("dev")
    only_dev, live = engine.inventory(), engine.live("dev")

    told = engine.must(".venv/bin/python", "-m", "aurora", "stack", "new", "dev-sandbox", "--from", "dev")
    assert "pulumi up -s dev-sandbox" in told
    assert API_KEY not in told + (engine.checkout / "Pulumi.dev-sandbox.yaml").read_text()
    assert engine.inventory() == only_dev
    engine.up("dev-sandbox")
    mine = engine.live("dev-sandbox")
    assert {name: image.partition("@")[2] for name, image in mine.items()} == {
        name: image.partition("@")[2] for name, image in live.items()
    }
    assert all("/aurora-dev-sandbox-" in image for image in mine.values())
    parameter = engine.aws("ssm").get_parameter(Name="/aurora/dev-sandbox/openai-api-key", WithDecryption=True)
    assert parameter["Parameter"]["Value"] == API_KEY

    engine.must("pulumi", "destroy", "--yes", "--skip-preview", "-s", "dev-sandbox")
    assert engine.inventory() == only_dev
    assert engine.live("dev") == live
    engine.preview("dev", "--expect-no-changes")
