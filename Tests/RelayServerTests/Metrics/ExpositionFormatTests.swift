import TestSupport
import Testing

@Suite("The tests' parser of the metrics format")
struct ExpositionFormatTests {
    @Test("it accepts everything that the format allows")
    func reads() throws {
        let text = "# HELP a_b Some help.\n# TYPE a_b gauge\na_b{x=\"1\",y=\"\\\\\\\"\\n\"} -5\na_b{x=\"2\"} 7\n"
        let format = try ExpositionFormat(Array(text.utf8))
        #expect(format.kinds == ["a_b": "gauge"])
        #expect(
            format.samples == [
                .init(name: "a_b", labels: ["x": "1", "y": "\\\"\n"], value: -5),
                .init(name: "a_b", labels: ["x": "2"], value: 7),
            ])
    }

    @Test("it reads fractions, and the three kinds of lines of a histogram")
    func readsHistograms() throws {
        let text = """
            # HELP a A.
            # TYPE a histogram
            a_bucket{le="0.5"} 1
            a_bucket{le="+Inf"} 2
            a_sum{x=""} 0.75
            a_count{x=""} 2

            """
        let format = try ExpositionFormat(Array(text.utf8))
        #expect(format.samples(of: "a_bucket").map(\.value) == [1, 2])
        #expect(format.samples(of: "a_sum").map(\.value) == [0.75])
        #expect(format.samples(of: "a_count").map(\.value) == [2])
    }

    @Test(
        "it refuses what the format forbids, or what a relay should not write",
        arguments: [
            "a{x=\"1\"} 1", "a 1\n", "a{x=\"1\"}1\n", "a{x=\"1\"} one\n", "a{x=\"1\"} 1 \n", "a{x=\"1\" 1\n", "\n",
            "a{x=\"1} 1\n", "a{x=\"\\t\"} 1\n", "a{x=\"\"\"} 1\n", "a{1x=\"1\"} 1\n", "a{x=\"1\",x=\"2\"} 1\n",
            "a{x=\"1\",} 1\n", "1a{x=\"1\"} 1\n", "ä{x=\"1\"} 1\n", "b{x=\"1\"} 1\n", "a{x=\"1\"} 1\na{x=\"1\"} 2\n",
            "a{x=\"1\"} 1\n# HELP a Again.\n", "a{x=\"1\"} 1\n# TYPE a gauge\n", "a{x=\"1\"} 1\n# TYPE c gauge\n",
            "a{x=\"1\"} 1\n# HELP c Help.\n", "a{x=\"1\"} 1\n# A comment.\n",
            "# HELP c C.\n# TYPE c gauge\na{x=\"1\"} 1\n",
            "a{x=\"1\"} 1\n# HELP c C.\n# TYPE c summary\nc{x=\"1\"} 1\n",
            "a{x=\"1\"} 1\n# HELP c C.\n# TYPE c histogram\nc{x=\"1\"} 1\n",
            "a{x=\"1\"} 1\n# HELP c C.\n# TYPE c histogram\nc_bucket{x=\"1\"} 1\nc_sum{x=\"1\"} 1\n",
            "a_count{x=\"1\"} 1\n", "a{x=\"1\"} 1e3\n", "a{x=\"1\"} NaN\n",
        ])
    func refuses(text: String) {
        #expect(throws: ExpositionFormat.Malformed.self) {
            try ExpositionFormat(Array(("# HELP a A.\n# TYPE a counter\n" + text).utf8))
        }
    }
}
