"""``python -m aurora``."""

from aurora.cli import app

if __name__ == "__main__":
    app(prog_name="run.py")
