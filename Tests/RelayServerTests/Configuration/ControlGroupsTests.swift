import Testing

@testable import RelayServer

@Suite("Limits of control groups")
struct ControlGroupsTests {
    /// A tree of files, and the limits in it.
    struct Tree: CustomTestStringConvertible {
        let testDescription: String
        let membership: String?
        let mounts: String?
        var files: [String: String] = [:]
        var memory: Int?
        var processors: Int?

        func limits() -> ControlGroups {
            var files = files
            files["/proc/self/cgroup"] = membership
            files["/proc/self/mountinfo"] = mounts
            return ControlGroups { files[$0] }
        }
    }

    private static let unified = """
        24 31 0:5 / /proc rw,nosuid shared:12 - proc proc rw
        35 31 0:29 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot

        """
    private static let divided = """
        31 23 0:28 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
        32 31 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
        33 31 0:30 / /sys/fs/cgroup/systemd rw master:7 - cgroup cgroup rw,xattr,name=systemd
        35 31 0:32 / /sys/fs/cgroup/cpu,cpuacct rw shared:15 master:3 - cgroup cgroup rw,cpu,cpuacct
        36 31 0:33 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory

        """
    private static let everywhere = "5:memory:/a/b\n4:cpu,cpuacct:/a/b\n1:name=systemd:/user.slice\n0::/user.slice\n"
    /// How version 1 writes that there is no limit, with pages of 4 and of 64 KiB.
    private static let (none, noneOfLargePages) = ("9223372036854771712\n", "9223372036854710272\n")

    private static let versionTwo = [
        Tree(
            testDescription: "version 2, a systemd unit", membership: "0::/system.slice/relay.service\n",
            mounts: unified,
            files: [
                "/sys/fs/cgroup/system.slice/relay.service/memory.max": "134217728\n",
                "/sys/fs/cgroup/system.slice/relay.service/cpu.max": "150000 100000\n",
                "/sys/fs/cgroup/system.slice/memory.max": "max\n",
                "/sys/fs/cgroup/system.slice/cpu.max": "max 100000\n",
            ],
            memory: 134_217_728, processors: 2),
        Tree(
            testDescription: "version 2, a slice that has less than the unit",
            membership: "0::/relay.slice/relay.service\n", mounts: unified,
            files: [
                "/sys/fs/cgroup/relay.slice/relay.service/memory.max": "268435456\n",
                "/sys/fs/cgroup/relay.slice/relay.service/cpu.max": "800000 100000\n",
                "/sys/fs/cgroup/relay.slice/memory.max": "67108864\n",
                "/sys/fs/cgroup/relay.slice/cpu.max": "300000 100000\n",
            ],
            memory: 67_108_864, processors: 3),
        Tree(
            testDescription: "version 2, limits far above only", membership: "0::/a/b/c/d\n", mounts: unified,
            files: ["/sys/fs/cgroup/a/memory.max": "1000000\n", "/sys/fs/cgroup/cpu.max": "50000 100000"],
            memory: 1_000_000, processors: 1),
        Tree(
            testDescription: "version 2, a container with a view of its own", membership: "0::/\n", mounts: unified,
            files: ["/sys/fs/cgroup/memory.max": "268435456\n", "/sys/fs/cgroup/cpu.max": "100000 100000\n"],
            memory: 268_435_456, processors: 1),
        Tree(
            testDescription: "version 2, a container that sees its group under the host's name",
            membership: "0::/docker/3f2a/init\n",
            mounts: "35 31 0:29 /docker/3f2a /sys/fs/cgroup ro - cgroup2 cgroup rw\n",
            files: [
                "/sys/fs/cgroup/memory.max": "5000000\n", "/sys/fs/cgroup/init/memory.max": "max\n",
                "/sys/fs/cgroup/docker/3f2a/init/memory.max": "1\n",
            ],
            memory: 5_000_000),
        Tree(
            testDescription: "version 2, a process that is outside of what is mounted", membership: "0::/../other\n",
            mounts: unified,
            files: ["/sys/fs/cgroup/memory.max": "5000000\n", "/sys/fs/cgroup/other/memory.max": "1\n"],
            memory: 5_000_000),
        Tree(
            testDescription: "version 2, slowed down before it is killed", membership: "0::/a\n", mounts: unified,
            files: ["/sys/fs/cgroup/a/memory.max": "200000000\n", "/sys/fs/cgroup/a/memory.high": "100000000\n"],
            memory: 100_000_000),
        Tree(
            testDescription: "version 2, elsewhere, at a place with a blank", membership: "0::/a b\n",
            mounts: #"35 31 0:29 / /my\040groups rw - cgroup2 cgroup2 rw"#,
            files: ["/my groups/a b/memory.max": "700000\n"], memory: 700_000),
    ]

