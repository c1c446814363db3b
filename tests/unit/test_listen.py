"""Who follows a printed address at once is let in, even before the server has started to serve."""

from __future__ import annotations

import socket

from bot.service import listen_socket


def test_a_socket_takes_connections_from_the_moment_it_is_announced() -> None:
    with listen_socket("127.0.0.1", 0) as sock, socket.create_connection(sock.getsockname(), timeout=5):
        pass
