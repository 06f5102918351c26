using System.Buffers;
using System.IO.Pipelines;

namespace DataLayer.Query.Answers;

/// <summary>
/// Gathers an answer and hands it to the pipe in pieces of 64 KiB, so that an error in the first 64 KiB leaves the pipe untouched and can still
/// be answered as an error. Owned by one query.
/// </summary>
internal sealed class AnswerBuffer(PipeWriter output) : IBufferWriter<byte>
{
    // Kestrel's own threshold for unsent response bytes; more in one piece gains nothing.
    private const int PieceBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    public bool IsFull => _buffer.WrittenCount >= PieceBytes;

    public void Advance(int count) => _buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    /// <summary>Hands over what there is and waits until the reader has taken it. Throws when the reader is gone.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        output.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
        var result = await output.FlushAsync(cancellation).ConfigureAwait(false);
        if (result.IsCompleted || result.IsCanceled) throw new QueryException(QueryErrorKind.Cancelled, "the reader of the answer has gone");
    }
}
