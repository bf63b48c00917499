## A seat in a room, over as many connections as it takes. For Godot 4: add it to the scene, and
## call join or create.
class_name PartyMember
extends Node

## The relay has said something: a message of the protocol. Numbers in it are floats.
signal received(message: Dictionary)
## The connection has ended, and the member tries to come back.
signal away(code: int)
## The game is over for this client.
signal over(reason: String)

## After these closes the game is over for this client. After any other it comes back, after MOVED
## at once.
const FINAL_CLOSES := {
	1000: "left",
	4000: "this player is on another connection",
	4001: "the room was closed",
	4003: "kicked",
}
const MOVED := 1012
const GOODBYES := ["leave", "close_room"]
## Refusals that pass. Others are final.
const PASSING_ERRORS := ["room_full", "server_full", "server_draining", "too_many_attempts"]
## Seconds: to come back in; without a word until a ping; for its answer, or for a connection.
const BUDGET := 180.0
const QUIET := 5.0
const PATIENCE := 5.0

## The own slot, and the round trip to the relay in milliseconds; -1 as long as they are unknown.
var slot := -1
var round_trip := -1.0

var _url := ""
var _hello := {}
# Null between two connections.
var _socket: WebSocketPeer
var _is_greeted := false
var _is_seated := false
var _was_seated := false
var _is_leaving := false
var _asked := false
var _tries := 0
var _noes := 0
# Moments, in seconds: when to connect again, when to stop trying, when something was last heard.
var _next := 0.0
var _deadline := 0.0
var _heard := 0.0


func create(url: String, max_clients: int) -> void:
	_begin(url, {"type": "create", "maxClients": max_clients, "hold": 30})


func join(url: String, room: String) -> void:
	_begin(url, {"type": "join", "room": room})


## Sends to all other members, or to one slot. Dropped while there is no connection.
func send(data: Variant, to := -1) -> void:
	var message := {"type": "send", "data": data}
	if to >= 0:
		message["to"] = to
	say(message)


## Sends a message of the protocol: {"type": "leave"}, {"type": "set_state", "data": ...}. After a
## goodbye this client does not come back.
func say(message: Dictionary) -> void:
	if message["type"] in GOODBYES:
		_is_leaving = true
	if _is_seated:
		_socket.send_text(JSON.stringify(message))
	elif _is_leaving:
		if _socket != null:
			_socket.close(-1)
		_end("left")


func _begin(url: String, hello: Dictionary) -> void:
	_url = url.rstrip("/")
	_hello = hello
	_hello["v"] = 3
	_is_leaving = false
	# Whoever knows a clientId can take its seat: 128 random bits, which nobody else sees.
	_hello["clientId"] = Crypto.new().generate_random_bytes(16).hex_encode()
	_next = _now()
	_deadline = _now() + BUDGET
	set_process(true)


func _ready() -> void:
	set_process(not _hello.is_empty())


func _process(_delta: float) -> void:
	if _socket == null:
		if _now() >= _next:
			_connect()
		return
	_socket.poll()
	match _socket.get_ready_state():
		WebSocketPeer.STATE_OPEN:
			if not _is_greeted:
				_is_greeted = true
				_socket.send_text(JSON.stringify(_hello))
			while _socket != null and _socket.get_available_packet_count() > 0:
				_hear(_socket.get_packet().get_string_from_utf8())
			_watch()
		WebSocketPeer.STATE_CONNECTING:
			_watch()
		WebSocketPeer.STATE_CLOSED:
			# What came right before the close is still there.
			while _socket != null and _socket.get_available_packet_count() > 0:
				_hear(_socket.get_packet().get_string_from_utf8())
			if _socket != null:
				_ended(_socket.get_close_code())


func _connect() -> void:
	_socket = WebSocketPeer.new()
	# A state may have 64 KiB as it is sent.
	_socket.inbound_buffer_size = 1 << 18
	_is_greeted = false
	_asked = false
	_heard = _now()
	# The path leads to the machine that has the room.
	if _socket.connect_to_url("%s/%s" % [_url, _hello.get("room", "")]) != OK:
		_ended(1006)


func _hear(text: String) -> void:
	_heard = _now()
	_asked = false
	var message: Variant = JSON.parse_string(text)
	# What is no message of the protocol is no reason to go.
	if not message is Dictionary:
		return
	match message.get("type"):
		"created", "joined":
			_hello["type"] = "join"
			_hello["room"] = message["room"]
			slot = int(message["index"])
			_is_seated = true
			_was_seated = true
			_tries = 0
			_noes = 0
		"pong":
			round_trip = (_now() - message["t"]) * 1000
		"error":
			if not _is_seated:
				_refused(message)
				return
	received.emit(message)


## A relay that says nothing is asked for a sign of life, and given up without one.
func _watch() -> void:
	if _socket == null:
		return
	var silence := _now() - _heard
	if silence > (QUIET + PATIENCE if _is_seated else PATIENCE):
		# Without a close frame, which would give up the seat.
		_socket.close(-1)
		_ended(1006)
	elif silence > QUIET and _is_seated and not _asked:
		_asked = true
		say({"type": "ping", "t": _now()})


func _refused(error: Dictionary) -> void:
	_socket.close(-1)
	var code: String = error.get("code", "")
	if code == "room_not_found" and _was_seated and _noes == 0:
		# It may be on its way to another machine.
		_noes = 1
		_come_back(2.2)
	elif code in PASSING_ERRORS:
		_come_back(maxf(_backoff(), error.get("retryAfter", 0)))
	else:
		_end(error["message"])


func _ended(code: int) -> void:
	if code in FINAL_CLOSES:
		_end(FINAL_CLOSES[code])
		return
	if _is_leaving:
		_end("left")
		return
	var wait := 0.0 if code == MOVED and _is_seated else _backoff()
	if _is_seated:
		_deadline = _now() + BUDGET
		away.emit(code)
	_come_back(wait)


func _come_back(wait: float) -> void:
	_socket = null
	_is_seated = false
	_next = _now() + wait
	if _next > _deadline:
		_end("no connection for too long")


func _backoff() -> float:
	_tries += 1
	return minf(2.0, 0.1 * pow(2, _tries)) * randf_range(0.5, 1.0)


func _end(reason: String) -> void:
	_socket = null
	_is_seated = false
	set_process(false)
	over.emit(reason)


func _now() -> float:
	return Time.get_ticks_usec() / 1e6
