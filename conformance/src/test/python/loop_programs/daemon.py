"""Ends while daemon threads run loops, one by itself and one of asyncio.run's."""

import asyncio
import atexit
import threading

running = threading.Barrier(3)


async def main() -> None:
    running.wait(20)
    await asyncio.get_running_loop().create_future()


def runs_for_ever() -> None:
    loop = asyncio.new_event_loop()
    loop.call_soon(running.wait, 20)
    loop.run_forever()


loops = [threading.Thread(target=runs_for_ever, daemon=True)]
loops.append(threading.Thread(target=lambda: asyncio.run(main()), daemon=True))
for thread in loops:
    thread.start()
running.wait(20)
atexit.register(lambda: print("running:", [thread.is_alive() for thread in loops]))
print("main is over")
