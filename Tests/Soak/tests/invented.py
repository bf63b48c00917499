"""A relay that makes no mistakes and needs no sockets, and a play on it: what the account is tested with."""

import json

import peers
from account import Account
from rooms import STATE, TO_ALL, Room


class PerfectRelay:
    """One room. What it has sent waits for each stay until that one reads."""

    def __init__(self, account):
        self.account = account
        self.seats, self.slots, self.unread, self.state = {}, {}, {}, None

    def tell(self, stay, **message):
        self.unread[stay].append(json.dumps(message, separators=(",", ":")).encode())

    def pass_on(self, receivers, head, data):
        for receiver in receivers:
            self.unread[receiver].append(head + b',"data":' + data + b"}")

    def others(self, stay):
        return [other for other in self.seats.values() if other is not stay]

    def join(self, stay):
        self.unread[stay] = []
        slot = self.slots.setdefault(stay.client, len(self.slots))
        old = self.seats.pop(slot, None)
        others = self.others(stay)
        self.seats[slot] = stay
        if slot == 0 and len(self.slots) == 1:
            self.tell(stay, type="created", room="Abc123", instance="", region="", index=0)
        else:
            self.tell(stay, type="joined", room="Abc123", index=slot, peers=sorted({*self.seats} - {slot}))
        if self.state:
            self.pass_on([stay], b'{"type":"state"', self.state)
        if old:
            self.unread[old].append((4000, "replaced"))
        else:
            for other in others:
                self.tell(other, type="peer_joined", index=slot)

    def slot_of(self, stay):
        return self.slots[stay.client]

    def send(self, stay, recipient, filling):
        data = self.account.send(stay, recipient, filling)
        if recipient == STATE:
            self.state = data
            return self.pass_on(self.others(stay), b'{"type":"state"', data)
        receivers = self.others(stay) if recipient == TO_ALL else [self.seats.get(recipient)]
        head = b'{"type":"message","from":%d' % self.slot_of(stay)
        self.pass_on([receiver for receiver in receivers if receiver], head, data)

    def leave(self, stay):
        self.account.leave(stay, "leaves")
        stay.may_close.add(1000)
        del self.seats[self.slot_of(stay)]
        self.unread[stay].append((1000, ""))
        for other in self.seats.values():
            self.tell(other, type="peer_left", index=self.slot_of(stay))


class Play:
    """Random events in one room. `tamper` may change what a stay is about to read: it gets the stay, and the list."""

    def __init__(self, dice, tamper=lambda stay, unread: None):
        self.dice, self.tamper = dice, tamper
        self.account = Account()
        self.relay = PerfectRelay(self.account)
        self.room = Room()
        self.clients = 0
        self.gone = []
        self.stays = []
        for _ in range(4):
            self.enter()
        # Those that stay to the end, once all of them know of each other.
        self.regulars = list(self.stays)
        self.read_all()
        for stay in self.regulars:
            self.relay.send(stay, TO_ALL, 1)
        self.silence()

    def enter(self, client=None, replaced=None):
        if client is None:
            client, self.clients = f"client {self.clients}", self.clients + 1
        stay = self.account.join(self.room, client, replaced)
        self.relay.join(stay)
        self.stays.append(stay)

    def read(self, stay, most):
        unread = self.relay.unread[stay]
        self.tamper(stay, unread)
        for _ in range(min(most, len(unread))):
            message = unread.pop(0)
            if isinstance(message, tuple):
                self.account.hear_close(stay, *message)
                self.stays.remove(stay)
                self.gone.append(stay.client)
            else:
                self.account.hear(stay, message)

    def read_all(self):
        for stay in list(self.stays):
            self.read(stay, len(self.relay.unread[stay]))

    def step(self):
        stay = self.dice.choice([stay for stay in self.stays if stay.is_solid()])
        roll = self.dice.random()
        if roll < 0.3:
            self.read(self.dice.choice(self.stays), 3)
        elif roll < 0.5:
            self.relay.send(stay, TO_ALL, self.dice.randrange(20))
        elif roll < 0.6:
            self.relay.send(stay, stay.slot, 0)
        elif roll < 0.7 and stay.peers:
            to = self.dice.choice(sorted(stay.peers))
            if to in self.relay.seats:
                self.relay.send(stay, to, 5)
        elif roll < 0.75 and stay.slot == 0:
            self.relay.send(stay, STATE, 5)
        elif roll < 0.8 and len(self.stays) < 9:
            back = [client for client in self.gone if client not in {other.client for other in self.stays}]
            self.enter(self.dice.choice(back) if back and self.dice.random() < 0.5 else None)
        elif stay not in self.regulars and roll < 0.85:
            self.relay.leave(stay)
        elif stay not in self.regulars and roll < 0.9:
            self.enter(stay.client, stay)

    def silence(self):
        """Everybody reads all, and twice a message of its own, which proves that it has read all before."""
        for _ in range(2):
            self.read_all()
            for stay in [stay for stay in self.stays if stay.is_solid()]:
                self.relay.send(stay, stay.slot, 0)
        self.read_all()

    def run(self, steps=150):
        for _ in range(steps):
            self.step()
        self.silence()
        errors = [peers.error(stay) for stay in self.stays]
        return self.account.violations + [error for error in errors if error]
