internal import Foundation

/// The inputs from which a fuzzer starts, which the tests replay.
package enum FuzzCorpus {
    package struct Input: Sendable {
        package let name: String
        package let bytes: [UInt8]
    }

    /// All inputs of `Tests/Fuzz/corpus/FUZZER`.
    package static func inputs(of fuzzer: String) -> [Input] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fuzz/corpus/\(fuzzer)").standardized
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.sorted { $0.path < $1.path }.compactMap { file in
            (try? Data(contentsOf: file)).map { Input(name: file.lastPathComponent, bytes: Array($0)) }
        }
    }
}
