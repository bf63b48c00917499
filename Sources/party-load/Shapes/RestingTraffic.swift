/// `idle`, and any other time at which connections are only held: nobody sends anything.
final class RestingTraffic: Traffic {
    func begin(at start: UInt64, _ loop: LoadLoop) {}
    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {}
    func stop() {}
    var missing: Int { 0 }
}
