internal import ArgumentParser

/// All options of a closed loop, in which a sender waits until its messages have arrived.
struct ClosedLoopOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var window: WindowOptions
    @OptionGroup var time: TimeOptions

    /// Runs this shape to its end.
    func run(_ shape: LoadPlan.Shape) throws {
        var plan = try server.plan(shape)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        window.add(to: &plan)
        time.add(to: &plan)
        try server.run(plan)
    }
}

/// The first options of an open loop, in which messages are sent by the clock.
struct OpenLoopOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var rate: RateOptions

    /// A plan of this shape with these options, to which the others are added.
    func plan(_ shape: LoadPlan.Shape) throws -> LoadPlan {
        var plan = try server.plan(shape)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        rate.add(to: &plan)
        return plan
    }
}
