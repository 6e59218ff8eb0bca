"""Runs kubectl, with the user's context and rights. Used by `spare`."""

import subprocess

_SECONDS = 60


class KubectlFailed(Exception):
    """Why kubectl did not do what was asked, in its own words where it has some."""


def kubectl(*arguments: str) -> str:
    """What kubectl prints. Raises KubectlFailed."""
    try:
        done = subprocess.run(["kubectl", *arguments], capture_output=True, text=True, timeout=_SECONDS, check=True)
    except FileNotFoundError:
        raise KubectlFailed("kubectl is not installed") from None
    except subprocess.TimeoutExpired:
        raise KubectlFailed(f"kubectl did not answer within {_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise KubectlFailed(error.stderr.strip() or f"kubectl ended with exit code {error.returncode}") from error
    return done.stdout
