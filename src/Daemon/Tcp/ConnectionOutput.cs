using System.Buffers;
using System.IO.Pipelines;
using DataLayer.Ingest.Sessions;

namespace DataLayer.Daemon.Tcp;

/// <summary>
/// What the server says to one peer: acks, errors, welcome. Any thread adds bytes, never waiting; one flush is on its way at a time, and takes
/// all that has been added meanwhile. A peer that does not read its answers is given up at a limit, so that they cost bounded memory.
/// </summary>
internal sealed class ConnectionOutput(PipeWriter writer, int maxUnreadBytes, Action giveUp) : ISessionOutput
{
    private readonly Lock _lock = new();

    // Owned by: _lock
    private ArrayBufferWriter<byte> _adding = new(256);
    private ArrayBufferWriter<byte> _flushing = new(256);
    private Task _flush = Task.CompletedTask;
    private bool _isFlushing;
    private bool _isGivenUp;

    /// <summary>Queues bytes for the peer. Thread: any. Allocates: amortized no. Blocks: no. Fails: never; a peer past the limit is closed.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isGivenUp) return;
            if (_adding.WrittenCount + bytes.Length > maxUnreadBytes)
            {
                _isGivenUp = true;
                giveUp();
                return;
            }

            _adding.Write(bytes);
            if (_isFlushing) return;
            _isFlushing = true;
            _flush = FlushAsync();
        }
    }

    /// <summary>Completes when all that was sent so far has been handed to the transport.</summary>
    public Task FlushedAsync()
    {
        lock (_lock) return _flush;
    }

    private async Task FlushAsync()
    {
        // Off the caller's thread: it may be the commit thread, which has no time for a socket.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            lock (_lock)
            {
                if (_adding.WrittenCount == 0 || _isGivenUp)
                {
                    _isFlushing = false;
                    return;
                }

                (_adding, _flushing) = (_flushing, _adding);
            }

            try
            {
                var result = await writer.WriteAsync(_flushing.WrittenMemory);
                if (result.IsCompleted) GiveUpQuietly();
            }
            catch (Exception)
            {
                // The peer is gone; its session ends by its input. Answers to nobody are dropped.
                GiveUpQuietly();
            }

            _flushing.ResetWrittenCount();
        }
    }

    private void GiveUpQuietly()
    {
        lock (_lock) _isGivenUp = true;
    }
}
