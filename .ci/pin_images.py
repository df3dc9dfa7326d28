"""Pin the images of docker-compose.yml by digest, as their registries have them now.

    pin_images.py           write name:tag@sha256:… for each image, in place of what stood there
    pin_images.py --check   fail where an image has no digest; where no registry can be reached, say so and pass

A tag can be moved to another image, a digest cannot. Digests are those of the index over all platforms, asked
for by the API of the OCI distribution specification. Run it again to take up newer images of the same tags.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import httpx

FILE = Path(__file__).resolve().parent.parent / "docker-compose.yml"
#: The image of a service, and of a Dockerfile that stands in the file. Ours is built, and has no registry.
IMAGE = re.compile(r"^(\s*(?:image:|FROM) +)(?!wirewatch:)([\w./-]+:[\w.-]+)(@sha256:[0-9a-f]{64})?$", re.MULTILINE)
KINDS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
)
#: Where images without a registry in their name are, and the folder of those without a folder.
REGISTRY, FOLDER = "registry-1.docker.io", "library"


def main(arguments: list[str]) -> int:
    """Pin or check; returns the exit status."""
    text = FILE.read_text()
    with httpx.Client(timeout=30) as client:
        try:
            if arguments == ["--check"]:
                return check(text, client)
            FILE.write_text(pinned(text, client))
        except httpx.TransportError as error:
            done = "checked" if arguments else "pinned"
            say(f"images not {done}: registry not reachable ({type(error).__name__})")
            return 0 if arguments else 1
    return 0


def check(text: str, client: httpx.Client) -> int:
    """Whether each image has a digest; raises `httpx.TransportError` where one lacks it that cannot be looked up."""
    loose = [found[2] for found in IMAGE.finditer(text) if not found[3]]
    for image in loose:
        digest(image, client)
    if loose:
        say(f"not pinned by digest: {', '.join(loose)}; run `make pin` and commit docker-compose.yml")
    return 1 if loose else 0


def pinned(text: str, client: httpx.Client) -> str:
    """The file with each image's digest of now."""
    return IMAGE.sub(lambda found: f"{found[1]}{found[2]}@{digest(found[2], client)}", text)


def digest(image: str, client: httpx.Client) -> str:
    """The digest that a tag names now. Raises `httpx.HTTPError`."""
    name, tag = image.rsplit(":", 1)
    first, _, rest = name.partition("/")
    registry, path = (first, rest) if "." in first and rest else (REGISTRY, name if "/" in name else f"{FOLDER}/{name}")
    address, headers = f"https://{registry}/v2/{path}/manifests/{tag}", {"Accept": KINDS}
    answer = client.head(address, headers=headers)
    if answer.status_code == 401:
        # https://distribution.github.io/distribution/spec/auth/token/
        asked = dict(re.findall(r'(\w+)="([^"]*)"', answer.headers["www-authenticate"]))
        token = client.get(asked.pop("realm"), params=asked).raise_for_status().json()["token"]
        answer = client.head(address, headers=headers | {"Authorization": f"Bearer {token}"})
    found = answer.raise_for_status().headers["docker-content-digest"]
    if not re.fullmatch(r"sha256:[0-9a-f]{64}", found):
        raise httpx.HTTPError(f"{registry} names no SHA-256 of {image}")
    return str(found)


def say(line: str) -> None:
    """One line on stdout."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
