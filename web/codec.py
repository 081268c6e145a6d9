"""Messages to bytes and back, in JSON and in MessagePack."""

import dataclasses
import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, TypeVar

import msgspec
import numpy as np
from msgspec import Raw, Struct

from actors.event import Event
from web.errors import INVALID_MESSAGE, UNKNOWN_TYPE, VALIDATION_ERROR, Refusal
from web.frames import BINARY, TEXT, PreparedFrame
from web.messages import INBOUND_TYPES, EventItem, Events, Inbound, Outbound, now
from web.requests import Encoding

log = logging.getLogger(__name__)
_PLACE = re.compile(r"^(?P<reason>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"field `(?P<field>.*)`")
_LONGEST_ID = 64
# What the encoders raise for values that an encoding does not have.
UNTELLABLE = (TypeError, ValueError, OverflowError, RecursionError)
T = TypeVar("T", bound=Struct)


def _refuse_extension(code: int, _data: memoryview) -> NoReturn:
    raise ValueError(f"MessagePack extension {code} has no meaning here")


def _jsonable(value: object) -> object:
    """What JSON cannot say by itself: arrays become lists, numbers that are not finite null."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot travel")


_json = msgspec.json.Encoder(enc_hook=_jsonable)
_msgpack = msgspec.msgpack.Encoder()
_json_inbound = msgspec.json.Decoder(Inbound)
_json_any = msgspec.json.Decoder()
_msgpack_inbound = msgspec.msgpack.Decoder(Inbound, ext_hook=_refuse_extension)
_msgpack_any = msgspec.msgpack.Decoder(ext_hook=_refuse_extension)


def _broken(reason: object) -> Refusal:
    return Refusal(INVALID_MESSAGE, reason=str(reason))


def decode(data: str | bytes) -> Inbound:
    """The message in a text frame (JSON) or a binary one (MessagePack); raises Refusal, which
    carries the message's id where that can be read."""
    message: Inbound
    try:
        if isinstance(data, bytes):
            message = _msgpack_inbound.decode(data)
        else:
            message = _json_inbound.decode(data)
    except msgspec.ValidationError as error:
        raise _explain(data, error) from None
    except (msgspec.DecodeError, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise _broken(error) from None
    if message.timestamp is not None:
        try:
            datetime.fromisoformat(message.timestamp)
        except ValueError:
            raise Refusal(
                VALIDATION_ERROR, path="$.timestamp", reason="it is not an ISO 8601 time"
            ).about(message.id) from None
    return message


def _explain(data: str | bytes, error: msgspec.ValidationError) -> Refusal:
    """Why a well-formed message does not fit any type; reads it once more without a schema."""
    try:
        value = _msgpack_any.decode(data) if isinstance(data, bytes) else _json_any.decode(data)
    except (msgspec.DecodeError, UnicodeError, ValueError, TypeError, RecursionError) as broken:
        return _broken(broken)
    if not isinstance(value, dict):
        return _broken("it is not a map")
    told = value.get("id")
    known_id = told if isinstance(told, str) and len(told) <= _LONGEST_ID else None
    kind = value.get("type")
    if isinstance(kind, str) and kind not in INBOUND_TYPES:
        return Refusal(UNKNOWN_TYPE, type=kind, known=list(INBOUND_TYPES)).about(known_id)
    if not isinstance(kind, str):
        reason = "it is required" if kind is None else "it is not a string"
        return Refusal(VALIDATION_ERROR, path="$.type", reason=reason).about(known_id)
    return invalid(error).about(known_id)


def invalid(error: msgspec.ValidationError, root: str = "$") -> Refusal:
    """VALIDATION_ERROR whose path begins at `root` and ends with the field that is at fault."""
    found = _PLACE.match(str(error))
    reason, path = (found["reason"], found["path"]) if found else (str(error), None)
    place = root + (path or "$")[1:]
    field = _FIELD.search(reason)
    if field and not place.endswith(f".{field['field']}"):
        place = f"{place}.{field['field']}"
    return Refusal(VALIDATION_ERROR, path=place, reason=reason)


def decode_params(raw: Raw, params: type[T], *, packed: bool) -> T:
    """A request's params by their schema; raises Refusal."""
    try:
        if packed:
            return msgspec.msgpack.decode(raw or b"\x80", type=params, ext_hook=_refuse_extension)
        return msgspec.json.decode(raw or b"{}", type=params)
    except msgspec.ValidationError as error:
        raise invalid(error, "$.params") from None
    except (msgspec.DecodeError, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise _broken(error) from None


def unpack(raw: Raw, *, packed: bool) -> Any:
    """The plain value of a packed one; raises Refusal."""
    try:
        return _msgpack_any.decode(raw) if packed else _json_any.decode(raw)
    except (msgspec.DecodeError, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise _broken(error) from None


def packable(value: object) -> object:
    """The value as MessagePack carries it: arrays of floats as packed float32, numbers that are
    not finite as null."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "f":
            return value.tolist()
        return {"f32": value.astype("<f4").tobytes(), "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return packable(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Raw) or value is None or isinstance(value, str | int | bytes):
        return value
    if isinstance(value, Mapping):
        return {key: packable(held) for key, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [packable(held) for held in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: packable(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Struct):
        return {
            field.encode_name: packable(getattr(value, field.name))
            for field in msgspec.structs.fields(value)
        }
    return value


def listed(value: Any) -> Any:
    """The value as JSON carries it: packed float32 as lists. Raises ValueError where the bytes do
    not fill the shape."""
    if isinstance(value, list):
        return [listed(held) for held in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"f32", "shape"} and isinstance(value["f32"], bytes):
        return _floats(value["f32"], value["shape"])
    return {key: listed(held) for key, held in value.items()}


def _floats(data: bytes, shape: Any) -> Any:
    numbers = np.frombuffer(data, dtype="<f4")
    if not isinstance(shape, list) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise ValueError(f"{shape!r} is not a shape")
    if math.prod(shape) != numbers.size:
        raise ValueError(f"{numbers.size} numbers do not fill the shape {shape}")
    # An empty shape such as (10**9, 0) would make as many empty lists.
    return numbers.reshape(shape).tolist() if numbers.size else []


def encode(encoding: Encoding, message: Outbound) -> bytes:
    """The message's bytes in the negotiated encoding."""
    if encoding == "json":
        return _json.encode(message)
    return _msgpack.encode(_finite(message))


def _finite(message: T) -> T:
    free = {
        name: packable(getattr(message, name))
        for name in ("data", "result", "details")
        if name in message.__struct_fields__
    }
    return msgspec.structs.replace(message, **free) if free else message


def frame(encoding: Encoding, message: Outbound) -> PreparedFrame:
    """The message framed for the wire."""
    return PreparedFrame(TEXT if encoding == "json" else BINARY, encode(encoding, message))


def encode_events(encoding: str, events: Sequence[Event]) -> PreparedFrame:
    """The one frame that brings these events to everybody with this encoding."""
    in_json = encoding == "json"
    encoder = _json if in_json else _msgpack
    tell = _plain if in_json else packable
    try:
        message = Events(now(), [_item(event, tell(event.data)) for event in events])
        payload = encoder.encode(message)
    except UNTELLABLE:
        payload = encoder.encode(Events(now(), [_safe_item(event, tell) for event in events]))
    return PreparedFrame(TEXT if in_json else BINARY, payload)


def _item(event: Event, data: object) -> EventItem:
    return EventItem(
        event.topic, event.epoch, event.offset, data, event.tick, event.time, event.skipped
    )


def _safe_item(event: Event, tell: Callable[[object], object]) -> EventItem:
    """The event, whose data is null where it has what the encoding has not. Publishers' data is
    only looked into here, and it must not cost others their events."""
    encoder = _json if tell is _plain else _msgpack
    try:
        item = _item(event, tell(event.data))
        encoder.encode(item)
    except UNTELLABLE:
        log.warning("The data of %s at %d cannot be told", event.topic, event.offset, exc_info=True)
        return _item(event, None)
    return item


def _plain(data: object) -> object:
    """Data for JSON; raises ValueError where what a publisher packed cannot be read."""
    return listed(_msgpack_any.decode(data)) if isinstance(data, Raw) else data
