"""A typed client of the booking-and-chat API.

``Client`` and ``AsyncClient`` have a method for each operation; ``ChatSocket`` sends and receives over the WebSocket.
What they take and answer is typed in ``marketplace_client.types``, under the names of the wire.
"""

from marketplace_client.calls import Problem
from marketplace_client.client import AsyncClient, Client
from marketplace_client.socket import ChatSocket, FrameRefused

__all__ = ["AsyncClient", "ChatSocket", "Client", "FrameRefused", "Problem"]
