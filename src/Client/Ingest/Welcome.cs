using System.Text;
using DataLayer.Protocol;

namespace DataLayer.Client.Ingest;

/// <summary>The daemon's answer to hello.</summary>
/// <param name="Server">Its name and version.</param>
/// <param name="LastSeq">The highest batch of this agent that is durable.</param>
/// <param name="MaxMessageBytes">The longest message it takes.</param>
/// <param name="MaxBatchBytes">The longest batch it takes, unpacked.</param>
/// <param name="TimeUnixMicros">Its clock.</param>
public sealed record Welcome(string Server, long LastSeq, long MaxMessageBytes, long MaxBatchBytes, long TimeUnixMicros)
{
    /// <summary>Reads it from one whole MessagePack value. Fields that this client does not know are passed over.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out Welcome welcome)
    {
        welcome = new Welcome("", 0, ProtocolLimits.MaxMessageBytes, ProtocolLimits.MaxBatchBytes, 0);
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var count) || count < 2 || !reader.TryReadInt64(out var op) || op != Op.Hello) return false;
        if (!reader.TryReadMapHeader(out var pairs)) return false;
        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadString(out var key)) return false;
            if (key.SequenceEqual("server"u8))
            {
                if (!reader.TryReadString(out var server)) return false;
                welcome = welcome with { Server = Encoding.UTF8.GetString(server) };
            }
            else if (reader.PeekKind() == MsgPackKind.Integer && reader.TryReadInt64(out var number))
            {
                welcome = welcome.With(key, number);
            }
            else if (!reader.TrySkip())
            {
                return false;
            }
        }

        return true;
    }

    private Welcome With(ReadOnlySpan<byte> key, long number) => key switch
    {
        _ when key.SequenceEqual("last_seq"u8) => this with { LastSeq = number },
        _ when key.SequenceEqual("max_message"u8) => this with { MaxMessageBytes = number },
        _ when key.SequenceEqual("max_batch"u8) => this with { MaxBatchBytes = number },
        _ when key.SequenceEqual("time"u8) => this with { TimeUnixMicros = number },
        _ => this,
    };
}
