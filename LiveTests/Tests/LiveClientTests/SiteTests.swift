import Foundation
import LiveClient
import NIOSSL
import PartySocketsClient
import Testing

@Suite("The client")
struct SiteTests {
    private static let refusal = "HTTP/1.1 503 Busy\r\nX-Instance-Id: m-1\r\nContent-Length: 4\r\n\r\nfull"

    private static let silence = "nothing for 1.0 seconds"

    @Test("returns status, fields and body of an answer, and describes them in one line")
    func answer() async throws {
        try await ScriptedServer.run(.answer(Self.refusal)) { port in
            let reply = try await site(port).get("/health?x=%0d")
            #expect(reply.status == 503)
            #expect(reply["x-instance-id"] == "m-1")
            #expect(reply.body == "full")
            #expect("\(reply)" == "GET http://127.0.0.1:\(port)/health?x=%0d: 503, X-Instance-Id: m-1, full")
        }
    }

    @Test("returns the answer to an upgrade that is refused")
    func refused() async throws {
        try await ScriptedServer.run(.answer(Self.refusal)) { port in
            guard case .refused(let reply) = try await site(port).upgrade("/", as: "host") else {
                Issue.record("a WebSocket was opened")
                return
            }
            #expect(reply.status == 503)
            #expect("\(reply)" == "host at ws://127.0.0.1:\(port)/: 503, X-Instance-Id: m-1, full")
        }
    }

    @Test(
        "never waits for ever, and says where it waited, for what, and what came",
        arguments: [
            (ScriptedServer.Script.silence, silence), (.answer("HTTP/1.1 101 Switching Protocols\r\n"), silence),
            (.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), silence),
            (.answerAndEnd("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), "stream ended"),
            (.answerAndEnd(""), "the end"),
            (.answer("garbage\r\n\r\n"), "no HTTP"),
        ])
    func failing(script: ScriptedServer.Script, reason: String) async throws {
        try await ScriptedServer.run(script) { port in
            // A short deadline only where the test waits for it to pass.
            let site = try site(port, patience: .seconds(reason == Self.silence ? 1 : 20))
            let got = await #expect(throws: Unexpected.self) { try await site.get("/health") }
            #expect(got?.description.hasPrefix("GET http://127.0.0.1:\(port)/health: expected an answer, got ") == true)
            #expect(got?.description.contains(reason) == true)
            let upgraded = await #expect(throws: Unexpected.self) { try await site.upgrade("/CODE", as: "guest") }
            #expect(upgraded?.description.hasPrefix("guest at ws://127.0.0.1:\(port)/CODE: expected a") == true)
            #expect(upgraded?.description.contains(reason) == true)
        }
    }

    @Test("reports a port on which nobody listens")
    func nobody() async throws {
        let abandoned = try await ScriptedServer.run(.silence) { try site($0) }
        let error = await #expect(throws: Unexpected.self) { try await abandoned.get("/") }
        #expect(error?.description.contains("refused") == true)
    }

    @Test(
        "trusts a certificate only if an authority has signed it, for the site's own name",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "needs openssl"))
    func certificates() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificate-\(UUID())").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await makeCertificate(for: "localhost", in: folder)
        let certificate = "\(folder)/certificate.pem"
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(file: "\(folder)/key.pem", format: .pem))))

        try await ScriptedServer.run(.answer(Self.refusal), tls: tls) { port in
            let named = try SiteURL("https://localhost:\(port)")
            #expect(try await Site(named, authority: certificate).get("/").status == 503)
            let unsigned = await #expect(throws: Unexpected.self) { try await Site(named).get("/") }
            #expect(unsigned?.description.contains("CERTIFICATE_VERIFY_FAILED") == true)
            await #expect(throws: Unexpected.self) { try await Site(named).upgrade("/", as: "host") }
            let misnamed = try Site(SiteURL("https://127.0.0.1:\(port)"), authority: certificate)
            await #expect(throws: Unexpected.self) { try await misnamed.get("/") }

            // The library that games use does the same.
            var options = RoomOptions()
            options.timeout = .seconds(1)
            options.trustedCertificates = certificate
            let refusal = await #expect(throws: PartyError.self) { try await Room.create("\(named)", options: options) }
            #expect(refusal?.message.hasSuffix("503") == true)
            await #expect(throws: PartyError.self) { try await Room.create("\(misnamed.url)", options: options) }
            options.trustedCertificates = nil
            let untrusted = await #expect(throws: PartyError.self) {
                try await Room.create("\(named)", options: options)
            }
            #expect(untrusted?.message.contains("CERTIFICATE_VERIFY_FAILED") == true)
        }
    }

    @Test(
        "a file in which no certificate is to be trusted is refused in one line that names it, whatever the scheme",
        arguments: ["", "no certificate", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n", nil],
        ["http", "https"])
    func authority(content: String?, scheme: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID()).pem")
        defer { try? FileManager.default.removeItem(at: file) }
        if let content { try Data(content.utf8).write(to: file) }
        let error = #expect(throws: SettingsError.self) {
            try Site(SiteURL("\(scheme)://localhost"), authority: file.path())
        }
        #expect(error?.description == "LIVE_CA is no file of certificates in PEM: \(file.path())")
    }

    private func site(_ port: Int, patience: Duration = .seconds(20)) throws -> Site {
        try Site(SiteURL("http://127.0.0.1:\(port)"), patience: patience)
    }

    private func makeCertificate(for name: String, in folder: String) async throws {
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", "\(folder)/key.pem",
            "-out", "\(folder)/certificate.pem",
        ]
        openssl.standardInput = FileHandle.nullDevice
        openssl.standardOutput = FileHandle.nullDevice
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
    }
}
