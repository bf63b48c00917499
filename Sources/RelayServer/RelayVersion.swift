/// The version of this build, as `--version` and the metrics show it.
package enum RelayVersion {
    package static let current = "3.0.0"
}
