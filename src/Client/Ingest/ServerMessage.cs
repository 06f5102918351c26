using System.Text;
using DataLayer.Protocol;

namespace DataLayer.Client.Ingest;

/// <summary>What a daemon says on an ingest connection after its welcome: an ack or an error.</summary>
/// <param name="Kind"><see cref="ServerMessageKind.Closed"/> when the daemon ended the connection.</param>
/// <param name="Seq">Of an ack: all batches up to this one, or the flush of this number. Of an error: its batch, or 0.</param>
/// <param name="Code">Of an error.</param>
/// <param name="Text">Of an error, for people.</param>
public readonly record struct ServerMessage(ServerMessageKind Kind, long Seq, ErrorCode Code, string Text)
{
    /// <summary>Reads an ack or an error from one whole MessagePack value. False where it is neither.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out ServerMessage message)
    {
        message = default;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var count) || count < 2 || !reader.TryReadInt64(out var op) || !reader.TryReadInt64(out var seq)) return false;
        switch (op)
        {
            case Op.Ack:
                message = new ServerMessage(ServerMessageKind.Ack, seq, ErrorCode.None, "");
                return true;
            case Op.Error:
                if (!reader.TryReadInt64(out var code)) return false;
                var text = reader.TryReadString(out var utf8) ? Encoding.UTF8.GetString(utf8) : "";
                message = new ServerMessage(ServerMessageKind.Error, seq, (ErrorCode)code, text);
                return true;
            default:
                return false;
        }
    }
}
