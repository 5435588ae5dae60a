"""The bodies that providers send."""

from typing import Any, final

from pydantic import ConfigDict

from marketplace.platform.api.request_model import RequestModel


@final
class ProviderEvent(RequestModel):
    """Whatever a provider tells, in its own words; it is read only once its sender is known."""

    model_config = ConfigDict(extra="allow")

    def said(self) -> dict[str, Any]:
        """Return the body as it came."""
        return dict(self.model_extra or {})