    private static let versionOne = [
        Tree(
            testDescription: "version 1", membership: everywhere, mounts: divided,
            files: [
                "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "134217728\n",
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": none,
                "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "250000\n",
                "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
                "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
                "/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
            ],
            memory: 134_217_728, processors: 3),
        Tree(
            testDescription: "version 1, the smaller limits above", membership: everywhere, mounts: divided,
            files: [
                "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "134217728\n",
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "33554432\n",
                "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "-1\n",
                "/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "50000\n",
            ],
            memory: 33_554_432, processors: 1),
        Tree(
            testDescription: "version 1, without a limit, however large the pages are", membership: everywhere,
            mounts: divided,
            files: [
                "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": none,
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": noneOfLargePages,
                "/sys/fs/cgroup/memory/memory.stat": "cache 1\nhierarchical_memory_limit 9223372036854771712\n",
            ]),
        Tree(
            testDescription: "version 1, a limit of a group that cannot be seen", membership: everywhere,
            mounts: divided,
            files: [
                "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": none,
                "/sys/fs/cgroup/memory/a/b/memory.stat":
                    "cache 4096\nrss 8192\nhierarchical_memory_limit 50000000\nhierarchical_memsw_limit 7\n",
            ],
            memory: 50_000_000),
        Tree(
            testDescription: "version 1, a container that sees its group under the host's name",
            membership: "5:memory:/docker/3f2a\n4:cpuacct,cpu:/docker/3f2a\n",
            mounts: """
                40 31 0:32 /docker/3f2a /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
                41 31 0:33 /docker/3f2a /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpuacct,cpu
                """,
            files: [
                "/sys/fs/cgroup/memory/memory.limit_in_bytes": "90000000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "400000",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
            ],
            memory: 90_000_000, processors: 4),
        Tree(
            testDescription: "both versions beside each other", membership: "3:cpu:/c\n0::/m\n",
            mounts: """
                32 31 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
                33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
                """,
            files: [
                "/sys/fs/cgroup/unified/m/memory.max": "60000000\n",
                "/sys/fs/cgroup/cpu/c/cpu.cfs_quota_us": "190000\n",
                "/sys/fs/cgroup/cpu/c/cpu.cfs_period_us": "100000\n",
            ],
            memory: 60_000_000, processors: 2),
    ]

    private static let trouble = [
        Tree(testDescription: "nothing can be read", membership: nil, mounts: nil),
        Tree(
            testDescription: "the mounts cannot be read", membership: "5:memory:/a\n4:cpu:/a\n0::/b\n", mounts: nil,
            files: [
                "/sys/fs/cgroup/b/memory.max": "80000000\n",
                "/sys/fs/cgroup/memory/a/memory.limit_in_bytes": "70000000\n",
                "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "1\n", "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "1\n",
            ],
            memory: 70_000_000, processors: 1),
        Tree(
            testDescription: "the process's group cannot be read", membership: nil, mounts: unified,
            files: ["/sys/fs/cgroup/memory.max": "80000000\n", "/sys/fs/cgroup/cpu.max": "1 1\n"],
            memory: 80_000_000, processors: 1),
        Tree(
            testDescription: "garbage", membership: "0::/a\n:::\n\nx\n5:memory:b\n",
            mounts: unified + "- - -\n1 2 3 4 5 6 - cgroup\n36 31 0:33 / /m rw - cgroup cgroup rw,memory\n",
            files: [
                "/sys/fs/cgroup/a/memory.max": "many\n", "/sys/fs/cgroup/a/cpu.max": "\n",
                "/sys/fs/cgroup/cpu.max": "a b\n",
                "/sys/fs/cgroup/memory.max": "-5\n", "/sys/fs/cgroup/memory.high": "0\n",
                "/m/memory.limit_in_bytes": "1 2\n",
                "/m/memory.stat": "hierarchical_memory_limit\nhierarchical_memory_limit x\n",
            ]),
        Tree(
            testDescription: "numbers beyond 64 bits", membership: "0::/a\n", mounts: unified,
            files: [
                "/sys/fs/cgroup/a/memory.max": "18446744073709551615\n",
                "/sys/fs/cgroup/a/cpu.max": "18446744073709551615 1\n",
            ]),
    ]

    @Test("the smallest limit of the process's group and of all around it counts", arguments: versionTwo + versionOne)
    func finds(tree: Tree) {
        let limits = tree.limits()
        #expect(limits.memory == tree.memory)
        #expect(limits.processors == tree.processors)
    }

    @Test("what is missing or no number is no limit", arguments: trouble)
    func endures(tree: Tree) {
        let limits = tree.limits()
        #expect(limits.memory == tree.memory)
        #expect(limits.processors == tree.processors)
    }

    @Test(
        "a container's share of the processors is rounded up, and is nil without a quota",
        arguments: [
            ("100000 100000\n", 1), ("50000 100000\n", 1), ("150000 100000\n", 2), ("200000 100000", 2),
            ("400000 50000\n", 8), ("max 100000\n", nil), ("", nil), ("100000\n", nil), ("0 100000\n", nil),
            ("100000 0\n", nil), ("-1 100000\n", nil), ("100000 100000 1\n", nil), ("9223372036854775807 1", Int.max),
        ])
    func readsQuota(text: String, processors: Int?) {
        #expect(ControlGroups.processors(inQuota: text) == processors)
    }
}
