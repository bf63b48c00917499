"""What a member is told of places: its own, and who else is there."""


def place_errors(stay, message):
    """What is wrong with a `created` or `joined`."""
    room, slot = stay.room, stay.slot
    if room.slots[stay.client] != slot:
        yield f"its client had slot {room.slots[stay.client]}"
    if sum(other == slot for other in room.slots.values()) > 1:
        yield f"slot {slot} has two clients"
    if stay.claimed not in (None, slot):
        yield f"was heard in slot {stay.claimed}"
    if message["room"] != room.code:
        yield f"is in room {message['room']}"
    told = message.get("peers", [])
    if told != sorted(stay.peers) or slot in stay.peers:
        yield f"was told the peers {told}"
    # Whoever was there when it asked for its place, or has asked since.
    met = stay.may_meet + [other for other in room.stays if other.number > stay.number]
    gone = set(room.slots.values()) - {room.slots.get(other.client) for other in met}
    if gone & stay.peers:
        yield f"was told the peers {told}, of whom {sorted(gone & stay.peers)} had gone"


def missing(stay):
    """The members that were there all the time, and are not among the peers of a newcomer."""
    return [other for other in stay.must_meet if other.is_solid() and other.slot not in stay.peers | {stay.slot}]


def event_error(stay, kind, slot):
    """Notes that somebody has come or gone; returns what is wrong with it."""
    is_there = slot in stay.peers or slot == stay.slot
    if kind == "peer_joined":
        stay.peers.add(slot)
        return f"slot {slot} came twice" if is_there else None
    stay.peers.discard(slot)
    return None if is_there and slot != stay.slot else f"slot {slot} left without having been there"


def error(stay):
    """What a member believes wrongly of who is there, in a quiet moment."""
    others = {other.slot for other in stay.room.solid()} - {stay.slot}
    return None if stay.peers == others else f"{stay} knows the peers {sorted(stay.peers)} and not {sorted(others)}"
