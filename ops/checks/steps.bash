# The steps of ops/check that take more than one command. Sourced by it.

# Undeclared imports fail the build.
build_tests() {
    swift build --build-tests --explicit-target-dependency-import-check error
}

# run_tests FOLDER [OPTION...]: the tests that have been built there. Without SwiftPM, which would wait for another step
# that builds in the same folder. So many at once that a busy machine still gives each the time that it needs.
run_tests() {
    "$1/debug/party-socketsPackageTests.xctest" --testing-library swift-testing \
        --experimental-maximum-parallelization-width 16 "${@:2}"
}

# What sends and reads, where the kernel does not allow io_uring.
without_io_uring() {
    IO_URING=off run_tests .build --filter 'RelayEngineTests|RelayTransportTests'
}

relay=$PWD/.build/release/party-sockets

# All programs, and then the relay linked once more, as the image has it.
build_release() {
    deploy/build-release --explicit-target-dependency-import-check error && deploy/build-relay
}

# In the release's folder, where the pure modules are compiled already. The switch changes nothing of what else is there.
pure_counts() {
    COUNTS=1 deploy/build-release --product pure-counts && .build/release/pure-counts
}

# What the account of a random play finds, and such plays with one, two and four loops, io_uring and a kernel that fails.
soak() {
    Tests/Soak/check && Tests/Soak/run --short
}

# The documentation of the libraries, without a warning, and of all that is public in them.
docs() {
    DOCS=1 swift package generate-documentation --target AresDNS --target PartySocketsClient --warnings-as-errors &&
        ops/checks/documented AresDNS PartySocketsClient && echo "tests: 2"
}

lint() {
    swift format lint --strict --parallel --recursive Package.swift Sources Tests LiveTests && echo "tests: 1"
}

# What can be proven of the deployment: the image's root without a container engine, and the files.
image() {
    if [ -n "$image_root" ]; then
        deploy/image-root --binary "$relay" "$image_root" || return 1
    fi
    deploy/check ${image_root:+--root "$image_root" --binary "$relay"}
}

# The live tests against three regions of three machines, none skipped, those alone that end machines; and without a
# deployment they fail, and say why.
live() {
    local machines=(--binary "$relay")
    [ -z "$image_root" ] || machines=(--root "$image_root")
    deploy/local/cluster --machines 3 --regions "ams iad nrt" "${machines[@]}" -- bash -c '
        swift test --package-path LiveTests --skip-build --skip MachinesThatGoTests &&
            LIVE_REPLACE="$PWD/deploy/local/replace" LIVE_FREEZE="$PWD/deploy/local/freeze" \
                swift test --package-path LiveTests --skip-build --filter MachinesThatGoTests
    ' | tee results/live-tests || return 1
    ! grep -E '(Test|Suite) .*(skipped|cancelled)' results/live-tests || return 1
    ! env -u LIVE_URL swift test --package-path LiveTests --skip-build >results/live-unset 2>&1 || return 1
    [ "$(grep -c 'LIVE_URL is unset' results/live-unset)" -eq 1 ]
}

# One server: its files, and the live tests through each of its proxies.
vps() {
    local proxy
    deploy/vps/check --binary "$relay" || return 1
    for proxy in caddy nginx; do
        deploy/vps/trial --binary "$relay" --proxy "$proxy" -- \
            LiveTests/.build/debug/LiveTestsPackageTests.xctest --testing-library swift-testing \
            --filter '^LiveTests\.' || return 1
    done
}

# Three regions of two machines under thirty games: all machines are replaced, and the edges restarted.
roll() {
    DRAIN_SECONDS=20 timeout 170 deploy/local/cluster --machines 2 --regions "ams iad nrt" --binary "$relay" -- bash -c '
        deploy/local/roll --games 30 --patience 60 && deploy/local/roll --games 30 --edge-restart
    ' && echo "tests: 2"
}

comparison() {
    ops/benchmarks/compare --short --binary "$relay" --load "$PWD/.build/release/party-load"
}

build_live_tests() {
    swift build --package-path LiveTests --build-tests
}

# Whole modules at once, which takes less of a processor where nobody works on what is built.
build_sanitized() {
    swift build --build-tests --sanitize="$1" --scratch-path ".build-$1" \
        -Xswiftc -whole-module-optimization -Xswiftc -num-threads -Xswiftc 2
}

# sanitized SANITIZER SUITES [OPTION...]: tests under a sanitizer.
sanitized() {
    # The sanitizers' allocators do not tell how much memory is in use. Leaks are not looked for: Swift keeps pointers
    # in enums with bits of its own in them, and what such a pointer holds would count as lost.
    ASAN_OPTIONS=detect_leaks=0 run_tests ".build-$1" --filter "$2" --skip ProcessUsageTests "${@:3}"
}

# What shares memory between threads: the relay's loops, and what is made of SwiftNIO: the search on siblings with its DNS,
# and the client. In each of the two one test after the other, since ThreadSanitizer slows all down so much that tests
# beside each other run out of their time; and without the models of the buffers, which have but one thread and take
# minutes.
race_free() {
    sanitized thread 'RelayEngineTests|RelayTransportTests' --skip 'InputBufferTests|OutputBufferTests' --no-parallel &
    local loops=$! status=0
    sanitized thread 'RelayClusterTests|AresDNSTests|JSONLine|PartySocketsClientTests' --no-parallel || status=1
    wait "$loops" && [ "$status" -eq 0 ]
}

# What holds unsafe memory in the relay, and the modules that are tested through it. The search on siblings has none, and
# the load generator is no server.
memory_safe() {
    sanitized address 'RelayCoreTests|RelayWireTests|RelayTransportTests|RelayEngineTests|RelayServerTests|AresDNSTests'
}

# In a folder of their own: the compiler's profile data would clash with that of an ordinary build.
build_fuzzers() {
    local name
    for name in fuzz-json fuzz-http fuzz-frames fuzz-rooms; do
        FUZZ=1 swift build -c release --sanitize fuzzer --scratch-path .build-fuzz --product "$name" || return 1
    done
}

fuzz() {
    local name=$1 dictionary=()
    [ ! -f "Tests/Fuzz/$name.dict" ] || dictionary=("-dict=Tests/Fuzz/$name.dict")
    mkdir -p "results/corpus-$name"
    # Without Swift's own crash report, so that the fuzzer writes the input that it found.
    SWIFT_BACKTRACE=enable=no ".build-fuzz/release/$name" -max_total_time="${FUZZ_SECONDS:-30}" -timeout=10 \
        -max_len=4096 -artifact_prefix=results/ "${dictionary[@]}" "results/corpus-$name" "Tests/Fuzz/corpus/$name" &&
        echo "tests: 1"
}
