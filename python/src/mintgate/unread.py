"""What becomes of a body that was announced with a request that is refused.

Nobody may read it for the sake of an anonymous caller, and what follows on the connection must not be taken for the
next request. A short body is left to the server, so that connections from a proxy stay open.

gunicorn needs nothing: it reads on for a short while and then closes. Of ASGI servers a header is asked for. waitress
has read the whole body before any application runs, so that limiting it is a matter of its settings.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["leave_body_unread", "must_close"]


def leave_body_unread(environ: Mapping[str, Any]) -> None:
    """Makes cheroot close the connection instead of reading what an anonymous caller still wants to upload.

    Before it sends an answer, cheroot reads the rest of a body, all at once into memory; and of a chunked body it reads
    nothing, so the rest would be taken for the next request. cheroot offers no way to ask for this, so its request is
    found on the stack.
    """
    server = sys.modules.get("cheroot.server")
    if server is None:
        return
    remaining = getattr(environ.get("wsgi.input"), "remaining", 0)
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if not is_chunked and remaining <= _SHORT_BODY:
        return
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        gateway = frame.f_locals.get("self") if frame.f_code.co_name == "respond" else None
        if isinstance(gateway, server.Gateway):
            gateway.req.close_connection = True
            return


def must_close(scope: Mapping[str, Any]) -> bool:
    """Whether an ASGI server has to be told to close the connection. Before HTTP/2 there is one request at a time."""
    if scope["type"] != "http" or not scope.get("http_version", "1.1").startswith("1"):
        return False
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return True
        if name == b"content-length" and not (value.isdigit() and int(value[:20]) <= _SHORT_BODY):
            return True
    return False


_SHORT_BODY = 64 * 1024
