## A controller: give it a Button and a Label as children, and the room's code.
extends Control

@export var relay := "ws://127.0.0.1:3000"
@export var room := ""

@onready var _button: Button = $Button
@onready var _label: Label = $Label
@onready var _member := PartyMember.new()


func _ready() -> void:
	add_child(_member)
	_member.received.connect(_on_received)
	_member.away.connect(func(_code: int) -> void: _label.text = "away …")
	_member.over.connect(func(reason: String) -> void: _label.text = reason)
	_button.pressed.connect(func() -> void: _member.send({"button": "A"}, 0))
	_member.join(relay, room)


func _on_received(message: Dictionary) -> void:
	match message["type"]:
		"joined":
			_label.text = "player %d" % _member.slot
		"state":
			# The keys of a JSON object are strings.
			_label.text = "points: %d" % message["data"]["points"].get(str(_member.slot), 0)
