#!/usr/bin/env python3
"""Sends one request for each key of a file, over 64 connections; prints how many were refused. A part of burst.py."""

import asyncio
import json
import sys
from pathlib import Path

CONNECTIONS = 64


async def main(port, keys):
    waiting = iter(keys)
    refused = sum(await asyncio.gather(*(one_connection(port, waiting) for _ in range(CONNECTIONS))))
    print(json.dumps({"refused": refused}))


async def one_connection(port, waiting):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    refused = 0
    for key in waiting:
        writer.write(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        refused += not head.startswith(b"HTTP/1.1 200")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
    writer.close()
    return refused


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_text().split()))
