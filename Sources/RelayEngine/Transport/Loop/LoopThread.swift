internal import CLinux
internal import Glibc

/// The thread of a loop.
package enum LoopThread {
    private final class Start {
        var run: (() -> Void)?
        let name: String
        let ended: @Sendable () -> Void

        init(name: String, ended: @escaping @Sendable () -> Void, run: @escaping () -> Void) {
            self.run = run
            self.name = name
            self.ended = ended
        }
    }

    /// Runs a loop on a new thread, which owns it from here on.
    ///
    /// - Parameters:
    ///   - ended: called when the loop is gone, with its sockets.
    ///   - run: runs the loop, and holds the last reference to it. It comes from the module of the loop's handler, so
    ///     that the loop's code is compiled for that handler.
    package static func start(
        name: String, ended: @escaping @Sendable () -> Void, _ run: sending @escaping () -> Void
    ) throws(SystemError) {
        let start = unsafe Unmanaged.passRetained(Start(name: name, ended: ended, run: run))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe clinux_name_thread(start.name)
                start.run?()
                // Frees the loop and closes its sockets before `ended` is called.
                start.run = nil
                LargeBlock.freeKept()
                start.ended()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            unsafe start.release()
            throw SystemError("pthread_create", code: result)
        }
        pthread_detach(thread)
    }
}
