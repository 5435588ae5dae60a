"""What a customer asks of us about their own data."""

from marketplace.platform.api.request_model import RequestModel


class EraseMe(RequestModel):
    """The wish to be forgotten; without ``confirm`` nothing happens but the question whether it is meant."""

    confirm: bool = False
