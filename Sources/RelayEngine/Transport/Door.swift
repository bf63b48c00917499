/// A listening socket as one loop sees it.
struct Door {
    let listener: Listener
    /// Whether it is watched; not while descriptors or memory are short.
    var isAccepting = false

    init(_ listener: Listener) {
        self.listener = listener
    }
}
