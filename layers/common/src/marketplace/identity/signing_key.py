"""The key behind every seal and guest token, from Secrets Manager."""

from marketplace.platform.resilience import Dependency


def read_sealing_key(secrets: Dependency, secret_id: str) -> str:
    """Return the secret's text.

    Raises:
        ServiceUnavailable: it cannot be read now.
    """
    return str(secrets.call("get_secret_value", SecretId=secret_id)["SecretString"])
