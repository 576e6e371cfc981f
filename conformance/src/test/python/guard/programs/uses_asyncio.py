"""What asks which task runs; the guard is there before asyncio is."""

import asyncio


async def main() -> None:
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        group.create_task(asyncio.sleep(0))
    await asyncio.to_thread(int)
    print(asyncio.current_task() is not None)


asyncio.run(main())
