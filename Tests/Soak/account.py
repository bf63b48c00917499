"""The account of one run: every message that the relay has read comes once, in order, to each member that stays.

It knows nothing of sockets: it is told what each connection sends and hears, in the order in which the test does it.
The relay has certainly read a message once its sender has been sent a later message of its own (an echo). A member must
be sent all that another one sends after that one has heard of it, or from the other's beginning if it was there before.
"""

import json
import re

import peers
from rooms import STATE, TO_ALL, Stay

MESSAGE = re.compile(rb'\{"type":"(?:message","from":(\d+)|(state)"),"data":(\[(\d+),(\d+),"[a-zA-Z0-9]*"\])\}')


class Account:
    """What has happened, and what must not have."""

    def __init__(self, is_kernel_faulty=False):
        # Connections may then break at any time.
        self.is_kernel_faulty = is_kernel_faulty
        self.is_draining = False
        self.joins = 0
        self.stays = {}
        self.sent = self.deliveries = self.settled = 0
        self.closes = {}
        # Members that were not among the peers of a newcomer. Where connections break they may have gone before.
        self.missed = []
        self.violations = []

    def object(self, stay, what):
        if len(self.violations) < 20:
            events = "\n    ".join(str(event)[:160] for event in stay.events)
            self.violations.append(f"{stay}: {what}; its last events:\n    {events}")

    # What the test does

    def join(self, room, client, replaced=None):
        """A connection is about to ask for its place."""
        self.joins += 1
        stay = Stay(self.joins, room, client)
        self.stays[stay.number] = stay
        for other in room.stays:
            # What the relay has read is older than this connection's place.
            stay.stream(other).next = other.confirmed
            if other.is_seated and not other.has_ended:
                other.stream(stay).must_from(0)
            if other.is_solid():
                stay.must_meet.append(other)
            if not other.is_gone:
                stay.may_meet.append(other)
        stay.oldest_state = room.state
        if self.is_draining:
            stay.may_close.add(1012)
        if replaced:
            replaced.is_doomed = True
            replaced.may_close.add(4000)
        room.stays.append(stay)
        stay.events.append(f"asks for a place as {client}")
        return stay

    def send(self, stay, recipient=TO_ALL, filling=0):
        """A message is about to be sent; returns its data."""
        number = len(stay.log)
        stay.log.append((recipient, filling))
        self.sent += 1
        if recipient == stay.slot:
            stay.echoes[number] = [
                (other, other.confirmed) for other in stay.room.stays
                if other.confirmed > stay.stream(other).next and other is not stay]
        stay.events.append(("sends", number, recipient, filling))
        return stay.data(number)

    def close_room(self, stay):
        stay.close_room_after = len(stay.log)
        stay.events.append("closes the room")
        stay.room.end()
        for other in stay.room.stays:
            other.may_close.add(4001)
            other.is_doomed = True

    def leave(self, stay, how):
        """A connection is about to end, by the test."""
        stay.events.append(how)
        self.doom(stay)

    def doom(self, stay):
        stay.is_doomed = True
        stay.room.unsure.add(stay.slot)
        if not stay.room.solid():
            stay.room.end()

    def begin_drain(self):
        self.is_draining = True
        for stay in self.stays.values():
            if not stay.has_ended:
                stay.may_close.add(1012)

    # What the relay does

    def hear(self, stay, text):
        """A connection has been sent a text message."""
        stay.events.append(text[:120])
        match = MESSAGE.fullmatch(text)
        if match:
            slot, state, data, number, index = match.groups()
            self.hear_message(stay, slot and int(slot), bool(state), data, int(number), int(index))
            return
        try:
            message = json.loads(text)
            kind = message["type"]
        except (ValueError, KeyError, TypeError):
            return self.object(stay, f"heard what is no message: {text[:200]}")
        if kind in ("created", "joined") and not stay.is_seated:
            self.hear_place(stay, message)
        elif kind in ("peer_joined", "peer_left") and stay.is_seated:
            if error := peers.event_error(stay, kind, message["index"]):
                self.object(stay, error)
        elif kind == "error":
            self.hear_error(stay, message["message"])
        else:
            self.object(stay, f"heard {text[:200]}")
        if kind != "joined":
            self.miss_state(stay)

    def hear_place(self, stay, message):
        slots = stay.room.slots
        stay.slot = message["index"]
        slots.setdefault(stay.client, stay.slot)
        if message["type"] == "created":
            stay.room.code = message["room"]
        else:
            stay.peers = set(message["peers"])
            stay.awaits_state = True
            self.missed += [(stay, other) for other in peers.missing(stay)]
        for error in peers.place_errors(stay, message):
            self.object(stay, error)
        if not self.is_kernel_faulty:
            self.check_missed()

    def hear_error(self, stay, text):
        if not stay.is_seated and (
                text == "Room not found" and (stay.may_miss or self.is_kernel_faulty or self.is_draining)
                or text == "Server draining" and self.is_draining):
            stay.refused = 1 + len(stay.log)
            self.end(stay)
        elif text == "Not in a room" and stay.refused > 1:
            # What it has sent without waiting for its place.
            stay.refused -= 1
        elif not (text == "Target peer not found" and self.may_miss_target(stay)):
            self.object(stay, f"heard the error {text}")

    def may_miss_target(self, stay):
        if self.is_kernel_faulty or self.is_draining:
            return True
        return any(recipient in stay.room.unsure for recipient, _ in stay.log[stay.confirmed:])

    def miss_state(self, stay):
        if stay.awaits_state and stay.oldest_state:
            self.object(stay, f"did not get the snapshot {stay.oldest_state}")
        stay.awaits_state = False

    def hear_message(self, stay, slot, is_state, data, number, index):
        self.deliveries += 1
        sender = self.stays.get(number)
        if not stay.is_seated or sender is None or sender.room is not stay.room or index >= len(sender.log):
            return self.object(stay, f"message {index} of connection {number} was never sent in its room")
        if is_state != (sender.log[index][0] == STATE) or data != sender.data(index):
            return self.object(stay, f"message {index} of {sender} is not what it sent")
        stream = stay.stream(sender)
        if is_state:
            slot = 0
            is_replayed = stay.awaits_state and (stream.due is None or index < stream.due)
            if is_replayed and (number, index) >= (stay.oldest_state or (0, 0)):
                stay.awaits_state = False
                stream.next = max(stream.next, index + 1)
                return
        self.miss_state(stay)
        self.check_voice(stay, sender, slot, is_state)
        if not sender.is_for(index, stay):
            return self.object(stay, f"message {index} of {sender} was not for it")
        if index < stream.next:
            return self.object(stay, f"message {index} of {sender} came after {stream.next - 1}, or before its place")
        stream.must_from(index)
        self.settle(stay, sender, index)
        stream.next = index + 1
        if sender is stay:
            self.hear_echo(stay, index)
        elif not stream.is_heard:
            stream.is_heard = True
            # It is there, so from now on it must get everything.
            sender.stream(stay).must_from(len(stay.log))

    def check_voice(self, stay, sender, slot, is_state):
        if sender.is_seated:
            is_right = sender.slot == slot
        else:
            is_right = sender.claimed in (None, slot)
            sender.claimed = slot
        if not is_right or slot not in stay.peers and sender is not stay:
            # A guest that hears a snapshot may know no host any more only if it is replayed.
            self.object(stay, f"heard {sender} in slot {slot}, with the peers {sorted(stay.peers)}")
        if stay.voices.get(slot, 0) > sender.number:
            self.object(stay, f"heard {sender} after connection {stay.voices[slot]}, which has replaced it")
        stay.voices[slot] = sender.number

    def hear_echo(self, stay, index):
        states = [number for number in range(stay.confirmed, index) if stay.log[number][0] == STATE]
        stay.confirmed = index + 1
        if states:
            stay.room.state = max(stay.room.state or (0, 0), (stay.number, states[-1]))
        for other, count in stay.echoes.pop(index, ()):
            self.settle(stay, other, count)
        for older in [number for number in stay.echoes if number < index]:
            del stay.echoes[older]

    def settle(self, stay, sender, count):
        """All messages of a sender before this number must have come, as far as they had to."""
        stream = stay.stream(sender)
        if stream.due is None:
            return
        for number in range(max(stream.next, stream.due), count):
            if sender.is_for(number, stay):
                self.object(stay, f"message {number} of {sender} never came")
                break
        stream.next = max(stream.next, count)
        self.settled += 1

    def hear_close(self, stay, code, reason):
        """A connection has been sent a close frame."""
        stay.events.append(("closed", code, reason))
        self.closes[code] = self.closes.get(code, 0) + 1
        stay.closed_with = code
        if code not in stay.may_close:
            self.object(stay, f"was closed with {code} {reason}")
        if code == 4001:
            for other in stay.room.stays:
                if other.close_room_after is not None and stay.is_seated and other is not stay:
                    self.settle(stay, other, other.close_room_after)
        stay.is_gone = True
        self.end(stay)

    def hear_end(self, stay):
        """A connection has ended without a close frame."""
        stay.events.append("ended")
        stay.is_gone = True
        if not (self.is_kernel_faulty or stay.has_ended or self.is_draining and not stay.is_seated):
            self.object(stay, "ended without a close frame")
        self.end(stay)

    def end(self, stay):
        if not stay.has_ended:
            stay.has_ended = True
            self.doom(stay)

    # What must be true once everything is quiet

    def check_missed(self):
        """Whoever was missing among the peers of a newcomer must have gone."""
        for stay, other in self.missed:
            if other.is_solid():
                self.object(stay, f"was told the peers {sorted(stay.peers)} without {other}")
                self.object(other, "was there")
        self.missed.clear()

    def forget_ended(self):
        """Forgets rooms in which nobody is any more, and all stays in them."""
        rooms = {stay.room for stay in self.stays.values() if not stay.has_ended}
        self.stays = {number: stay for number, stay in self.stays.items() if stay.room in rooms}
