internal import CLinux
internal import Glibc

/// The thread of a loop.
package enum LoopThread {
    private final class Start {
        var loop: SocketLoop?
        let name: String
        let ended: @Sendable () -> Void

        init(_ loop: SocketLoop, name: String, ended: @escaping @Sendable () -> Void) {
            self.loop = loop
            self.name = name
            self.ended = ended
        }
    }

    /// Runs the loop on a new thread, to which it belongs from here on.
    package static func start(
        _ loop: sending SocketLoop, name: String, ended: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        let start = unsafe Unmanaged.passRetained(Start(loop, name: name, ended: ended))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe clinux_name_thread(start.name)
                start.loop?.run()
                // With it go its sockets, before anybody hears of the end.
                start.loop = nil
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
