/// The members with something to send at the end of the turn, each listed once by its index.
struct DirtyList {
    private var indices: [Int] = []
    private var next = 0
    private var isListed: [Bool]

    init(members: Int) {
        isListed = Array(repeating: false, count: members)
    }

    /// Adds a member unless it is listed already.
    @inline(__always)
    mutating func insert(_ index: Int) {
        guard !isListed[index] else { return }
        isListed[index] = true
        indices.append(index)
    }

    /// Takes the first member off the list; nil if the list is empty.
    @inline(__always)
    mutating func popFirst() -> Int? {
        guard next < indices.count else {
            indices.removeAll(keepingCapacity: true)
            next = 0
            return nil
        }
        let index = indices[next]
        next += 1
        isListed[index] = false
        return index
    }
}
