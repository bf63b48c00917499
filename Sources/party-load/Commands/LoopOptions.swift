internal import ArgumentParser

/// The options of a closed loop, in which a sender waits until its messages have arrived.
struct ClosedLoopOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var window: WindowOptions
    @OptionGroup var time: TimeOptions

    /// Runs a plan of the shape, to which `more` is added.
    func run(_ shape: LoadPlan.Shape, adding more: (inout LoadPlan) -> Void = { _ in }) throws {
        var plan = try server.plan(shape)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        window.add(to: &plan)
        time.add(to: &plan)
        more(&plan)
        try server.run(plan)
    }
}

/// The common options of the open loops, in which messages are sent on a fixed schedule.
struct OpenLoopOptions: ParsableArguments {
    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var rate: RateOptions

    /// Makes a plan of the shape with these options.
    func plan(_ shape: LoadPlan.Shape) throws -> LoadPlan {
        var plan = try server.plan(shape)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        rate.add(to: &plan)
        return plan
    }
}
