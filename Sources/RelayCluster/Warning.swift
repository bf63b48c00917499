/// The kinds of failures whose warnings are throttled separately.
enum Warning: CaseIterable {
    case machineList
    case address
    case identity
    case probe
    case silence
    case refusal
    case handover
}
