// A controller for Android and other JVMs, with OkHttp (com.squareup.okhttp3:okhttp) and org.json, which Android has.
import java.security.SecureRandom
import java.util.concurrent.ScheduledFuture
import java.util.concurrent.ScheduledThreadPoolExecutor
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.math.max
import kotlin.math.min
import kotlin.math.pow
import kotlin.random.Random
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response
import okhttp3.WebSocket
import okhttp3.WebSocketListener
import org.json.JSONException
import org.json.JSONObject

/**
 * A seat in a room, over as many connections as it takes. It calls [receive] and [over] on a thread of its own.
 *
 * @param hello a `create` or a `join`, without `v` and `clientId`.
 * @param receive called with each message of the relay.
 * @param over called once, when the game is over for this client, with the reason.
 */
class PartyMember(
    private val url: String,
    private val hello: JSONObject,
    private val receive: (JSONObject) -> Unit,
    private val over: (String) -> Unit
) {
    private val http = OkHttpClient.Builder().connectTimeout(PATIENCE, MILLISECONDS).build()
    // What still comes when the game is over is thrown away.
    private val thread = ScheduledThreadPoolExecutor(1, ThreadPoolExecutor.DiscardPolicy())
    private var connection: Connection? = null
    private var tries = 0
    private var noes = 0
    private var wasSeated = false
    private var isLeaving = false
    private var isOver = false
    private var deadline = now() + BUDGET

    /** The round trip to the relay in milliseconds, as far as it was measured. */
    @Volatile var roundTrip: Long? = null
        private set

    init {
        // Whoever knows a clientId can take its seat: 128 random bits, which nobody else sees.
        val bytes = ByteArray(16).also(SecureRandom()::nextBytes)
        hello.put("v", 3).put("clientId", bytes.joinToString("") { "%02x".format(it) })
        thread.execute { connection = Connection() }
    }

    /** Sends it, or drops it while there is no connection. After a goodbye this client does not come back. */
    fun say(message: JSONObject) {
        if (message.optString("type") in GOODBYES) thread.execute { leave(message) }
        else connection?.socket?.send(message.toString())
    }

    private fun leave(goodbye: JSONObject) {
        isLeaving = true
        val current = connection
        if (current?.isSeated == true) {
            current.socket.send(goodbye.toString())
        } else if (!isOver) {
            current?.socket?.cancel()
            end("left")
        }
    }

    /** One connection. What comes of an earlier one is not heard any more. */
    private inner class Connection : WebSocketListener() {
        // The path leads to the machine that has the room.
        val socket: WebSocket =
            http.newWebSocket(Request.Builder().url("${url.trimEnd('/')}/${hello.optString("room")}").build(), this)
        var isSeated = false
            private set
        private var watch: ScheduledFuture<*> = later(PATIENCE) { lose() }

        private fun onThread(act: () -> Unit) = thread.execute { if (connection === this && !isOver) act() }

        private fun later(after: Long, act: () -> Unit): ScheduledFuture<*> =
            thread.schedule({ if (connection === this && !isOver) act() }, after, MILLISECONDS)

        override fun onOpen(webSocket: WebSocket, response: Response) {
            webSocket.send(hello.toString())
        }

        override fun onMessage(webSocket: WebSocket, text: String) = onThread {
            watch.cancel(false)
            watch = if (isSeated) later(QUIET) { ask() } else later(PATIENCE) { lose() }
            // What is no message of the protocol is no reason to go.
            val message = try { JSONObject(text) } catch (malformed: JSONException) { return@onThread }
            hear(message)
        }

        override fun onClosing(webSocket: WebSocket, code: Int, reason: String) {
            webSocket.close(1000, null)
            onThread { ended(code) }
        }

        override fun onFailure(webSocket: WebSocket, t: Throwable, response: Response?) = onThread { ended(1006) }

        private fun hear(message: JSONObject) {
            when (message.optString("type")) {
                "created", "joined" -> {
                    hello.put("type", "join").put("room", message.getString("room"))
                    isSeated = true
                    wasSeated = true
                    tries = 0
                    noes = 0
                    ask()
                }
                "pong" -> roundTrip = now() - message.getLong("t")
                "error" -> if (!isSeated) return refused(message)
            }
            receive(message)
        }

        /** Asks for a sign of life. Without one the connection goes, without a close frame: that would be a goodbye. */
        private fun ask() {
            say(JSONObject().put("type", "ping").put("t", now()))
            watch.cancel(false)
            watch = later(PATIENCE) { lose() }
        }

        private fun lose() {
            socket.cancel()
            ended(1006)
        }

        private fun refused(error: JSONObject) {
            socket.cancel()
            val code = error.optString("code")
            when {
                // The room may be on its way to another machine.
                code == "room_not_found" && wasSeated && noes++ == 0 -> comeBack(2_200)
                code in PASSING_ERRORS -> comeBack(error.optLong("retryAfter") * 1_000)
                else -> end(error.getString("message"))
            }
        }

        private fun ended(code: Int) {
            watch.cancel(false)
            FINAL_CLOSES[code]?.let { return end(it) }
            if (isLeaving) return end("left")
            if (isSeated) deadline = now() + BUDGET
            if (isSeated && code == MOVED) comeBack(0, backoff = 0) else comeBack(0)
        }

        private fun comeBack(atLeast: Long, backoff: Long = nextBackoff()) {
            connection = null
            val wait = max(atLeast, backoff)
            if (now() + wait > deadline) return end("no connection for too long")
            thread.schedule({ if (!isOver) connection = Connection() }, wait, MILLISECONDS)
        }
    }

    private fun nextBackoff(): Long = (min(2_000.0, 200 * 2.0.pow(tries++)) * Random.nextDouble(0.5, 1.0)).toLong()

    private fun end(reason: String) {
        isOver = true
        over(reason)
        thread.shutdown()
    }

    private companion object {
        /** After these closes the game is over. After any other this client comes back, after [MOVED] at once. */
        val FINAL_CLOSES = mapOf(
            1000 to "left", 4000 to "this player is on another connection", 4001 to "the room was closed",
            4003 to "kicked")
        const val MOVED = 1012
        val GOODBYES = setOf("leave", "close_room")
        /** Refusals that pass. Others are final. */
        val PASSING_ERRORS = setOf("room_full", "server_full", "server_draining", "too_many_attempts")
        /** Milliseconds: to come back in; without a word until a ping; for its answer, or for a connection. */
        const val BUDGET = 180_000L
        const val QUIET = 5_000L
        const val PATIENCE = 5_000L

        fun now() = System.nanoTime() / 1_000_000
    }
}

/** Each line is a button. */
fun main(arguments: Array<String>) {
    val (url, room) = arguments
    var slot = -1
    val member = PartyMember(url, JSONObject().put("type", "join").put("room", room), receive = { message ->
        when (message.optString("type")) {
            "joined" -> slot = message.getInt("index").also { println("player $it") }
            "state" -> println("points: ${message.getJSONObject("data").getJSONObject("points").optInt("$slot")}")
        }
    }, over = ::println)
    generateSequence(::readLine).forEach { line ->
        member.say(JSONObject().put("type", "send").put("to", 0).put("data", JSONObject().put("button", line.trim())))
    }
    member.say(JSONObject().put("type", "leave"))
}
