/// The version of this build, as shown by `--version` and the metrics.
package enum RelayVersion {
    package static let current = "3.1.0"
}
