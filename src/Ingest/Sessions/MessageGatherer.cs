using System.Buffers;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Gathers a message that comes in pieces. Every byte is scanned once and copied once (twice, amortized, as the buffer grows); the buffer
/// grows with what has arrived, never with what was declared, and goes back when the message is done. Owned by a session.
/// </summary>
internal sealed class MessageGatherer(SessionHost host) : IDisposable
{
    /// <summary>Free of the shared budget: ten thousand connections that stop inside a line take 640 MiB at most, and mostly 2.5 MiB.</summary>
    private const int FreeBytes = 64 * 1024;
    private const int SmallestBytes = 256;

    private readonly MessageScanner _scanner = new(host.Options.MaxMessageBytes);
    private byte[] _buffer = [];
    private int _length;
    private long _budgetBytes;

    /// <summary>A message was begun, and either is unfinished or has not been released.</summary>
    public bool IsActive => _length > 0;

    /// <summary>The whole message is here.</summary>
    public bool IsComplete { get; private set; }

    public ReadOnlySpan<byte> Message => _buffer.AsSpan(0, _length);

    /// <summary>Takes the bytes that belong to the message. Fails: a fault that ends the connection.</summary>
    public Fault Append(ReadOnlySpan<byte> bytes, out int taken)
    {
        var result = _scanner.Scan(bytes, out taken);
        if (result is not (ScanResult.NeedMore or ScanResult.Complete))
        {
            _scanner.Reset();
            return FaultOf(result);
        }

        IsComplete = result == ScanResult.Complete;
        return TryKeep(bytes[..taken]) ? Fault.None : Fault.GatherFull;
    }

    /// <summary>Forgets the message.</summary>
    public void Release()
    {
        if (_length == 0) return;
        _length = 0;
        IsComplete = false;
        _scanner.Reset();
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        host.GatheredBytes.Return(_budgetBytes);
        _budgetBytes = 0;
    }

    public void Dispose() => Release();

    public static Fault FaultOf(ScanResult result) => result switch
    {
        ScanResult.TooDeep => Fault.TooDeep,
        ScanResult.TooLarge => Fault.MessageTooLarge,
        ScanResult.NeedMore => Fault.CutShort,
        _ => Fault.NotMessagePack,
    };

    private bool TryKeep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _length && !TryGrow(_length + bytes.Length)) return false;
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
        return true;
    }

    private bool TryGrow(int needed)
    {
        var wanted = (int)Math.Max(needed, Math.Min(Math.Max(SmallestBytes, _buffer.Length * 2L), host.Options.MaxMessageBytes));
        var grown = ArrayPool<byte>.Shared.Rent(wanted);
        var more = Math.Max(0, grown.Length - FreeBytes) - _budgetBytes;
        if (more > 0 && !host.GatheredBytes.TryTake(more))
        {
            ArrayPool<byte>.Shared.Return(grown);
            return false;
        }

        _budgetBytes += Math.Max(0, more);
        Message.CopyTo(grown);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
        return true;
    }
}
