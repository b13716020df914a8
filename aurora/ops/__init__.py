"""Operations: checks, explanations, logs, users, clean-up, new projects and stacks, updates of the engine."""
