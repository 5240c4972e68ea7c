"""A small HTTP/1.1 client on asyncio, so that sending costs little beside receiving."""

import asyncio
from collections.abc import Mapping

TIMEOUT_S = 60.0


class Connection:
    """Kept alive for as long as the server likes."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """The reply's status; OSError or asyncio.IncompleteReadError when there was none."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._post(path, headers, body)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._writer:
            self._writer.close()
        self._reader = self._writer = None

    async def _post(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        return await self._reply(self._reader)

    async def _reply(self, reader: asyncio.StreamReader) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(":", 1) for line in head[1:] if ":" in line)
        if "chunked" in headers.get("transfer-encoding", ""):
            while size := int((await reader.readline()).split(b";")[0], 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        else:
            await reader.readexactly(int(headers.get("content-length", 0)))
        if "close" in headers.get("connection", ""):
            self.close()
        return int(head[0].split()[1])
