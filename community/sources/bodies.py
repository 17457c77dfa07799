"""The body of an answer, within limits: so much on the wire, so much unpacked, and never a surprise in memory."""

import asyncio
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from community.errors import Garbled
from community.sources.answers import Answer
from community.text import Clean

if TYPE_CHECKING:
    import httpx

_STEP = 64 * 1024
_MOST_MEMBERS = 100
_TURN = 1024 * 1024


async def read(response: "httpx.Response", answer: Answer, *, wire_bytes: int, decoded_bytes: int) -> bytes:
    """The whole decoded body of `response`, whose head is `answer`. Raises `Garbled`, as `Body` does."""
    body = Body(answer, wire_bytes=wire_bytes, decoded_bytes=decoded_bytes)
    async for chunk in response.aiter_raw():
        await body.take(chunk)
    return body.whole()


def too_much(host: Clean) -> Garbled:
    """What an answer past the limits is."""
    return Garbled(f"{host} sent more than Kith reads at once; check the address of this source.")


class Body:
    """A body that comes in parts.

    Raises `Garbled` when it is too much, packed in another way than asked for, or breaks off.
    """

    def __init__(self, answer: Answer, *, wire_bytes: int, decoded_bytes: int) -> None:
        codings = [one.strip().lower() for one in answer.headers.get("content-encoding", "").split(",")]
        codings = [one for one in codings if one not in ("", "identity")]
        self._host = answer.host
        if codings not in ([], ["gzip"], ["x-gzip"]):
            raise Garbled(f"{self._host} sent an answer packed in a way that was not asked for; try again later.")
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal() and len(announced) < 20 and int(announced) > wire_bytes:
            raise too_much(self._host)
        self._wire_bytes = wire_bytes
        self._inflater = Inflater(decoded_bytes) if codings else None
        self._received = 0
        self._plain = bytearray()

    async def take(self, chunk: bytes) -> None:
        """One more part."""
        self._received += len(chunk)
        if self._received > self._wire_bytes:
            raise too_much(self._host)
        if self._inflater is None:
            self._plain += chunk
            return
        try:
            for _ in self._inflater.steps(chunk):
                await asyncio.sleep(0)
        except OverflowError:
            raise too_much(self._host) from None
        except zlib.error:
            raise Garbled(f"{self._host} sent an answer that cannot be unpacked; try again later.") from None

    def whole(self) -> bytes:
        """All of it, unpacked."""
        if self._inflater is None:
            return bytes(self._plain)
        if self._received and not self._inflater.complete:
            raise Garbled(f"{self._host} sent an answer that breaks off; try again later.")
        return bytes(self._inflater.out)


class Inflater:
    """Gzip unpacked step by step, so that a small bomb is found out before it has grown."""

    def __init__(self, limit: int) -> None:
        self.out = bytearray()
        self.complete = False
        self._limit = limit
        self._members = 0
        self._stream = zlib.decompressobj(wbits=31)

    def steps(self, data: bytes) -> Iterator[None]:
        """Unpack `data`, a megabyte between two steps. Raises OverflowError past the limit, zlib.error for no gzip."""
        told = len(self.out)
        while data:
            if len(self.out) - told > _TURN:
                told = len(self.out)
                yield
            if self.complete:
                if not data.startswith(b"\x1f") or self._members >= _MOST_MEMBERS:
                    return
                self._stream, self.complete = zlib.decompressobj(wbits=31), False
            self.out += self._stream.decompress(data, _STEP)
            if len(self.out) > self._limit:
                raise OverflowError
            if self._stream.eof:
                self.complete = True
                self._members += 1
                data = self._stream.unused_data
            else:
                data = self._stream.unconsumed_tail
