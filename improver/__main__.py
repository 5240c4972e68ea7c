"""`python -m improver`, for where the script is not on PATH."""

from improver.cli.main import app

if __name__ == "__main__":
    app()
