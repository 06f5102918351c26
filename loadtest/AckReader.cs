using System.Globalization;
using System.Text;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>Reads what the daemon answers: the welcome, acks, errors. Owned by one receiving thread.</summary>
internal sealed class AckReader
{
    private readonly MessageScanner _scanner = new(1 << 20);

    public bool IsWelcomed { get; private set; }

    /// <summary>The last batch of this agent that was stored before this connection.</summary>
    public long WelcomeSeq { get; private set; }

    public long AckedSeq { get; private set; }

    /// <summary>The first error, or null.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads the whole messages at the beginning of <paramref name="bytes"/>; returns how many bytes they took.</summary>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        var read = 0;
        while (true)
        {
            _scanner.Reset();
            var result = _scanner.Scan(bytes[read..], out var length);
            if (result == ScanResult.NeedMore) return read;
            if (result != ScanResult.Complete)
            {
                Error ??= $"The daemon sent what is no message: {result}.";
                return bytes.Length;
            }

            if (!TryReadMessage(bytes.Slice(read, length))) Error ??= $"The daemon sent {Convert.ToHexString(bytes.Slice(read, Math.Min(length, 64)))}.";
            read += length;
        }
    }

    private bool TryReadMessage(ReadOnlySpan<byte> message)
    {
        var reader = new MsgPackReader(message);
        if (!reader.TryReadArrayHeader(out var count) || count < 2 || !reader.TryReadInt64(out var op)) return false;
        switch (op)
        {
            case Op.Hello:
                return TryReadWelcome(ref reader);
            case Op.Ack:
                if (!reader.TryReadInt64(out var acked)) return false;
                AckedSeq = Math.Max(AckedSeq, acked);
                return true;
            case Op.Error:
                if (!reader.TryReadInt64(out var seq) || !reader.TryReadInt64(out var code) || !reader.TryReadString(out var text)) return false;
                Error ??= string.Create(CultureInfo.InvariantCulture, $"Error {code} for batch {seq}: {Encoding.UTF8.GetString(text)}");
                return true;
            default:
                return false;
        }
    }

    private bool TryReadWelcome(ref MsgPackReader reader)
    {
        if (!reader.TryReadMapHeader(out var pairs)) return false;
        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadString(out var key)) return false;
            if (!key.SequenceEqual("last_seq"u8))
            {
                if (!reader.TrySkip()) return false;
                continue;
            }

            if (!reader.TryReadInt64(out var last)) return false;
            WelcomeSeq = last;
        }

        IsWelcomed = true;
        return true;
    }
}
