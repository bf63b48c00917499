/// How old an answer of the DNS may be for its purpose.
enum Freshness {
    /// As old as the cache keeps it.
    case usual
    /// What a final no relies on: whoever came or moved moments ago should be in it. An older answer is asked for anew,
    /// but only once a second; if that fails or is slow, the answer in hand is used.
    case beforeFinalNo
}
