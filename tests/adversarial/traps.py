"""Servers that nobody may reach from a box: whoever does is remembered."""

import selectors
import socket
import threading
from pathlib import Path

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"


class Traps:
    def __init__(self, control: Path, run: Path, name: str) -> None:
        self.reached: list[str] = []
        self._selector = selectors.DefaultSelector()
        self.abstract = name
        self.port = self._listen("tcp", socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        self.upstream = self._listen("the model's API", socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        self._listen("abstract socket", socket.AF_UNIX, f"\0{name}")
        self._listen("control socket", socket.AF_UNIX, str(control))
        for service in ("docker.sock", "bus"):
            self._listen(service, socket.AF_UNIX, str(run / service))
        datagrams = self._open("datagram", socket.AF_INET, ("127.0.0.1", 0), socket.SOCK_DGRAM)
        self.datagrams = datagrams.getsockname()[1]
        self._bell, self._ringer = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ, "")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ringer.close()
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()

    def _open(self, name: str, family: int, address: object, kind: int) -> socket.socket:
        trap = socket.socket(family, kind)
        trap.bind(address)
        self._selector.register(trap, selectors.EVENT_READ, name)
        return trap

    def _listen(self, name: str, family: int, address: object) -> socket.socket:
        trap = self._open(name, family, address, socket.SOCK_STREAM)
        trap.listen()
        return trap

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if not key.data:
                    return
                self.reached.append(key.data)
                if key.fileobj.type == socket.SOCK_DGRAM:
                    key.fileobj.recv(512)
                    continue
                with key.fileobj.accept()[0] as connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(4096)
                        connection.sendall(ANSWER)
                    except OSError:
                        continue  # it hung up: it was here all the same
