"""Passes TCP on to a port of this machine, each way half a round trip later.

python benchmarks/delay_proxy.py PORT ROUND_TRIP_SECONDS    (prints its own port, runs until it is ended)
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable


async def pass_on(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    delay_seconds: float,
    first_delay_seconds: float,
) -> None:
    """Write what is read, each piece delay_seconds after it came, with any number of pieces under way."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=1024)

    async def write_when_due() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.close()

    writing = asyncio.create_task(write_when_due())
    # A connection costs a round trip before its first byte can leave.
    earliest = loop.time() + first_delay_seconds
    try:
        while True:
            piece = await reader.read(256 * 1024)
            await pieces.put((max(earliest, loop.time()) + delay_seconds, piece))
            if not piece:
                break
        await writing
    except (ConnectionError, asyncio.CancelledError):
        writing.cancel()
        writer.close()


def make_handler(
    port: int, round_trip_seconds: float
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return what serves one connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
        half = round_trip_seconds / 2
        await asyncio.gather(
            pass_on(reader, upstream_writer, half, first_delay_seconds=round_trip_seconds),
            pass_on(upstream_reader, writer, half, first_delay_seconds=0),
        )

    return handle


async def serve(port: int, round_trip_seconds: float) -> None:
    """Listen on a free port, print it, and serve for good."""
    server = await asyncio.start_server(make_handler(port, round_trip_seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
