"""The ASGI adapter answers like the RSGI one: the same application under another server interface."""

import asyncio
from typing import Any

import httpx2
from tests.worlds import World, plant

from antechamber.app import Application
from antechamber.settings import Settings

ACCEPT = {"Accept": "application/vnd.atlas.2025-03-12+json"}


def test_an_invitation_is_made_read_and_cancelled_over_asgi(sqlite_url: str) -> None:
    async def story() -> None:
        application = Application(
            Settings(database=sqlite_url, master_key="00" * 32, log_requests=False, rate_limits=False)
        )
        app: Any = application.asgi()
        application.open(asyncio.get_running_loop())
        try:
            world: World = await _planted(application)
            digest = httpx2.DigestAuth(world.key.public_key, world.private_key)
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(
                transport=transport, base_url="http://desk.example", headers=ACCEPT
            ) as client:
                invites = f"/api/atlas/v2/orgs/{world.organization.id}/invites"
                refused = await client.post(invites, json={})
                assert (refused.status_code, len(refused.content)) == (401, 142)
                body = {"username": "new@example.com", "roles": ["ORG_MEMBER"]}
                made = await client.post(invites, json=body, auth=digest)
                assert made.status_code == 200, made.text
                one = f"{invites}/{made.json()['id']}"
                assert (await client.get(one, auth=digest)).json() == made.json()
                head = await client.head(one, auth=digest)
                assert (head.status_code, head.content) == (200, b"")
                too_large = await client.post(invites, content=b" " * (256 * 1024 + 1), auth=digest)
                assert too_large.status_code == 413
                gone = await client.delete(one, auth=digest)
                assert (gone.status_code, gone.content) == (204, b"")
                assert (await client.get(one, auth=digest)).status_code == 404
        finally:
            await application.close()

    asyncio.run(story())


async def _planted(application: Application) -> World:
    return await application._database.write(plant)
