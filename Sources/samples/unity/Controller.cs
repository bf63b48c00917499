// A controller: wire Press to a button's click in the editor.
using Newtonsoft.Json.Linq;
using UnityEngine;

public sealed class Controller : MonoBehaviour
{
    [SerializeField] string relay = "ws://127.0.0.1:3000";
    [SerializeField] string room = "";
    PartyMember member;
    int slot = -1;

    async void Start()
    {
        member = new PartyMember(relay, new JObject { ["type"] = "join", ["room"] = room }, Receive);
        Debug.Log(await member.PlayAsync());
    }

    public async void Press()
    {
        var data = new JObject { ["button"] = "A" };
        await member.SayAsync(new JObject { ["type"] = "send", ["to"] = 0, ["data"] = data });
    }

    async void OnDestroy()
    {
        await member.SayAsync(new JObject { ["type"] = "leave" });
    }

    void Receive(JObject message)
    {
        switch ((string)message["type"])
        {
            case "joined":
                slot = (int)message["index"];
                Debug.Log($"player {slot}");
                break;
            case "state":
                Debug.Log($"points: {(int?)message["data"]["points"][slot.ToString()] ?? 0}");
                break;
        }
    }
}
