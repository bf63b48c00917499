// A seat in a room, over as many connections as it takes. For Unity (add com.unity.nuget.newtonsoft-json) and .NET
// (add Newtonsoft.Json). Not for WebGL, where .NET has no sockets: use client.js there.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

public sealed class PartyMember
{
    /// <summary>After these closes the game is over for this client. After any other it comes back.</summary>
    static readonly Dictionary<int, string> FinalCloses = new Dictionary<int, string>
    {
        [1000] = "left", [4000] = "this player is on another connection", [4001] = "the room was closed",
        [4003] = "kicked",
    };
    /// <summary>Refusals that pass. Others are final.</summary>
    static readonly HashSet<string> PassingErrors =
        new HashSet<string> { "room_full", "server_full", "server_draining", "too_many_attempts" };
    static readonly HashSet<string> Goodbyes = new HashSet<string> { "leave", "close_room" };
    const int Lost = 1006, Moved = 1012;
    /// <summary>Seconds: to come back in; without a word until a ping; for its answer, or for a connection.</summary>
    const double Budget = 180, Quiet = 5, Patience = 5;

    readonly string url;
    readonly JObject hello;
    readonly Action<JObject> receive;
    readonly Random random = new Random();
    readonly Stopwatch clock = Stopwatch.StartNew();
    readonly SemaphoreSlim sending = new SemaphoreSlim(1);
    ClientWebSocket socket;
    bool isSeated, wasSeated, isMoved, isLeaving;
    JObject refusal;

    /// <param name="hello">A create or a join, without v and clientId.</param>
    /// <param name="receive">Called with each message, in Unity on the main thread.</param>
    public PartyMember(string url, JObject hello, Action<JObject> receive)
    {
        this.url = url.TrimEnd('/');
        this.receive = receive;
        // Whoever knows a clientId can take its seat: 128 random bits, which nobody else sees.
        var bytes = new byte[16];
        using (var generator = RandomNumberGenerator.Create()) generator.GetBytes(bytes);
        var secret = BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();
        this.hello = new JObject(hello) { ["v"] = 3, ["clientId"] = secret };
    }

    /// <summary>The round trip to the relay in milliseconds; null before it was measured.</summary>
    public double? RoundTrip { get; private set; }

    double Now => clock.Elapsed.TotalSeconds;

    /// <summary>Sends a message, or drops it while there is no connection. After a goodbye this client does not come
    /// back.</summary>
    public async Task SayAsync(JObject message)
    {
        isLeaving |= Goodbyes.Contains((string)message["type"]);
        var bytes = new ArraySegment<byte>(Encoding.UTF8.GetBytes(message.ToString(Formatting.None)));
        // Only one send at a time is allowed.
        await sending.WaitAsync();
        try
        {
            if (socket?.State == WebSocketState.Open)
                await socket.SendAsync(bytes, WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (Exception error) when (error is WebSocketException || error is ObjectDisposedException) { }
        finally { sending.Release(); }
    }

    /// <summary>Returns when the game is over, and why.</summary>
    public async Task<string> PlayAsync()
    {
        double deadline = Now + Budget;
        int tries = 0, noes = 0;
        while (!isLeaving)
        {
            isSeated = isMoved = false;
            refusal = null;
            int code = await ConnectAsync();
            if (isSeated) { tries = noes = 0; deadline = Now + Budget; }
            double wait = Math.Min(2, 0.2 * Math.Pow(2, tries)) * (0.5 + random.NextDouble() / 2);
            // Runtimes before .NET 8 do not let 1012 through. The message before it says the same.
            if (isMoved || (isSeated && code == Moved)) wait = 0;
            if (refusal != null)
            {
                var error = (string)refusal["code"];
                // The room may be on its way to another machine.
                if (error == "room_not_found" && wasSeated && noes++ == 0) wait = 2.2;
                else if (PassingErrors.Contains(error)) wait = Math.Max(wait, (double?)refusal["retryAfter"] ?? 0);
                else return (string)refusal["message"];
            }
            else if (FinalCloses.ContainsKey(code)) return FinalCloses[code];
            if (Now + wait > deadline) return "no connection for too long";
            tries++;
            await Task.Delay(TimeSpan.FromSeconds(wait));
        }
        return "left";
    }

    /// <summary>One connection, to its end or a refusal. Returns the code of its close.</summary>
    async Task<int> ConnectAsync()
    {
        using (socket = new ClientWebSocket())
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(Patience)))
        {
            int code = Lost;
            try
            {
                // The path leads to the machine that has the room.
                await socket.ConnectAsync(new Uri($"{url}/{(string)hello["room"]}"), patience.Token);
                // A goodbye may have been said meanwhile.
                if (isLeaving) throw new OperationCanceledException();
                await SayAsync(hello);
                while (refusal == null)
                {
                    var text = await HearAsync();
                    if (text == null)
                    {
                        code = (int)(socket.CloseStatus ?? (WebSocketCloseStatus)Lost);
                        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                        break;
                    }
                    Take(text);
                }
            }
            catch (Exception error) when (error is WebSocketException || error is OperationCanceledException) { }
            // Without a close frame, which would give up a seat.
            socket.Abort();
            return code;
        }
    }

    /// <summary>The next message, or null after a close. A relay that is silent is asked for a sign of life.</summary>
    async Task<string> HearAsync()
    {
        var buffer = new ArraySegment<byte>(new byte[4096]);
        using (var message = new MemoryStream())
        {
            while (true)
            {
                var receiving = socket.ReceiveAsync(buffer, CancellationToken.None);
                if (await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromSeconds(Quiet))) != receiving)
                {
                    await SayAsync(new JObject { ["type"] = "ping", ["t"] = Now });
                    if (await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromSeconds(Patience))) != receiving)
                        throw new OperationCanceledException();
                }
                var part = await receiving;
                if (part.MessageType == WebSocketMessageType.Close) return null;
                message.Write(buffer.Array, 0, part.Count);
                if (part.EndOfMessage) return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }

    void Take(string text)
    {
        JObject message;
        // What is no message of the protocol is no reason to go.
        try { message = JObject.Parse(text); }
        catch (JsonException) { return; }
        var type = (string)message["type"];
        if (type == "error" && !isSeated)
        {
            refusal = message;
            return;
        }
        if (type == "created" || type == "joined")
        {
            hello["type"] = "join";
            hello["room"] = message["room"];
            isSeated = wasSeated = true;
        }
        isMoved |= type == "moved";
        if (type == "pong") RoundTrip = (Now - (double)message["t"]) * 1000;
        receive(message);
    }
}
