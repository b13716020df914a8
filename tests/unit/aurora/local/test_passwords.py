from __future__ import annotations

from aurora.local.passwords import new_password


def test_a_password_meets_usual_rules_and_is_never_the_same() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert len(password) == 20
        assert {"lower", "upper", "digit", "sign"} == {
            kind
            for kind, holds in (
                ("lower", str.islower),
                ("upper", str.isupper),
                ("digit", str.isdigit),
                ("sign", lambda character: not character.isalnum()),
            )
            if any(map(holds, password))
        }
