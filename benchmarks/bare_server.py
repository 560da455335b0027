"""The yardstick of the admin API: an aiohttp server that takes a POST and says so.

    python -m benchmarks.bare_server

Reads the whole body, keeps nothing, answers a few bytes of JSON. Prints its port.
"""

import asyncio

from aiohttp import web

_HOST = "127.0.0.1"


async def _accept(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response({"bytes": len(body)}, status=202)


async def serve() -> None:
    """Serve until ended."""
    app = web.Application()
    app.router.add_post("/{path:.*}", _accept)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, _HOST, 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
