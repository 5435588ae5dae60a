"""Clients of AWS: one botocore session for the execution environment, and one client a service."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST

from marketplace import bootstrap
from marketplace.platform.dynamodb.store import Store
from marketplace.platform.resilience import CONNECT_SECONDS, READ_SECONDS, Dependency
from marketplace.platform.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def session() -> botocore.session.Session:
    """Return the environment's one session, with the handlers that botocore has for every service."""
    session = botocore.session.Session(include_builtin_handlers=False)
    _register_handlers(session, None)
    return session


@cache  # registered twice, they would act twice
def _register_handlers(session: botocore.session.Session, service: str | None) -> None:
    """Register what botocore does itself for a service, or for all (none): those of other services cost a start.

    Those that write documentation are left out.
    """
    emitter = session.get_component("event_emitter")
    register = {None: emitter.register, REGISTER_FIRST: emitter.register_first, REGISTER_LAST: emitter.register_last}
    of_service = None if service is None else _NAMES_IN_EVENTS.get(service, service)
    for event, handler, *order in BUILTIN_HANDLERS:
        kind, _, rest = event.partition(".")
        if kind != "docs" and (rest.partition(".")[0] or None) == of_service:
            register[order[0] if order else None](event, handler)


_NAMES_IN_EVENTS: Final = {"events": "eventbridge", "secretsmanager": "secrets-manager"}
"""Services by botocore's names that have another one in its events."""


made: Final[list[Any]] = []
"""Every client of the environment, whose connections a snapshot must not keep."""


def client_config() -> Config:
    """Return how every client behaves: one short attempt, for the retries are ours."""
    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        parameter_validation=False,
        user_agent="marketplace",
        tcp_keepalive=True,
    )


@cache
def client(service: str, endpoint_url: str | None = None) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the client of a service."""
    return new_client(service, endpoint_url=endpoint_url, config=bootstrap.client_config())


def new_client(service: str, *, config: Config, endpoint_url: str | None = None) -> Any:  # noqa: ANN401 - as client()
    """Make a client of a service; where the environment's one client does, use :func:`client`."""
    _register_handlers(bootstrap.session(), service)
    client = bootstrap.session().create_client(service, endpoint_url=endpoint_url, config=config)
    made.append(client)
    return client


@cache
def store() -> Store:
    """Return the tables of the stack."""
    return Store(Dependency("dynamodb", bootstrap.client("dynamodb")), settings().table_prefix)


def file_client() -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return a client of S3 whose links work.

    Links to encrypted files need the present kind of signature. Their host is the bucket's in its region: the global
    one, which botocore would sign for, is answered with 400 by regions that were opened since 2019.
    """
    here = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    return new_client("s3", config=bootstrap.client_config().merge(here))


def secret(secret_id: str) -> str:
    """Return the present value of a secret."""
    secrets = Dependency("secretsmanager", bootstrap.client("secretsmanager"))
    return str(secrets.call("get_secret_value", SecretId=secret_id, VersionStage="AWSCURRENT")["SecretString"])


def provider_client(service: str, url: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    """Return the client of a service that reaches people: it may take longer than one that a person waits for."""
    from marketplace.notification.channels.model import TIMEOUT_SECONDS

    patient = bootstrap.client_config().merge(Config(read_timeout=TIMEOUT_SECONDS))
    return new_client(service, config=patient, endpoint_url=url or None)


def make_at_start(factory: Callable[[], object]) -> None:
    """Make in the init phase what every call of a function needs: Lambda gives a start more CPU than a call.

    Elsewhere modules of functions are imported where nothing of a stack is known, and all is made at its first use.
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        factory()
