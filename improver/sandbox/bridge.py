"""Runs inside the box: carries loopback connections to the model proxy's Unix socket, and starts the command."""

# Started as `python -I -S bridge.py PORT SOCKET ARGV…`: the standard library is all there is.

import signal
import socket
import subprocess
import sys
import threading

PORT = 4320  # in the box's own network namespace nobody else can have it
CHUNK = 65536


def main(port: int, path: str, argv: list[str]) -> int:
    # Asked to end with everybody else, it stays: the command still has to, and needs the model for it.
    signal.signal(signal.SIGTERM, lambda *_: None)
    listener = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=accept, args=(listener, path), daemon=True).start()
    code = subprocess.run(argv, check=False).returncode
    return code if code >= 0 else 128 - code


def accept(listener: socket.socket, path: str) -> None:
    while True:
        inside, _ = listener.accept()
        threading.Thread(target=carry, args=(inside, path), daemon=True).start()


def carry(inside: socket.socket, path: str) -> None:
    with inside, socket.socket(socket.AF_UNIX) as outside:
        try:
            outside.connect(path)
        except OSError as error:
            sys.stderr.write(f"improver: the model proxy does not answer: {error.strerror}\n")
            return
        back = threading.Thread(target=pump, args=(outside, inside), daemon=True)
        back.start()
        pump(inside, outside)
        back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy until either side is done, then pass the end on."""
    try:
        while data := source.recv(CHUNK):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # One side went away: both are closed, so that the other pump ends too.
        for end in (source, sink):
            end.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
